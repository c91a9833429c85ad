"""The admin pages' common parts: the door, signing in and out, problems, what each page reads."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from lti_peer.admin import sessions, strangers
from lti_peer.admin.sessions import Admin, LinkSpent, NotSignedIn
from lti_peer.core import db
from lti_peer.core.errors import NotAllowed, NotFound, PeerError
from lti_peer.web import errors, policy
from lti_peer.web.limit import Limit

COOKIE = "__Host-peer-admin"
ATTEMPTS = 20
WINDOW_S = 60.0
ZONE = "UTC"
"""Administrators, servers and logs need not be in one zone."""
SECTIONS = (
    ("admin.platforms", "LMSs"),
    ("admin.outbox", "Deliveries"),
    ("admin.stores", "Record stores"),
    ("admin.report", "Report"),
    ("admin.keys_page", "Keys"),
    ("admin.audit_page", "Audit"),
)

pages = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")


def register(app: Flask) -> None:
    """Give the application its admin pages, and the door that stands before each."""
    app.extensions["admin_door"] = enter
    app.extensions["admin_limit"] = Limit(ATTEMPTS, WINDOW_S)
    strangers.register(app)
    app.register_blueprint(pages)


def enter() -> None:
    """Let in who is signed in, before any page of theirs is answered; raises NotSignedIn."""
    proof = request.cookies.get(COOKIE, "")
    g.admin = sessions.current(current_app.extensions["database"], proof)
    g.visit_proof = proof  # what the token in each form is made from (web.visits)


def who() -> Admin:
    """Return the administrator whose request is being answered."""
    admin: Admin = g.admin
    return admin


@pages.context_processor
def _page_context() -> dict[str, Any]:
    admin: Admin | None = g.get("admin")
    below = [name for name, _ in SECTIONS if request.path.startswith(url_for(name))]
    return {
        "admin": admin,
        "now": admin.now if admin else None,
        "zone": ZONE,
        "sections": SECTIONS,
        "section": below[-1],
    }


@pages.errorhandler(NotSignedIn)
def _say_how_to_sign_in(problem: NotSignedIn) -> Response:
    return errors.answer(problem, "admin/signed_out.html")


@pages.errorhandler(PeerError)
def _lead_back(problem: PeerError) -> Response:
    """Answer any other problem with a way back, for whoever is inside."""
    if "admin" not in g:
        return errors.answer(problem)
    platform = (request.view_args or {}).get("platform_id")
    where, label = url_for("admin.platforms"), "Back to the LMSs"
    if platform and problem.status != NotFound.status:
        where, label = url_for("admin.platform", platform_id=platform), "Back to the LMS"
    return errors.answer(problem, action_label=label, action_url=where)


@pages.get("/sign-in/<token>")
@policy.launch
def sign_in_page(token: str) -> str:
    """Ask for one click: whatever looks at addresses before people do must not use the link up."""
    _count_attempt()
    if not sessions.is_good(db.session(), token):
        raise LinkSpent
    return render_template("admin/sign_in.html", token=token)


@pages.post("/sign-in/<token>")
@policy.launch
def sign_in(token: str) -> Any:
    """Use the link up and begin a session in this browser."""
    _count_attempt()
    _demand_own_page()
    proof, admin = sessions.sign_in(db.session(), token)
    response = make_response(redirect(url_for("admin.platforms"), code=303))
    seconds = int((admin.ends_at - admin.now).total_seconds())
    _set_cookie(response, proof, seconds)
    return response


@pages.post("/sign-out")
@policy.admin
def sign_out() -> Any:
    """End the session in this browser."""
    sessions.sign_out(db.session(), who())
    response = make_response(render_template("admin/goodbye.html"))
    _set_cookie(response, "", 0)
    return response


def _count_attempt() -> None:
    """Count it: nobody guesses 256 bits, but nobody shall keep the database busy with trying."""
    limit: Limit = current_app.extensions["admin_limit"]
    limit.count(request.remote_addr or "")


def _demand_own_page() -> None:
    """Refuse a sign-in that another site's page sends; there is no session yet to sign a token."""
    origin = request.headers.get("Origin", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if origin not in {"", current_app.config["BASE_URL"]} or site != "same-origin":
        raise NotAllowed(
            "This form did not come from a page of ours, so nothing was changed.",
            advice="Open your link again.",
            code="forged_form",
        )


def _set_cookie(response: Response, proof: str, seconds: int) -> None:
    response.set_cookie(
        COOKIE, proof, max_age=seconds, path="/", secure=True, httponly=True, samesite="Strict"
    )
