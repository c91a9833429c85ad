"""The record store's resources over HTTP, as a blueprint for any Flask application.

Every request has its own transaction, opened by the host's function; it is committed when the
answer is a yes. Whoever shows a key sees its tenant and nothing else.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from xapi.lrs import asking, keys, query, storage
from xapi.lrs.asking import CURSOR, VERSION_HEADER, RequestRefused
from xapi.lrs.mentions import agent_key
from xapi.lrs.rendering import render_page, render_statement
from xapi.statement import StatementJson, Version, instant
from xapi.validate import Fault

Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a session that is committed at the end of the block, or rolled back when it raises."""

MAX_BODY: Final = 4 * 1024 * 1024
"""The largest request, in bytes."""

MAX_BATCH: Final = 1000
"""The most statements in one request."""

VERSIONS: Final = ("1.0.3", "2.0.0")
_MAX_FAULTS: Final = 20


def create_blueprint(
    transaction: Transaction,
    *,
    reading: Transaction | None = None,
    max_body: int = MAX_BODY,
    lag: timedelta = timedelta(0),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Blueprint:
    """Return the record store, to be registered with the prefix /xAPI.

    `transaction` writes: on SQLite it begins with BEGIN IMMEDIATE, or a second writer fails.
    `reading` opens sessions that only read; by default `transaction` serves for both.
    `lag` is how long a write may stay invisible to others after it got its time: nothing where one
    writer follows the other (SQLite), the longest transaction elsewhere. It is what the header
    X-Experience-API-Consistent-Through subtracts (part 3, 2.1.3). `clock` returns aware times.
    """
    pages = Blueprint("xapi", __name__)
    resources = _Resources(transaction, reading or transaction, max_body, lag, clock)
    pages.before_request(resources.admit)
    pages.after_request(resources.sign)
    pages.register_error_handler(RequestRefused, _answer_refusal)
    pages.register_error_handler(HTTPException, _answer_error)
    for name, rule, view, method in (
        ("about", "/about", _about, "GET"),
        ("get_statements", "/statements", resources.get, "GET"),
        ("post_statements", "/statements", resources.post, "POST"),
        ("put_statement", "/statements", resources.put, "PUT"),
    ):
        pages.add_url_rule(rule, name, view, methods=[method])
    return pages


@dataclass(frozen=True, slots=True)
class _Resources:
    """The resources with what they need from the host."""

    transaction: Transaction
    reading: Transaction
    max_body: int
    lag: timedelta
    clock: Callable[[], datetime]

    def admit(self) -> None:
        """Let in who has a key and names a version; the about resource is for everybody."""
        request.max_content_length = self.max_body
        g.xapi_version = None
        if request.endpoint is None or request.endpoint.endswith(".about"):
            return
        g.xapi_version = asking.read_version(request.headers.get(VERSION_HEADER))
        given = request.authorization
        if given is None or given.type != "basic" or given.username is None:
            raise RequestRefused(401, "Show a key of this store by HTTP Basic authentication.")
        with self.reading() as session:
            holder = keys.authenticate(session, given.username, given.password or "")
        if holder is None:
            raise RequestRefused(401, "This key and this secret do not belong together.")
        g.xapi_holder = holder

    def sign(self, response: Response) -> Response:
        """Say on every answer which version it speaks and up to when it knows everything."""
        response.headers[VERSION_HEADER] = g.get("xapi_version") or VERSIONS[0]
        if request.path.endswith("/statements"):
            through = instant(self.clock() - self.lag)
            response.headers["X-Experience-API-Consistent-Through"] = through
        response.headers["Cache-Control"] = "no-store"
        return response

    def post(self) -> Response:
        """Take one statement or a batch; answer with their ids (part 3, 2.1.2)."""
        _refuse_parameters()
        given = _read_body()
        statements = given if isinstance(given, list) else [given]
        if not statements:
            raise RequestRefused(400, "A batch has at least one statement.")
        return _json(json.dumps([str(one) for one in self._store(statements)]))

    def put(self) -> Response:
        """Take one statement under the id of the address (part 3, 2.1.1)."""
        _refuse_parameters("statementId")
        statement_id = asking.read_uuid(request.args, "statementId")
        statement = _read_body()
        if not isinstance(statement, dict):
            raise RequestRefused(400, "PUT takes one statement, an object.")
        said = statement.setdefault("id", str(statement_id))
        if not isinstance(said, str) or said.lower() != str(statement_id):
            raise RequestRefused(400, "The statement's id is another one than the address says.")
        self._store([statement])
        return Response(status=204)

    def get(self) -> Response:
        """Return one statement, or a page of those that were asked for (part 3, 2.1.3)."""
        holder = _holder()
        if not holder.may_read:
            raise RequestRefused(403, "This key may write and not read.")
        mine = agent_key(holder.authority) if holder.only_mine else None
        asked = asking.read_statements_query(_parameters(), mine)
        if asked.one is not None:
            return self._one(holder, asked, asked.one)
        with self.reading() as session:
            found = query.find(session, holder.tenant, asked.query)
        languages = request.accept_languages
        bodies = [render_statement(body, asked.format, languages) for body in found.bodies]
        return _answer(asked, render_page(bodies, _more(found.after)))

    def _one(self, holder: keys.Holder, asked: asking.Asked, statement_id: UUID) -> Response:
        with self.reading() as session:
            found = query.get(
                session,
                holder.tenant,
                statement_id,
                voided=asked.voided,
                authority=asked.query.authority,
            )
            if found is None:
                raise RequestRefused(404, "There is no such statement for this key.")
            body, stored = found.body, found.stored
        response = _answer(asked, render_statement(body, asked.format, request.accept_languages))
        response.headers["Last-Modified"] = http_date(stored)
        return response

    def _store(self, statements: Sequence[Any]) -> list[UUID]:
        holder = _holder()
        if not holder.may_write:
            raise RequestRefused(403, "This key may read and not write.")
        if len(statements) > MAX_BATCH:
            raise RequestRefused(413, f"A batch has at most {MAX_BATCH} statements.")
        _refuse_absent_data(statements)
        version: Version = g.xapi_version
        try:
            with self.transaction() as session:
                return storage.store(
                    session, holder.tenant, statements, holder.authority, self.clock(), version
                )
        except storage.InvalidStatements as refusal:
            faults = refusal.faults
            raise RequestRefused(400, f"Not stored: {faults[0]}", faults) from refusal
        except storage.IdTaken as refusal:
            raise RequestRefused(409, f"Not stored: {refusal}") from refusal
        except RecursionError as error:
            raise RequestRefused(400, "A statement is nested too deeply.") from error


def _about() -> Response:
    """Say which versions the store speaks (part 3, 2.8)."""
    return _json(json.dumps({"version": list(VERSIONS)}))


def _holder() -> keys.Holder:
    holder: keys.Holder = g.xapi_holder
    return holder


def _read_body() -> list[StatementJson] | StatementJson | Any:
    if request.mimetype != "application/json":
        kind = request.mimetype[:80] or "nothing"
        message = f"Send statements as application/json, not as {kind}; attachments' data stay out."
        raise RequestRefused(400, message)
    return asking.read_json(request.get_data())


def _refuse_absent_data(statements: Sequence[Any]) -> None:
    """Refuse attachments whose data would have to come along (part 3, 1.5.1)."""
    for statement in statements:
        given = statement.get("attachments") if isinstance(statement, dict) else None
        for attachment in given if isinstance(given, list) else ():
            if isinstance(attachment, dict) and "fileUrl" not in attachment:
                message = "An attachment without a fileUrl needs its data, which JSON cannot carry."
                raise RequestRefused(400, message)


def _parameters() -> dict[str, str]:
    """Return the address's parameters; raises RequestRefused when one is there twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise RequestRefused(400, f'The parameter "{name[:40]}" is there twice.')
    return request.args.to_dict()


def _refuse_parameters(*allowed: str) -> None:
    unknown = _parameters().keys() - set(allowed)
    if unknown:
        raise RequestRefused(400, f'"{min(unknown)[:40]}" is no parameter of this request.')


def _more(after: int | None) -> str:
    """Return the address of the next page, without scheme and host; empty on the last page."""
    if after is None:
        return ""
    parameters = {**request.args.to_dict(), CURSOR: str(after)}
    return f"{url_for('.get_statements')}?{urlencode(parameters)}"


def _answer(asked: asking.Asked, body: str) -> Response:
    """Return the JSON, as the first and only part of a multipart answer if attachments were asked.

    This store keeps no attachments' data, so no part follows (part 3, 1.5).
    """
    if not asked.attachments:
        return _json(body)
    boundary = uuid4().hex
    text = f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{body}\r\n--{boundary}--\r\n"
    return Response(text, content_type=f"multipart/mixed; boundary={boundary}")


def _json(body: str, status: int = 200) -> Response:
    return Response(body, status, content_type="application/json")


def _answer_refusal(refusal: RequestRefused) -> Response:
    response = _json(_explain(refusal.message, refusal.faults), refusal.status)
    if refusal.status == 401:  # noqa: PLR2004 - the one status that asks for a header
        response.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return response


def _answer_error(error: HTTPException) -> Response:
    return _json(_explain(error.description or error.name, ()), error.code or 500)


def _explain(message: str, faults: Sequence[Fault]) -> str:
    shown = [
        {"path": fault.path, "rule": fault.rule, "message": fault.message}
        for fault in faults[:_MAX_FAULTS]
    ]
    return json.dumps({"message": message, "faults": shown} if shown else {"message": message})
