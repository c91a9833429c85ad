"""What staff did to an activity, and administrators to the tool: who, what, when.

It is only ever added to. What concerns one tenant goes with that tenant; the rest stays.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base
from lti_peer.core.visit import Visit

ACTOR_LENGTH = 120


class AuditEntry(Base):
    """One act of staff, or of an administrator."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "activity_id", "at"), Index(None, "at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("deployment.id", ondelete="CASCADE")
    )
    """The tenant; none for an administrator's act, which outlives every tenant."""
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    act: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH), default="")
    """Which administrator, and by which way; empty where a person of a course acted."""


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


def record(session: Session, actor: str, act: str, **detail: Any) -> None:
    """Write down that an administrator did `act`; `detail` is JSON without names or text of people.

    `actor` says who and by which way, such as "kim, command line".
    """
    session.add(AuditEntry(actor=actor[:ACTOR_LENGTH], act=act, detail=detail, at=db.now(session)))
