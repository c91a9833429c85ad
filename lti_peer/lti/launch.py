"""A launch, from what the browser posted to a `Launch` that may be believed.

`find` reads, `examine` judges; nothing is changed before both have passed, and a refusal leaves the
login as it was. The one act, consuming the login, belongs to the transaction in which the visit
begins.
"""

from typing import Any

from werkzeug.datastructures import MultiDict

from lti_peer.core.db import Database
from lti_peer.lti import claims as words
from lti_peer.lti import oidc, states
from lti_peer.lti.adapter import message_fault
from lti_peer.lti.claims import Launch
from lti_peer.lti.errors import ADMINISTRATOR, FROM_COURSE, LaunchError
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.states import Waiting
from lti_peer.lti.verify import Expected, key_id, verify

FIELDS = ("id_token", "state", "error", "error_description")
OFFERED = (
    words.RESOURCE_LINK_REQUEST,
    words.DEEP_LINKING_REQUEST,
    words.SUBMISSION_REVIEW_REQUEST,
    words.DATA_PRIVACY_REQUEST,
)

PLATFORM_ERRORS = {
    "login_required": (
        "Your LMS says that you are not signed in.",
        "Sign in to your LMS in this browser, then open the activity from your course page.",
    ),
    "launch_no_longer_valid": (
        "Your LMS lets each link be opened once, and this page was reloaded.",
        FROM_COURSE,
    ),
    "unauthorized_client": (
        "Your LMS does not allow this tool here.",
        ADMINISTRATOR,
    ),
}
"""What the commonest errors of a platform mean, and what to do (OIDC Core 3.1.2.6; Canvas)."""


def read(form: MultiDict[str, str]) -> dict[str, str]:
    """Return `id_token` and `state` of a launch form; `error` is kept for `refuse_error`.

    Raises LaunchError 400 for a duplicate or a missing field.
    """
    fields = oidc.once(FIELDS, form)
    if not fields.get("state"):
        raise LaunchError("missing_state", "Your LMS did not send the state back.", status=400)
    if not fields.get("id_token") and not fields.get("error"):
        raise LaunchError("missing_token", "Your LMS did not send a launch.", status=400)
    return fields


def find(database: Database, state: str) -> Waiting:
    """Return the login that a state belongs to, read in a transaction of its own.

    Raises LaunchError 401: it was used, is older than five minutes, or was never ours.
    """
    with database.transaction(read_only=True) as session:
        waiting = states.find(session, state)
    if waiting is None:
        raise spent("state_unknown")
    return waiting


def spent(code: str) -> LaunchError:
    """Return the refusal of a launch whose login is over or was used already."""
    return LaunchError(
        code, "This launch was used already, or it waited for more than five minutes."
    )


def refuse_error(fields: dict[str, str]) -> None:
    """Raise LaunchError 401 when the platform answered with an error, token or not."""
    error = fields.get("error")
    if not error:
        return
    message, advice = PLATFORM_ERRORS.get(error, ("Your LMS refused the launch.", FROM_COURSE))
    raise LaunchError("platform_error", message, advice=advice)


def believe(waiting: Waiting, keys: PlatformKeys, token: str) -> dict[str, Any]:
    """Return the claims of a token, verified against its login. Raises LaunchError.

    Call it with no transaction open: it may have to fetch the platform's keys.
    """
    platform = waiting.platform
    key = keys.find(platform.jwks_url, key_id(token), waiting.now)
    expected = Expected(
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce_hash=waiting.row.nonce_hash,
        begun_at=waiting.row.created_at,
    )
    return verify(token, key, expected, waiting.now)


def examine(claims: dict[str, Any], waiting: Waiting) -> Launch:
    """Return the launch that verified claims describe, if it is a message that we take.

    Raises LaunchError: 400 for a message that breaks LTI 1.3 or is of another type, 401 when
    deployment or target are not those of the login.
    """
    if claims.get(words.VERSION) != words.LTI_VERSION:
        raise LaunchError(
            "version", "Your LMS does not say that it speaks LTI 1.3.", status=400,
            advice=ADMINISTRATOR,
        )  # fmt: skip
    launch = words.parse(claims, waiting.platform)
    _check_type(launch.message_type)
    if message_fault(claims):
        raise LaunchError(
            "bad_message", f"Your LMS sent a message that does not follow LTI: "
            f"{message_fault(claims)}.", status=400, advice=ADMINISTRATOR,
        )  # fmt: skip
    _check_login(launch, waiting)
    return launch


def _check_type(message_type: str) -> None:
    if message_type not in OFFERED:
        raise LaunchError(
            "message_type", "Your LMS sent a kind of message that this tool does not know.",
            status=400, advice=ADMINISTRATOR,
        )  # fmt: skip


def _check_login(launch: Launch, waiting: Waiting) -> None:
    row = waiting.row
    if row.deployment_key and row.deployment_key != launch.deployment_key:
        raise LaunchError(
            "deployment_mismatch", "This launch comes from another place than its login."
        )
    if launch.target and launch.target != row.target:
        raise LaunchError("target_mismatch", "This launch asks for another page than its login.")
