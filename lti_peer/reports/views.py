"""The pages of reports, for staff: one activity, all of a course, and each table as a file."""

from flask import Blueprint, Response, render_template

from lti_peer.core import db
from lti_peer.core.errors import NotFound
from lti_peer.reports import activity, course, exports
from lti_peer.reports.shape import Figure
from lti_peer.web import policy, visits

pages = Blueprint("reports", __name__, template_folder="templates")
pages.context_processor(lambda: {"files": exports.offered()})


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


@pages.get("/<key>.<form>")
@policy.allow(policy.STAFF)
def table(key: str, form: str) -> Response:
    """Return the table of one figure as a file, piece by piece."""
    found = next((one for one in _figures(key) if one.key == key), None)
    if found is None:
        raise NotFound("There is no such table in this report.")
    sort, pieces = exports.write(form, found.table)
    answer = Response(pieces, mimetype=sort.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.key}.{form}"'
    return answer


def _figures(key: str) -> list[Figure]:
    """Return the figures among which one with this key is, if there is one."""
    session, visit = db.session(), visits.current()
    if key == course.KEY:
        return [course.figure(session, visit)]
    return [one for mine in activity.figures(session, visit).values() for one in mine]
