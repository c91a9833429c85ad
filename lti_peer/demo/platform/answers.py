"""Answers of the services: JSON of their own media types, in pages."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import Response, json, request

from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError

Item = TypeVar("Item")
_MOST_DIGITS = 9


def answer(document: object, media_type: str, status: int = 200) -> Response:
    """Return the document as JSON of this media type."""
    return Response(json.dumps(document), status, mimetype=media_type)


def one_page(
    items: Sequence[Item], cap: int | None = None, forgotten: tuple[str, ...] = ()
) -> tuple[Sequence[Item], str | None]:
    """Return the items that `from` and `limit` of the request ask for, and the next Link, if any.

    `cap` limits a page whatever the request says; `forgotten` are parameters that the next link
    has lost. Raises ProtocolError 400 for bad numbers.
    """
    begin, limit = (_natural(name) for name in ("from", "limit"))
    size = min(limit or len(items), cap or len(items)) or 1
    if begin + size >= len(items):
        return items[begin:], None
    query = [
        pair
        for pair in parse_qsl(request.query_string.decode())
        if pair[0] not in ("from", "limit", *forgotten)
    ]
    query += [("from", str(begin + size)), ("limit", str(size))]
    address = f"{current_lms().url}{request.path}?{urlencode(query)}"
    return items[begin : begin + size], f'<{address}>; rel="next"'


def curled(link: str) -> str:
    """Return the link as Moodle writes those of columns, where this LMS does so too."""
    if not current_lms().profile.curly_links:
        return link
    # A header is Latin 1 to the server; the quotes go out as the bytes of UTF-8.
    curly = link.replace("&", "&amp;").replace('"next"', "“next”")
    return curly.encode().decode("latin-1")


def _natural(name: str) -> int:
    value = request.args.get(name, "0")
    if not value.isdecimal() or len(value) > _MOST_DIGITS:
        raise ProtocolError(400, "invalid_request", f"{name} is a natural number.")
    return int(value)
