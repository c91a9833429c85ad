"""Single values from what an LMS sends, within bounds: nothing else of it is believed to be sane.

Ids have at most 255 characters (LTI 1.3), lists at most 100 members, texts at most 10,000
characters. An id out of bounds is refused; a text is cut.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, URL_LENGTH
from lti_peer.lti.errors import bad_claim

LIST_LENGTH = 100
TEXT_LENGTH = 10_000
LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")


def key(value: object, name: str) -> str:
    """Return an id as it is: it is compared and never cut. Raises LaunchError 400."""
    if not isinstance(value, str) or not value.strip() or len(value) > ID_LENGTH:
        raise bad_claim(name)
    if clean(value) != value:
        raise bad_claim(name)
    return value


def clean(value: str) -> str:
    """Return the text without what no database keeps: NUL, and halves of surrogate pairs."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def text(value: object, length: int = TEXT_LENGTH) -> str:
    """Return a text, cut to `length` characters; anything else is empty."""
    return clean(value)[:length].strip() if isinstance(value, str) else ""


def mapping(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a claim that is an object, empty when it is missing; else raises LaunchError 400."""
    value = claims.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_claim(name.rpartition("/")[2], "is not an object")
    return value


def texts(value: object, name: str) -> list[str]:
    """Return a list of at most 100 texts; raises LaunchError 400 for anything else."""
    if not isinstance(value, list) or len(value) > LIST_LENGTH:
        raise bad_claim(name, "is not a list")
    if not all(isinstance(item, str) for item in value):
        raise bad_claim(name, "is not a list of texts")
    return [text(item) for item in value]


def name(claims: Mapping[str, Any]) -> str:
    """Return what a person is called, whole or from its parts; empty when nothing is said."""
    parts = (text(claims.get(part), NAME_LENGTH) for part in ("given_name", "family_name"))
    return text(claims.get("name"), NAME_LENGTH) or " ".join(filter(None, parts))[:NAME_LENGTH]


def web_address(value: object) -> str:
    """Return an http or https address that is safe to link to, or "" for anything else."""
    address = value if isinstance(value, str) else ""
    if len(address) > URL_LENGTH or not address.isprintable() or {"\\", " "} & set(address):
        return ""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return ""
    return address if fine else ""


def locale(value: object) -> str:
    """Return a language tag, such as `de-AT`; English for what is none."""
    tag = text(value, 35)
    return tag.replace("_", "-") if LOCALE.fullmatch(tag) else "en"


def zone(value: object) -> str:
    """Return the time zone of OpenID Connect's `zoneinfo`, if it is one; else UTC."""
    try:
        return ZoneInfo(text(value, 64)).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "UTC"
