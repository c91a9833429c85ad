"""Taking statements in: whole batches or nothing, an id once, voiding, references.

Functions take the caller's session and never commit: a host can store a statement in the same
transaction as the change that it tells of. When one raises, the caller rolls back.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from xapi.lrs import definitions
from xapi.lrs.mentions import Mentions, agent_key, deed_key, find_mentions
from xapi.lrs.models import Mention, Reference, StoredStatement
from xapi.lrs.upsert import insert_new
from xapi.sameness import digest, equivalent
from xapi.statement import StatementJson, Version, instant
from xapi.validate import Fault, check_batch
from xapi.validation.formats import parse_time
from xapi.vocabulary import VOIDED


class InvalidStatements(Exception):
    """At least one statement breaks the specification; `faults` says which and how."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the first one is the message."""
        super().__init__(str(faults[0]))
        self.faults = tuple(faults)


class IdTaken(Exception):
    """Another statement is stored under an id of the batch; `ids` says which ones."""

    def __init__(self, ids: Iterable[UUID]) -> None:
        """Keep the ids."""
        self.ids = tuple(ids)
        super().__init__("Another statement is stored under " + ", ".join(map(str, self.ids)))


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A statement on its way in: its id, what makes it the same, and what it will be."""

    id: UUID
    digest: bytes
    statement: StatementJson
    given: StatementJson
    version: Version


def store(
    session: Session,
    tenant: UUID,
    statements: Sequence[StatementJson],
    authority: dict[str, Any],
    now: datetime,
    version: Version = "1.0.3",
) -> list[UUID]:
    """Store the statements, all or none, and return their ids in their order.

    A statement without an id gets one. One that is stored already, and is the same, stays as it is.
    `authority` is the Agent that vouches for them, in place of whatever they say. What was given is
    not altered.

    Raises InvalidStatements, or IdTaken when an id belongs to another statement.
    """
    judge(statements, version)
    return keep(session, tenant, statements, authority, now, version)


def judge(statements: Sequence[Any], version: Version = "1.0.3") -> None:
    """Raise InvalidStatements when JSON values are no valid batch of the version."""
    if faults := check_batch(statements, version):
        raise InvalidStatements(faults)


def keep(
    session: Session,
    tenant: UUID,
    statements: Sequence[StatementJson],
    authority: dict[str, Any],
    now: datetime,
    version: Version,
) -> list[UUID]:
    """Do as `store` does with statements that were judged; raises IdTaken."""
    # In the store's times as in the statement's, or "until" would miss what it names.
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    incoming = [_complete(one, authority, now, version) for one in statements]
    known = _digests(session, tenant, [one.id for one in incoming])
    _refuse_others(session, tenant, incoming, known)
    fresh = [one for one in incoming if one.id not in known]
    if fresh:
        _insert(session, tenant, fresh, now)
    return [one.id for one in incoming]


def count(session: Session, tenant: UUID) -> int:
    """Return how many statements the tenant has, voided ones included."""
    found = session.scalar(
        select(func.count()).select_from(StoredStatement).where(StoredStatement.tenant == tenant)
    )
    return found or 0


def _complete(
    given: StatementJson, authority: dict[str, Any], now: datetime, version: Version
) -> _Incoming:
    """Add what a record store adds (part 2, 2.4.7 to 2.4.10), the given statement untouched."""
    stored = instant(now)
    own_id = UUID(given["id"]) if "id" in given else uuid4()
    statement = {
        "id": str(own_id),
        "timestamp": stored,
        "version": "1.0.0" if version == "1.0.3" else version,
        **given,
        "stored": stored,
        "authority": authority,
    }
    statement["id"] = str(own_id)
    _normalise(statement, version)
    thing = statement["object"]
    if thing.get("objectType") == "SubStatement":
        statement["object"] = dict(thing)
        _normalise(statement["object"], version)
    return _Incoming(own_id, digest(given), statement, given, version)


def _normalise(statement: StatementJson, version: Version) -> None:
    """Write what the store writes in one way: context activities, and in 2.0.0 times."""
    _list_context_activities(statement)
    if version == "2.0.0" and "timestamp" in statement:
        # IEEE 9274.1.1, 4.2.7: the store turns times into UTC. None loses what is finer.
        at = parse_time(statement["timestamp"])
        digits = "microseconds" if at.microsecond % 1000 else "milliseconds"
        statement["timestamp"] = at.isoformat(timespec=digits).replace("+00:00", "Z")


def _list_context_activities(statement: StatementJson) -> None:
    """Return a single context activity as an array of one (part 2, 2.4.6.2)."""
    activities = statement.get("context", {}).get("contextActivities")
    if activities and not all(isinstance(given, list) for given in activities.values()):
        statement["context"] = {
            **statement["context"],
            "contextActivities": {
                relation: given if isinstance(given, list) else [given]
                for relation, given in activities.items()
            },
        }


def _digests(session: Session, tenant: UUID, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    rows = session.execute(
        select(StoredStatement.statement_id, StoredStatement.digest).where(
            StoredStatement.tenant == tenant, StoredStatement.statement_id.in_(ids)
        )
    )
    return {row.statement_id: row.digest for row in rows}


def _refuse_others(
    session: Session, tenant: UUID, incoming: Sequence[_Incoming], known: Mapping[UUID, bytes]
) -> None:
    """Raise IdTaken for those that are not what is stored under their ids.

    Few differ at first sight, and fewer still turn out to be the same.
    """
    differing = {one.id: one for one in incoming if known.get(one.id, one.digest) != one.digest}
    rows = session.execute(
        select(StoredStatement.statement_id, StoredStatement.body).where(
            StoredStatement.tenant == tenant, StoredStatement.statement_id.in_(differing)
        )
    )
    for row in rows if differing else ():
        one = differing[row.statement_id]
        if equivalent(json.loads(row.body), one.given, one.version):
            del differing[row.statement_id]
    if differing:
        raise IdTaken(differing)


def _insert(session: Session, tenant: UUID, fresh: Sequence[_Incoming], now: datetime) -> None:
    mentions = {one.id: find_mentions(one.statement) for one in fresh}
    rows = [_row(tenant, one, now) for one in fresh]
    adding = insert_new(session, StoredStatement, "seq", "statement_id")
    seqs = {row.statement_id: row.seq for row in session.execute(adding, rows)}
    if len(seqs) < len(fresh):
        # Another transaction was faster with the same id; PostgreSQL waited for it to end.
        missing = [one for one in fresh if one.id not in seqs]
        there = _digests(session, tenant, [one.id for one in missing])
        _refuse_others(session, tenant, missing, there)
    _insert_mentions(session, tenant, {seqs[key]: mentions[key] for key in seqs})
    added = [row for row in rows if row["statement_id"] in seqs]
    for row in added:
        if row["target"] is not None:
            _refer(session, tenant, row, seqs[row["statement_id"]])
    _void(session, tenant, added)
    definitions.learn(session, tenant, [one.statement for one in fresh if one.id in seqs])


def _row(tenant: UUID, one: _Incoming, now: datetime) -> dict[str, Any]:
    statement = one.statement
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    context = statement.get("context", {})
    registration = context.get("registration")
    parents = context.get("contextActivities", {}).get("parent")
    verb, about = statement["verb"]["id"], thing["id"] if kind == "Activity" else None
    parent = parents[0]["id"] if parents else None
    within = parent or about
    return {
        "tenant": tenant,
        "statement_id": one.id,
        "stored": now,
        "happened": parse_time(statement["timestamp"]),
        "verb": verb,
        "actor": agent_key(statement["actor"]),
        "thing": about,
        "parent": parent,
        "registration": UUID(registration) if registration else None,
        "scaled": statement.get("result", {}).get("score", {}).get("scaled"),
        "target": UUID(thing["id"]) if kind == "StatementRef" else None,
        "authority": agent_key(statement["authority"]),
        "voided": False,
        "digest": one.digest,
        "body": json.dumps(statement, separators=(",", ":")),
        "deed": deed_key(verb, within) if within else None,
    }


def _insert_mentions(session: Session, tenant: UUID, mentions: Mapping[int, Mentions]) -> None:
    rows = [
        {"tenant": tenant, "key": key, "seq": seq, "direct": direct}
        for seq, keys in mentions.items()
        for key, direct in keys.items()
    ]
    if rows:
        session.execute(insert_new(session, Mention), rows)


def _refer(session: Session, tenant: UUID, row: Mapping[str, Any], seq: int) -> None:
    """Note what the statement refers to, and what refers to it, through any number of others."""
    onwards = session.scalars(
        select(Reference.target)
        .join(
            StoredStatement,
            (StoredStatement.seq == Reference.source) & (StoredStatement.tenant == tenant),
        )
        .where(Reference.tenant == tenant, StoredStatement.statement_id == row["target"])
    )
    targets = {row["target"], *onwards}
    backwards = session.scalars(
        select(Reference.source).where(
            Reference.tenant == tenant, Reference.target == row["statement_id"]
        )
    )
    sources = {seq, *backwards}
    pairs = [
        {"tenant": tenant, "target": target, "source": source}
        for target in targets
        for source in sources
    ]
    session.execute(insert_new(session, Reference), pairs)


def _void(session: Session, tenant: UUID, added: Sequence[Mapping[str, Any]]) -> None:
    """Void what the new statements void, and those of them that were voided before they came.

    A voiding statement cannot be voided (part 2, 2.3.2): it is stored and has no effect.
    """
    targets = {row["target"] for row in added if row["verb"] == VOIDED.id}
    targets.update(
        session.scalars(
            select(StoredStatement.target).where(
                StoredStatement.tenant == tenant,
                StoredStatement.verb == VOIDED.id,
                StoredStatement.target.in_([row["statement_id"] for row in added]),
            )
        )
    )
    if targets:
        session.execute(
            update(StoredStatement)
            .where(
                StoredStatement.tenant == tenant,
                StoredStatement.statement_id.in_(targets),
                StoredStatement.verb != VOIDED.id,
            )
            .values(voided=True)
            .execution_options(synchronize_session=False)
        )
