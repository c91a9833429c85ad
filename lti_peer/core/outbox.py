"""Something to tell another system, written in the transaction of the change that it tells.

An item has a channel and a key. News of the same key replaces what has not been told yet and
raises the version; an item is told only in the version that was sent (security.md, fact 7). A
worker claims with a lease, sends with no transaction open, and settles. A worker that dies leaves
a lease that runs out, so every item is told at least once; the effect must be idempotent: a
statement has its own id, a grade its rising timestamp.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    ForeignKey,
    Index,
    Insert,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import bells, db
from lti_peer.core.db import Base, choice
from lti_peer.core.endpoints import OWN, RecordEndpoint, readers, wait_for_writers

LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
ERROR_LENGTH = 300


class Channel(StrEnum):
    """Which system an item is for."""

    AGS = "ags"
    XAPI = "xapi"


class Delivery(StrEnum):
    """How far an item is."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


class OutboxItem(Base):
    """One message for one channel."""

    __tablename__ = "outbox_item"
    __table_args__ = (
        UniqueConstraint("channel", "key", "endpoint_id"),
        Index("ix_outbox_item_due", "channel", "state", "endpoint_id", "due_at", "sequence"),
        Index(None, "deployment_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sequence: Mapped[datetime]
    """When it was put, by the database's clock: the order of sending."""
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    key: Mapped[str] = mapped_column(String(255))
    """What the news is about: a statement's id, a grade's id."""
    payload: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[Delivery] = mapped_column(choice(Delivery), default=Delivery.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    """Who sends it just now; a lease that is over shows as due."""
    batch: Mapped[UUID | None]
    """Sent together last time, and so again (xapi.md 3.1, sticky batches)."""
    last_error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]
    endpoint_id: Mapped[UUID] = mapped_column(default=OWN)
    """The record store that it is for; OWN, which is no row, for the tool's own, and for grades."""


@dataclass(frozen=True)
class Claim:
    """One claimed item, in the version that is to be sent."""

    id: UUID
    deployment_id: UUID
    key: str
    payload: dict[str, Any]
    version: int
    attempts: int
    batch: UUID | None
    lease: UUID | None = None
    """Whose claim it is: when it has run out and somebody else has claimed the item since, only
    the news that it was told still counts."""
    again: bool = False
    """Whether it may have been sent before, in this very batch."""


_CLAIMED = (
    OutboxItem.id,
    OutboxItem.deployment_id,
    OutboxItem.key,
    OutboxItem.payload,
    OutboxItem.version,
    OutboxItem.attempts,
    OutboxItem.batch,
)
"""What is read to claim an item: columns, because objects would be written one by one."""


@dataclass(frozen=True)
class Outcome:
    """What became of one item: told, refused for good, or to be tried again after a wait."""

    error: str = ""
    dead: bool = False
    wait: timedelta | None = None
    """How long the other side asked us to wait (Retry-After)."""
    blameless: bool = False
    """The other side was not there at all; the attempt does not count."""
    batch: UUID | None = None
    """The batch that it is sent with the next time, if that is another one."""


TOLD = Outcome()


def put(
    session: Session,
    deployment_id: UUID,
    channel: Channel,
    key: str,
    payload: Mapping[str, Any],
    kind: str = "",
) -> None:
    """Write the news, or replace what is older of the same key; the same statement is said once.

    `payload` must be JSON; `kind` is the kind of the activity that a statement is about, for the
    filters of endpoints. Nothing is committed; whoever commits wakes the worker
    (`session.info["news"]`).
    """
    moment = db.now(session)
    session.info["news"] = True
    news = {
        "deployment_id": deployment_id,
        "channel": channel,
        "key": key,
        "payload": dict(payload),
        "sequence": moment,
        "due_at": moment,
    }
    if channel is Channel.XAPI:
        _say_once(session, news, kind)
        return
    item = session.scalar(
        select(OutboxItem)
        .where(OutboxItem.channel == channel, OutboxItem.key == key)
        .with_for_update()
    )
    if item is None:
        session.add(OutboxItem(**news))
        return
    item.payload, item.version = dict(payload), item.version + 1
    item.state, item.attempts, item.due_at, item.lease = Delivery.PENDING, 0, moment, None
    item.last_error = ""


def claim(session: Session, channel: Channel, limit: int, endpoint: UUID = OWN) -> list[Claim]:
    """Return up to `limit` due items for an endpoint, oldest first, leased for a minute.

    Statements that were sent together come again together and alone: they share `batch`, so that
    a record store that has one of them is known to have them all (xapi.md 3.1).
    """
    moment, lease = db.now(session), uuid4()
    rows = session.execute(
        select(*_CLAIMED)
        .where(
            OutboxItem.channel == channel,
            OutboxItem.state == Delivery.PENDING,
            OutboxItem.endpoint_id == endpoint,
            OutboxItem.due_at <= moment,
        )
        .order_by(OutboxItem.due_at, OutboxItem.sequence, OutboxItem.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return []
    again, batch = rows[0].batch is not None, rows[0].batch
    if channel is Channel.XAPI:
        rows, batch = _together(rows, limit)
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.id.in_([r.id for r in rows]))
        .values(lease=lease, due_at=moment + LEASE, batch=batch)
        .execution_options(synchronize_session=False)
    )
    return [
        Claim(r.id, r.deployment_id, r.key, r.payload, r.version, r.attempts, batch, lease, again)
        for r in rows
    ]


def settle(session: Session, outcomes: Sequence[tuple[Claim, Outcome]]) -> None:
    """Write down what became of claimed items; one that has newer news stays due.

    A failure counts only while the lease is the claimer's own: a worker that slept past it must
    not undo what another has done since. What was told was told, whoever held the lease. Items
    that end alike are written by one UPDATE.
    """
    moment = db.now(session)
    alike: dict[tuple[int, UUID | None, tuple[Any, ...]], list[UUID]] = defaultdict(list)
    for claimed, outcome in outcomes:
        values = tuple(_settled(claimed, outcome, moment).items())
        alike[claimed.version, claimed.lease if outcome.error else None, values].append(claimed.id)
    for (version, lease, values), ids in alike.items():
        where = [OutboxItem.id.in_(ids), OutboxItem.version == version]
        if dict(values)["last_error"]:
            where.append(OutboxItem.lease == lease)
        session.execute(
            update(OutboxItem)
            .where(*where)
            .values(**dict(values))
            .execution_options(synchronize_session=False)
        )


def due(session: Session) -> list[RecordEndpoint]:
    """Return the active endpoints that something is due for, the tool's own left out, by name."""
    waits = exists().where(
        OutboxItem.channel == Channel.XAPI,
        OutboxItem.state == Delivery.PENDING,
        OutboxItem.endpoint_id == RecordEndpoint.id,
        OutboxItem.due_at <= db.now(session),
    )
    return list(
        session.scalars(
            select(RecordEndpoint).where(RecordEndpoint.active, waits).order_by(RecordEndpoint.name)
        )
    )


def backlog(session: Session) -> dict[tuple[Channel, Delivery], int]:
    """Return how many items there are for each channel and state."""
    rows = session.execute(
        select(OutboxItem.channel, OutboxItem.state, func.count()).group_by(
            OutboxItem.channel, OutboxItem.state
        )
    )
    return {(channel, state): count for channel, state, count in rows}


def drop(session: Session, endpoint: RecordEndpoint) -> int:
    """Remove an endpoint with all that was for it; return how many statements did not reach it.

    Whoever is about to write for it is waited for, so nothing is left behind.
    """
    wait_for_writers(session)
    waiting = by_endpoint(session)[endpoint.id][Delivery.PENDING]
    session.delete(endpoint)
    session.flush()
    session.execute(delete(OutboxItem).where(OutboxItem.endpoint_id == endpoint.id))
    return waiting


def by_endpoint(session: Session) -> dict[UUID, dict[str, int]]:
    """Return how many statements are `pending`, `sent` and `dead` for each endpoint, 0 included."""
    rows = session.execute(
        select(OutboxItem.endpoint_id, OutboxItem.state, func.count())
        .where(OutboxItem.channel == Channel.XAPI)
        .group_by(OutboxItem.endpoint_id, OutboxItem.state)
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Delivery, 0))
    for endpoint, state, count in rows:
        counts[endpoint][state.value] = count
    return counts


def lag(session: Session) -> timedelta:
    """Return how long the oldest pending item has waited; zero when nothing waits.

    What waits for an endpoint that somebody has paused waits on purpose, and does not count.
    """
    paused = select(RecordEndpoint.id).where(~RecordEndpoint.active)
    oldest = session.scalar(
        select(func.min(OutboxItem.sequence)).where(
            OutboxItem.state == Delivery.PENDING, OutboxItem.endpoint_id.not_in(paused)
        )
    )
    return db.now(session) - oldest if oldest else timedelta(0)


def problems(session: Session, limit: int = 20) -> list[dict[str, Any]]:
    """Return the sentences that items were refused with, most frequent first, with their count.

    Each has `channel`, `state`, `error` and `items`.
    """
    count = func.count().label("items")
    rows = session.execute(
        select(OutboxItem.channel, OutboxItem.state, OutboxItem.last_error, count)
        .where(OutboxItem.last_error != "")
        .group_by(OutboxItem.channel, OutboxItem.state, OutboxItem.last_error)
        .order_by(count.desc(), OutboxItem.last_error)
        .limit(limit)
    )
    return [
        {"channel": channel.value, "state": state.value, "error": error, "items": items}
        for channel, state, error, items in rows
    ]


def retry(session: Session, deployment_id: UUID | None = None) -> int:
    """Make every dead item due again, of one tenant or of all; return how many."""
    moment = db.now(session)
    session.info["news"] = True
    where = [OutboxItem.state == Delivery.DEAD]
    if deployment_id is not None:
        where.append(OutboxItem.deployment_id == deployment_id)
    result = session.execute(
        update(OutboxItem)
        .where(*where)
        .values(state=Delivery.PENDING, attempts=0, due_at=moment, batch=None, last_error="")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def _say_once(session: Session, news: dict[str, Any], kind: str) -> None:
    """Insert a statement for each store that is told of it, unless it is there already."""
    verb = news["payload"].get("verb")
    filtered = {"verb": verb.get("id", "") if isinstance(verb, dict) else "", "kind": kind}
    # Not the session's execute, which costs as much again.
    session.connection().execute(_fan_out(bells.on_postgres(session)), news | filtered)


@cache
def _fan_out(on_postgres: bool) -> Insert:
    """Return the INSERT of one statement for all its readers; to make it takes long."""
    table = cast("Table", OutboxItem.__table__)
    told = readers().subquery("reader")
    own_id = func.gen_random_uuid() if on_postgres else func.lower(func.hex(func.randomblob(16)))
    values = {
        "id": own_id,
        "endpoint_id": told.c.id,
        "version": literal(1),
        "state": literal(Delivery.PENDING, table.c.state.type),
        "attempts": literal(0),
        "last_error": literal(""),
        **{
            name: bindparam(name, type_=table.c[name].type)
            for name in ("deployment_id", "channel", "key", "payload", "sequence", "due_at")
        },
    }
    rows = select(*values.values()).select_from(told).where(true())
    insert = postgresql.insert(table) if on_postgres else sqlite.insert(table)
    return insert.from_select(list(values), rows).on_conflict_do_nothing()


def _together(rows: Sequence[Row[Any]], limit: int) -> tuple[list[Row[Any]], UUID]:
    """Return those of `rows` that are to be sent in one batch with the first, and the batch.

    Where the limit may have cut a batch that is now too large, its parts go their own ways for
    good: together, the last of them would not speak for the others any more.
    """
    batch: UUID | None = rows[0].batch
    alike = [row for row in rows if row.batch == batch]
    return alike, batch if batch and len(alike) < limit else uuid4()


def _settled(claimed: Claim, outcome: Outcome, moment: datetime) -> dict[str, Any]:
    error = outcome.error[:ERROR_LENGTH]
    if not error:
        return {
            "state": Delivery.SENT,
            "sent_at": moment,
            "last_error": "",
            "lease": None,
            "batch": None,
        }
    if outcome.dead:
        return {
            "state": Delivery.DEAD,
            "last_error": error,
            "lease": None,
            "attempts": claimed.attempts + 1,
        }
    attempts = claimed.attempts if outcome.blameless else claimed.attempts + 1
    return {
        "batch": outcome.batch or claimed.batch,
        "last_error": error,
        "lease": None,
        "attempts": attempts,
        "due_at": moment
        + (outcome.wait or backoff(claimed.attempts, str(claimed.batch or claimed.id))),
    }


def backoff(attempts: int, seed: str) -> timedelta:
    """Return the wait after the failed try number `attempts`, counted from 0.

    It is 0.5 to 1 s and doubles up to 15 minutes, spread so that many do not come back at once.
    The spread comes from `seed`, the same for the items of one batch, which come again together.
    """
    ceiling: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 20))
    dice = random.Random(f"{seed} {attempts}")  # noqa: S311 - spreads load, keeps no secret
    return ceiling * dice.uniform(0.5, 1.0)
