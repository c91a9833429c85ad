"""What staff read: live counts, a line for each person, who reviews whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review.queries import PURPOSE, SECOND_LOOK
from lti_peer.core import queries as people
from lti_peer.core.models import Membership, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, needs, scores
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.flags import Flag, FlagState
from lti_peer.peerwork.needs import Need
from lti_peer.peerwork.phases import Extension, Phase
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionState


@dataclass(frozen=True)
class Counts:
    """How far the class is; every number is of people, pieces of work or reviews."""

    learners: int
    handed_in: int
    sent: int
    """Reviews that have been written."""
    wanted: int
    """Reviews that the work that is there should get."""
    writing: int
    """Reviews that somebody holds just now."""
    short: int
    """Pieces of work with fewer reviews than they should get."""
    outstanding: int
    """Reviews that these still lack; a surplus elsewhere does not make up for them."""
    calls: int
    """Calls for a human that nobody has answered."""


@dataclass(frozen=True)
class Line:
    """One participant's state."""

    member: Membership
    handed_in: datetime | None
    late: bool
    given: int
    received: int
    score: Score | None


def counts(session: Session, visit: Visit) -> Counts:
    """Return how far the class is."""
    here = Need.activity_id == visit.activity.id, Need.purpose == PURPOSE
    lacks = Need.completed < Need.wanted
    handed_in, sent, wanted, writing, short, outstanding = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Need.completed), 0),
            func.coalesce(func.sum(Need.wanted), 0),
            func.coalesce(func.sum(Need.live), 0),
            func.count().filter(lacks),
            func.coalesce(func.sum(Need.wanted - Need.completed).filter(lacks), 0),
        ).where(*here)
    ).one()
    calls = session.scalar(
        select(func.count())
        .select_from(Flag)
        .where(Flag.activity_id == visit.activity.id, Flag.state != FlagState.RESOLVED)
    )
    learners = count_learners(session, visit)
    return Counts(learners, handed_in, sent, wanted, writing, short, outstanding, calls or 0)


@dataclass(frozen=True)
class Revisions:
    """How far a class is with revising."""

    handed_in: int
    """Works that were revised."""
    asked: int
    """Second looks that were asked for."""
    sent: int


def revisions(session: Session, visit: Visit) -> Revisions:
    """Return how far the class is with revising."""
    handed_in = session.scalar(
        select(func.count()).where(
            Submission.activity_id == visit.activity.id, Submission.revised_at.is_not(None)
        )
    )
    asked, sent = session.execute(
        select(
            func.count(),
            func.count().filter(Allocation.state == AllocationState.COMPLETED),
        ).where(Allocation.activity_id == visit.activity.id, Allocation.purpose == SECOND_LOOK)
    ).one()
    return Revisions(handed_in or 0, asked, sent)


def count_learners(session: Session, visit: Visit) -> int:
    """Return how many learners the course has."""
    count = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.course_id == visit.course.id,
            Membership.role == Role.LEARNER,
            Membership.active,
        )
    )
    return int(count or 0)


def lines(session: Session, visit: Visit) -> list[Line]:
    """Return every learner of the course with what they did, by their number."""
    work = {
        author: (submission, first, late)
        for submission, author, first, late in session.execute(
            select(Submission.id, Submission.author_id, Submission.first_at, Submission.late).where(
                Submission.activity_id == visit.activity.id,
                Submission.state == SubmissionState.SUBMITTED,
            )
        )
    }
    completed = {one.owner_id: one.completed for one in needs.of(session, visit, PURPOSE)}
    given = feedback.count_by_author(session, visit, Target.SUBMISSION)
    standing = scores.standing(session, visit)
    return [
        Line(
            member=member,
            handed_in=work[member.person_id][1] if member.person_id in work else None,
            late=work[member.person_id][2] if member.person_id in work else False,
            given=given.get(member.person_id, 0),
            received=completed.get(member.person_id, 0),
            score=standing.get(member.person_id, {}).get("work"),
        )
        for member in people.learners(session, visit)
    ]


def pairs(session: Session, visit: Visit) -> Sequence[tuple[UUID, UUID, AllocationState]]:
    """Return (reviewer, author, state) of every review that was given out and not given back."""
    rows = session.execute(
        select(AllocationMember.person_id, Need.owner_id, Allocation.state)
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .join(
            Need, (Need.subject_id == Allocation.subject_id) & (Need.purpose == Allocation.purpose)
        )
        .where(
            Allocation.activity_id == visit.activity.id,
            Allocation.purpose == PURPOSE,
            Allocation.state.not_in((AllocationState.DECLINED, AllocationState.CANCELLED)),
        )
        .order_by(Allocation.at, Allocation.id)
    )
    return [(reviewer, author, state) for reviewer, author, state in rows]


def has_reviews(session: Session, visit: Visit) -> bool:
    """Return whether any review has been given out."""
    return (
        session.scalar(
            select(Allocation.id)
            .where(Allocation.activity_id == visit.activity.id, Allocation.purpose == PURPOSE)
            .limit(1)
        )
        is not None
    )


def work_of(session: Session, visit: Visit, person_id: UUID) -> Submission | None:
    """Return one person's work."""
    return session.scalar(
        select(Submission).where(
            Submission.activity_id == visit.activity.id, Submission.author_id == person_id
        )
    )


def given_by(
    session: Session, visit: Visit, person_id: UUID, target: Target = Target.SUBMISSION
) -> list[tuple[Feedback, UUID]]:
    """Return the reviews that one person wrote and that stand, each with the work's author's id.

    With `Target.REVISION` it is their second looks.
    """
    owners = {one.subject_id: one.owner_id for one in needs.of(session, visit, PURPOSE)}
    found = feedback.by(session, visit, person_id, target)
    return [(one, owners[one.target_id]) for one in found]


def extensions_of(session: Session, visit: Visit, person_id: UUID) -> dict[str, datetime]:
    """Return the dates that one person has of their own, by phase."""
    rows = session.execute(
        select(Phase.key, Extension.due_at)
        .join(Extension, Extension.phase_id == Phase.id)
        .where(Phase.activity_id == visit.activity.id, Extension.person_id == person_id)
    )
    return {key: due for key, due in rows}  # noqa: C416 - a Row is not a pair to mypy
