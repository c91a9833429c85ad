"""Reads of a teach-back. A page asks for all pairs it shows at once: four reads, however many."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from lti_peer.activities.teaching.models import Absence, Answer, SignUp, Topic
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import LISTENER, PURPOSE, Settings
from lti_peer.core import db
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Activity, Membership, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback
from lti_peer.peerwork.allocations import (
    LIVE,
    Allocation,
    AllocationMember,
)
from lti_peer.peerwork.feedback import Target
from lti_peer.peerwork.flags import Flag, FlagState
from lti_peer.peerwork.meetings import Meeting

_PAIRS = (
    select(Allocation, Topic)
    .join(Topic, Topic.id == Allocation.subject_id)
    .options(joinedload(Allocation.members))
    .where(Allocation.activity_id == bindparam("activity"), Allocation.purpose == PURPOSE)
)
_ONE_PAIR = _PAIRS.where(Allocation.id == bindparam("allocation"))
_EVERY_PAIR = _PAIRS.order_by(Allocation.at, Allocation.id).execution_options(
    populate_existing=True
)
_PAIRS_OF = _EVERY_PAIR.where(
    Allocation.id.in_(
        select(AllocationMember.allocation_id).where(
            AllocationMember.person_id.in_(bindparam("people", expanding=True))
        )
    )
)
_here, _there = aliased(AllocationMember), aliased(AllocationMember)
_PAIRS_AROUND = _EVERY_PAIR.where(
    Allocation.id.in_(
        select(_there.allocation_id)
        .join(_here, _here.person_id == _there.person_id)
        .where(_here.allocation_id == bindparam("allocation"))
    )
)
_MEETINGS = (
    select(Meeting)
    .where(
        Meeting.activity_id == bindparam("activity"),
        Meeting.allocation_id.in_(bindparam("allocations", expanding=True)),
    )
    .order_by(Meeting.at, Meeting.id)
)
_ANSWERS = select(Answer).where(
    Answer.activity_id == bindparam("activity"),
    Answer.person_id.in_(bindparam("people", expanding=True)),
)


def settings(visit: Visit) -> Settings:
    """Return the activity's settings."""
    return Settings.of(visit.activity.settings)


def lock(session: Session, visit: Visit) -> None:
    """Let one transaction at a time sign up and match in this activity."""
    db.lock(session, select(Activity.id).where(Activity.id == visit.activity.id))


def topics(session: Session, visit: Visit, *, retired: bool = False) -> Sequence[Topic]:
    """Return the activity's topics in their order, with or without those taken off the list."""
    found = select(Topic).where(Topic.activity_id == visit.activity.id).order_by(Topic.position)
    return session.scalars(found if retired else found.where(~Topic.retired)).all()


def sign_up(session: Session, visit: Visit, person_id: UUID | None = None) -> SignUp | None:
    """Return one person's sign-up (the visitor's), also one that was withdrawn."""
    return session.scalar(
        select(SignUp).where(
            SignUp.activity_id == visit.activity.id,
            SignUp.person_id == (person_id or visit.person.id),
        )
    )


def sign_ups(session: Session, visit: Visit) -> dict[UUID, SignUp]:
    """Return the sign-ups that stand, of people who are still in the course, by person."""
    wanted = _taking_part(visit).options(joinedload(SignUp.person))
    found = session.scalars(wanted.execution_options(populate_existing=True))
    return {one.person_id: one for one in found}


def every_sign_up(
    session: Session, visit: Visit, person_ids: Collection[UUID] | None = None
) -> dict[UUID, SignUp]:
    """Return every sign-up by person, withdrawn ones included, of some people or of all."""
    wanted = (
        select(SignUp)
        .options(joinedload(SignUp.person))
        .where(SignUp.activity_id == visit.activity.id)
    )
    if person_ids is not None:
        wanted = wanted.where(SignUp.person_id.in_(person_ids))
    return {one.person_id: one for one in session.scalars(wanted)}


def first_sign_up(session: Session, activity_id: UUID) -> SignUp | None:
    """Return any sign-up of an activity that stands: for the timer, which has no visit."""
    return session.scalar(
        select(SignUp)
        .where(SignUp.activity_id == activity_id, SignUp.withdrawn_at.is_(None))
        .order_by(SignUp.at)
        .limit(1)
    )


def has_pairs(session: Session, visit: Visit) -> bool:
    """Return whether partners were ever given out."""
    found = select(Allocation.id).where(
        Allocation.activity_id == visit.activity.id, Allocation.purpose == PURPOSE
    )
    return session.scalar(found.limit(1)) is not None


def unmatched(session: Session, visit: Visit, reason: str) -> bool:
    """Return whether anybody takes part, has nobody to learn from, and is no call with `reason`."""
    taught = (
        select(AllocationMember.id)
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .where(
            Allocation.activity_id == visit.activity.id,
            AllocationMember.role == LISTENER,
            AllocationMember.standing,
            AllocationMember.person_id == SignUp.person_id,
        )
    )
    called = select(Flag.id).where(
        Flag.activity_id == visit.activity.id,
        Flag.target_id == SignUp.person_id,
        Flag.reason == reason,
        Flag.state != FlagState.RESOLVED,
    )
    waits = _taking_part(visit).where(~taught.exists(), ~called.exists())
    return session.scalar(waits.limit(1)) is not None


def gone(session: Session, visit: Visit) -> Sequence[UUID]:
    """Return who is in a pair that has yet to meet, but takes no part any more."""
    here = _taking_part(visit).where(SignUp.person_id == AllocationMember.person_id)
    return session.scalars(
        select(AllocationMember.person_id)
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .where(
            Allocation.activity_id == visit.activity.id,
            Allocation.purpose == PURPOSE,
            Allocation.state.in_(LIVE),
            AllocationMember.standing,
            ~here.exists(),
        )
        .distinct()
    ).all()


def chosen(session: Session, visit: Visit) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Return how many people signed up to teach, and to learn, each topic."""
    found: list[dict[UUID, int]] = []
    for column in (SignUp.teach_id, SignUp.learn_id):
        rows = session.execute(
            select(column, func.count())
            .where(SignUp.activity_id == visit.activity.id, SignUp.withdrawn_at.is_(None))
            .group_by(column)
        )
        found.append({topic: count for topic, count in rows if topic is not None})
    return found[0], found[1]


def class_size(session: Session, visit: Visit) -> int:
    """Return how many learners the course has, as far as is known."""
    count = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.course_id == visit.course.id,
            Membership.role == Role.LEARNER,
            Membership.active,
        )
    )
    return count or 0


def pairs(session: Session, visit: Visit, person_ids: Collection[UUID] | None = None) -> list[Pair]:
    """Return the pairs of some people, ended ones included, or of everybody, oldest first."""
    if person_ids is None:
        return _told(session, visit, _EVERY_PAIR)
    return _told(session, visit, _PAIRS_OF, people=list(person_ids))


def pair(session: Session, visit: Visit, allocation_id: UUID) -> Pair:
    """Return a pair of this activity; staff may see any, others their own. Else NotFound."""
    told = _told(session, visit, _ONE_PAIR, allocation=allocation_id)
    if not told or not (visit.is_staff or told[0].part(visit.person.id)):
        raise NotFound("This meeting is not yours.", advice="Go back to the first page.")
    return told[0]


def around(session: Session, visit: Visit, allocation_id: UUID) -> tuple[Pair, list[Pair]]:
    """Return a pair of the visitor's, and every pair of everybody in it: what its acts change.

    Raises NotFound as `pair` does.
    """
    told = _told(session, visit, _PAIRS_AROUND, allocation=allocation_id)
    found = next((one for one in told if one.allocation.id == allocation_id), None)
    if found is None or found.part(visit.person.id) is None:
        raise NotFound("This meeting is not yours.", advice="Go back to the first page.")
    return found, told


def absences(session: Session, visit: Visit) -> Mapping[UUID, int]:
    """Return how many meetings each person did not come to."""
    rows = session.execute(
        select(Absence.person_id, func.count())
        .where(Absence.activity_id == visit.activity.id)
        .group_by(Absence.person_id)
    )
    return {person: count for person, count in rows}  # noqa: C416 - a Row is not a pair to mypy


def answered(session: Session, visit: Visit) -> frozenset[UUID]:
    """Return the topics whose check question somebody has answered: it stays as it is."""
    found = select(Answer.topic_id).where(Answer.activity_id == visit.activity.id).distinct()
    return frozenset(session.scalars(found))


def _taking_part(visit: Visit) -> Select[SignUp]:
    """Return a SELECT of the sign-ups that stand, of active learners of the course."""
    return (
        select(SignUp)
        .join(
            Membership,
            (Membership.person_id == SignUp.person_id) & (Membership.course_id == visit.course.id),
        )
        .where(
            SignUp.activity_id == visit.activity.id,
            SignUp.withdrawn_at.is_(None),
            Membership.active,
            Membership.role == Role.LEARNER,
        )
    )


def _told(
    session: Session, visit: Visit, wanted: Select[Allocation, Topic], **asked: Any
) -> list[Pair]:
    """Return the pairs with everything that belongs to them."""
    within = {"activity": visit.activity.id}
    rows = session.execute(wanted, {**within, **asked}).unique()
    told = {allocation.id: Pair(allocation, topic) for allocation, topic in rows}
    if not told:
        return []
    for meeting in session.scalars(_MEETINGS, {**within, "allocations": list(told)}):
        told[meeting.allocation_id].history.append(meeting)
    _add_answers(session, visit, told.values())
    _add_ratings(session, visit, told.values())
    return list(told.values())


def _add_answers(session: Session, visit: Visit, told: Collection[Pair]) -> None:
    people = {member.person_id for one in told for member in one.allocation.members}
    asked = {"activity": visit.activity.id, "people": list(people)}
    mine: dict[tuple[UUID, UUID], list[Answer]] = defaultdict(list)
    for one in session.scalars(_ANSWERS, asked):
        mine[one.person_id, one.topic_id].append(one)
    for pair_ in told:
        for listener in pair_.listeners:
            for one in mine[listener.person_id, pair_.topic.id]:
                pair_.answers[one.person_id, one.moment] = one


def _add_ratings(session: Session, visit: Visit, told: Collection[Pair]) -> None:
    parts = {member.id: one for one in told for member in one.allocation.members}
    for one in feedback.on(session, visit, Target.PERSON, parts.keys()):
        parts[one.target_id].ratings[one.author_id, one.target_id] = one
