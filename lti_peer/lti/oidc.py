"""Login initiation: the LMS sends a browser, which is sent back with a state that is ours.

Third-party initiated login by the 1EdTech Security Framework 1.0, 5.1.1. The browser is bound in
two ways at once: by a cookie, and by a value in the LMS's Platform Storage where it offers one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_peer.core.keys import Vault
from lti_peer.core.models import ID_LENGTH, URL_LENGTH, Deployment, Platform, Standing
from lti_peer.lti import hosts, states
from lti_peer.lti.adapter import Authentication
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError, NotBound, inactive
from lti_peer.lti.verify import digest

LONGEST_HINT = 8 * 1024
COOKIE = "__Host-lti-"
STORAGE_KEY = "lti_state_"
FRAME_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
REQUIRED = ("iss", "login_hint", "target_link_uri")
OPTIONAL = (
    "client_id",
    "lti_message_hint",
    "lti_deployment_id",
    "deployment_id",
    "lti_storage_target",
)


@dataclass(frozen=True)
class Asked:
    """What a login initiation says, within bounds."""

    issuer: str
    login_hint: str
    target: str
    client_id: str = ""
    message_hint: str = ""
    deployment_key: str = ""
    storage_target: str = ""


@dataclass(frozen=True)
class Begun:
    """A login that has begun: where the browser goes, and what binds it."""

    url: str
    cookie: str
    cookie_value: str
    storage_key: str
    storage_value: str


def once(names: tuple[str, ...], *sources: MultiDict[str, str]) -> dict[str, str]:
    """Return the fields of these names that were sent, each once in all sources together.

    Raises LaunchError 400 `duplicate_param`: two values mean two readers (RFC 6749, 3.1).
    """
    found: dict[str, str] = {}
    for name in names:
        values = [value for source in sources for value in source.getlist(name)]
        if len(values) > 1:
            raise LaunchError(
                "duplicate_param", f"Your LMS sent {name} more than once.", status=400
            )
        found.update((name, value) for value in values)
    return found


def read(fields: Mapping[str, str], base_url: str) -> Asked:
    """Return what the login asks for. Raises LaunchError 400, or 413 for a hint beyond 8 kB."""
    for name in REQUIRED:
        if not fields.get(name):
            raise LaunchError("login_missing_param", f"Your LMS did not send {name}.", status=400)
    hints = fields["login_hint"], fields.get("lti_message_hint", "")
    if any(len(hint.encode("utf-8", "replace")) > LONGEST_HINT for hint in hints):
        raise LaunchError("hint_too_large", "Your LMS sent more than we take.", status=413)
    if not is_ours(fields["target_link_uri"], base_url):
        raise LaunchError(
            "foreign_target",
            "Your LMS wants to open an address that is not this tool's.",
            status=400,
            advice=ADMINISTRATOR,
        )
    storage = fields.get("lti_storage_target", "")
    return Asked(
        issuer=fields["iss"],
        login_hint=hints[0],
        target=fields["target_link_uri"],
        client_id=fields.get("client_id", ""),
        message_hint=hints[1],
        deployment_key=_deployment(fields),
        storage_target=storage if FRAME_NAME.fullmatch(storage) else "",
    )


def is_ours(url: str, base_url: str) -> bool:
    """Whether an address lies on the tool's own origin, written without any trick."""
    plain = len(url) <= URL_LENGTH and url.isprintable() and url.isascii()
    if not plain or any(character in url for character in "\\ \"'<>"):
        return False
    scheme = url.partition(":")[0].lower()
    same_host = hosts.host(url) == hosts.host(base_url)
    return same_host and url[len(scheme) :].startswith("://") and base_url.startswith(f"{scheme}:")


def platform_of(session: Session, asked: Asked) -> Platform:
    """Return the registration that the login belongs to; an issuer alone names none (Canvas).

    Without a client id the only active registration of the issuer is meant, or the one that knows
    the deployment. Raises LaunchError: 403 `unknown_registration` or `registration_inactive`, and
    400 `ambiguous_registration`.
    """
    query = select(Platform).where(Platform.issuer == asked.issuer)
    if asked.client_id:
        query = query.where(Platform.client_id == asked.client_id)
    found = list(session.scalars(query))
    if not found:
        raise LaunchError(
            "unknown_registration",
            "This tool does not know your LMS yet.",
            status=403,
            advice=ADMINISTRATOR,
        )
    active = [platform for platform in found if platform.state is Standing.ACTIVE]
    if len(active) > 1:
        active = _knowing(session, active, asked.deployment_key)
    if not active:
        raise inactive()
    if len(active) > 1:
        raise LaunchError(
            "ambiguous_registration",
            "Your LMS did not say which of its registrations it uses.",
            status=400,
            advice=ADMINISTRATOR,
        )
    return active[0]


def begin(
    session: Session, vault: Vault, platform: Platform, asked: Asked, redirect_uri: str
) -> Begun:
    """Keep the login, and return where the browser goes and what it takes along."""
    request = Authentication(platform, asked.login_hint, asked.message_hint)
    url = request.url(redirect_uri)
    login = states.Login(
        platform=platform,
        target=asked.target,
        login_hint=asked.login_hint,
        message_hint=asked.message_hint,
        deployment_key=asked.deployment_key,
        storage_target=asked.storage_target,
    )
    states.begin(session, login, request.state, request.nonce)
    state_hash = digest(request.state)
    return Begun(
        url=url,
        cookie=cookie_name(state_hash),
        cookie_value=cookie_value(vault, state_hash),
        storage_key=storage_key(state_hash),
        storage_value=storage_value(vault, state_hash),
    )


def cookie_name(state_hash: str) -> str:
    """Return the name of a login's cookie: one for each, so that two tabs do not meet."""
    return COOKIE + state_hash[:8]


def cookie_value(vault: Vault, state_hash: str) -> str:
    """Return what the browser's cookie must hold: a keyed hash that only we can make."""
    return vault.sign("launch cookie", state_hash)


def storage_key(state_hash: str) -> str:
    """Return the name under which the LMS's storage keeps a login's value."""
    return STORAGE_KEY + state_hash[:8]


def storage_value(vault: Vault, state_hash: str) -> str:
    """Return what the LMS's storage must hold; another than the cookie's, as others may see it."""
    return vault.sign("launch storage", state_hash)


def same(given: str, expected: str) -> bool:
    """Whether a browser's proof is the one expected, in a time that tells nothing."""
    return compare_digest(given.encode("utf-8", "replace"), expected.encode())


def not_bound(waiting: states.Waiting) -> NotBound:
    """Return the refusal of a browser that cannot prove that it began the login."""
    row = waiting.row
    fields = {
        "iss": row.platform.issuer,
        "client_id": row.platform.client_id,
        "login_hint": row.login_hint,
        "lti_message_hint": row.message_hint,
        "target_link_uri": row.target,
        "lti_deployment_id": row.deployment_key,
    }
    return NotBound({name: value for name, value in fields.items() if value}, row.platform.auth_url)


def _deployment(fields: Mapping[str, str]) -> str:
    """Return the deployment that the login names; Canvas sends either name, or both."""
    key = fields.get("lti_deployment_id") or fields.get("deployment_id", "")
    if len(key) > ID_LENGTH:
        raise LaunchError("bad_deployment", "Your LMS sent an id that is too long.", status=400)
    return key


def _knowing(session: Session, platforms: list[Platform], deployment_key: str) -> list[Platform]:
    """Return the platforms that have this deployment; all of them when that decides nothing."""
    ids = [platform.id for platform in platforms]
    having = set(
        session.scalars(
            select(Deployment.platform_id).where(
                Deployment.platform_id.in_(ids), Deployment.deployment_key == deployment_key
            )
        )
    )
    return [platform for platform in platforms if platform.id in having] or platforms
