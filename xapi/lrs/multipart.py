"""Statements and attachments in one body: multipart/mixed of RFC 2046 (part 3, 1.5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from werkzeug.datastructures import Headers

from xapi.lrs.refusal import refuse

_LINE: Final = b"\r\n"
_LONGEST_BOUNDARY: Final = 70
_MAX_PARTS: Final = 1001


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers and its bytes."""

    headers: Headers
    content: bytes


def split(body: bytes, boundary: str | None) -> list[Part]:
    """Return the parts of a body; raises RequestRefused when it is not whole or not well formed."""
    if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
        refuse("The content type multipart/mixed needs a boundary of 1 to 70 characters.")
    delimiter = b"\r\n--" + boundary.encode()
    preamble, *pieces = (_LINE + body).split(delimiter, _MAX_PARTS)
    del preamble
    parts: list[Part] = []
    for piece in pieces:
        if piece.startswith(b"--"):
            return parts
        parts.append(_part(piece))
    return refuse("The body is not whole: it does not end with its boundary.")


def compose(parts: Sequence[Part]) -> tuple[bytes, str]:
    """Return the body of the parts, and its boundary."""
    boundary = uuid4().hex
    pieces: list[bytes] = []
    for part in parts:
        lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in part.headers)]
        pieces += ["\r\n".join(lines).encode(), _LINE * 2, part.content, _LINE]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()]), boundary


def _part(piece: bytes) -> Part:
    """Read what stands between two delimiters: padding, headers, an empty line, the content."""
    padding, end, rest = piece.partition(_LINE)
    if not end or padding.strip(b" \t"):
        refuse("A part's boundary does not end its line.")
    head, empty, content = (_LINE + rest).partition(_LINE * 2)
    if not empty:
        refuse("A part has no empty line between its headers and its content.")
    headers = Headers()
    for line in filter(None, head.decode("latin-1").split("\r\n")):
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or "\r" in line or "\n" in line:
            refuse("A part has a header that cannot be read.")
        headers.add(name.strip(), value.strip())
    return Part(headers, content)
