"""A request as the store reads it: plain, or wrapped into a POST (part 3, 1.3, 1.0.3 alone)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from werkzeug.datastructures import Authorization, Headers, LanguageAccept
from werkzeug.http import parse_accept_header, parse_options_header
from werkzeug.wrappers import Request

from xapi.lrs.refusal import refuse
from xapi.statement import Version

VERSION_HEADER: Final = "X-Experience-API-Version"
FORM: Final = "application/x-www-form-urlencoded"

_WRAPPED_HEADERS: Final = frozenset(
    {
        "authorization",
        "content-length",
        "content-type",
        "if-match",
        "if-none-match",
        "x-experience-api-version",
    }
)
"""Form fields that stand for headers (part 3, 1.3.s3.b6)."""
_CONTENT: Final = "content"
_MAX_FIELDS: Final = 40


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, whichever syntax it came in."""

    method: str
    """GET, PUT, POST or DELETE; HEAD asks as GET does."""
    version: Version
    parameters: Mapping[str, str]
    headers: Headers
    body: Callable[[], bytes]
    """Reads the content; Werkzeug refuses one that is too large or ends too early."""

    @property
    def authorization(self) -> Authorization | None:
        """Return the credentials that were shown, if they can be read."""
        return Authorization.from_header(self.headers.get("Authorization"))

    @property
    def languages(self) -> LanguageAccept:
        """Return the languages that the reader likes."""
        return parse_accept_header(self.headers.get("Accept-Language"), LanguageAccept)

    @property
    def content_type(self) -> str:
        """Return the content's type with its parameters; empty without one."""
        return self.headers.get("Content-Type", "")

    def allow(self, *names: str) -> None:
        """Raise RequestRefused for a parameter that is none of these (part 3, 3.2.s3.b7)."""
        unknown = self.parameters.keys() - set(names)
        if unknown:
            refuse(f'"{min(unknown)[:40]}" is no parameter of this request.')


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """Return a media type, its case folded (RFC 9110, 8.3.1), and its parameters; "" for ""."""
    kind, parameters = parse_options_header(header)
    return kind.lower(), parameters


def read_version(said: str | None) -> Version:
    """Return the version that a request names in its header (part 3, 3.3).

    Raises RequestRefused without one, or with one that this store does not speak.
    """
    if said is None:
        refuse(f"The header {VERSION_HEADER} is missing: send 1.0.3 or 2.0.0.")
    version = _spoken(said)
    if version is None:
        refuse(f'"{said[:40]}" is no version that this store speaks: send 1.0.3 or 2.0.0.')
    return version


def read_call(request: Request, *, unversioned: Version | None = None) -> Call:
    """Return what a request asks.

    `unversioned` is the version of a request that names none, or none that is spoken, where the
    resource allows that.

    Raises RequestRefused when it breaks a rule that all resources have in common.
    """
    parameters = _once(request.args.items(multi=True))
    method = "GET" if request.method == "HEAD" else request.method
    if method == "POST" and "method" in parameters:
        wrapped = _unwrap(request, parameters)
        if wrapped is not None:
            return wrapped
    version = _version(request.headers.get(VERSION_HEADER), unversioned)
    return Call(method, version, parameters, Headers(request.headers), request.get_data)


def _unwrap(request: Request, parameters: Mapping[str, str]) -> Call | None:
    """Return the call inside a POST, or None when 2.0.0 is spoken, which has no such thing."""
    said = request.headers.get(VERSION_HEADER)
    if said is not None and read_version(said) != "1.0.3":
        return None
    if len(parameters) > 1:
        refuse('No other parameter than "method" stands in the address of a wrapped request.')
    if request.mimetype != FORM:
        refuse(f"A wrapped request is a form: its content type is {FORM}.")
    fields = _fields(request.get_data())
    headers = Headers(request.headers)
    headers["Content-Type"] = "application/json"
    for name in [name for name in fields if name.lower() in _WRAPPED_HEADERS]:
        headers[name] = fields.pop(name)
    content = fields.pop(_CONTENT, None)
    method = parameters["method"]
    if method in ("PUT", "POST") and content is None:
        refuse(f'A wrapped {method} has its content in the field "{_CONTENT}".')
    version = read_version(headers.get(VERSION_HEADER))
    if version != "1.0.3":
        refuse("Only xAPI 1.0.3 has wrapped requests.")
    body = (content or "").encode()
    return Call("GET" if method == "HEAD" else method, version, fields, headers, lambda: body)


def _fields(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    try:
        text = body.decode()
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MAX_FIELDS,
        )  # fmt: skip
    except ValueError:
        refuse("The form cannot be read: its fields are URL-encoded UTF-8.")
    return _once(pairs)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs; raises RequestRefused when a name is there twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            refuse(f'"{name[:40]}" is there twice.')
        found[name] = value
    return found


def _version(said: str | None, unversioned: Version | None) -> Version:
    if unversioned is not None and (said is None or _spoken(said) is None):
        return unversioned
    return read_version(said)


def _spoken(said: str) -> Version | None:
    """Return the latest patch of the family that a version belongs to, if it is spoken."""
    family, dot, patch = said[:3], said[3:4], said[4:]
    right = not dot or (dot == "." and patch.isascii() and patch.isdigit())
    return _FAMILIES.get(family) if right else None


_FAMILIES: Final[Mapping[str, Version]] = {"1.0": "1.0.3", "2.0": "2.0.0"}
