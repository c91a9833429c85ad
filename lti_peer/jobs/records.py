"""How statements reach a record store: the embedded one, or one outside.

A batch goes as the same texts in the same order each time, at most 100 statements and 512 KiB or
as much less as the store takes, so that a store that has its last statement is known to have them
all (xapi.md 3.1).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy.exc import OperationalError

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.outbox import TOLD, Claim, Outcome
from lti_peer.jobs.breaker import Breaker
from lti_peer.jobs.delivery import Results
from lti_peer.jobs.pace import Pace
from xapi.client import (
    Conflict,
    DeliveryError,
    RecordStore,
    Refused,
    TooSlow,
    Unauthorised,
    Unavailable,
)
from xapi.delivery import Delivery, Fate, Sealed, deliver, seal
from xapi.delivery import Outcome as Fated
from xapi.lrs import keys, query, storage
from xapi.statement import StatementJson

AUTHORITY = keys.authority("lti-peer")
"""Who vouches in the embedded store for what the tool says itself."""

Deliver = Callable[[UUID, Sequence[Sealed]], Delivery]
"""Brings one tenant's batch across."""

Rewrite = Callable[[StatementJson], StatementJson]
"""Says a statement as one store is to see it, the same each time."""

Part = list[tuple[Claim, Sealed]]
"""What goes in one request."""


class RecordSender:
    """The sender of the xAPI channel, to one endpoint."""

    def __init__(
        self,
        deliver_batch: Deliver,
        *,
        apart: bool,
        far: bool = True,
        breaker: Breaker | None = None,
        pace: Pace | None = None,
        rewrite: Rewrite = lambda statement: statement,
    ) -> None:
        """Take how a batch is brought across, and whether each tenant has a store of its own.

        A store that is not `far` is in the tool's own database, which has one writer at a time.
        """
        self.far = far
        self._deliver = deliver_batch
        self._apart = apart
        self._rewrite = rewrite
        self.breaker = breaker or Breaker()
        self.pace = pace or Pace()

    def __call__(self, claims: Sequence[Claim]) -> Results:
        """Send the claimed statements and return what became of each."""
        results: Results = []
        waiting = self._away() if self.breaker.wait else None
        ordered = sorted(claims, key=lambda claim: claim.deployment_id) if self._apart else claims
        sealed = [
            (claim, seal(self._rewrite(claim.payload), again=claim.again)) for claim in ordered
        ]
        for part in _parts(sealed, self.pace, apart=self._apart):
            if waiting is not None:  # parts go in their order, and none after one that failed
                results += [(claim, waiting) for claim, _ in part]
                continue
            delivery = self._deliver(part[0][0].deployment_id, [text for _, text in part])
            waiting = self._judge(delivery)
            results += _results(part, delivery, waiting)
        return results

    def _judge(self, delivery: Delivery) -> Outcome | None:
        """Return what waits for what is pending, or None when the whole part is settled."""
        if delivery.too_large or isinstance(delivery.stopped, TooSlow):
            self.pace.shrink()
        elif delivery.stopped is None:
            self.pace.grow()
        if delivery.stopped is None:
            self.breaker.worked()
            return None
        return self._stopped(delivery.stopped)

    def _stopped(self, failure: DeliveryError) -> Outcome:
        """Return what a failure means for the items that wait for it.

        A store that is away, does not know us, or asks for a pause is left alone as a whole. One
        that answers with a failure of its own may stumble over this batch alone: the others go on.
        """
        asked = failure.retry_after if isinstance(failure, Unavailable) else None
        away = failure.__cause__ is not None or isinstance(failure, Unauthorised)
        if away or asked is not None:
            self.breaker.failed(str(failure), None if asked is None else timedelta(seconds=asked))
            return self._away()
        return Outcome(str(failure))

    def _away(self) -> Outcome:
        wait = max(self.breaker.wait, timedelta(milliseconds=100))
        return Outcome(self.breaker.reason, wait=wait, blameless=True)


def to_store(store: RecordStore) -> Deliver:
    """Return how a batch reaches a record store outside; tenants share it."""
    return lambda _tenant, batch: deliver(store.send, store.fetch, batch)


def to_embedded(database: Database) -> Deliver:
    """Return how a batch reaches the embedded store, in a transaction of its own."""

    def bring(tenant: UUID, batch: Sequence[Sealed]) -> Delivery:
        return deliver(
            lambda bodies: _keep(database, tenant, bodies),
            lambda statement_id: _find(database, tenant, statement_id),
            batch,
        )

    return bring


def _keep(database: Database, tenant: UUID, bodies: Sequence[str]) -> None:
    statements = [json.loads(body) for body in bodies]
    try:
        storage.judge(statements)  # before anybody has to wait for this transaction
        with database.transaction() as session:
            session.connection()  # their time is the one when it is this writer's turn
            storage.keep(session, tenant, statements, AUTHORITY, db.now(session), "1.0.3")
    except storage.InvalidStatements as fault:
        raise Refused(str(fault)) from None
    except storage.IdTaken as fault:
        raise Conflict(str(fault)) from None
    except OperationalError as fault:
        raise Unavailable(f"The database did not answer: {type(fault.orig).__name__}.") from fault


def _find(database: Database, tenant: UUID, statement_id: UUID) -> StatementJson | None:
    with database.transaction(read_only=True) as session:
        found = query.get(session, tenant, statement_id)
        return json.loads(found.body) if found else None


def _results(part: Part, delivery: Delivery, waiting: Outcome | None) -> Results:
    return [
        (claim, _result(claim, one, waiting, delivery.pieces))
        for (claim, _), one in zip(part, delivery.outcomes, strict=True)
    ]


def _result(claim: Claim, one: Fated, waiting: Outcome | None, pieces: int) -> Outcome:
    if one.fate is Fate.DELIVERED:
        return TOLD
    if one.fate is Fate.DEAD or waiting is None:
        return Outcome(one.reason or "Refused.", dead=True)
    apart = pieces > 1 and claim.batch
    return replace(waiting, batch=uuid5(apart, str(one.piece))) if apart else waiting


def _parts(sealed: Part, pace: Pace, *, apart: bool) -> Iterator[Part]:
    """Give what is claimed in its order in parts as large as they may be now, of one tenant each.

    Where tenants share a store they share parts. How large that is may change from part to part.
    """
    part: Part = []
    size = 0
    for claim, text in sealed:
        length = len(text.body)
        full = size + length > pace.bytes or len(part) >= pace.statements
        if part and (full or (apart and part[0][0].deployment_id != claim.deployment_id)):
            yield part
            part, size = [], 0
        part.append((claim, text))
        size += length
    if part:
        yield part
