"""What staff may tell the tool to do with their LMS, from any page of an activity.

The pages belong to the kinds; each has a form that posts here and names the page to come back to.
"""

from uuid import UUID

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from lti_peer.core import db, grades, rosters
from lti_peer.web import policy, visits

steering = Blueprint("lms", __name__)

NOTICES = {
    "roster": ("info", "The list of people is being read from the LMS. Look in a moment."),
    "retried": ("good", "What was refused is being sent again."),
    "stopped": ("good", "No grade is sent to the LMS until you let them go on."),
    "resumed": ("good", "Grades are sent again, and those that waited are on their way."),
    "insisted": ("good", "Our grade is on its way to the LMS."),
}
"""What the page to which somebody comes back says of these acts."""


@steering.post("/roster")
@policy.allow(policy.STAFF)
def read_roster() -> Response:
    """Have the list of participants read now; the page shows how far that is."""
    session = db.session()
    rosters.ask(session, visits.current().course, db.now(session))
    return _back("roster")


@steering.post("/grades/retry")
@policy.allow(policy.STAFF)
def retry_grades() -> Response:
    """Send again what the LMS refused for good."""
    grades.retry(db.session(), visits.current())
    return _back("retried")


@steering.post("/grades/stop")
@policy.allow(policy.STAFF)
def stop_grades() -> Response:
    """Send no grade of this activity until staff say so."""
    grades.stop(db.session(), visits.current())
    return _back("stopped")


@steering.post("/grades/resume")
@policy.allow(policy.STAFF)
def resume_grades() -> Response:
    """Send the grades of this activity again."""
    grades.resume(db.session(), visits.current())
    return _back("resumed")


@steering.post("/grades/<uuid:grade_id>/insist")
@policy.allow(policy.STAFF)
def insist(grade_id: UUID) -> Response:
    """Send our grade over the one that somebody put into the LMS."""
    grades.insist(db.session(), visits.current(), grade_id)
    return _back("insisted")


def _back(done: str) -> Response:
    """Return to the page that the form named in `then`, an endpoint of the kind, or to its home."""
    kind = visits.current().activity.kind
    then = request.form.get("then", "")
    own = then.startswith(f"{kind}.") and then in current_app.view_functions
    try:
        where = url_for(then if own else f"{kind}.home", done=done)
    except BuildError:  # a page that needs to know more, such as whose it is
        where = url_for(f"{kind}.home", done=done)
    return redirect(where, code=303)
