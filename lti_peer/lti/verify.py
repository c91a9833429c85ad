"""Whether a token may be believed: no request, no database, no clock, no network.

The steps are those of OpenID Connect Core 3.1.3.7 and the 1EdTech Security Framework 1.0, 5.1.3,
in this order: form, signature, issuer, audience, times, nonce. What the message says beyond that is
`claims.parse`'s to judge.
"""

import json
import math
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_peer.core.models import ID_LENGTH
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError

LARGEST_TOKEN = 64 * 1024
ALGORITHM = "RS256"
LEEWAY = timedelta(seconds=30)
"""How long a token that is over is still taken."""
SKEW = timedelta(seconds=60)
"""How far the LMS's clock may be ahead, or the token be older than the login (security.md R17)."""
OLDEST = timedelta(minutes=10)
LONGEST_LIFE = timedelta(hours=24)

_jws = jwt.PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True)
class Expected:
    """What the token of one login must repeat."""

    issuer: str
    client_id: str
    nonce_hash: str
    begun_at: datetime


def digest(secret: str) -> str:
    """Return the SHA-256 by which a secret is stored, in hexadecimal."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def key_id(token: str) -> str:
    """Return the `kid` of a token that has the form of a JWS for RS256, its claims unread.

    `jku`, `jwk`, `x5u` and `x5c` are never looked at: the key comes from the platform's own set.
    Raises LaunchError 413, 400 `malformed_token`, or 401 for algorithm, `crit` and key id.
    """
    if len(token) > LARGEST_TOKEN:
        raise LaunchError("token_too_large", "Your LMS sent more than we take.", status=413)
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():  # noqa: PLR2004 - the three parts of a JWS
        raise _malformed()
    header, _ = _part(parts[0]), _part(parts[1])
    if header.get("alg") != ALGORITHM:
        raise _distrusted("alg_not_allowed", "in a way that LTI does not allow")
    if "crit" in header or "b64" in header:
        raise _distrusted("crit_not_understood", "with conditions that we do not understand")
    kid = header.get("kid")
    if kid is None:
        raise _distrusted("missing_kid", "without naming the key")
    if not isinstance(kid, str) or not 0 < len(kid) <= ID_LENGTH:
        raise _distrusted("unknown_kid", "with a key that it does not publish")
    return kid


def unverified(token: str) -> dict[str, Any]:
    """Return what a token says, believed by nobody: it may only choose whose keys are asked for.

    Raises LaunchError 400 for what is not JSON. `key_id` has seen that it has three parts.
    """
    return _part(token.split(".")[1])


def verify(token: str, key: RSAPublicKey, expected: Expected, now: datetime) -> dict[str, Any]:
    """Return the claims of a token that `key` signed, for the login that `expected` describes.

    `now` is aware. Raises LaunchError: 400 for what is not JSON, 401 for everything else.
    """
    try:
        payload: bytes = _jws.decode(token, key, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise _distrusted("bad_signature", "but the signature is not its own") from None
    claims = strict_json(payload)
    _check_issuer(claims, expected)
    _check_audience(claims, expected.client_id)
    _check_times(claims, expected.begun_at, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(digest(nonce), expected.nonce_hash):
        raise LaunchError(
            "nonce_mismatch", "This launch does not belong to the login that began it."
        )
    return claims


def strict_json(text: bytes) -> dict[str, Any]:
    """Return a JSON object as RFC 8259 writes one.

    Raises LaunchError 400 for a member that is there twice (RFC 8725, 2.4), NaN and Infinity,
    nesting beyond reason, and anything that is not an object.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("A member is there twice.")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


def _part(encoded: str) -> dict[str, Any]:
    try:
        raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        raise _malformed() from None
    return strict_json(raw)


def _check_issuer(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise LaunchError("wrong_issuer", "This launch comes from another LMS than its login.")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Demand our client id alone; further audiences are none that we trust (OIDC 3.1.3.7, 3)."""
    given = claims.get("aud")
    audiences = given if isinstance(given, list) else [given]
    if client_id not in audiences:
        raise LaunchError("wrong_audience", "This launch is meant for another tool.")
    if len(audiences) > 1 and "azp" not in claims:
        raise LaunchError("azp_required", "This launch is meant for several tools, and names none.")
    if claims.get("azp", client_id) != client_id:
        raise LaunchError("wrong_azp", "This launch is meant for another tool.")
    if len(audiences) > 1:
        raise LaunchError("untrusted_audience", "This launch is meant for other tools as well.")


def _check_times(claims: Mapping[str, Any], begun_at: datetime, now: datetime) -> None:
    issued, ends = _time(claims, "iat"), _time(claims, "exp")
    moment = now.timestamp()
    if ends + LEEWAY.total_seconds() <= moment:
        raise _late("expired", moment - ends, "is over since")
    if "nbf" in claims and _time(claims, "nbf") > moment + SKEW.total_seconds():
        raise _late("not_yet_valid", _time(claims, "nbf") - moment, "begins in")
    if issued > moment + SKEW.total_seconds():
        raise _late("from_the_future", issued - moment, "was made in the future, by")
    if issued < moment - OLDEST.total_seconds() - LEEWAY.total_seconds():
        raise _late("too_old", moment - issued, "was made before")
    if issued < begun_at.timestamp() - SKEW.total_seconds():
        raise _late("older_than_login", moment - issued, "was made before its login, before")
    if ends - issued > LONGEST_LIFE.total_seconds():
        raise LaunchError(
            "lifetime_too_long",
            "Your LMS sent a launch that would be good for more than a day.",
            advice=ADMINISTRATOR,
        )


def _time(claims: Mapping[str, Any], name: str) -> float:
    """Return a NumericDate (RFC 7519, 2) in seconds; raises LaunchError 401 when it is none."""
    value = claims.get(name)
    if value is None:
        raise LaunchError(f"missing_{name}", f"This launch does not say its {name}.")
    try:
        seconds = float(value) if type(value) in {int, float} else math.nan
    except OverflowError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise LaunchError("bad_numeric_date", f"This launch's {name} is not a time.")
    return seconds


def _malformed() -> LaunchError:
    return LaunchError(
        "malformed_token", "What came from your LMS is not a launch that we can read.", status=400
    )


def _distrusted(code: str, how: str) -> LaunchError:
    return LaunchError(code, f"This launch is signed {how}.", advice=ADMINISTRATOR)


def _late(code: str, seconds: float, what: str) -> LaunchError:
    """Tell the difference: a clock that is wrong is found by it."""
    whole = min(round(seconds), 10**9)
    return LaunchError(
        code,
        f"This launch {what} {whole} seconds, by our clock.",
        advice="Open the activity again from your course page. If that does not help, the clock of "
        "your LMS may be wrong: tell its administrator the code below.",
    )
