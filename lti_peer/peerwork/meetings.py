"""A scheduled encounter of an allocation: proposed, confirmed, held, missed, moved, cancelled."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core.db import Base, choice
from lti_peer.core.errors import NotAllowed, NotFound
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember


class MeetingState(StrEnum):
    """How a meeting stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    HELD = "held"
    MISSED = "missed"
    MOVED = "moved"
    CANCELLED = "cancelled"


_NEXT = {
    MeetingState.PROPOSED: {MeetingState.CONFIRMED, MeetingState.MOVED, MeetingState.CANCELLED},
    MeetingState.CONFIRMED: {
        MeetingState.HELD,
        MeetingState.MISSED,
        MeetingState.MOVED,
        MeetingState.CANCELLED,
    },
}


class Meeting(Base):
    """One proposal of a time and a place, and what became of it."""

    __tablename__ = "meeting"
    __table_args__ = (Index(None, "allocation_id"), Index(None, "activity_id", "state"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("allocation.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(500), default="")
    """A room or a link, as typed."""
    state: Mapped[MeetingState] = mapped_column(choice(MeetingState), default=MeetingState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


def propose(
    session: Session,
    visit: Visit,
    allocation: Allocation,
    starts_at: datetime,
    minutes: int,
    place: str,
) -> Meeting:
    """Propose a meeting to the other members; one that stands is moved to the new time."""
    standing = current(session, allocation)
    if standing is not None:
        turn(session, visit, standing, MeetingState.MOVED)
    made = Meeting(
        deployment_id=visit.deployment_id,
        activity_id=visit.activity.id,
        allocation_id=allocation.id,
        starts_at=starts_at,
        minutes=minutes,
        place=place,
        proposed_by=visit.person.id,
        replaces_id=standing.id if standing else None,
        at=visit.now,
    )
    session.add(made)
    session.flush()
    return made


def turn(session: Session, visit: Visit, meeting: Meeting, state: MeetingState) -> None:
    """Confirm, hold, miss, move or cancel a meeting.

    Raises NotAllowed when its state forbids it, or when somebody confirms their own proposal.
    """
    if state not in _NEXT.get(meeting.state, set()):
        raise NotAllowed(f"This meeting is {meeting.state}, so it cannot become {state}.")
    if state is MeetingState.CONFIRMED and meeting.proposed_by == visit.person.id:
        raise NotAllowed("You proposed this time; the other one confirms it.")
    meeting.state, meeting.settled_at = state, visit.now
    session.flush()


def current(session: Session, allocation: Allocation) -> Meeting | None:
    """Return the allocation's meeting that is proposed, confirmed or held, if there is one."""
    live = (MeetingState.PROPOSED, MeetingState.CONFIRMED, MeetingState.HELD)
    return session.scalar(
        select(Meeting)
        .where(Meeting.allocation_id == allocation.id, Meeting.state.in_(live))
        .order_by(Meeting.at.desc())
        .limit(1)
    )


def own(session: Session, visit: Visit, meeting_id: UUID) -> Meeting:
    """Return a meeting of this activity to which the visitor belongs; else raise NotFound."""
    found = session.scalar(
        select(Meeting)
        .join(AllocationMember, AllocationMember.allocation_id == Meeting.allocation_id)
        .where(
            Meeting.id == meeting_id,
            Meeting.activity_id == visit.activity.id,
            AllocationMember.person_id == visit.person.id,
        )
    )
    if found is None:
        raise NotFound("This meeting is not yours.")
    return found


def of(session: Session, visit: Visit) -> Sequence[Meeting]:
    """Return every meeting of the activity, by time: for staff."""
    return session.scalars(
        select(Meeting).where(Meeting.activity_id == visit.activity.id).order_by(Meeting.starts_at)
    ).all()
