"""What a person has in an activity, as sent to the LMS: one grade for each component.

A grade carries a version, so that only the newest is told, and the time stamp that it was last
sent with, which only grows: Moodle and Canvas refuse one that is not newer (moodle.md, AGS).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from lti_peer.core import audit, db, news, outbox
from lti_peer.core.db import Base, choice
from lti_peer.core.errors import Conflict, NotFound
from lti_peer.core.models import Activity, Course, LineItem, Person
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.core.visit import Visit

AT_ONCE = 500
"""Keys that one statement names: a database takes only so many parameters."""


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
) -> Grade | None:
    """Keep the grade and put it into the outbox, unless it is what the LMS has been told already.

    `share` is 0 to 1; raises ValueError otherwise. `comment` is plain text. In a sandbox nobody
    has a grade: None comes back.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A grade is a share from 0 to 1, not {share}.")
    if activity.course.is_sandbox:
        return None
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
    _tell(session, grade, activity.course)
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


@dataclass(frozen=True)
class DeliveryView:
    """How one grade's way to the LMS goes."""

    grade: Grade
    attempts: int
    """Tries that failed since the grade last changed."""
    next_try: datetime | None
    """When it is sent by itself; none when it is there, or waits for staff."""


def deliveries(session: Session, visit: Visit) -> list[DeliveryView]:
    """Return every grade of the visit's activity with how its delivery goes.

    The times are the database's clock, by which deliveries go.
    """
    found = of(session, visit.activity)
    items: dict[str, OutboxItem] = {}
    for keys in _parts([str(grade.id) for grade in found]):
        rows = session.scalars(
            select(OutboxItem).where(OutboxItem.channel == Channel.AGS, OutboxItem.key.in_(keys))
        )
        items |= {item.key: item for item in rows}
    return [_delivery(grade, items.get(str(grade.id))) for grade in found]


def _delivery(grade: Grade, item: OutboxItem | None) -> DeliveryView:
    waits = item is not None and item.state is outbox.Delivery.PENDING
    return DeliveryView(
        grade, item.attempts if item else 0, item.due_at if item is not None and waits else None
    )


def is_stopped(session: Session, activity_id: UUID) -> bool:
    """Whether staff have stopped the sending of this activity's grades."""
    return session.get(GradeStop, activity_id) is not None


def stop(session: Session, visit: Visit) -> None:
    """Send no grade of the visit's activity until `resume`; what comes meanwhile is kept."""
    if is_stopped(session, visit.activity.id):
        return
    session.add(
        GradeStop(
            activity_id=visit.activity.id,
            deployment_id=visit.deployment_id,
            stopped_at=db.now(session),
        )
    )
    audit.note(session, visit, "stopped_grades")


def resume(session: Session, visit: Visit) -> None:
    """Send the grades of the visit's activity again, and at once what has waited."""
    stopped = session.get(GradeStop, visit.activity.id)
    if stopped is None:
        return
    session.delete(stopped)
    audit.note(session, visit, "resumed_grades")
    moment = db.now(session)
    for keys in _parts([str(grade.id) for grade in of(session, visit.activity)]):
        session.execute(
            update(OutboxItem)
            .where(
                OutboxItem.channel == Channel.AGS,
                OutboxItem.state == outbox.Delivery.PENDING,
                OutboxItem.key.in_(keys),
            )
            .values(due_at=moment)
            .execution_options(synchronize_session=False)
        )
    session.info["news"] = True


def retry(session: Session, visit: Visit) -> int:
    """Send again what the LMS refused for good in the visit's activity; return how many."""
    refused = [one for one in of(session, visit.activity) if one.state is GradeState.REFUSED]
    for grade in refused:
        grade.state, grade.problem = GradeState.WAITING, ""
        _tell(session, grade, visit.course)
    if refused:
        audit.note(session, visit, "resent_grades", count=len(refused))
    return len(refused)


def insist(session: Session, visit: Visit, grade_id: UUID) -> None:
    """Send our grade although somebody changed it in the LMS; staff have seen both.

    A further change there is found again. Raises NotFound for a grade that is not the visit's
    activity's, and Conflict for one that nobody has changed.
    """
    grade = session.scalar(
        select(Grade)
        .where(Grade.id == grade_id, Grade.activity_id == visit.activity.id)
        .with_for_update(of=Grade)
    )
    if grade is None:
        raise NotFound("There is no such grade in this activity.")
    if grade.state is not GradeState.CHANGED:
        raise Conflict("This grade has not been changed in the LMS, or it has been sent since.")
    grade.known_share, grade.found_share = grade.found_share, None
    grade.state, grade.problem = GradeState.WAITING, ""
    _tell(session, grade, visit.course)
    audit.note(session, visit, "sent_over_change", grade=str(grade.id), person=str(grade.person_id))


def offer(
    session: Session, grade_id: UUID, *, step: timedelta, known: float | None
) -> Grade | None:
    """Return the grade as it is now to be sent, with a new time stamp; None when it has gone.

    What is about to be offered is written down first, so that it is known as ours even when the
    answer is lost. `known` is what the LMS has from us now, if that is known.
    """
    grade = stamp(session, grade_id, step=step)
    if grade is not None:
        grade.known_share = known if known is not None else grade.known_share
        grade.offered_share = grade.share
    return grade


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


def _tell(session: Session, grade: Grade, course: Course) -> None:
    key = str(grade.id)
    news.tell(session, course, Channel.AGS, key, {"grade": key})


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give the keys in parts that one statement can carry."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
