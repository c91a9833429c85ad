"""The address that an administrator pastes into the LMS: it registers the tool by itself."""

import json
import re
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, g, jsonify, render_template, request

from lti_peer.core import audit
from lti_peer.core.db import Database
from lti_peer.core.errors import NotFound, PeerError
from lti_peer.core.models import Platform, Standing
from lti_peer.lti import deployments, dynamic_registration, hosts, invitations, registration
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError
from lti_peer.lti.http import Answer, Client, EgressError
from lti_peer.lti.registration import Entry
from lti_peer.web import limit, policy, security

registration_pages = Blueprint("registration", __name__, url_prefix="/lti")

log = structlog.get_logger()

PLAIN_WORDS = re.compile(r"[A-Za-z_ .-]{1,80}")
LARGEST_CONFIGURATION = 64 * 1024


@registration_pages.before_request
def _frame_by_anyone() -> None:
    """Let a refusal be seen in any frame until the LMS is known (docs/decisions/0004)."""
    g.frame_ancestors = ["*"]


@registration_pages.get("/register/<token>")
@policy.launch
def register(token: str) -> str:
    """Register the tool in the LMS that opened this page, and the LMS here.

    The LMS opens it by GET and expects no further click (LTI Dynamic Registration 1.0, 3.3). The
    invitation is what allows the change; it is used up first, so that of two at once one goes on,
    and given back when nothing came of it. No transaction is open while we talk to the LMS.
    """
    limit.count_stranger(current_app.extensions["registration_limit"])
    database: Database = current_app.extensions["database"]
    with database.transaction() as session:
        invitation = invitations.take(session, token)
    try:
        configuration_url, entry = _exchange(invitation.name)
        state = Standing.ACTIVE if invitation.activate else Standing.PENDING
        with database.transaction() as session:
            platform = registration.add_platform(session, entry, state=state, private=_private())
            deployments.remember(session, platform)
            about = {"platform": str(platform.id), "name": platform.name}
            audit.record(session, "an LMS, by invitation", "platform_registered", **about)
    except PeerError:
        with database.transaction() as session:
            invitations.give_back(session, invitation.id)
        raise
    log.info("registered", platform=str(platform.id), reason=platform.state.value)
    security.let_frame(platform)
    return render_template(
        "registration/done.html",
        platform=platform,
        pending=platform.state is Standing.PENDING,
        origins=" ".join(_origins(platform, configuration_url)),
    )


@registration_pages.get("/config/<name>.json")
@policy.public
def configuration(name: str) -> Response:
    """Give the configuration that an LMS takes by address, or that is pasted into it."""
    found = dynamic_registration.pasted(name, current_app.config["BASE_URL"])
    if found is None:
        raise NotFound("No LMS of this name takes a configuration; register the tool in it.")
    return jsonify(found)


def _exchange(name: str) -> tuple[str, Entry]:
    """Ask the LMS what it is, ask it to register us, and return what it said.

    Raises LaunchError when it does not answer, or not as it should.
    """
    client: Client = current_app.extensions["egress"]
    url = request.args.get("openid_configuration", "")
    token = request.args.get("registration_token", "")
    if not hosts.secure(url, private=_private()):
        raise LaunchError(
            "registration_incomplete",
            "This address is for your LMS: it opens it with a few details of its own.",
            status=400,
            advice="Paste the address where your LMS asks for a registration URL of a tool.",
        )
    headers = {"Accept": "application/json"}
    if token.isascii() and token.isprintable() and token:
        headers["Authorization"] = f"Bearer {token}"  # Canvas asks for it here as well
    try:
        found = client.get(url, headers=headers, limit=LARGEST_CONFIGURATION)
        given = _object(found, "configuration")
        configuration = dynamic_registration.read_configuration(url, given, private=_private())
        ours = dynamic_registration.request(configuration, current_app.config["BASE_URL"])
        answer = client.send(
            "POST",
            configuration.registration_url,
            json.dumps(ours).encode(),
            headers={**headers, "Content-Type": "application/json"},
        )
        answered = _object(answer, "registration")
    except EgressError as fault:
        raise LaunchError(
            "registration_no_answer",
            f"Your LMS could not be asked, so nothing was registered. {fault}",
            status=502,
            advice="Try again in a few minutes with the same address.",
        ) from None
    return url, dynamic_registration.read_answer(configuration, answered, name)


def _object(answer: Answer, what: str) -> dict[str, Any]:
    """Return the answer's JSON object. Moodle refuses in bare words, which are shown."""
    if not answer.ok:
        words = answer.body[:200].decode("utf-8", "replace").strip()
        said = f" It says: {words}." if PLAIN_WORDS.fullmatch(words) else ""
        raise LaunchError(
            "registration_refused",
            f"Your LMS refused the {what} request ({answer.status}), "
            f"so nothing was registered.{said}",
            status=400,
            advice=ADMINISTRATOR,
        )
    given = answer.json()
    return given if isinstance(given, dict) else {}


def _origins(platform: Platform, configuration_url: str) -> list[str]:
    """Return where the page that opened us may come from: the platform's origins alone.

    Canvas opens us from an institution's host, which only the browser can name.
    """
    opener = request.headers.get("Referer", "")
    known = [platform.issuer, configuration_url]
    if hosts.approved(platform, opener, private=_private()):
        known.append(opener)
    return list(dict.fromkeys(security.origin(url) for url in known))


def _private() -> bool:
    return bool(current_app.config["ALLOW_PRIVATE_HOSTS"])
