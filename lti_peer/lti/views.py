"""The addresses that an LMS calls: login, launch, confirmation, and the tool's public keys."""

from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.errors import SignInAgain
from lti_peer.core.keys import Vault
from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.lti import arrival, launch, notices, oidc, platforms, states
from lti_peer.lti.arrival import Arrival
from lti_peer.lti.errors import LaunchError, NotBound
from lti_peer.lti.http import Client
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.privacy import Held
from lti_peer.lti.states import Waiting
from lti_peer.peerwork import statements
from lti_peer.previews import service as previews
from lti_peer.web import errors, limit, policy, security, visits
from lti_peer.web.limit import Limit
from lti_peer.web.visits import Begun, Guest
from xapi.vocabulary import LAUNCHED

pages = Blueprint("lti", __name__, url_prefix="/lti")

LAUNCH_PATH = "/lti/launch"
ATTEMPTS = 3_000
WINDOW_S = 60.0
"""Messages of one address in a minute: a school's thousand people, each with login and launch."""
REGISTRATIONS = 20
"""The same for invitations, which are opened once."""
COUNTED = {"lti.login", "lti.launch_message", "lti.confirm", "lti.take_notices"}
KEYS_KEPT_S = 300
"""How long an LMS may keep our key set."""


def register(app: Flask, database: Database, vault: Vault) -> None:
    """Give the application the pages, the tool's keys, the platforms' keys and the client."""
    client = Client(allow_private=app.config["ALLOW_PRIVATE_HOSTS"])
    app.extensions["egress"] = client
    app.extensions[security.FRAMERS] = platforms.framers
    app.extensions["launch_limit"] = Limit(ATTEMPTS, WINDOW_S)
    app.extensions["registration_limit"] = Limit(REGISTRATIONS, WINDOW_S)
    app.extensions["key_ring"] = KeyRing(database, vault)
    app.extensions["platform_keys"] = PlatformKeys(database, client)
    app.register_blueprint(pages)


@pages.before_request
def _frame_by_anyone() -> None:
    """Let a refusal be seen in any frame until the LMS is known (docs/decisions/0004)."""
    g.frame_ancestors = ["*"]


@pages.before_request
def _count_attempt() -> None:
    """Let nobody keep the tool busy with messages that lead nowhere (security.md T22)."""
    if request.endpoint in COUNTED:
        limit.count_stranger(current_app.extensions["launch_limit"])


@pages.route("/login", methods=["GET", "POST"])
@policy.launch
def login() -> Any:
    """Answer a login initiation: send the browser to the LMS, bound to what comes back."""
    key_ring: KeyRing = current_app.extensions["key_ring"]
    key_ring.ensure()
    names = oidc.REQUIRED + oidc.OPTIONAL
    asked = oidc.read(oidc.once(names, request.args, request.form), _base_url())
    platform = oidc.platform_of(db.session(), asked)
    security.let_frame(platform)
    begun = oidc.begin(db.session(), _vault(), platform, asked, _base_url() + LAUNCH_PATH)
    if asked.storage_target:
        response = make_response(
            render_template(
                "lti/storage.html", begun=begun, target=asked.storage_target,
                origin=security.origin(platform.auth_url),
            )
        )  # fmt: skip
    else:
        response = make_response(redirect(begun.url))
    _set_cookie(response, begun.cookie, begun.cookie_value, int(states.LIFE.total_seconds()))
    return response


@pages.get("/launch")
@policy.public
def launch_by_get() -> Response:
    """Explain to whoever reloads or visits the address that only an LMS posts to it."""
    response = errors.answer(
        LaunchError("launch_by_get", "This address is for your LMS alone.", status=405)
    )
    response.headers["Allow"] = "POST"
    return response


@pages.get("/open/<uuid:activity_id>")
@policy.public
def open_by_get(activity_id: UUID) -> Response:
    """Say where to come from, to whoever follows an activity's address without a launch."""
    del activity_id  # a stranger is not even told whether there is such an activity
    raise SignInAgain(
        "This activity opens from your course, so that it knows who you are.",
        advice="Go to your course page in your LMS, and open the activity there.",
        code="open_by_get",
    )


@pages.post("/launch")
@policy.launch
def launch_message() -> Any:
    """Take one LTI message, and answer with a redirect into the visit that it begins."""
    fields = launch.read(request.form)
    if fields.get("error"):
        _frame_by_platform_of(fields["state"])
        launch.refuse_error(fields)
    waiting = launch.find(_database(), fields["state"])
    security.let_frame(waiting.platform)
    keys: PlatformKeys = current_app.extensions["platform_keys"]
    claims = launch.believe(waiting, keys, fields["id_token"])
    if _has_cookie(waiting):
        return _enter(waiting, claims)
    if not waiting.row.storage_target:
        raise oidc.not_bound(waiting)
    launch.examine(claims, waiting)
    handle = states.hold(db.session(), _vault(), waiting, claims)
    return render_template(
        "lti/confirm.html", handle=handle, target=waiting.row.storage_target,
        origin=security.origin(waiting.platform.auth_url),
        key=oidc.storage_key(waiting.row.state_hash),
    )  # fmt: skip


@pages.post("/launch/confirm")
@policy.launch
def confirm() -> Any:
    """Take what the LMS's storage kept for this browser, and begin the visit if it is ours."""
    _demand_own_page()
    fields = oidc.once(("handle", "value"), request.form)
    with _database().transaction(read_only=True) as session:
        found = states.held(session, _vault(), fields.get("handle", ""))
    if found is None:
        raise launch.spent("confirm_unknown")
    waiting, claims = found
    security.let_frame(waiting.platform)
    expected = oidc.storage_value(_vault(), waiting.row.state_hash)
    if not oidc.same(fields.get("value", ""), expected):
        raise oidc.not_bound(waiting)
    return _enter(waiting, claims, in_path=True)


@pages.post("/notices")
@policy.launch
def take_notices() -> tuple[str, int] | Response:
    """Take what an LMS tells without anybody's click; the answer is for a program."""
    keys: PlatformKeys = current_app.extensions["platform_keys"]
    try:
        said = notices.read(_database(), keys, request.get_json(force=True, silent=True))
        for notice in said:
            notices.keep(db.session(), notice)
    except LaunchError as refusal:
        answer = jsonify(error=refusal.code, error_description=refusal.message)
        answer.status_code = refusal.status
        return answer
    return "", 204


@pages.get("/jwks.json")
@policy.public
def jwks() -> Response:
    """Publish the public halves of the tool's keys (RFC 7517)."""
    key_ring: KeyRing = current_app.extensions["key_ring"]
    response = jsonify(key_ring.public_jwks())
    response.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_S}"
    response.add_etag()
    response.make_conditional(request)
    return response


@pages.errorhandler(NotBound)
def offer_new_window(problem: NotBound) -> Response:
    """Answer with a page whose button begins the same login in a window of its own."""
    security.let_send_to(problem.auth_url)
    return errors.answer(problem, "lti/new_window.html", again=problem.again)


def _enter(waiting: Waiting, claims: dict[str, Any], *, in_path: bool = False) -> Response:
    """Consume the login and begin the visit, in the request's one transaction."""
    session = db.session()
    message = launch.examine(claims, waiting)
    if not states.consume(session, waiting.row.state_hash):
        raise launch.spent("replayed")
    private = current_app.config["ALLOW_PRIVATE_HOSTS"]
    outcome = arrival.arrive(session, message, private=private)
    if isinstance(outcome, Arrival):
        response = _go(outcome, in_path=in_path)
    elif isinstance(outcome, Held):
        response = make_response(render_template("lti/privacy.html", held=outcome))
    else:
        page = render_template("lti/notice.html", title=outcome.title, message=outcome.message)
        response = make_response(page)
    _set_cookie(response, oidc.cookie_name(waiting.row.state_hash), "", 0)
    return response


def _go(outcome: Arrival, *, in_path: bool) -> Response:
    """Return the redirect into the visit; a reload of what it leads to repeats nothing."""
    guest = outcome.guest
    if guest.role is Role.PREVIEW:
        guest = previews.admit(db.session(), guest, _base_url())
    begun = visits.begin(db.session(), guest, in_path=in_path)
    _say_launched(guest, begun)
    where = url_for(outcome.endpoint, visit_key=begun.key, **outcome.values)
    response = make_response(redirect(where, code=303))
    visits.mark(response, begun)
    return response


def _say_launched(guest: Guest, begun: Begun) -> None:
    """Record the launch, unless there is no activity yet; one into a sandbox is told to nobody."""
    if guest.activity is None or not guest.activity.kind:
        return
    session = db.session()
    visit = Visit(
        id=begun.record.id,
        person=guest.person,
        course=guest.course,
        role=guest.role,
        now=db.people_now(session),
        base_url=_base_url(),
        chosen=guest.activity,
    )
    statements.say(session, visit, LAUNCHED, statements.activity(visit), begun.record.id)


def _frame_by_platform_of(state: str) -> None:
    """Let the LMS that a state belongs to frame the refusal, if there is one."""
    try:
        security.let_frame(launch.find(_database(), state).platform)
    except LaunchError:
        return


def _has_cookie(waiting: Waiting) -> bool:
    state_hash = waiting.row.state_hash
    given = request.cookies.get(oidc.cookie_name(state_hash), "")
    return oidc.same(given, oidc.cookie_value(_vault(), state_hash))


def _demand_own_page() -> None:
    """Refuse a confirmation that another site's page posts: its reader may have made the value."""
    if request.headers.get("Origin") != _base_url():
        raise LaunchError("foreign_confirm", "This confirmation did not come from our own page.")


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="None",
        partitioned=True,
    )  # fmt: skip


def _base_url() -> str:
    return str(current_app.config["BASE_URL"])


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
