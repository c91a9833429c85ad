"""The record store's resources over HTTP, as a blueprint for any Flask application.

Every request has its own transaction, opened by the host's function; it is committed when the
answer is a yes. Whoever shows a key sees its tenant and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from flask import Blueprint, Response, g, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from xapi.lrs import document_views, keys, metadata_views, statement_views
from xapi.lrs.answers import error_answer, refusal_answer
from xapi.lrs.calls import VERSION_HEADER, Call, read_call
from xapi.lrs.host import Host, Transaction
from xapi.lrs.keys import Holder
from xapi.lrs.refusal import RequestRefused, refuse
from xapi.statement import Version, instant

MAX_BODY: Final = 4 * 1024 * 1024
"""The largest request, in bytes."""

Act = Callable[[Host, Call, Holder], Response]
"""Answers a request whose key may do what it asks."""

_DOCUMENTS: Final = {
    "state": ("/activities/state", document_views.STATE),
    "activity_profile": ("/activities/profile", document_views.ACTIVITY_PROFILE),
    "agent_profile": ("/agents/profile", document_views.AGENT_PROFILE),
}
_RESOURCES: Final[Mapping[str, tuple[str, Mapping[str, Act]]]] = {
    "statements": (
        "/statements",
        {
            "GET": statement_views.get,
            "POST": statement_views.post,
            "PUT": statement_views.put,
        },
    ),
    "agents": ("/agents", {"GET": metadata_views.get_person}),
    "activities": ("/activities", {"GET": metadata_views.get_activity}),
    **{
        name: (
            path,
            {"GET": one.get, "PUT": one.put, "POST": one.post, "DELETE": one.delete},
        )
        for name, (path, one) in _DOCUMENTS.items()
    },
}
_METHODS: Final = ("GET", "PUT", "POST", "DELETE")
_FIRST: Final[Version] = "1.0.3"
_NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Documents are others' bytes at our address: no browser shall run or frame them."""


def create_blueprint(
    transaction: Transaction,
    *,
    reading: Transaction | None = None,
    max_body: int = MAX_BODY,
    clock: Callable[[Session], datetime] = lambda _session: datetime.now(UTC),
    settled: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Blueprint:
    """Return the record store, to be registered with the prefix /xAPI.

    `transaction` writes: on SQLite it begins with BEGIN IMMEDIATE, or a second writer fails.
    `reading` opens sessions that only read; by default `transaction` serves for both.
    `clock` returns the time, aware, within a transaction, by the clock that all writers go by.
    `settled` returns a time such that whatever was stored up to it can be read from now on; it is
    what the header X-Experience-API-Consistent-Through says (see `xapi.lrs.settling`).
    """
    pages = Blueprint("xapi", __name__)
    door = _Door(Host(transaction, reading or transaction, max_body, clock, settled))
    pages.before_request(door.look)
    pages.after_request(door.sign)
    pages.register_error_handler(RequestRefused, refusal_answer)
    pages.register_error_handler(HTTPException, error_answer)
    pages.add_url_rule("/about", "about", door.about, methods=_METHODS)
    for name, (path, acts) in _RESOURCES.items():
        pages.add_url_rule(path, name, partial(door.answer, acts), methods=_METHODS)
    return pages


@dataclass(frozen=True, slots=True)
class _Door:
    """Lets in who has a key and speaks a version, and signs every answer."""

    host: Host
    spoken: dict[str, Version] = field(default_factory=dict)
    """The version that each key spoke last: a request that names none is refused in it."""

    def look(self) -> None:
        """Note up to when the store is complete, before anything is read from it."""
        if request.endpoint == f"{request.blueprint}.statements":
            g.xapi_through = self.host.settled()

    def answer(self, acts: Mapping[str, Act]) -> Response:
        """Answer a request to a resource by what it can do."""
        call = self._read(acts)
        holder = self._admit(call)
        reads = call.method == "GET"
        if not (holder.may_read if reads else holder.may_write):
            refuse(f"This key may not {'read' if reads else 'write'}.", 403)
        return acts[call.method](self.host, call, holder)

    def about(self) -> Response:
        """Say which versions the store speaks; for everybody, and without a version as well."""
        return metadata_views.about(self._read({"GET": statement_views.get}, "2.0.0"))

    def sign(self, response: Response) -> Response:
        """Say on every answer which version it speaks and up to when it knows everything."""
        response.headers[VERSION_HEADER] = g.get("xapi_version") or self._guess()
        if "xapi_through" in g:
            response.headers["X-Experience-API-Consistent-Through"] = instant(g.xapi_through)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = _NO_PAGE
        return response

    def _read(self, acts: Mapping[str, Act], unversioned: Version | None = None) -> Call:
        """Return the call; raises RequestRefused when the resource cannot do what it asks."""
        request.max_content_length = self.host.max_body
        method = "GET" if request.method == "HEAD" else request.method
        if method not in acts and not (method == "POST" and "method" in request.args):
            _refuse_method(acts)
        call = read_call(request, unversioned=unversioned)
        g.xapi_version = call.version
        if call.method not in acts:
            _refuse_method(acts)
        return call

    def _admit(self, call: Call) -> Holder:
        given = call.authorization
        if given is None or given.type != "basic" or given.username is None:
            refuse("Show a key of this store by HTTP Basic authentication.", 401)
        with self.host.reading() as session:
            holder = keys.authenticate(session, given.username, given.password or "")
        if holder is None:
            return refuse("This key and this secret do not belong together.", 401)
        self.spoken[holder.key] = call.version
        return holder

    def _guess(self) -> Version:
        """Return the version for an answer to somebody who named none that we speak."""
        given = request.authorization
        name = given.username if given is not None else None
        return self.spoken.get(name or "", _FIRST)


def _refuse_method(acts: Mapping[str, Act]) -> None:
    allowed = ", ".join(acts)
    raise RequestRefused(405, f"This resource takes {allowed}.", headers={"Allow": allowed})
