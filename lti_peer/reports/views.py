"""The pages of reports, for staff: one activity, and all of a course."""

from flask import Blueprint, render_template

from lti_peer.core import db
from lti_peer.reports import activity, course
from lti_peer.web import policy, visits

pages = Blueprint("reports", __name__, template_folder="templates")


@pages.get("/")
@policy.allow(policy.STAFF)
def activity_page() -> str:
    """Show what the visit's activity came to."""
    chapters = activity.figures(db.session(), visits.current())
    return render_template("reports/activity.html", chapters=chapters)


@pages.get("/course")
@policy.allow(policy.STAFF)
def course_page() -> str:
    """Show the activities of the course side by side."""
    return render_template("reports/course.html", one=course.figure(db.session(), visits.current()))
