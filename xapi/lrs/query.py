"""Finding statements: one by its id, or pages of them by the filters of part 3, 2.1.3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from xapi.lrs.models import Mention, Reference, StoredStatement

MAX_PAGE: Final = 500
"""The most statements that one answer has."""

MAX_PAGE_SIZE: Final = 1024 * 1024
"""How many characters one answer has before it ends, in the middle of a page if need be."""

FEW: Final = 2000
"""Of so many new statements it pays to look at each, to know where they begin."""

_Question = Select[int, str, datetime]
"""A question for statements: their `seq`, body and time."""

_COLUMNS: Final = (StoredStatement.seq, StoredStatement.body, StoredStatement.stored)


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; keys are those of `xapi.lrs.mentions`."""

    agent: UUID | None = None
    verb: UUID | None = None
    activity: UUID | None = None
    registration: UUID | None = None
    since: datetime | None = None
    """Stored after this time."""
    until: datetime | None = None
    """Stored at or before this time."""
    related_agents: bool = False
    related_activities: bool = False
    authority: UUID | None = None
    """Only what this authority vouches for: the scope "read-mine"."""
    limit: int = 0
    """Statements on a page; 0 for as many as the store gives."""
    ascending: bool = False
    after: int | None = None
    """Continue after the statement with this `seq`, in the order of the answer."""

    @property
    def page(self) -> int:
        """Return how many statements a page has."""
        return min(self.limit, MAX_PAGE) or MAX_PAGE

    @property
    def filters(self) -> bool:
        """Say whether the query asks for more than a span of time."""
        return any((self.agent, self.verb, self.activity, self.registration))


class Row(NamedTuple):
    """A statement that was found: its place in the order of arrival, its JSON text, its time."""

    seq: int
    body: str
    stored: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A page of statements, and where the next page begins, if there is one."""

    rows: tuple[Row, ...]
    after: int | None

    @property
    def bodies(self) -> list[str]:
        """Return the statements as JSON texts."""
        return [row.body for row in self.rows]

    @property
    def newest(self) -> datetime | None:
        """Return when the statement that was stored last was stored; None of an empty page."""
        return max((row.stored for row in self.rows), default=None)

    def first(self, count: int) -> "Found":
        """Return a shorter page."""
        if count >= len(self.rows):
            return self
        return Found(self.rows[:count], self.rows[count - 1].seq)

    def by_time(self, *, ascending: bool) -> "Found":
        """Return the page in the order of times: of two at once the later one may arrive first."""
        order = sorted(self.rows, key=lambda row: row.stored, reverse=not ascending)
        return Found(tuple(order), self.after)


def get(
    session: Session,
    tenant: UUID,
    statement_id: UUID,
    *,
    voided: bool = False,
    authority: UUID | None = None,
) -> StoredStatement | None:
    """Return the tenant's statement with this id, or None.

    `voided` asks for a voided one, which is not found otherwise; `authority` limits it to what that
    authority vouches for.
    """
    asked = select(StoredStatement).where(
        StoredStatement.tenant == tenant,
        StoredStatement.statement_id == statement_id,
        StoredStatement.voided == voided,
    )
    if authority is not None:
        asked = asked.where(StoredStatement.authority == authority)
    return session.scalar(asked)


def find(session: Session, tenant: UUID, query: Query) -> Found:
    """Return one page of the tenant's statements in the order of their arrival, newest first.

    A statement about another statement is found where that one would be, voided or not; the span of
    time is its own (part 3, 2.1.3).
    """
    first = 0
    if query.filters and query.since is not None:
        begin = _begin(session, tenant, query, query.since)
        if begin is None:
            return Found((), None)
        first = begin
    parts = [_collect(session, _direct(tenant, query, first))]
    if query.filters:
        parts.append(_collect(session, _referring(tenant, query, first)))
    rows = {row.seq: row for part in parts for row in part.rows}
    # Beyond the point where one part was cut, the other one would leave gaps.
    ends = [part.end for part in parts if part.end is not None]
    order = sorted(rows, reverse=not query.ascending)
    if ends:
        end = min(ends) if query.ascending else max(ends)
        order = order[: order.index(end) + 1]
    page = order[: query.page]
    after = page[-1] if ends or len(order) > len(page) else None
    return Found(tuple(rows[seq] for seq in page), after)


def mentioning(
    session: Session, tenant: UUID, key: UUID, limit: int, authority: UUID | None = None
) -> list[str]:
    """Return the newest statements that mention somebody or something in whatever way."""
    asked = (
        select(StoredStatement.body)
        .select_from(Mention)
        .join(StoredStatement, StoredStatement.seq == Mention.seq)
        .where(
            _mentions(Mention, tenant, key, related=True),
            StoredStatement.tenant == tenant,
            StoredStatement.voided.is_(False),
        )
        .order_by(Mention.seq.desc())
        .limit(limit)
    )
    if authority is not None:
        asked = asked.where(StoredStatement.authority == authority)
    return list(session.scalars(asked))


@dataclass(frozen=True, slots=True)
class _Part:
    """Statements; and the `seq` of the last, if there may be more than was taken."""

    rows: list[Row]
    end: int | None


def _collect(session: Session, asked: _Question) -> _Part:
    """Take what the question finds, up to the size of a page."""
    rows: list[Row] = []
    size = 0
    with session.execute(asked.execution_options(yield_per=50)) as found:
        for seq, body, stored in found:
            rows.append(Row(seq, body, stored))
            size += len(body)
            if size > MAX_PAGE_SIZE:
                return _Part(rows, seq)
    return _Part(rows, None)


def _begin(session: Session, tenant: UUID, query: Query, since: datetime) -> int | None:
    """Return a `seq` before which nothing was stored after this time; None when nothing was.

    It is the very first; 0 when that does not matter, as the answer begins after it, or when there
    are many and the page will hardly come that far.
    """
    if query.ascending and query.after is not None:
        return 0
    new = (StoredStatement.tenant == tenant, StoredStatement.stored > since)
    # The order makes PostgreSQL use the index on times, whatever it believes of how many are new.
    asked = select(StoredStatement.seq).where(*new).order_by(StoredStatement.stored)
    few = session.scalars(asked.limit(FEW + 1)).all()
    if len(few) <= FEW:
        return min(few, default=None)
    if query.ascending:
        return session.scalar(select(func.min(StoredStatement.seq)).where(*new))
    return 0


def _direct(tenant: UUID, query: Query, first: int) -> _Question:
    """Ask for the statements that match themselves.

    The most telling key leads: SQLite then walks that key's mentions in order and stops at the
    page's end, and does not collect everything that has a common verb.
    """
    keys = _keys(query)
    asked = select(*_COLUMNS)
    order: InstrumentedAttribute[int] = StoredStatement.seq
    if keys:
        order = Mention.seq
        asked = asked.select_from(Mention).join(StoredStatement, StoredStatement.seq == Mention.seq)
        asked = asked.where(_mentions(Mention, tenant, *keys[0]))
    others = [_mentioned(tenant, order, *key) for key in keys[1:]]
    if first:
        others.append(order >= first)
    if query.registration:
        others.append(StoredStatement.registration == query.registration)
    return _cut(asked.where(*others), tenant, query, order)


def _referring(tenant: UUID, query: Query, first: int) -> _Question:
    """Ask for the statements that refer to statements that match."""
    target = aliased(StoredStatement)
    matching = [_mentioned(tenant, target.seq, *key) for key in _keys(query)]
    if query.registration:
        matching.append(target.registration == query.registration)
    if first:
        matching.append(Reference.source >= first)
    asked = (
        select(*_COLUMNS)
        .distinct()
        .join(Reference, and_(Reference.tenant == tenant, Reference.source == StoredStatement.seq))
        .join(target, and_(target.tenant == tenant, target.statement_id == Reference.target))
        .where(*matching)
    )
    return _cut(asked, tenant, query, StoredStatement.seq)


def _cut(
    asked: _Question, tenant: UUID, query: Query, order: InstrumentedAttribute[int]
) -> _Question:
    """Limit the question to the tenant, to what is not voided, to the span and to the page."""
    asked = asked.where(StoredStatement.tenant == tenant, StoredStatement.voided.is_(False))
    if query.authority is not None:
        asked = asked.where(StoredStatement.authority == query.authority)
    if query.since is not None:
        # No index on times where others lead: PostgreSQL, which knows nothing yet of the newest
        # statements, would look at each of them for each statement that the other index gives.
        stored = StoredStatement.stored
        asked = asked.where(
            (func.coalesce(stored, query.since) if query.filters else stored) > query.since
        )
    if query.until is not None:
        asked = asked.where(StoredStatement.stored <= query.until)
    if query.after is not None:
        asked = asked.where(order > query.after if query.ascending else order < query.after)
    # One more than the page tells whether there is a next one.
    return asked.order_by(order.asc() if query.ascending else order.desc()).limit(query.page + 1)


def _keys(query: Query) -> Sequence[tuple[UUID, bool]]:
    """Return the keys that are asked for, the rarest kind first, and whether related ones count."""
    asked = (
        (query.agent, query.related_agents),
        (query.activity, query.related_activities),
        (query.verb, False),
    )
    return [(key, related) for key, related in asked if key is not None]


def _mentioned(
    tenant: UUID, seq: InstrumentedAttribute[int], key: UUID, related: bool
) -> ColumnElement[bool]:
    other = aliased(Mention)
    return exists().where(other.seq == seq, _mentions(other, tenant, key, related))


def _mentions(mention: Any, tenant: UUID, key: UUID, related: bool) -> ColumnElement[bool]:
    found = and_(mention.tenant == tenant, mention.key == key)
    return found if related else and_(found, mention.direct.is_(True))
