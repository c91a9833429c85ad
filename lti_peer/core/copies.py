"""What was copied from what: courses, as LMSs tell it, and activities, as their links show it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core.db import Base
from lti_peer.core.models import ID_LENGTH


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
