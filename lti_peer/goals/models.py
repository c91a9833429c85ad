"""The table of goals, and how they are read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from lti_peer.core.db import Base, choice
from lti_peer.core.errors import NotFound
from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, Activity, Person
from lti_peer.core.visit import Visit


class Metric(StrEnum):
    """What a goal measures; `goals.measures` says how."""

    OPENED = "opened"
    HANDED_IN = "handed_in"
    REVIEWED = "reviewed"
    HELPED = "helped"
    FIRST_FEEDBACK = "first_feedback"
    REVISED = "revised"
    TAUGHT = "taught"
    MET = "met"
    FIRST_MEETING = "first_meeting"
    GAIN = "gain"
    COMPLETED = "completed"


class Goal(Base):
    """One thing that an instructor wants of an activity by a date."""

    __tablename__ = "goal"
    __table_args__ = (
        UniqueConstraint("activity_id", "metric", "amount", "group_key", "due_at"),
        CheckConstraint("amount >= 0", name="amount"),
        Index(None, "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    metric: Mapped[Metric] = mapped_column(choice(Metric))
    amount: Mapped[int] = mapped_column(default=0)
    """How many of a thing each person is to do; 0 where the measure counts nothing."""
    target: Mapped[float]
    """A share of 0 to 1, hours, or a gain of -1 to 1, as the measure has it."""
    due_at: Mapped[datetime]
    group_key: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    """The LMS's id of the group that it is about; empty: all learners."""
    group_name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    """What the group was called, for when the LMS has it no more."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When the statement was said that it has been evaluated."""

    activity: Mapped[Activity] = relationship()
    author: Mapped[Person | None] = relationship()


def of(session: Session, activities: Collection[UUID]) -> Sequence[Goal]:
    """Return the goals of these activities, the earliest date first."""
    return session.scalars(
        select(Goal)
        .options(joinedload(Goal.activity).joinedload(Activity.course))
        .where(Goal.activity_id.in_(activities))
        .order_by(Goal.due_at, Goal.created_at, Goal.id)
    ).all()


def own(session: Session, visit: Visit, goal_id: UUID) -> Goal:
    """Return a goal of the visit's activity; else raise NotFound."""
    found = session.scalar(
        select(Goal).where(Goal.id == goal_id, Goal.activity_id == visit.activity.id)
    )
    if found is None:
        raise NotFound("There is no such goal in this activity.")
    return found
