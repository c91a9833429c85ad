"""The pages of reports, for staff: one activity, all of a course, and each table as a file."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from lti_peer.core import db
from lti_peer.reports import activity, answers, changes, choice, course, revised, runs, sides
from lti_peer.reports.choice import Choice
from lti_peer.web import policy, visits

OF_COURSE = (
    course.KEY, revised.COURSE_KEY, changes.COURSE_KEY, sides.COURSE_KEY, runs.COURSE_KEY,
)  # fmt: skip

pages = Blueprint("reports", __name__, template_folder="templates")


@pages.get("/")
@policy.allow(policy.STAFF)
def activity_page() -> str:
    """Show what the visit's activity came to, or as much of it as was chosen."""
    chosen = _chosen()
    chapters = activity.figures(db.session(), visits.current(), chosen)
    return render_template("reports/activity.html", chapters=chapters, **_around(chosen))


@pages.get("/course")
@policy.allow(policy.STAFF)
def course_page() -> str:
    """Show the activities of the course side by side, and its groups."""
    chosen = _chosen()
    figures = course.figures(db.session(), visits.current(), chosen)
    return render_template("reports/course.html", figures=figures, **_around(chosen))


@pages.get("/<key>.<form>")
@policy.allow(policy.STAFF)
def table(key: str, form: str) -> Response:
    """Return the table of one figure as a file, piece by piece: of what was chosen, if anything."""
    session, visit, chosen = db.session(), visits.current(), _chosen()
    if key in OF_COURSE:
        figures = course.figures(session, visit, chosen)
    else:
        chapters = activity.figures(session, visit, chosen)
        figures = [one for mine in chapters.values() for one in mine]
    return answers.as_file(figures, key, form)


def _chosen() -> Choice:
    return choice.read(db.session(), visits.current(), request.args)


def _around(chosen: Choice) -> Mapping[str, Any]:
    """Return what a page needs beside its figures: the choice, what there is to choose, files."""
    found = choice.groups_of(db.session(), visits.current())
    return {
        "chosen": chosen,
        "groups": [(one.group.key, sides.name_of(one)) for one in found],
        "files": answers.links("reports.table", **chosen.query),
    }
