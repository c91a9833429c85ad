"""Around every request: one transaction, the visit, the policy, the forged-form check."""

from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.errors import NotAllowed, PeerError
from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.web import policy, security, visits
from lti_peer.web.policy import Access

SAFE = {"GET", "HEAD", "OPTIONS"}
FIRST_FAILURE = 400


def register(app: Flask, database: Database) -> None:
    """Wrap the app's requests: committed once, when the answer is below 400, else rolled back."""
    app.extensions["database"] = database
    app.url_map.converters["visit"] = visits.KeyConverter
    app.before_request(_begin)
    app.url_value_preprocessor(_take_key)
    app.url_defaults(_give_key)
    app.after_request(security.add_headers)
    app.after_request(_finish)  # Flask goes through these backwards
    app.teardown_request(_close)
    app.jinja_env.globals["csrf_token"] = visits.token
    app.context_processor(_page_context)


def _begin() -> None:
    """Check the declared policy and open the visit; anything undeclared is refused."""
    if request.path.startswith("/v/"):
        # A refusal that nobody may frame is a blank frame in the LMS: it must be read there, and
        # shows nothing of anybody. Whoever is let in may be framed by their LMS alone.
        g.frame_ancestors = ["*"]
    if request.endpoint is None:
        return
    declared = policy.of(current_app.view_functions[request.endpoint])
    if declared is None:
        raise NotAllowed("This address is closed.", code="undeclared")
    if declared.access is Access.PUBLIC:
        return
    launching = declared.access in {Access.LAUNCH, Access.SERVICE}
    _open(read_only=request.method in SAFE and not launching)
    if declared.access is Access.ADMIN:
        current_app.extensions["admin_door"]()  # raises unless an administrator is signed in
    if declared.access is Access.VISIT:
        _enter_visit()
    if declared.access in {Access.ADMIN, Access.VISIT} and request.method not in SAFE:
        visits.demand_own_form()
    if declared.access is Access.VISIT and g.visit.role not in declared.roles:
        raise NotAllowed(_refusal(g.visit), code="role")


def _enter_visit() -> None:
    key: visits.Key | None = g.get("visit_key")
    if key is None:
        raise PeerError("A page for visitors lies outside the visits.")
    g.visit = visits.open_visit(db.session(), key)
    security.let_frame(g.visit.person.platform)


def _refusal(visit: Visit) -> str:
    if visit.role is Role.LEARNER:
        return "This page is for instructors."
    if visit.role.is_staff:
        return "This is for learners; your role in this course is instructor."
    return "Your role in this course does not open this page."


def _open(*, read_only: bool) -> None:
    database: Database = current_app.extensions["database"]
    session = database.open(read_only=read_only)
    g.session = session
    g.session_scope = db.using(session)
    g.session_scope.__enter__()


def _finish(response: Response) -> Response:
    """Commit before the answer leaves; what cannot be committed is not answered as done."""
    session = g.get("session")
    if session is None:
        return response
    if response.status_code >= FIRST_FAILURE:
        session.rollback()
        return response
    try:
        session.commit()
    except SQLAlchemyError as fault:
        session.rollback()
        return current_app.make_response(current_app.handle_user_exception(fault))
    return response


def _close(_fault: BaseException | None) -> None:
    scope = g.pop("session_scope", None)
    if scope is not None:
        scope.__exit__(None, None, None)
        g.pop("session").close()


def _take_key(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "visit_key" in values:
        g.visit_key = values.pop("visit_key")


def _give_key(endpoint: str, values: dict[str, Any]) -> None:
    if "visit_key" in g and current_app.url_map.is_endpoint_expecting(endpoint, "visit_key"):
        values.setdefault("visit_key", g.visit_key)


def _page_context() -> dict[str, Any]:
    """Return what every page may read.

    The page asks whoever frames it for height, and tells nothing but a number; the LMS's frame is
    not always at its issuer's address (Canvas), so the question goes to any origin.
    """
    visit: Visit | None = g.get("visit")
    if visit is None:
        return {"visit": None, "now": None}
    return {"visit": visit, "now": visit.now, "frame_origin": "*", "lang": "en"}
