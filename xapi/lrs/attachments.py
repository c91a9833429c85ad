"""What statements carry along: attachments' data, matched by their SHA-2 sums (part 3, 1.5.2).

Data are kept once for each tenant and sum. The length that a statement names is not compared: the
specification allows no other way to match than by the sum.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from xapi.lrs.asking import read_json
from xapi.lrs.calls import Call, media_type
from xapi.lrs.models import Attachment
from xapi.lrs.multipart import Part, split
from xapi.lrs.refusal import refuse
from xapi.lrs.upsert import insert_new
from xapi.statement import StatementJson

HASH_HEADER: Final = "X-Experience-API-Hash"
_SUMS: Final = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""The members of SHA-2 by the number of their hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The content of a request: a JSON value, and data by their sums in lower case."""

    value: Any
    data: Mapping[str, bytes]


def read(call: Call) -> Sent:
    """Return what a PUT or POST of statements brings; raises RequestRefused when it cannot."""
    kind, options = media_type(call.content_type)
    if kind == "application/json":
        return Sent(read_json(call.body(), once=True), {})
    if kind != "multipart/mixed":
        shown = kind[:80] or "nothing"
        refuse(f"Send statements as application/json or multipart/mixed, not as {shown}.")
    parts = split(call.body(), options.get("boundary"))
    if not parts or _kind(parts[0]) != "application/json":
        refuse("The first part has the statements, as application/json.")
    # 2.0.0 has a record store take data for binary that do not say so (4.1.3).
    unsaid = "binary" if call.version == "2.0.0" else ""
    data = dict(_data(part, unsaid) for part in parts[1:])
    return Sent(read_json(parts[0].content, once=True), data)


def demand(statements: Sequence[StatementJson], data: Mapping[str, bytes]) -> None:
    """Raise RequestRefused unless each attachment of the valid statements has its data.

    Data that no statement names are refused as well; an attachment with a `fileUrl` needs none.
    """
    named: set[str] = set()
    for attachment in find(statements):
        sha2 = attachment["sha2"].lower()
        named.add(sha2)
        if "fileUrl" not in attachment and sha2 not in data:
            refuse("An attachment has neither a fileUrl nor a part with its data.")
    if data.keys() - named:
        refuse("A part belongs to no attachment of the statements.")


def find(statements: Iterable[StatementJson]) -> Iterator[dict[str, Any]]:
    """Give the attachments of valid statements and of the sub-statements in them."""
    for statement in statements:
        yield from statement.get("attachments", ())
        thing = statement["object"]
        if thing.get("objectType") == "SubStatement":
            yield from thing.get("attachments", ())


def keep(session: Session, tenant: UUID, data: Mapping[str, bytes], now: datetime) -> None:
    """Store the data that the tenant does not have yet."""
    rows = [
        {"tenant": tenant, "sha2": sha2, "content": content, "stored": now}
        for sha2, content in sorted(data.items())
    ]
    if rows:
        session.execute(insert_new(session, Attachment), rows)


def load(session: Session, tenant: UUID, bodies: Iterable[str]) -> list[Part]:
    """Return the data that stored statements name, each once, as parts of an answer."""
    named = {one["sha2"].lower(): one for one in find(map(json.loads, bodies))}
    rows = session.execute(
        select(Attachment.sha2, Attachment.content).where(
            Attachment.tenant == tenant, Attachment.sha2.in_(named)
        )
    )
    return [_part(named[sha2], content) for sha2, content in rows]


def sizes(session: Session, tenant: UUID, bodies: Sequence[str]) -> list[int]:
    """Return for each stored statement how many bytes of data it names that the tenant has."""
    sums = [{one["sha2"].lower() for one in find([json.loads(body)])} for body in bodies]
    known = session.execute(
        select(Attachment.sha2, func.length(Attachment.content).label("length")).where(
            Attachment.tenant == tenant, Attachment.sha2.in_(set().union(*sums))
        )
    )
    length = {row.sha2: row.length for row in known}
    return [sum(length.get(sha2, 0) for sha2 in one) for one in sums]


def _data(part: Part, unsaid: str) -> tuple[str, bytes]:
    """Return the sum and the bytes of a part, compared with each other."""
    said = part.headers.get(HASH_HEADER, "").lower()
    if part.headers.get("Content-Transfer-Encoding", unsaid).lower() != "binary":
        refuse("A part with data has the header Content-Transfer-Encoding: binary.")
    name = _SUMS.get(len(said))
    if name is None or hashlib.new(name, part.content).hexdigest() != said:
        refuse(f"A part's header {HASH_HEADER} is not the SHA-2 sum of its bytes.")
    return said, part.content


def _kind(part: Part) -> str:
    return media_type(part.headers.get("Content-Type", ""))[0]


def _part(attachment: Mapping[str, Any], content: bytes) -> Part:
    headers = Headers(
        {
            "Content-Type": " ".join(attachment["contentType"].split()),
            "Content-Transfer-Encoding": "binary",
            HASH_HEADER: attachment["sha2"],
        }
    )
    return Part(headers, content)
