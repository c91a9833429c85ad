"""What a participant's pages and acts read. Everything is within the visit's activity."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review.models import Reading
from lti_peer.activities.peer_review.settings import Settings
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, submissions
from lti_peer.peerwork.allocations import LIVE, Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Rubric, Target
from lti_peer.peerwork.flags import Flag, FlagState
from lti_peer.peerwork.needs import Need
from lti_peer.peerwork.submissions import Submission
from lti_peer.rules.allocation import Candidate

PURPOSE: Final = "review"
REVIEWER: Final = "reviewer"

GONE: Final = (AllocationState.DECLINED, AllocationState.CANCELLED)
"""What somebody gave back, or staff took away: it is theirs no more."""

TOO_MANY_CALLS: Final = 3
"""As many different readers' open calls keep a piece of work from further reviewers."""


def settings(visit: Visit) -> Settings:
    """Return the decisions of the visit's activity."""
    return Settings.of(visit.activity.settings)


def turn_of(session: Session, visit: Visit) -> None:
    """Wait until no other request of the visitor is choosing a review.

    A lock on the membership's row; SQLite has one writer at a time anyway.
    """
    session.execute(
        select(Membership.id)
        .where(Membership.course_id == visit.course.id, Membership.person_id == visit.person.id)
        .with_for_update()
    )


def turn_on(session: Session, submission: Submission) -> None:
    """Wait until nobody else is scoring the submission: the mean must see every review."""
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update())


def own_review(session: Session, visit: Visit, allocation_id: UUID) -> Allocation:
    """Return a review that the visitor was given; else raise NotFound."""
    found = allocations.own(session, visit, allocation_id)
    if found.purpose != PURPOSE:
        raise NotFound("This is not yours to do.")
    return found


def reviewed(session: Session, visit: Visit, allocation: Allocation) -> Submission:
    """Return the work that a review is about."""
    return submissions.one(session, visit, allocation.subject_id)


def rubric_of(session: Session, visit: Visit, allocation: Allocation) -> Rubric:
    """Return the version of the rubric that was in force when the review was given out."""
    versions = feedback.rubrics(session, visit.activity)
    kept = allocation.reason.get("rubric", "")
    found = next((one for key, one in versions.items() if str(key) == kept), None)
    if found is None:
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
    rows = session.scalars(_open_to(visit).where(Need.live + Need.completed < Need.ceiling))
    return [
        Candidate(need.subject_id, need.owner_id, need.wanted, need.completed, need.live)
        for need in rows
    ]


def is_available(session: Session, visit: Visit, *, bonus: bool) -> bool:
    """Return whether there is work that the visitor could be given now.

    A bonus review is offered only where reviews are missing. A lease that has run out counts as
    room before anybody has written that down.
    """
    limit = Need.wanted if bonus else Need.ceiling
    stale = select(Allocation.id).where(
        Allocation.subject_id == Need.subject_id,
        Allocation.purpose == PURPOSE,
        Allocation.state.in_(LIVE),
        Allocation.lease_until < visit.now,
    )
    found = _open_to(visit).where((Need.live + Need.completed < limit) | stale.exists())
    return session.scalar(found.limit(1)) is not None


def own_reviewers(session: Session, visit: Visit) -> set[UUID]:
    """Return the people who review, or have reviewed, the visitor's own work."""
    rows = session.scalars(
        select(AllocationMember.person_id)
        .join(Need, Need.subject_id == AllocationMember.subject_id)
        .where(
            AllocationMember.purpose == PURPOSE,
            AllocationMember.standing,
            Need.activity_id == visit.activity.id,
            Need.purpose == PURPOSE,
            Need.owner_id == visit.person.id,
        )
    )
    return set(rows)


def count_given(session: Session, visit: Visit) -> int:
    """Return how many reviews the visitor has sent."""
    count = session.scalar(
        select(func.count())
        .select_from(Allocation)
        .join(AllocationMember, AllocationMember.allocation_id == Allocation.id)
        .where(
            Allocation.activity_id == visit.activity.id,
            Allocation.purpose == PURPOSE,
            Allocation.state == AllocationState.COMPLETED,
            AllocationMember.person_id == visit.person.id,
        )
    )
    return int(count or 0)


def need_of(session: Session, visit: Visit, submission: Submission) -> Need | None:
    """Return how many reviews a submission has and should get."""
    return session.scalar(
        select(Need).where(
            Need.activity_id == visit.activity.id,
            Need.purpose == PURPOSE,
            Need.subject_id == submission.id,
        )
    )


def others(session: Session, visit: Visit) -> int:
    """Return how many people beside the visitor have handed in work for review."""
    count = session.scalar(
        select(func.count())
        .select_from(Need)
        .where(
            Need.activity_id == visit.activity.id,
            Need.purpose == PURPOSE,
            Need.owner_id != visit.person.id,
        )
    )
    return int(count or 0)


def reading(session: Session, visit: Visit) -> Reading | None:
    """Return the visitor's word that they have read their feedback."""
    return session.scalar(
        select(Reading).where(
            Reading.activity_id == visit.activity.id, Reading.person_id == visit.person.id
        )
    )


def received(session: Session, visit: Visit, submission: Submission) -> Sequence[Feedback]:
    """Return the reviews of a submission that stand."""
    return feedback.about(session, visit, Target.SUBMISSION, submission.id)


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


def _open_to(visit: Visit) -> Select[Need]:
    """Return a SELECT of the needs that the visitor could serve: not their own, none twice."""
    known = select(AllocationMember.subject_id).where(
        AllocationMember.purpose == PURPOSE, AllocationMember.person_id == visit.person.id
    )
    doubtful: Any = (
        select(Flag.target_id)
        .where(Flag.activity_id == visit.activity.id, Flag.state != FlagState.RESOLVED)
        .group_by(Flag.target_id)
        .having(func.count(Flag.raised_by.distinct()) >= TOO_MANY_CALLS)
    )
    return select(Need).where(
        Need.activity_id == visit.activity.id,
        Need.purpose == PURPOSE,
        Need.owner_id != visit.person.id,
        Need.subject_id.not_in(known),
        Need.subject_id.not_in(doubtful),
    )
