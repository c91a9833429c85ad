"""What a participant's pages and acts read. Everything is within the visit's activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review.models import Reading
from lti_peer.activities.peer_review.settings import Settings
from lti_peer.core import db
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, submissions
from lti_peer.peerwork.allocations import LIVE, Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Rubric, Target
from lti_peer.peerwork.flags import Flag, FlagState
from lti_peer.peerwork.needs import Need
from lti_peer.peerwork.submissions import Draft, Submission
from lti_peer.rules.allocation import Candidate

PURPOSE: Final = "review"
SECOND_LOOK: Final = "second_look"
"""The purpose of an allocation by which a reviewer is asked to look at a revision."""
REVIEWER: Final = "reviewer"

GONE: Final = (AllocationState.DECLINED, AllocationState.CANCELLED)
"""What somebody gave back, or staff took away: it is theirs no more."""

TOO_MANY_CALLS: Final = 3
"""As many different readers' open calls keep a piece of work from further reviewers."""


_ACTIVITY: Final[Any] = bindparam("activity")
_PERSON: Final[Any] = bindparam("person")
_NEEDS = select(func.count()).where(Need.activity_id == _ACTIVITY, Need.purpose == PURPOSE)
_COUNTS = select(
    select(func.count())
    .select_from(Allocation)
    .join(AllocationMember, AllocationMember.allocation_id == Allocation.id)
    .where(
        Allocation.activity_id == _ACTIVITY,
        Allocation.purpose == PURPOSE,
        Allocation.state == AllocationState.COMPLETED,
        AllocationMember.person_id == _PERSON,
    )
    .scalar_subquery(),
    _NEEDS.where(Need.owner_id != _PERSON).scalar_subquery(),
    select(func.coalesce(func.sum(Need.completed), 0))
    .where(Need.activity_id == _ACTIVITY, Need.purpose == PURPOSE, Need.owner_id == _PERSON)
    .scalar_subquery(),
    select(Reading.id)
    .where(Reading.activity_id == _ACTIVITY, Reading.person_id == _PERSON)
    .exists(),
    select(Draft.id)
    .where(
        Draft.activity_id == _ACTIVITY,
        Draft.person_id == _PERSON,
        Draft.place == bindparam("place"),
    )
    .exists(),
)
"""Five small facts in one question: a page asks for them together."""
_NEED = select(Need).where(
    Need.activity_id == _ACTIVITY,
    Need.purpose == PURPOSE,
    Need.subject_id == bindparam("subject"),
)
_READING = select(Reading).where(Reading.activity_id == _ACTIVITY, Reading.person_id == _PERSON)
_OWN_REVIEWERS = (
    select(AllocationMember.person_id)
    .join(Need, Need.subject_id == AllocationMember.subject_id)
    .where(
        AllocationMember.purpose == PURPOSE,
        AllocationMember.standing,
        Need.activity_id == _ACTIVITY,
        Need.purpose == PURPOSE,
        Need.owner_id == _PERSON,
    )
)
_DOUBTFUL = (
    select(Flag.target_id)
    .where(Flag.activity_id == _ACTIVITY, Flag.state != FlagState.RESOLVED)
    .group_by(Flag.target_id)
    .having(func.count(Flag.raised_by.distinct()) >= TOO_MANY_CALLS)
)
_OPEN_TO = select(Need.id).where(
    Need.activity_id == _ACTIVITY,
    Need.purpose == PURPOSE,
    Need.owner_id != _PERSON,
    Need.subject_id.not_in(
        select(AllocationMember.subject_id).where(
            AllocationMember.purpose == PURPOSE, AllocationMember.person_id == _PERSON
        )
    ),
    Need.subject_id.not_in(_DOUBTFUL),
)
"""The needs that the visitor could serve: not their own, none twice, none that many call about."""
_STALE = (
    select(Allocation.id)
    .where(
        Allocation.subject_id == Need.subject_id,
        Allocation.purpose == PURPOSE,
        Allocation.state.in_(LIVE),
        Allocation.lease_until < bindparam("now"),
    )
    .exists()
)
_ROOM = _OPEN_TO.where((Need.live + Need.completed < Need.ceiling) | _STALE).limit(1)
_MISSING = _OPEN_TO.where((Need.live + Need.completed < Need.wanted) | _STALE).limit(1)
_CANDIDATES = _OPEN_TO.with_only_columns(
    Need.subject_id, Need.owner_id, Need.wanted, Need.completed, Need.live
).where(Need.live + Need.completed < Need.ceiling)


def settings(visit: Visit) -> Settings:
    """Return the decisions of the visit's activity."""
    return Settings.of(visit.activity.settings)


def turn_of(session: Session, visit: Visit) -> None:
    """Wait until no other request of the visitor is choosing a review."""
    db.lock(
        session,
        select(Membership.id).where(
            Membership.course_id == visit.course.id, Membership.person_id == visit.person.id
        ),
    )


def turn_on(session: Session, submission: Submission) -> None:
    """Wait until nobody else is scoring the submission: the mean must see every review."""
    db.lock(session, select(Submission.id).where(Submission.id == submission.id))


def own_review(
    session: Session, visit: Visit, allocation_id: UUID, purpose: str = PURPOSE
) -> Allocation:
    """Return a review, or second look, that the visitor was given; else raise NotFound."""
    found = allocations.own(session, visit, allocation_id)
    if found.purpose != purpose:
        raise NotFound("This is not yours to do.")
    return found


def reviewed(session: Session, visit: Visit, allocation: Allocation) -> Submission:
    """Return the work that a review is about."""
    return submissions.one(session, visit, allocation.subject_id)


def rubric_of(session: Session, visit: Visit, allocation: Allocation) -> Rubric:
    """Return the version of the rubric that was in force when the review was given out."""
    kept = allocation.reason.get("rubric")
    found = (
        db.remembered(
            session, ("rubric", kept), lambda: session.get(Rubric, UUID(kept)), steady=True
        )
        if kept
        else None
    )
    if found is None or found.activity_id != visit.activity.id:
        raise NotFound("This activity has no rubric yet.")
    return found


def open_review(session: Session, visit: Visit) -> Allocation | None:
    """Return the review that the visitor holds and has not sent, if its time has not run out."""
    return next(
        (
            one
            for one in allocations.mine(session, visit, PURPOSE)
            if one.state in LIVE and not is_over(visit, one)
        ),
        None,
    )


def candidates(session: Session, visit: Visit) -> list[Candidate]:
    """Return the work that the visitor could be given and that still has room."""
    asked = {"activity": visit.activity.id, "person": visit.person.id}
    return [Candidate(*row) for row in session.execute(_CANDIDATES, asked)]


def is_available(session: Session, visit: Visit, *, bonus: bool) -> bool:
    """Return whether there is work that the visitor could be given now.

    A bonus review is offered only where reviews are missing. A lease that has run out counts as
    room before anybody has written that down.
    """
    asked = {"activity": visit.activity.id, "person": visit.person.id, "now": visit.now}
    return session.scalar(_MISSING if bonus else _ROOM, asked) is not None


def own_reviewers(session: Session, visit: Visit) -> set[UUID]:
    """Return the people who review, or have reviewed, the visitor's own work."""
    asked = {"activity": visit.activity.id, "person": visit.person.id}
    return set(session.scalars(_OWN_REVIEWERS, asked))


@dataclass(frozen=True)
class Counts:
    """The visitor in figures."""

    given: int
    """Reviews that they have sent."""
    others: int
    """People beside them who have handed in work for review."""
    received: int
    """Reviews of their work that were sent."""
    read: bool
    """They have said that they read their feedback."""
    typing: bool
    """A draft of their work is kept."""


def counts(session: Session, visit: Visit, draft: str) -> Counts:
    """Return the visitor in figures; `draft` is the place at which the draft of work is kept."""
    asked = {"activity": visit.activity.id, "person": visit.person.id, "place": draft}
    return db.remembered(
        session,
        ("counts", *asked.values()),
        lambda: Counts(*session.execute(_COUNTS, asked).one()),
    )


def need_of(session: Session, visit: Visit, submission: Submission) -> Need | None:
    """Return how many reviews a submission has and should get."""
    return session.scalar(_NEED, {"activity": visit.activity.id, "subject": submission.id})


def reading(session: Session, visit: Visit) -> Reading | None:
    """Return the visitor's word that they have read their feedback."""
    asked = {"activity": visit.activity.id, "person": visit.person.id}
    return session.scalar(_READING, asked)


def received(session: Session, visit: Visit, submission: Submission) -> Sequence[Feedback]:
    """Return the reviews of a submission that stand."""
    return feedback.about(session, visit, Target.SUBMISSION, submission.id)


def looks(session: Session, visit: Visit, submission: Submission) -> Sequence[Feedback]:
    """Return the second looks at a submission's revision that stand."""
    return feedback.about(session, visit, Target.REVISION, submission.id)


def looks_to_send(session: Session, visit: Visit) -> list[Allocation]:
    """Return the second looks that are asked of the visitor and that they have not sent."""
    mine = allocations.mine(session, visit, SECOND_LOOK)
    return [one for one in mine if one.state in LIVE]


def looks_asked(session: Session, submission: Submission) -> dict[UUID, AllocationState]:
    """Return who is asked to look at a revision, and how far each is."""
    rows = session.execute(
        select(AllocationMember.person_id, Allocation.state)
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .where(Allocation.subject_id == submission.id, Allocation.purpose == SECOND_LOOK)
    )
    return {person: state for person, state in rows}  # noqa: C416 - a Row is not a pair to mypy


def ratings(session: Session, visit: Visit, reviews: Sequence[Feedback]) -> dict[UUID, Feedback]:
    """Return what authors say about these reviews, by the review's id."""
    found = feedback.on(session, visit, Target.FEEDBACK, {one.id for one in reviews})
    return {one.target_id: one for one in found}


def given(session: Session, visit: Visit, allocation: Allocation) -> Feedback | None:
    """Return the visitor's review as it was sent last, if it was."""
    return feedback.latest_by(session, visit, Target.SUBMISSION, allocation.subject_id)


def is_over(visit: Visit, allocation: Allocation) -> bool:
    """Return whether the time of an unsent review has run out, written down or not."""
    if allocation.state is AllocationState.EXPIRED:
        return True
    until = allocation.lease_until
    return allocation.state in LIVE and until is not None and until < visit.now
