"""Getting one batch across: what was stored, what never will be, what has to wait.

A record store takes a batch whole or not at all (XAPI-00326, XAPI-00328). A batch that comes a
second time, because the first answer was lost, is a conflict for a strict store: one look at its
last statement tells that all of it is there, since parts are only ever sent in their order. A batch
that is refused is halved until the culprits stand alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from xapi.client import Conflict, DeliveryError, Refused, TooLarge, Unauthorised
from xapi.sameness import digest
from xapi.statement import StatementJson, serialise

Send = Callable[[Sequence[str]], None]
"""Sends a batch of JSON texts, as `RecordStore.send`."""

Fetch = Callable[[UUID], StatementJson | None]
"""Finds a statement by its id, as `RecordStore.fetch`."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement as it is sent: its id and its final text."""

    id: UUID
    body: str
    again: bool = True
    """Whether it may have been sent before, and then with the others of its batch. One that comes
    for the first time says nothing of them, and they nothing of it."""


class Fate(StrEnum):
    """What became of a statement."""

    DELIVERED = "delivered"
    DEAD = "dead"
    """The store will never take it as it is."""
    PENDING = "pending"
    """Unknown, or not tried: send it again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one statement, and for a dead one the reason."""

    id: UUID
    fate: Fate
    reason: str = ""
    piece: int = 0
    """Which piece of the batch a pending one belongs to; pieces are best sent again apart, so that
    a search for culprits goes on where it was stopped."""


@dataclass(slots=True)
class Delivery:
    """The fates of a batch's statements in its order, and what stopped it, if something did."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: DeliveryError | None = None
    """Unauthorised or Unavailable: what is pending waits for that."""
    too_large: bool = False
    """Whether the store said that a part was more than it takes at once."""
    pieces: int = 0
    """Into how many pieces the pending ones fall."""

    def leave(self, batch: Sequence[Sealed]) -> None:
        """Note that a piece is pending."""
        self.outcomes += [Outcome(one.id, Fate.PENDING, piece=self.pieces) for one in batch]
        self.pieces += 1


def seal(statement: StatementJson, *, again: bool = True) -> Sealed:
    """Return the statement, which has an id, as it is sent from now on; `again` as in Sealed."""
    return Sealed(UUID(statement["id"]), serialise(statement), again)


def deliver(send: Send, fetch: Fetch, batch: Sequence[Sealed]) -> Delivery:
    """Send the batch and return what became of each of its statements; raises nothing of its own.

    The batch must have the same statements in the same order whenever it is sent again, less those
    whose fate is known. A sender that dies may send it again: nothing is lost or doubled. If it
    dies between the last request for a batch with culprits and its caller's writing down, and the
    store looks at ids before it looks for faults, then the culprits pass for delivered.
    """
    delivery = Delivery()
    _deliver(send, fetch, batch, delivery)
    return delivery


def _deliver(
    send: Send, fetch: Fetch, batch: Sequence[Sealed], delivery: Delivery, *, bad: bool = False
) -> None:
    """Deliver the batch, or what can be of it; `bad` when a culprit is known to be in it."""
    if delivery.stopped is not None:
        delivery.leave(batch)
        return
    if bad and len(batch) > 1:
        _halve(send, fetch, batch, delivery, blame=True)
        return
    try:
        known = _send(send, fetch, batch)
    except (Conflict, Refused) as refusal:
        large = isinstance(refusal, TooLarge)
        delivery.too_large |= large
        if len(batch) == 1:
            delivery.outcomes.append(Outcome(batch[0].id, Fate.DEAD, str(refusal)))
            return
        _halve(send, fetch, batch, delivery, blame=not large)
    except DeliveryError as failure:
        delivery.stopped = failure
        delivery.leave(batch)
    else:
        delivery.outcomes += [Outcome(one.id, Fate.DELIVERED, known) for one in batch]


def _halve(
    send: Send, fetch: Fetch, batch: Sequence[Sealed], delivery: Delivery, *, blame: bool
) -> None:
    """Deliver both halves; with `blame` the second has the culprit if the first has none."""
    middle, before = len(batch) // 2, len(delivery.outcomes)
    _deliver(send, fetch, batch[:middle], delivery)
    clean = all(one.fate is Fate.DELIVERED for one in delivery.outcomes[before:])
    _deliver(send, fetch, batch[middle:], delivery, bad=blame and clean)


def _send(send: Send, fetch: Fetch, batch: Sequence[Sealed]) -> str:
    """Return when the store has the batch; raises the DeliveryError that says why it has not."""
    try:
        send([one.body for one in batch])
    except Conflict:
        alone = len(batch) == 1
        together = alone or all(one.again for one in batch)
        if not together or not _is_there(fetch, batch[-1], alone=alone):
            raise
        return "It was there already."
    return ""


def _is_there(fetch: Fetch, one: Sealed, *, alone: bool) -> bool:
    """Say whether the store has this very statement."""
    try:
        found = fetch(one.id)
    except Unauthorised:
        # A key that only writes. Ids come from what happened, so who has it has it from us; in a
        # larger batch, others may still be missing.
        return alone
    return found is not None and _same(found, json.loads(one.body))


def _same(found: StatementJson, sent: StatementJson) -> bool:
    if "timestamp" not in sent and "timestamp" in found:
        sent["timestamp"] = found["timestamp"]
    try:
        return digest(found) == digest(sent)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False  # what the store returned is no valid statement
