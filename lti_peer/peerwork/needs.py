"""How many allocations of one purpose a subject should get, and how many it has.

Room is taken by one conditional UPDATE and held by a CHECK: SELECT … FOR UPDATE is silently
ignored by SQLite (security.md, fact 6).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, case, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core.db import Base
from lti_peer.core.visit import Visit


class Need(Base):
    """How many allocations of one purpose a subject should get, and how many it has."""

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("activity_id", "purpose", "subject_id"),
        CheckConstraint("live >= 0 AND completed >= 0 AND live <= ceiling", name="live"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    """A submission, a topic, a meeting: what it is about."""
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Whose it is: never allocated to this person."""
    wanted: Mapped[int]
    ceiling: Mapped[int]
    """No new allocation beyond this many live and completed ones."""
    live: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)


def want(
    session: Session,
    visit: Visit,
    purpose: str,
    subject_id: UUID,
    owner_id: UUID,
    wanted: int,
    spare: int = 1,
) -> Need:
    """Return the need of a subject, made if it is new; at most `wanted + spare` may serve it."""
    found = session.scalar(
        select(Need).where(
            Need.activity_id == visit.activity.id,
            Need.purpose == purpose,
            Need.subject_id == subject_id,
        )
    )
    if found is None:
        found = Need(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            purpose=purpose,
            subject_id=subject_id,
            owner_id=owner_id,
            live=0,
            completed=0,
            wanted=wanted,
            ceiling=wanted + spare,
        )
        session.add(found)
    found.wanted, found.ceiling = wanted, max(wanted + spare, found.live)
    session.flush()
    return found


def resize(session: Session, visit: Visit, purpose: str, wanted: int, spare: int = 1) -> None:
    """Change how many every subject of the activity should get; what is live already stays."""
    room = wanted + spare
    session.execute(
        update(Need)
        .where(Need.activity_id == visit.activity.id, Need.purpose == purpose)
        .values(wanted=wanted, ceiling=case((Need.live > room, Need.live), else_=room))
    )


def of(session: Session, visit: Visit, purpose: str) -> Sequence[Need]:
    """Return what the activity's subjects need."""
    return session.scalars(
        select(Need).where(Need.activity_id == visit.activity.id, Need.purpose == purpose)
    ).all()


def reserve(session: Session, visit: Visit, purpose: str, subject_id: UUID) -> bool:
    """Take room for one live allocation of a subject; False when it has enough."""
    taken: Any = session.execute(
        update(Need)
        .where(
            Need.activity_id == visit.activity.id,
            Need.purpose == purpose,
            Need.subject_id == subject_id,
            Need.live + Need.completed < Need.ceiling,
        )
        .values(live=Need.live + 1)
    )
    return bool(taken.rowcount)


def count(
    session: Session,
    activity_id: UUID,
    purpose: str,
    subject_id: UUID,
    *,
    live: int,
    completed: int,
) -> None:
    """Add to a subject's counts; a subject without a need is not counted."""
    session.execute(
        update(Need)
        .where(
            Need.activity_id == activity_id, Need.purpose == purpose, Need.subject_id == subject_id
        )
        .values(live=Need.live + live, completed=Need.completed + completed)
    )
