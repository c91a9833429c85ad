"""What staff and the tool did to an activity: who, what, when. It is only ever added to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core.db import Base
from lti_peer.core.visit import Visit


class AuditEntry(Base):
    """One act of staff."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "activity_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    act: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]


def note(session: Session, visit: Visit, act: str, **detail: Any) -> None:
    """Write down that the visitor did `act`; `detail` is JSON without names or text of people."""
    session.add(
        AuditEntry(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            person_id=visit.person.id,
            act=act,
            detail=detail,
            at=visit.now,
        )
    )


def history(session: Session, visit: Visit, limit: int = 50) -> Sequence[AuditEntry]:
    """Return the newest entries of the visit's activity, newest first."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.activity_id == visit.activity.id)
        .order_by(AuditEntry.at.desc())
        .limit(limit)
    ).all()
