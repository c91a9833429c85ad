"""The statement resource (part 3, 2.1)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, url_for
from sqlalchemy.orm import Session
from werkzeug.http import http_date

from xapi.lrs import asking, attachments, definitions, query, signatures, storage
from xapi.lrs.answers import json_answer, parts_answer
from xapi.lrs.asking import CURSOR, Asked, Format
from xapi.lrs.attachments import Sent
from xapi.lrs.calls import Call
from xapi.lrs.host import Host
from xapi.lrs.keys import Holder
from xapi.lrs.multipart import Part
from xapi.lrs.refusal import RequestRefused, refuse
from xapi.lrs.rendering import canonical, only_ids, render_page

MAX_BATCH: Final = 1000
"""The most statements in one request."""

MAX_DATA: Final = 16 * 1024 * 1024
"""Bytes of attachments' data after which a page ends; its first statement's always come."""


def post(host: Host, call: Call, holder: Holder) -> Response:
    """Take one statement or a batch; answer with their ids (part 3, 2.1.2)."""
    call.allow()
    sent = attachments.read(call)
    statements = sent.value if isinstance(sent.value, list) else [sent.value]
    if not statements:
        refuse("A batch has at least one statement.")
    ids = _store(host, call, holder, Sent(statements, sent.data))
    return json_answer(json.dumps([str(one) for one in ids]))


def put(host: Host, call: Call, holder: Holder) -> Response:
    """Take one statement under the id of the address (part 3, 2.1.1)."""
    call.allow("statementId")
    statement_id = asking.read_uuid(call.parameters, "statementId")
    sent = attachments.read(call)
    statement = sent.value
    if not isinstance(statement, dict):
        refuse("PUT takes one statement, an object.")
    said = statement.setdefault("id", str(statement_id))
    if not isinstance(said, str) or said.lower() != str(statement_id):
        refuse("The statement's id is another one than the address says.")
    _store(host, call, holder, Sent([statement], sent.data))
    return Response(status=204)


def get(host: Host, call: Call, holder: Holder) -> Response:
    """Return one statement, or a page of those that were asked for (part 3, 2.1.3)."""
    asked = asking.read_statements_query(call.parameters, holder.limit)
    if asked.one is not None:
        return _one(host, call, holder, asked, asked.one)
    with host.reading() as session:
        found = query.find(session, holder.tenant, asked.query)
        if asked.attachments:
            found = _within_size(session, holder.tenant, found)
        found = found.by_time(ascending=asked.query.ascending)
        bodies = _render(session, call, holder, asked.format, found.bodies)
        parts = _parts(session, holder, asked, found.bodies)
    page = render_page(bodies, _more(call.parameters, found.after))
    return _answer(page, parts, found.newest)


def _one(host: Host, call: Call, holder: Holder, asked: Asked, statement_id: UUID) -> Response:
    with host.reading() as session:
        found = query.get(
            session, holder.tenant, statement_id, voided=asked.voided, authority=holder.limit
        )
        if found is None:
            return refuse("There is no such statement for this key.", 404)
        (body,) = _render(session, call, holder, asked.format, [found.body])
        parts = _parts(session, holder, asked, [found.body])
        stored = found.stored
    return _answer(body, parts, stored)


def _answer(body: str, parts: list[Part] | None, modified: datetime | None) -> Response:
    """Return statements; 2.0.0 wants the newest one's time with pages, too (4.1.6.1)."""
    answer = json_answer(body) if parts is None else parts_answer(body, parts)
    if modified is not None:
        answer.headers["Last-Modified"] = http_date(modified)
    return answer


def _store(host: Host, call: Call, holder: Holder, sent: Sent) -> list[UUID]:
    """Judge statements and what comes with them, then keep all or nothing."""
    statements: Sequence[Any] = sent.value
    if len(statements) > MAX_BATCH:
        refuse(f"A batch has at most {MAX_BATCH} statements.", 413)
    try:
        storage.judge(statements, call.version)
        attachments.demand(statements, sent.data)
        signatures.demand(statements, sent.data, call.version)
        with host.transaction() as session:
            now = host.now(session)
            ids = storage.keep(
                session, holder.tenant, statements, holder.authority, now, call.version
            )
            attachments.keep(session, holder.tenant, sent.data, now)
            return ids
    except storage.InvalidStatements as refusal:
        faults = refusal.faults
        raise RequestRefused(400, f"Not stored: {faults[0]}", faults) from refusal
    except storage.IdTaken as refusal:
        raise RequestRefused(409, f"Not stored: {refusal}") from refusal
    except RecursionError as error:
        raise RequestRefused(400, "A statement is nested too deeply.") from error


def _render(
    session: Session, call: Call, holder: Holder, asked: Format, bodies: Sequence[str]
) -> Sequence[str]:
    """Return stored statements as JSON in the format that was asked for."""
    if asked is Format.EXACT:
        return bodies
    statements = [json.loads(body) for body in bodies]
    if asked is Format.IDS:
        return [_write(only_ids(statement)) for statement in statements]
    known: Mapping[str, definitions.Definition] = {}
    if holder.limit is None:
        iris = {activity["id"] for activity in definitions.activities(statements)}
        known = definitions.recall(session, holder.tenant, iris)
    return [_write(canonical(statement, known, call.languages)) for statement in statements]


def _parts(
    session: Session, holder: Holder, asked: Asked, bodies: Sequence[str]
) -> list[Part] | None:
    return attachments.load(session, holder.tenant, bodies) if asked.attachments else None


def _within_size(session: Session, tenant: UUID, found: query.Found) -> query.Found:
    """Cut a page where its attachments' data would become too much."""
    total = 0
    for count, size in enumerate(attachments.sizes(session, tenant, found.bodies)):
        total += size
        if count and total > MAX_DATA:
            return found.first(count)
    return found


def _more(parameters: Mapping[str, str], after: int | None) -> str:
    """Return the address of the next page, without scheme and host; empty on the last page."""
    if after is None:
        return ""
    return f"{url_for('.statements')}?{urlencode({**parameters, CURSOR: str(after)})}"


def _write(statement: dict[str, Any]) -> str:
    return json.dumps(statement, separators=(",", ":"))
