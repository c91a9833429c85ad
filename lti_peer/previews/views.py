"""The pages' part of a sandbox: its banner's buttons, and what answers to the visitor's acts."""

from typing import Any

import structlog
from flask import Blueprint, Flask, Response, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from lti_peer.activities import registry
from lti_peer.core import db
from lti_peer.core.errors import NotFound, PeerError
from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import phases
from lti_peer.previews import service, staging
from lti_peer.web import policy, visits
from lti_peer.web.cycle import FIRST_FAILURE, SAFE
from lti_peer.web.visits import Guest

log = structlog.get_logger()

pages = Blueprint("previews", __name__)


def register(app: Flask) -> None:
    """Give the application the pages, and let made-up people act after whoever is among them."""
    app.register_blueprint(pages, url_prefix="/v/<visit:visit_key>/preview")
    app.after_request(_react)
    app.context_processor(_stages)


@pages.post("/")
@policy.allow(policy.SETTERS)
def enter() -> Response:
    """Let staff see the activity as a learner would, in a visit of its own beside theirs."""
    visit, in_path = visits.current(), g.visit_record.in_path
    home = _home(visit)
    guest = Guest(
        visit.person, visit.course, Role.PREVIEW, visit.activity, visit.zone, visit.locale,
        return_url="" if in_path else url_for(home),  # a proof in a path is not kept
    )  # fmt: skip
    session = db.session()
    begun = visits.begin(session, service.admit(session, guest, visit.base_url), in_path=in_path)
    response = make_response(redirect(url_for(home, visit_key=begun.key), code=303))
    visits.mark(response, begun)
    return response


@pages.post("/start-over")
@policy.allow(policy.LEARNERS)
def start_over() -> Redirect:
    """Forget all that was tried, and begin again with the activity as it is now."""
    visit = visits.current()
    service.start_over(db.session(), visit)
    return redirect(url_for(_home(visit)), code=303)


@pages.post("/stage")
@policy.allow(policy.LEARNERS)
def go_to() -> Redirect:
    """Go to a stage of the activity."""
    visit = visits.current()
    service.go_to(db.session(), visit, request.form.get("stage", ""))
    return redirect(url_for(_home(visit)), code=303)


def _home(visit: Visit) -> str:
    kind = registry.find(visit.activity.kind)
    if kind is None:
        raise NotFound("There is nothing to try here yet.")
    return kind.home


def _react(response: Response) -> Response:
    """Let made-up people answer, in the same transaction; one who cannot stops nobody."""
    visit: Visit | None = g.get("visit")
    done = request.method not in SAFE and response.status_code < FIRST_FAILURE
    if visit is None or not visit.in_sandbox or not done or request.blueprint == pages.name:
        return response
    session = db.session()
    try:
        with session.begin_nested():
            service.react(session, visit)
    except PeerError as fault:
        log.warning("sandbox_stuck", code=fault.code)
    return response


def _stages() -> dict[str, Any]:
    """Return the stages that the banner of a sandbox offers, and which of them is on."""
    visit: Visit | None = g.get("visit")
    if visit is None or not visit.in_sandbox or visit.chosen is None:
        return {}
    kind = registry.find(visit.chosen.kind)
    stages = kind.rehearsal.stages(visit) if kind else ()
    dates = phases.dates(db.session(), visit.chosen)
    return {"stages": stages, "stage_on": staging.current(stages, dates, visit.now)}
