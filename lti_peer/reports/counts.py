"""How many did what in several activities, counted in the database from indexes alone.

Whoever did a thing often is one entry first (DISTINCT, in the order of an index) and one person
then: to count distinct people at once takes SQLite several times as long.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, distinct, func, literal, select, union, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lti_peer.core.models import Membership, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.scores import Score, is_newest
from lti_peer.peerwork.submissions import Submission, SubmissionState
from lti_peer.reports.choice import EVERYTHING, Choice
from xapi.lrs.mentions import deed_key
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import COMPLETED, LAUNCHED

Counts = Mapping[UUID, Mapping[str, int]]
"""How many people, by activity and stage."""


def people(
    session: Session,
    visit: Visit,
    ids: Sequence[UUID],
    keys: Collection[UUID],
    choice: Choice = EVERYTHING,
) -> Counts:
    """Return how many active learners of the course reached each stage of these activities.

    `keys` are the learners as the record store knows them (`heard.known_as`). Who did anything has
    opened an activity of which no statement says so.
    """
    counted: dict[UUID, dict[str, int]] = defaultdict(dict)
    if not ids or not keys:
        return counted
    for (activity, stage), count in _heard(session, visit, ids, keys, choice).items():
        counted[activity][stage] = count
    told = {one for one in ids if "opened" in counted[one]}
    silent = [one for one in ids if one not in told]
    asked = _acted(ids, choice)
    if silent:
        asked["opened"] = _anything(silent, choice)
    for stage, activity, count in session.execute(
        union_all(*(_count(visit, stage, who) for stage, who in asked.items()))
    ):
        counted[activity][stage] = count
    return counted


def amounts(
    session: Session, ids: Sequence[UUID], choice: Choice = EVERYTHING
) -> dict[UUID, tuple[int, float | None]]:
    """Return by activity how many reviews and meetings were given, and a review's mean words."""
    found = reviews(session, ids, Feedback.activity_id, choice)
    for activity, held in session.execute(_held(ids, choice)):
        many, mean = found.get(activity, (0, None))
        found[activity] = (many + held, mean)
    return found


def reviews(
    session: Session,
    ids: Sequence[UUID],
    by: InstrumentedAttribute[UUID],
    choice: Choice = EVERYTHING,
) -> dict[UUID, tuple[int, float | None]]:
    """Return how many reviews stand and their mean words, by a column of feedback.

    What was replaced is taken off again: most of it never is, so that is quicker than to look for
    a successor of each review.
    """
    sums: dict[UUID, tuple[int, int]] = {}
    for asked, sign in ((_said(ids, by, choice), 1), (_replaced(ids, by, choice), -1)):
        for key, many, words in session.execute(asked):
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + sign * many, before[1] + sign * words)
    return {key: (many, words / many if many else None) for key, (many, words) in sums.items()}


def mean_scores(
    session: Session,
    ids: Sequence[UUID],
    by: InstrumentedAttribute[UUID],
    choice: Choice = EVERYTHING,
) -> Mapping[UUID, Mapping[str, float]]:
    """Return the mean of the newest scores, 0 to 1, by a column of scores and by component."""
    rows = session.execute(
        select(by, Score.component, func.avg(Score.share))
        .where(
            Score.activity_id.in_(ids),
            *choice.by(Score.person_id),
            *choice.before(Score.at),
            is_newest(choice.until),
        )
        .group_by(by, Score.component)
    )
    found: dict[UUID, dict[str, float]] = defaultdict(dict)
    for key, component, share in rows:
        found[key][component] = share
    return found


def works(session: Session, ids: Sequence[UUID], choice: Choice = EVERYTHING) -> Mapping[UUID, int]:
    """Return how many works that stand each person handed in."""
    rows = session.execute(
        _works(ids, choice)
        .with_only_columns(Submission.author_id, func.count())
        .where(Submission.state == SubmissionState.SUBMITTED)
        .group_by(Submission.author_id)
    )
    return {person: many for person, many in rows}  # noqa: C416 - a Row is not a pair to mypy


def _count(visit: Visit, stage: str, who: Select[UUID, UUID]) -> Select[str, UUID, int]:
    """Return how many active learners of the course are among activity and person."""
    once = who.distinct().subquery()
    activity, person = once.c
    learners = select(Membership.person_id).where(
        Membership.course_id == visit.course.id, Membership.role == Role.LEARNER, Membership.active
    )
    return (
        select(literal(stage), activity, func.count())
        .where(person.in_(learners))
        .group_by(activity)
    )


def _acted(ids: Sequence[UUID], choice: Choice) -> dict[str, Select[UUID, UUID]]:
    """Return who did what by the shared tables: activity and person, by stage.

    A part that stands is one of an allocation that is live or completed.
    """
    tasked = select(AllocationMember.activity_id, AllocationMember.person_id).where(
        AllocationMember.activity_id.in_(ids),
        AllocationMember.standing.is_(True),
        *choice.by(AllocationMember.person_id),
    )
    if days := choice.during(Allocation.at):
        tasked = tasked.join(Allocation, Allocation.id == AllocationMember.allocation_id).where(
            *days
        )
    return {
        "handed_in": _works(ids, choice).where(Submission.state == SubmissionState.SUBMITTED),
        "tasked": tasked,
        "reviewed": _spoke(ids, choice).where(Feedback.target == Target.SUBMISSION),
        "met": _met(ids, choice),
        "revised": _revised(ids, choice),
        "rated": _spoke(ids, choice).where(Feedback.target.in_((Target.FEEDBACK, Target.PERSON))),
    }


def _anything(ids: Sequence[UUID], choice: Choice) -> Select[UUID, UUID]:
    """Return who handed in, said or met anything."""
    did = union(_works(ids, choice), _spoke(ids, choice), _met(ids, choice)).subquery()
    found: Select[UUID, UUID] = select(*did.c)
    return found


def _works(ids: Sequence[UUID], choice: Choice) -> Select[UUID, UUID]:
    return select(Submission.activity_id, Submission.author_id).where(
        Submission.activity_id.in_(ids),
        *choice.by(Submission.author_id),
        *choice.during(Submission.first_at),
    )


def _revised(ids: Sequence[UUID], choice: Choice) -> Select[UUID, UUID]:
    return select(Submission.activity_id, Submission.author_id).where(
        Submission.activity_id.in_(ids),
        Submission.revised_at.is_not(None),
        Submission.state == SubmissionState.SUBMITTED,
        *choice.by(Submission.author_id),
        *choice.during(Submission.revised_at),
    )


def _spoke(ids: Sequence[UUID], choice: Choice) -> Select[UUID, UUID]:
    return select(Feedback.activity_id, Feedback.author_id).where(
        Feedback.activity_id.in_(ids),
        *choice.by(Feedback.author_id),
        *choice.during(Feedback.at),
    )


def _met(ids: Sequence[UUID], choice: Choice) -> Select[UUID, UUID]:
    return (
        select(Meeting.activity_id, AllocationMember.person_id)
        .join(AllocationMember, AllocationMember.allocation_id == Meeting.allocation_id)
        .where(
            Meeting.activity_id.in_(ids),
            Meeting.state == MeetingState.HELD,
            *choice.by(AllocationMember.person_id),
            *choice.during(Meeting.starts_at),
        )
    )


def _said(
    ids: Sequence[UUID], by: InstrumentedAttribute[UUID], choice: Choice
) -> Select[UUID, int, int]:
    """Return the reviews and their words, those included that have been replaced."""
    return (
        select(by, func.count(), func.sum(Feedback.words))
        .where(
            Feedback.activity_id.in_(ids),
            Feedback.target == Target.SUBMISSION,
            *choice.by(Feedback.author_id),
            *choice.during(Feedback.at),
        )
        .group_by(by)
    )


def _replaced(
    ids: Sequence[UUID], by: InstrumentedAttribute[UUID], choice: Choice
) -> Select[UUID, int, int]:
    newer = aliased(Feedback)
    return (
        select(by, func.count(), func.sum(Feedback.words))
        .join(newer, newer.replaces_id == Feedback.id)
        .where(
            newer.activity_id.in_(ids),
            newer.target == Target.SUBMISSION,
            newer.replaces_id.is_not(None),
            *choice.before(newer.at),
            *choice.by(Feedback.author_id),
            *choice.during(Feedback.at),
        )
        .group_by(by)
    )


def _held(ids: Sequence[UUID], choice: Choice) -> Select[UUID, int]:
    """Return the meetings that were held; of a group, those in which one of it was."""
    held = select(Meeting.activity_id, func.count()).where(
        Meeting.activity_id.in_(ids),
        Meeting.state == MeetingState.HELD,
        *choice.during(Meeting.starts_at),
    )
    if choice.group is not None:
        there = select(AllocationMember.allocation_id).where(*choice.by(AllocationMember.person_id))
        held = held.where(Meeting.allocation_id.in_(there))
    return held.group_by(Meeting.activity_id)


def _heard(
    session: Session,
    visit: Visit,
    ids: Sequence[UUID],
    keys: Collection[UUID],
    choice: Choice,
) -> dict[tuple[UUID, str], int]:
    """Return how many people opened and finished by the statements, by activity and stage."""
    there = {
        deed_key(verb.id, f"{visit.base_url}/activities/{one}"): (one, stage)
        for one in ids
        for verb, stage in ((LAUNCHED, "opened"), (COMPLETED, "completed"))
    }
    rows = session.execute(
        select(StoredStatement.deed, func.count(distinct(StoredStatement.actor)))
        .where(
            StoredStatement.tenant == visit.deployment_id,
            StoredStatement.deed.in_(there),
            StoredStatement.actor.in_(keys),
            StoredStatement.voided.is_(False),
            *choice.during(StoredStatement.happened),
        )
        .group_by(StoredStatement.deed)
    )
    return {there[deed]: count for deed, count in rows if deed is not None}
