"""What a person has in an activity, as sent to the LMS: one grade for each component.

A grade carries a version, so that only the newest is told, and the time stamp that it was last
sent with, which only grows: Moodle and Canvas refuse one that is not newer (moodle.md, AGS).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from lti_peer.core import db, outbox
from lti_peer.core.db import Base, choice
from lti_peer.core.models import Activity, LineItem, Person
from lti_peer.core.outbox import Channel


class GradeState(StrEnum):
    """Whether the LMS has this grade."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    CHANGED = "changed"
    """Somebody changed it in the LMS: it is not overwritten until staff say so."""


class Grade(Base):
    """One person's share of the maximum in one component."""

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id", "component"),
        CheckConstraint("share >= 0 AND share <= 1", name="share"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    component: Mapped[str] = mapped_column(String(40))
    share: Mapped[float]
    """A share of the maximum, 0 to 1."""
    comment: Mapped[str] = mapped_column(Text, default="")
    """What the grade book shows beside it; never names a peer."""
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    stamped_at: Mapped[datetime | None]
    """The time stamp of the last attempt to send; the next is later."""
    sent_version: Mapped[int] = mapped_column(default=0)
    state: Mapped[GradeState] = mapped_column(choice(GradeState), default=GradeState.WAITING)
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why the LMS refused it, for the instructor."""
    offered_share: Mapped[float | None]
    """What was last offered to the LMS, taken or not; none before the first attempt."""
    known_share: Mapped[float | None]
    """What the LMS was last known to have from us, or was allowed to have; none: nothing."""
    found_share: Mapped[float | None]
    """What somebody put there instead, while the state is CHANGED."""

    person: Mapped[Person] = relationship(lazy="joined")
    activity: Mapped[Activity] = relationship()


class GradeStop(Base):
    """Staff have stopped the sending of one activity's grades; without a row they are sent."""

    __tablename__ = "grade_stop"

    activity_id: Mapped[UUID] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    stopped_at: Mapped[datetime]


def post(
    session: Session,
    activity: Activity,
    person_id: UUID,
    component: str,
    share: float,
    comment: str = "",
) -> Grade:
    """Keep the grade and put it into the outbox, unless it is what the LMS has been told already.

    `share` is 0 to 1; raises ValueError otherwise. `comment` is plain text.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A grade is a share from 0 to 1, not {share}.")
    grade = _stored(session, activity, person_id, component)
    moment = db.now(session)
    if grade is None:
        grade = Grade(
            deployment_id=activity.deployment_id,
            activity_id=activity.id,
            person_id=person_id,
            component=component,
            share=share,
            comment=comment,
            changed_at=moment,
        )
        session.add(grade)
        session.flush()
    elif (grade.share, grade.comment) == (share, comment):
        return grade
    else:
        grade.share, grade.comment, grade.changed_at = share, comment, moment
        grade.version, grade.state, grade.problem = grade.version + 1, GradeState.WAITING, ""
    outbox.put(
        session, activity.deployment_id, Channel.AGS, str(grade.id), {"grade": str(grade.id)}
    )
    return grade


def _stored(session: Session, activity: Activity, person_id: UUID, component: str) -> Grade | None:
    """Return the grade that there is, locked where the database can."""
    return session.scalar(
        select(Grade)
        .where(
            Grade.activity_id == activity.id,
            Grade.person_id == person_id,
            Grade.component == component,
        )
        .with_for_update(of=Grade)
    )


def of(session: Session, activity: Activity) -> Sequence[Grade]:
    """Return every grade of the activity."""
    return session.scalars(select(Grade).where(Grade.activity_id == activity.id)).all()


def stamp(session: Session, grade_id: UUID, *, step: timedelta) -> Grade | None:
    """Give the grade a time stamp later than any before by `step` at least, and return it.

    None when it has gone. A time of the past is never reused, even when the clock was put back.
    """
    grade = session.scalar(select(Grade).where(Grade.id == grade_id).with_for_update(of=Grade))
    if grade is None:
        return None
    moment = db.now(session)
    grade.stamped_at = max(moment, grade.stamped_at + step) if grade.stamped_at else moment
    return grade


def line_item(session: Session, activity_id: UUID, component: str) -> LineItem | None:
    """Return the grade column of one component, if the activity has one."""
    return session.scalar(
        select(LineItem).where(LineItem.activity_id == activity_id, LineItem.component == component)
    )
