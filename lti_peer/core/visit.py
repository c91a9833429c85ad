"""Who is here, in which activity, as what, and when: what a launch leaves behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core.db import Base, choice
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Activity, Course, Person, Role


class VisitRecord(Base):
    """One launch's visit, kept by the server; the browser holds only the proof.

    It belongs to a launch and never to a browser, so two courses or two people in one browser do
    not disturb each other.
    """

    __tablename__ = "visit"
    __table_args__ = (Index(None, "ends_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    proof_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the secret that the browser shows, in hexadecimal."""
    in_path: Mapped[bool] = mapped_column(default=False)
    """The proof travels in the path, because the browser keeps no cookie at all."""
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    """The time zone that dates are shown in, by its IANA name."""
    locale: Mapped[str] = mapped_column(String(35), default="en")
    return_url: Mapped[str] = mapped_column(String(2_000), default="")
    deep_link: Mapped[dict[str, Any] | None]
    """The deep linking settings, while an instructor chooses what to add to the course."""
    started_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ends_at: Mapped[datetime]


@dataclass(frozen=True)
class Visit:
    """The person, course, activity, role and time that one request is about."""

    id: UUID
    person: Person
    course: Course
    role: Role
    now: datetime
    """The people's clock, in UTC; never read another."""
    base_url: str
    zone: str = "UTC"
    locale: str = "en"
    return_url: str = ""
    chosen: Activity | None = None
    deep_link: dict[str, Any] | None = None

    @property
    def activity(self) -> Activity:
        """The activity; raises NotFound while an instructor has not chosen one yet."""
        if self.chosen is None:
            raise NotFound("Choose first what to add to the course.")
        return self.chosen

    @property
    def deployment_id(self) -> UUID:
        """The tenant."""
        return self.course.deployment_id

    @property
    def in_sandbox(self) -> bool:
        """Whether this visitor only tries things, among made-up people (`lti_peer.previews`)."""
        return self.course.is_sandbox

    @property
    def may_try(self) -> bool:
        """Whether this visitor may see the activity as a learner would: once it is one."""
        return self.role.may_set_up and self.chosen is not None and self.deep_link is None

    @property
    def is_staff(self) -> bool:
        """Whether this visitor sees everybody's work in the course."""
        return self.role.is_staff
