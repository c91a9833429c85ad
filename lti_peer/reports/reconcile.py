"""Whether a record store has what the tool's tables say happened: counts, gaps, sending again.

Two comparisons. By metric, the rows of the shared tables against the statements of one verb: the
same numbers from the domain and from statements alone. By statement, what the outbox was given in
the transaction of each change against what the store has: each gap by its id.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.endpoints import OWN, RecordEndpoint
from lti_peer.core.models import Activity, ActivityState
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.peerwork.allocations import Allocation, AllocationMember
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.submissions import Submission, SubmissionVersion
from lti_peer.reports import changes, revised, standing, told
from lti_peer.reports.changes import Change
from lti_peer.reports.revised import Judged
from lti_peer.reports.told import Told
from xapi.lrs.mentions import activity_key
from xapi.lrs.models import Mention, StoredStatement
from xapi.vocabulary import RATED, REVIEWED, REVISED, SCORED, SUBMITTED, TAUGHT, WAS_ASSIGNED

Held = Mapping[UUID, Told]
"""The statements that a store has about one activity, by id."""
AT_ONCE = 500
"""Keys that one statement names."""

VERSIONS: Final = select(Submission.activity_id, func.count()).join(
    SubmissionVersion, SubmissionVersion.submission_id == Submission.id
)
METRICS: Final[Mapping[str, tuple[str, Select[UUID, int]]]] = {
    "works handed in, by version": (
        SUBMITTED.id,
        VERSIONS.where(SubmissionVersion.revision.is_(False)),
    ),
    "works revised, by version": (
        REVISED.id,
        VERSIONS.where(SubmissionVersion.revision.is_(True)),
    ),
    "reviews and partners given out": (
        WAS_ASSIGNED.id,
        select(Allocation.activity_id, func.count()).join(
            AllocationMember, AllocationMember.allocation_id == Allocation.id
        ),
    ),
    "reviews and second looks sent": (
        REVIEWED.id,
        select(Feedback.activity_id, func.count()).where(
            Feedback.target.in_((Target.SUBMISSION, Target.REVISION))
        ),
    ),
    "ratings given": (
        RATED.id,
        select(Feedback.activity_id, func.count()).where(
            Feedback.target.in_((Target.FEEDBACK, Target.PERSON))
        ),
    ),
    "meetings held": (
        TAUGHT.id,
        select(Meeting.activity_id, func.count()).where(Meeting.state == MeetingState.HELD),
    ),
}
"""What is counted in the tables, and the verb of the statement that each of them has."""


class Line(NamedTuple):
    """One metric of one activity, from the tables and from statements alone."""

    activity: UUID
    title: str
    metric: str
    domain: float
    statements: float


class Gap(NamedTuple):
    """One statement that is on one side alone."""

    statement: UUID
    kind: str
    """`missing`: sent, and not there; `refused`: given up; `unexpected`: there, and never sent."""
    verb: str
    activity: str
    """The activity's id, empty where the statement names none of ours."""


class Comparison(NamedTuple):
    """What came out for one tenant and one store."""

    lines: list[Line]
    gaps: list[Gap]
    waiting: int
    """Statements that are still on their way."""


def activities(session: Session, tenant: UUID) -> Sequence[Activity]:
    """Return the tenant's activities that people may have used, oldest first."""
    return session.scalars(
        select(Activity)
        .where(Activity.deployment_id == tenant, Activity.state != ActivityState.DRAFT)
        .order_by(Activity.created_at, Activity.id)
    ).all()


def embedded(session: Session, tenant: UUID, iri: str) -> dict[UUID, Told]:
    """Return what the embedded store has about an activity, by id."""
    rows = session.execute(
        select(StoredStatement.statement_id, *told.COLUMNS)
        .join(Mention, Mention.seq == StoredStatement.seq)
        .where(
            Mention.tenant == tenant,
            Mention.key == activity_key(iri),
            StoredStatement.voided.is_(False),
        )
    )
    return {one: Told(*row) for one, *row in rows}


def compare(
    session: Session,
    tenant: UUID,
    held: Mapping[UUID, Held],
    endpoint: RecordEndpoint | None = None,
) -> Comparison:
    """Compare the tenant's tables and outbox with what a store has, by activity.

    `held` has every activity of `activities`. An endpoint's filter leaves out what it is not told.
    """
    said = _said(session, tenant, endpoint.id if endpoint else OWN)
    have = {one for mine in held.values() for one in mine}
    lost = {one for one, state in said.items() if state is Delivery.SENT} - have
    dead = {one for one, state in said.items() if state is Delivery.DEAD} - have
    store = endpoint.id if endpoint else OWN
    gaps = [
        *_told(session, store, lost, "missing"),
        *_told(session, store, dead, "refused"),
        *(
            Gap(one, "unexpected", said_there.verb, str(activity))
            for activity, mine in held.items()
            for one, said_there in mine.items()
            if one not in said
        ),
    ]
    waiting = sum(state is Delivery.PENDING and one not in have for one, state in said.items())
    return Comparison(_lines(session, tenant, held, endpoint), gaps, waiting)


def resend(session: Session, gaps: Collection[Gap], endpoint: UUID = OWN) -> int:
    """Put what is missing back into the outbox; return how many.

    What was refused is not sent again: it would be refused again, and is mended first.
    """
    ids = [str(gap.statement) for gap in gaps if gap.kind == "missing"]
    fresh = {"state": Delivery.PENDING, "attempts": 0, "due_at": db.now(session), "batch": None}
    session.info["news"] = True
    count = 0
    for some in batched_keys(ids):
        result = session.execute(
            update(OutboxItem)
            .where(
                OutboxItem.channel == Channel.XAPI,
                OutboxItem.endpoint_id == endpoint,
                OutboxItem.key.in_(some),
                OutboxItem.state == Delivery.SENT,
            )
            .values(fresh)
            .execution_options(synchronize_session=False)
        )
        count += int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows
    return count


def batched_keys(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give the keys in parts that one statement may name."""
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _said(session: Session, tenant: UUID, endpoint: UUID) -> dict[UUID, Delivery]:
    """Return every statement that the tenant's acts put into the outbox, and how far it is."""
    rows = session.execute(
        select(OutboxItem.key, OutboxItem.state).where(
            OutboxItem.deployment_id == tenant,
            OutboxItem.channel == Channel.XAPI,
            OutboxItem.endpoint_id == endpoint,
        )
    )
    return {UUID(key): state for key, state in rows}


def _told(session: Session, endpoint: UUID, ids: Collection[UUID], kind: str) -> Iterator[Gap]:
    """Give a gap for each of these statements, with what the outbox knows of it."""
    for some in batched_keys(sorted(map(str, ids))):
        rows = session.execute(
            select(OutboxItem.key, OutboxItem.payload).where(
                OutboxItem.channel == Channel.XAPI,
                OutboxItem.endpoint_id == endpoint,
                OutboxItem.key.in_(some),
            )
        )
        for key, payload in rows:
            yield Gap(UUID(key), kind, payload["verb"]["id"], _activity_of(payload))


def _activity_of(payload: Mapping[str, Any]) -> str:
    """Return the id at the end of the activity's address: the parent, or what it is about."""
    parents = payload.get("context", {}).get("contextActivities", {}).get("parent", [])
    address = (parents or [payload["object"]])[0].get("id", "")
    return str(address).rpartition("/activities/")[2]


def _lines(
    session: Session, tenant: UUID, held: Mapping[UUID, Held], endpoint: RecordEndpoint | None
) -> list[Line]:
    """Return every metric that is not 0 on both sides, by activity in the order of their age."""
    heard = [
        one
        for one in activities(session, tenant)
        if endpoint is None or not endpoint.kinds or f" {one.kind} " in endpoint.kinds
    ]
    counted = {one.id: Counter(said.verb for said in held[one.id].values()) for one in heard}
    lines = []
    for metric, (verb, asked) in METRICS.items():
        if endpoint is not None and endpoint.verbs and f" {verb} " not in endpoint.verbs:
            continue
        column = asked.selected_columns[0]
        rows = session.execute(asked.where(column.in_(counted)).group_by(column))
        domain: dict[UUID, int] = {activity: count for activity, count in rows}  # noqa: C416 - a Row is not a pair to mypy
        lines += [
            Line(one.id, one.title, metric, domain.get(one.id, 0), counted[one.id][verb])
            for one in heard
            if domain.get(one.id) or counted[one.id][verb]
        ]
    if endpoint is None or not endpoint.verbs or f" {SCORED.id} " in endpoint.verbs:
        lines += _later(session, heard, held)
    if endpoint is None or not endpoint.verbs or f" {REVIEWED.id} " in endpoint.verbs:
        lines += _revised(session, heard, held)
    order = {one.id: place for place, one in enumerate(heard)}
    return sorted(lines, key=lambda line: order[line.activity])


def _later(
    session: Session, heard: Sequence[Activity], held: Mapping[UUID, Held]
) -> Iterator[Line]:
    """Give how scores differ from each activity to the next one of its kind, from both sides."""
    pairs = [
        (before, after)
        for before, after in changes.following(
            changes.placed(session, Activity.id.in_([one.id for one in heard]))
        )
        if before.released and after.released
    ]
    found = standing.scores(session, [UUID(one.id) for pair in pairs for one in pair])
    known = {one: changes.of_work(found, one) for one in found}
    said = {one.hex: told.newest_scores(mine.values()) for one, mine in held.items()}
    for before, after in pairs:
        if not known.get(before.id) or not known.get(after.id):
            continue  # a kind without a score of work, which alone is compared
        tables, statements = (
            changes.compare(side.get(before.id, {}), side.get(after.id, {}))
            for side in (known, said)
        )
        yield from _compared(UUID(before.id), before.title, "the next activity", tables, statements)


def _revised(
    session: Session, heard: Sequence[Activity], held: Mapping[UUID, Held]
) -> Iterator[Line]:
    """Give how works changed from draft to final, from both sides."""
    known = revised.shares(session, [one.id for one in heard])
    for one in heard:
        said = changes.compare(*told.drafts_and_finals(held[one.id].values()))
        tables = known.get(one.id.hex, Judged()).change
        if tables.people or said.people:
            yield from _compared(one.id, one.title, "the revision", tables, said)


def _compared(
    activity: UUID, title: str, to: str, tables: Change, statements: Change
) -> Iterator[Line]:
    """Give a line for how many are compared, and one for how much they differ on average."""
    sides = (tables, statements)
    yield Line(activity, title, f"compared with {to}", *(one.people for one in sides))
    points = (round(100 * (one.mean or 0), 6) for one in sides)
    yield Line(activity, title, f"change to {to}, in points of 100", *points)
