"""The report of a course: its activities side by side, counted in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Select,
    distinct,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lti_peer.core import queries
from lti_peer.core.models import Activity, ActivityState, Membership, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionState
from lti_peer.reports import drawings, heard
from lti_peer.reports.reads import FRUITLESS
from lti_peer.reports.shape import Column, Figure, Sort, Table, Value, capital, some
from xapi.lrs.mentions import activity_key
from xapi.lrs.models import Mention, StoredStatement
from xapi.vocabulary import COMPLETED, KINDS, LAUNCHED

KEY: Final = "activities"
"""The figure's name in addresses."""
STAGES: Final = {
    "opened": "Opened",
    "handed_in": "Handed in",
    "tasked": "Tasked",
    "reviewed": "Reviewed",
    "met": "Met",
    "rated": "Rated",
    "completed": "All done",
}
"""As `taking_part.stages` counts them, but for signing up."""

Counts = Mapping[UUID, Mapping[str, int]]


def figure(session: Session, visit: Visit) -> Figure:
    """Return the activities of the visit's course that have been opened, side by side."""
    found = activities(session, visit)
    learners = queries.learners(session, visit)
    keys = heard.keys(visit, learners)
    reached = people(session, visit, [one.id for one in found], keys)
    used = [key for key in STAGES if any(reached[one.id].get(key) for one in found)]
    table = _table(found, reached, used, amounts(session, visit), scores(session, visit))
    numbers = [str(number) for number in range(1, len(found) + 1)]
    title, whole = "Activities side by side", len(learners)
    cells = [
        [_cell(reached[one.id].get(key, 0), whole) for one in found] for key in used
    ] if whole else []  # fmt: skip
    return Figure(
        KEY, title, _sentence(found, reached, whole),
        f"Of {some(whole, 'active learner')}, how many did each thing at least once; the picture "
        "shows it in percent, each activity by its number in the table. "
        "Given: reviews that stand and meetings that were held. Words each: the mean of a review. "
        "Scores are the newest of each person. Opening and finishing are read from the "
        "statements in the tool's own record store.",
        people,
        table,
        drawings.grid(title, [STAGES[key] for key in used], numbers, cells)
        if used and whole else None,
    )  # fmt: skip


def _table(
    found: Sequence[Activity],
    reached: Counts,
    used: Sequence[str],
    work: Mapping[UUID, tuple[int, float | None]],
    marks: Mapping[UUID, Mapping[str, float]],
) -> Table:
    """Return a line for each activity; `used` are the stages that somebody reached in any."""
    components = sorted({component for mine in marks.values() for component in mine})
    rows: list[tuple[Value, ...]] = [
        (
            one.title, number, KINDS[one.kind].name if one.kind in KINDS else one.kind,
            *(reached[one.id].get(key, 0) for key in used), *work.get(one.id, (0, None)),
            *(marks[one.id].get(component) for component in components),
        )
        for number, one in enumerate(found, 1)
    ]  # fmt: skip
    columns = (
        Column("activity", "Activity", Sort.TEXT), Column("number", "No."),
        Column("kind", "Kind", Sort.TEXT),
        *(Column(key, STAGES[key]) for key in used), Column("given", "Given"),
        Column("words", "Words each", Sort.NUMBER),
        *(Column(f"score_{c}", f"Mean score: {c}", Sort.POINTS) for c in components),
    )  # fmt: skip
    return Table(columns, rows)


def activities(session: Session, visit: Visit) -> Sequence[Activity]:
    """Return the activities of the course that a course page shows, oldest first."""
    return session.scalars(
        select(Activity)
        .where(Activity.course_id == visit.course.id, Activity.state != ActivityState.DRAFT)
        .order_by(Activity.created_at, Activity.id)
    ).all()


def people(session: Session, visit: Visit, ids: Sequence[UUID], keys: Collection[UUID]) -> Counts:
    """Return how many active learners reached each stage, by activity and stage.

    `keys` are the learners as the record store knows them (`heard.keys`).
    """
    counted: dict[UUID, dict[str, int]] = defaultdict(dict)
    if not ids or not keys:
        return counted
    who = union_all(*_acted(visit)).subquery()
    learners = select(Membership.person_id).where(
        Membership.course_id == visit.course.id, Membership.role == Role.LEARNER, Membership.active
    )
    rows = session.execute(
        select(who.c.activity, who.c.stage, func.count(distinct(who.c.person)))
        .where(who.c.person.in_(learners))
        .group_by(who.c.activity, who.c.stage)
    )
    for activity, stage, count in rows:
        counted[activity][stage] = count
    for (activity, stage), count in _heard(session, visit, ids, keys).items():
        counted[activity][stage] = count
    return counted


def amounts(session: Session, visit: Visit) -> dict[UUID, tuple[int, float | None]]:
    """Return by activity how many reviews and meetings were given, and a review's mean words."""
    newer = aliased(Feedback)
    reviews = (
        select(Feedback.activity_id, func.count(), func.avg(Feedback.words))
        .where(
            Feedback.activity_id.in_(_here(visit)),
            Feedback.target == Target.SUBMISSION,
            ~select(newer.id).where(newer.replaces_id == Feedback.id).exists(),
        )
        .group_by(Feedback.activity_id)
    )
    held = (
        select(Meeting.activity_id, func.count(), literal(None))
        .where(Meeting.activity_id.in_(_here(visit)), Meeting.state == MeetingState.HELD)
        .group_by(Meeting.activity_id)
    )
    found: dict[UUID, tuple[int, float | None]] = {}
    for asked in (reviews, held):
        for activity, count, words in session.execute(asked):
            before, known = found.get(activity, (0, None))
            found[activity] = (before + count, known if words is None else float(words))
    return found


def scores(session: Session, visit: Visit) -> Mapping[UUID, Mapping[str, float]]:
    """Return the mean of the newest scores, 0 to 1, by activity and component."""
    last = func.max(Score.number).over(
        partition_by=(Score.activity_id, Score.person_id, Score.component)
    )
    numbered = (
        select(Score.activity_id, Score.component, Score.share, Score.number, last.label("last"))
        .where(Score.activity_id.in_(_here(visit)))
        .subquery()
    )
    rows = session.execute(
        select(numbered.c.activity_id, numbered.c.component, func.avg(numbered.c.share))
        .where(numbered.c.number == numbered.c.last)
        .group_by(numbered.c.activity_id, numbered.c.component)
    )
    found: dict[UUID, dict[str, float]] = defaultdict(dict)
    for activity, component, share in rows:
        found[activity][component] = share
    return found


def _acted(visit: Visit) -> list[Select[Any]]:
    """Return who did what by the shared tables: stage, activity, person."""
    here = _here(visit)
    work = (
        select(Submission.activity_id, Submission.author_id, Submission.state)
        .where(Submission.activity_id.in_(here))
        .cte("work")
    )
    said = (
        select(Feedback.activity_id, Feedback.author_id, Feedback.target)
        .where(Feedback.activity_id.in_(here))
        .distinct()
        .cte("said")
    )
    met = (
        select(Meeting.activity_id, AllocationMember.person_id)
        .join(AllocationMember, AllocationMember.allocation_id == Meeting.allocation_id)
        .where(Meeting.state == MeetingState.HELD, Meeting.activity_id.in_(here))
        .cte("met")
    )
    tasked = (
        _stage("tasked", Allocation.activity_id, AllocationMember.person_id)
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .where(
            Allocation.activity_id.in_(here),
            Allocation.state.not_in(FRUITLESS),
            AllocationMember.standing,
        )
    )
    wrote = said.c.activity_id, said.c.author_id
    return [
        *(_stage("opened", *one.c[:2]) for one in (work, said, met)),
        _stage("handed_in", *work.c[:2]).where(work.c.state == SubmissionState.SUBMITTED),
        tasked,
        _stage("reviewed", *wrote).where(said.c.target == Target.SUBMISSION),
        _stage("rated", *wrote).where(said.c.target.in_((Target.FEEDBACK, Target.PERSON))),
        _stage("met", *met.c[:2]),
    ]


def _heard(
    session: Session, visit: Visit, ids: Sequence[UUID], keys: Collection[UUID]
) -> dict[tuple[UUID, str], int]:
    """Return how many people opened and finished by the statements, by activity and stage.

    These are about the activity itself, so their mentions are marked.
    """
    there = {activity_key(f"{visit.base_url}/activities/{one}"): one for one in ids}
    stages = {LAUNCHED.id: "opened", COMPLETED.id: "completed"}
    rows = session.execute(
        select(Mention.key, StoredStatement.verb, func.count(distinct(StoredStatement.actor)))
        .join(StoredStatement, StoredStatement.seq == Mention.seq)
        .where(
            Mention.tenant == visit.deployment_id,
            Mention.key.in_(there),
            Mention.direct,
            StoredStatement.verb.in_(stages),
            StoredStatement.actor.in_(keys),
            StoredStatement.voided.is_(False),
        )
        .group_by(Mention.key, StoredStatement.verb)
    )
    return {(there[key], stages[verb]): count for key, verb, count in rows}


def _stage(name: str, activity: Any, person: Any) -> Select[Any]:
    return select(literal(name).label("stage"), activity.label("activity"), person.label("person"))


def _here(visit: Visit) -> Select[UUID]:
    return select(Activity.id).where(Activity.course_id == visit.course.id)


def _cell(count: int, whole: int) -> tuple[float, str]:
    return min(1.0, count / whole), f"{100 * count / whole:.0f}"


def _sentence(found: Sequence[Activity], reached: Counts, whole: int) -> str:
    """Return how many activities there are, and which was finished by the most."""
    if not found:
        return "The course has no activity of this tool yet."
    said = capital(f"{some(len(found), 'activity', 'activities')} for {some(whole, 'learner')}")
    best = max(found, key=lambda one: reached[one.id].get("completed", 0))
    done = reached[best.id].get("completed", 0)
    return f"{said}; most finished “{best.title}” ({done})." if done else f"{said}."
