"""The record stores beside the tool's own: each is delivered to by itself, a few at a time.

An endpoint has its own breaker, pace and connections. One that is away is not even claimed for
until its breaker lets it be asked again, so it costs nothing and holds up no other.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import cast
from uuid import UUID

import structlog

from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.keys import Vault, WrongSecretError
from lti_peer.core.outbox import Channel
from lti_peer.jobs import egress
from lti_peer.jobs.delivery import Line
from lti_peer.jobs.pace import Pace
from lti_peer.jobs.records import RecordSender, Rewrite, to_store
from xapi.client import Limits, RecordStore
from xapi.identity import pseudonymised
from xapi.statement import Version

log = structlog.get_logger()

AT_ONCE = 8
"""Endpoints that are delivered to at the same time, by one process."""


@dataclass(frozen=True)
class _Line:
    """The way to one endpoint, and the terms that it was made for."""

    terms: tuple[object, ...]
    store: RecordStore
    sender: RecordSender


class Endpoints:
    """Delivers to every endpoint that something is due for."""

    def __init__(self, database: Database, vault: Vault, base_url: str, *, private: bool) -> None:
        """Take the tool's address, which pseudonyms carry; `private` as in `egress.session`."""
        self._database = database
        self._vault = vault
        self._base_url = base_url
        self._private = private
        self._lines: dict[UUID, _Line] = {}
        self._busy: dict[UUID, Future[None]] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "endpoint")
        self._stopping = False
        self.rang: Callable[[], None] = lambda: None
        """Called when an endpoint has been delivered to, and more may be due."""

    def work(self) -> int:
        """Begin to deliver to each endpoint that something is due for, and return 0: no hurry."""
        for endpoint in self._due():
            if endpoint.id not in self._busy:
                task = self._pool.submit(self._deliver, endpoint)
                self._busy[endpoint.id] = task
                task.add_done_callback(partial(self._done, endpoint.id))
        return 0

    def once(self) -> int:
        """Deliver what is due to one endpoint after the other; return how many items that were."""
        return sum(self._drain(endpoint) for endpoint in self._due())

    def stop(self, seconds: float) -> bool:
        """Let what is under way end, and say whether it did within so many seconds."""
        self._stopping = True
        left = wait(list(self._busy.values()), seconds).not_done
        self._pool.shutdown(wait=not left, cancel_futures=True)
        return not left

    def _due(self) -> list[RecordEndpoint]:
        with self._database.transaction(read_only=True) as session:
            found = outbox.due(session)
        return [one for one in found if self._may_be_asked(one)]

    def _may_be_asked(self, endpoint: RecordEndpoint) -> bool:
        try:
            return not self._line(endpoint).sender.breaker.wait
        except WrongSecretError:
            log.warning("endpoint_locked", endpoint=endpoint.name)
            return False

    def _deliver(self, endpoint: RecordEndpoint) -> None:
        try:
            self._drain(endpoint)
        except Exception:
            log.exception("endpoint_failed", endpoint=endpoint.name)
            self._line(endpoint).sender.breaker.failed("A fault of ours; the log has it.")

    def _drain(self, endpoint: RecordEndpoint) -> int:
        sender = self._line(endpoint).sender
        line = Line(self._database, Channel.XAPI, sender, lambda: sender.pace.statements, endpoint)
        total = 0
        while self._may_go_on(sender):
            done = line.stream(lambda: self._may_go_on(sender))
            total += done
            if not done:
                break
        return total

    def _may_go_on(self, sender: RecordSender) -> bool:
        return not self._stopping and not sender.breaker.wait

    def _done(self, endpoint: UUID, _task: Future[None]) -> None:
        self._busy.pop(endpoint, None)
        self.rang()

    def _line(self, endpoint: RecordEndpoint) -> _Line:
        """Return the way to an endpoint, made afresh when its terms have changed."""
        limits = (endpoint.most_statements, endpoint.most_bytes)
        access = (endpoint.url, endpoint.version, endpoint.key, endpoint.secret)
        terms = (*access, *limits, endpoint.pseudonym_key)
        kept = self._lines.get(endpoint.id)
        if kept is None or kept.terms != terms:
            store = open_store(endpoint, self._vault, private=self._private)
            sender = RecordSender(
                to_store(store),
                apart=False,
                pace=Pace(*limits),
                rewrite=_rewrite(endpoint, self._vault, self._base_url),
            )
            kept = self._lines[endpoint.id] = _Line(terms, store, sender)
        return kept


def open_store(
    endpoint: RecordEndpoint, vault: Vault, *, private: bool, limits: Limits | None = None
) -> RecordStore:
    """Return the store that an endpoint names; raises WrongSecretError for another secret's key."""
    return RecordStore(
        endpoint.url,
        endpoint.key,
        vault.decrypt(endpoint.secret),
        version=cast("Version", endpoint.version),
        session=egress.session(private=private),
        limits=limits,
    )


def _rewrite(endpoint: RecordEndpoint, vault: Vault, base_url: str) -> Rewrite:
    if not endpoint.pseudonym_key:
        return lambda statement: statement
    key = bytes.fromhex(vault.decrypt(endpoint.pseudonym_key))
    return lambda statement: cast("dict[str, object]", pseudonymised(key, statement, base_url))
