"""A call for a human: "I cannot open this", "look at this grade", an appeal."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import audit
from lti_peer.core.db import Base, choice
from lti_peer.core.errors import NotFound
from lti_peer.core.visit import Visit


class FlagState(StrEnum):
    """Whether somebody has seen to it."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"


class Flag(Base):
    """One call about one thing."""

    __tablename__ = "flag"
    __table_args__ = (Index(None, "activity_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    target: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text, default="")
    raised_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """None: a rule raised it."""
    state: Mapped[FlagState] = mapped_column(choice(FlagState), default=FlagState.OPEN)
    at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(String(255), default="")


def raise_flag(
    session: Session, visit: Visit, target: str, target_id: UUID, reason: str, words: str = ""
) -> Flag:
    """Keep the visitor's call; the same call again while it is open is the same flag."""
    found = session.scalar(
        select(Flag).where(
            Flag.activity_id == visit.activity.id,
            Flag.target_id == target_id,
            Flag.reason == reason,
            Flag.raised_by == visit.person.id,
            Flag.state != FlagState.RESOLVED,
        )
    )
    if found is None:
        found = Flag(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            target=target,
            target_id=target_id,
            reason=reason,
            raised_by=visit.person.id,
            at=visit.now,
        )
        session.add(found)
    found.words = words
    session.flush()
    return found


def raise_by_rule(
    session: Session, visit: Visit, target: str, target_id: UUID, reason: str, words: str = ""
) -> Flag:
    """Keep a call that a rule makes, not a person; the same one while it is open is the same."""
    found = _by_rule(session, visit, target_id, reason)
    if found is None:
        found = Flag(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            target=target,
            target_id=target_id,
            reason=reason,
            words=words,
            at=visit.now,
        )
        session.add(found)
        session.flush()
    return found


def settle(session: Session, visit: Visit, target_id: UUID, reason: str, resolution: str) -> None:
    """Close the call that a rule made, when what it was about is no more so."""
    found = _by_rule(session, visit, target_id, reason)
    if found is not None:
        found.state, found.resolved_at = FlagState.RESOLVED, visit.now
        found.resolution = resolution


def _by_rule(session: Session, visit: Visit, target_id: UUID, reason: str) -> Flag | None:
    return session.scalar(
        select(Flag).where(
            Flag.activity_id == visit.activity.id,
            Flag.target_id == target_id,
            Flag.reason == reason,
            Flag.raised_by.is_(None),
            Flag.state != FlagState.RESOLVED,
        )
    )


def pending(session: Session, visit: Visit) -> Sequence[Flag]:
    """Return the calls that wait for somebody, oldest first: for staff."""
    return session.scalars(
        select(Flag)
        .where(Flag.activity_id == visit.activity.id, Flag.state != FlagState.RESOLVED)
        .order_by(Flag.at)
    ).all()


def resolve(session: Session, visit: Visit, flag_id: UUID, resolution: str) -> Flag:
    """Close a call with a sentence on what was done; raises NotFound when it is not here."""
    found = session.scalar(
        select(Flag).where(Flag.id == flag_id, Flag.activity_id == visit.activity.id)
    )
    if found is None:
        raise NotFound("This call is not here.")
    found.state, found.resolved_at, found.resolution = FlagState.RESOLVED, visit.now, resolution
    audit.note(session, visit, "resolved_flag", flag=str(flag_id))
    return found
