"""Which sandbox is whose, and what is tried in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core.db import Base


class Sandbox(Base):
    """A course of its own, in which one person tries a copy of one activity."""

    __tablename__ = "sandbox"
    __table_args__ = (
        UniqueConstraint("origin_id", "person_id"),
        Index(None, "person_id"),
        Index(None, "used_at"),
    )

    course_id: Mapped[UUID] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    origin_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """The activity that is tried; the sandbox has a copy, and touches it never."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Who tries it."""
    made_at: Mapped[datetime]
    used_at: Mapped[datetime]
    """When somebody last came into it; both by the people's clock."""
