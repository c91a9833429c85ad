"""What was copied from what: courses, as LMSs tell it, and activities, as their links show it."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core.db import Base
from lti_peer.core.models import ID_LENGTH, Activity, ActivityState, Membership, Role
from lti_peer.core.visit import Visit

STAFF: Final = (Role.INSTRUCTOR, Role.TA)
MOST_STEPS: Final = 10
"""Copies of copies of copies: so far back and forth one looks."""


class CourseCopy(Base):
    """A course was copied from another; neither needs to have been opened here."""

    __tablename__ = "course_copy"
    __table_args__ = (UniqueConstraint("deployment_id", "context_key", "origin_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    context_key: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The LMS's id of the copy."""
    origin_key: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The LMS's id of the course that it was copied from."""
    told_at: Mapped[datetime]


class ActivityOrigin(Base):
    """A link is a copy of another activity's, so its settings may be taken over."""

    __tablename__ = "activity_origin"

    activity_id: Mapped[UUID] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    origin_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    found_at: Mapped[datetime]


def ties(session: Session, visit: Visit, starts: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return (copy, origin) of all that activities were copied from or to, however many steps."""
    known, found = set(starts), set[tuple[UUID, UUID]]()
    for _ in range(MOST_STEPS):
        rows = session.execute(
            select(ActivityOrigin.activity_id, ActivityOrigin.origin_id).where(
                ActivityOrigin.deployment_id == visit.deployment_id,
                or_(ActivityOrigin.activity_id.in_(known), ActivityOrigin.origin_id.in_(known)),
            )
        )
        found |= {(copy, origin) for copy, origin in rows}
        fresh = {one for pair in found for one in pair} - known
        if not fresh:
            break
        known |= fresh
    return found


def shown_to(visit: Visit) -> ColumnElement[bool]:
    """Return the condition for activities that may stand side by side for this visitor.

    They are in the visit's course, or in another of the tenant in which the visitor is staff now. A
    draft is none: nobody has opened it from a course page.
    """
    taught = select(Membership.course_id).where(
        Membership.person_id == visit.person.id, Membership.role.in_(STAFF), Membership.active
    )
    return and_(
        Activity.deployment_id == visit.deployment_id,
        Activity.state != ActivityState.DRAFT,
        or_(Activity.course_id == visit.course.id, Activity.course_id.in_(taught)),
    )
