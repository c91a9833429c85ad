"""Rules for single values: IRIs, UUIDs, times, durations, languages, numbers (part 2, 4)."""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from xapi.validation.fault import Fault, wrong_type

# RFC 3987 in outline: a scheme, then whatever an IRI may hold; a "%" starts an escape. Half a
# surrogate pair is no character, and no database would take it.
_IRI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[^\x00-\x20\x7f<>\"{}|\\^`%\s\ud800-\udfff]|%[0-9A-Fa-f]{2})+"
)
_UUID: Final = re.compile(
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
)
_MAILBOX: Final = re.compile(r"mailto:[^\s@<>\"]+@[^\s@<>\"]+", re.IGNORECASE)
_SHA1: Final = re.compile(r"[0-9A-Fa-f]{40}")
# SHA-224, -256, -384 and -512, as the specification asks for SHA-2 (part 2, 2.4.11).
_SHA2: Final = re.compile(r"[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}")
_MEDIA_TYPE: Final = re.compile(
    r"[A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+\-]+\s*"
    r"(?:;\s*[A-Za-z0-9!#$&^_.+\-]+=(?:\"[^\"]*\"|[^\s;\"]+)\s*)*;?"
)
# ISO 8601, 4.4.3.2: weeks alone, or the other units in their order, a fraction in the last only.
_DURATION: Final = re.compile(
    r"P(?:\d+(?:[.,]\d+)?W|(?=\d|T\d)"
    r"(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
    r"|(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?T(?:\d+H)?(?:\d+M)?\d+[.,]\d+[HMS]"
    r"|(?:\d+Y)?(?:\d+M)?\d+[.,]\d+[YMD])",
    re.ASCII,
)
_EXTENDED_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_BASIC_TIME: Final = re.compile(
    r"\d{8}[Tt]\d\d(?:\d\d(?:\d\d(?:[.,]\d+)?)?)?(?:[Zz]|[+-]\d\d(?:\d\d)?)?",
    re.ASCII,
)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_ZONE_MINUS_ZERO: Final = re.compile(r"[Tt ].*-00(?::?00)?$")
# RFC 5646, 2.1; the irregular tags of the grandfathered ones are listed, the regular ones parse.
_LANGUAGE: Final = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*)"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn"
    r"|i-tao|i-tay|i-tsu|sgn-be-fr|sgn-be-nl|sgn-ch-de|art-lojban|cel-gaulish|no-bok|no-nyn"
    r"|zh-guoyu|zh-hakka|zh-min|zh-min-nan|zh-xiang)",
    re.IGNORECASE | re.ASCII,
)


def is_iri(text: str) -> bool:
    """Say whether the text is an IRI with a scheme (RFC 3987)."""
    return _IRI.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Say whether the text is a UUID in its standard form; every version and case is allowed."""
    return _UUID.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Say whether the text is a language tag, with no variant or extension twice (RFC 5646, 2.2).

    Whether its subtags are registered is not asked.
    """
    parts = _LANGUAGE.fullmatch(text)
    if parts is None:
        return False
    variants, extensions = parts["variants"], parts["extensions"]
    return not (variants or extensions) or _differ(variants, extensions)


def _differ(variants: str | None, extensions: str | None) -> bool:
    """Say whether variants differ, and the single letters that begin extensions."""
    subtags = (variants or "").lower().split("-")
    letters = [one for one in (extensions or "").lower().split("-") if len(one) == 1]
    return len(set(subtags)) == len(subtags) and len(set(letters)) == len(letters)


def parse_time(text: str) -> datetime:
    """Return the time that a timestamp of a statement names, in UTC; without a zone it is UTC.

    What is finer than microseconds is cut. Raises ValueError when the text is no ISO 8601 date and
    time, has the zone "-00", or lies before the year 1 or after the year 9999 in UTC.
    """
    shape = _EXTENDED_TIME.fullmatch(text) or _BASIC_TIME.fullmatch(text)
    if shape is None or _ZONE_MINUS_ZERO.search(text):
        raise ValueError("This is no ISO 8601 date and time.")
    at = datetime.fromisoformat(text.replace(",", ".").upper())
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("This time is out of range.") from error


def check_string(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a string."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a string")


def check_boolean(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a boolean."""
    if type(value) is not bool:
        wrong_type(faults, value, path, "a boolean")


def check_iri(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an IRI, or an IRL, which is one that can be looked up (part 2, 4.4)."""
    if type(value) is not str:
        wrong_type(faults, value, path, "an IRI")
    elif not _IRI.fullmatch(value):
        faults.append(Fault(path, "iri", "This is no absolute IRI."))


def check_uuid(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a UUID."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a UUID")
    elif not _UUID.fullmatch(value):
        faults.append(Fault(path, "uuid", "This is no UUID in its standard form."))


def check_mailbox(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a mailto IRI (part 2, 2.4.2.3)."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a mailto IRI")
    elif not _MAILBOX.fullmatch(value):
        faults.append(Fault(path, "mailbox", "This is no mailto IRI such as mailto:a@example.org."))


def check_sha1(faults: list[Fault], value: Any, path: str) -> None:
    """Judge the SHA-1 sum of a mailto IRI: 40 hexadecimal digits."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a SHA-1 sum")
    elif not _SHA1.fullmatch(value):
        faults.append(Fault(path, "sha1", "This is no SHA-1 sum of 40 hexadecimal digits."))


def check_sha2(faults: list[Fault], value: Any, path: str) -> None:
    """Judge the SHA-2 sum of an attachment, in hexadecimal digits."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a SHA-2 sum")
    elif not _SHA2.fullmatch(value):
        faults.append(Fault(path, "sha2", "This is no SHA-2 sum in hexadecimal digits."))


def check_media_type(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an Internet media type, parameters allowed (RFC 2046)."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a media type")
    elif not _MEDIA_TYPE.fullmatch(value):
        faults.append(Fault(path, "media-type", "This is no media type such as text/plain."))


def check_language(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a language tag."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a language tag")
    elif not is_language(value):
        faults.append(Fault(path, "language", "This is no language tag of RFC 5646."))


def check_language_map(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a language map: language tags to strings, at least one (part 2, 4.2)."""
    if type(value) is not dict:
        wrong_type(faults, value, path, "a language map")
    elif not value:
        faults.append(Fault(path, "empty", "A language map needs at least one entry."))
    else:
        for language, text in value.items():
            if not is_language(language):
                message = f'"{language}" is no language tag of RFC 5646.'
                faults.append(Fault(path, "language", message))
            if type(text) is not str:
                wrong_type(faults, text, f"{path}.{language}", "a string")


def check_extensions(faults: list[Fault], value: Any, path: str) -> None:
    """Judge extensions: IRIs to any JSON values, null included (part 2, 4.1)."""
    if type(value) is not dict:
        wrong_type(faults, value, path, "an object")
        return
    for key, item in value.items():
        if not _IRI.fullmatch(key):
            faults.append(Fault(path, "iri", f'The key "{key}" is no absolute IRI.'))
        if type(item) is float or type(item) in (dict, list):
            _check_finite(faults, item, f"{path}['{key}']")


def _check_finite(faults: list[Fault], value: Any, path: str) -> None:
    """Find NaN and infinities, which Python's JSON lets in and out and JSON does not have."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is dict:
            waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)
        elif type(item) is float and not math.isfinite(item):
            faults.append(Fault(path, "number", "JSON has no such number."))
            return


def check_number(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a number; true and false are none, nor are NaN and the infinities."""
    if type(value) is float:
        if not math.isfinite(value):
            faults.append(Fault(path, "number", "JSON has no such number."))
    elif type(value) is not int:
        wrong_type(faults, value, path, "a number")


def check_scaled(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a share of the best score: -1 to 1 (part 2, 2.4.5.1)."""
    before = len(faults)
    check_number(faults, value, path)
    if len(faults) == before and not -1 <= value <= 1:
        faults.append(Fault(path, "range", "A scaled score lies between -1 and 1."))


def check_length(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a number of octets."""
    whole = type(value) is int or (type(value) is float and value.is_integer())
    if not whole or value < 0:
        faults.append(Fault(path, "range", "A length is a whole number of octets."))


def check_duration(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an ISO 8601 duration with designators, not negative (part 2, 4.6)."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a duration")
    elif not _DURATION.fullmatch(value):
        faults.append(Fault(path, "duration", "This is no ISO 8601 duration such as PT1M30S."))


def check_time(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a timestamp by 1.0.3: ISO 8601, extended or basic (part 2, 4.5)."""
    if type(value) is not str:
        wrong_type(faults, value, path, "a timestamp")
        return
    try:
        parse_time(value)
    except ValueError:
        faults.append(Fault(path, "timestamp", "This is no ISO 8601 date and time."))


def check_internet_time(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a timestamp by 2.0.0: RFC 3339, which has a time zone (4.2.7)."""
    before = len(faults)
    check_time(faults, value, path)
    if len(faults) == before and not _RFC_3339.fullmatch(value):
        faults.append(Fault(path, "timestamp", "This is no RFC 3339 date, time and zone."))
