"""Platforms, courses, people and activities: the nouns that every part knows (house.md, section 3).

Every table that belongs to a tenant carries the deployment's id; a person belongs to a platform,
because an LMS knows somebody under one `sub` for all its deployments.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_peer.core.db import Base, choice

ID_LENGTH = 255
"""The longest id that LTI 1.3 allows for a sub, a context, a resource link and a deployment."""
NAME_LENGTH = 255
URL_LENGTH = 2_000


class Standing(StrEnum):
    """Whether a platform or a deployment may be used."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class Role(StrEnum):
    """What somebody may do in one course, as their last launch said (security.md 4.1)."""

    INSTRUCTOR = "instructor"
    TA = "ta"
    DESIGNER = "designer"
    LEARNER = "learner"
    MENTOR = "mentor"
    PREVIEW = "preview"
    NONE = "none"

    @property
    def is_staff(self) -> bool:
        """Whether the role sees everybody's work in its course."""
        return self in {Role.INSTRUCTOR, Role.TA}

    @property
    def may_set_up(self) -> bool:
        """Whether the role may change an activity's settings."""
        return self in {Role.INSTRUCTOR, Role.TA, Role.DESIGNER}


class ActivityState(StrEnum):
    """An activity is a draft until its first launch from a course page."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Platform(Base):
    """One registration of an LMS. An issuer alone names no platform: Canvas's is shared by all."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    issuer: Mapped[str] = mapped_column(String(URL_LENGTH))
    client_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    family: Mapped[str] = mapped_column(String(64), default="")
    """The product family code, such as `moodle` or `canvas`; empty until the LMS says it."""
    auth_url: Mapped[str] = mapped_column(String(URL_LENGTH))
    token_url: Mapped[str] = mapped_column(String(URL_LENGTH))
    jwks_url: Mapped[str] = mapped_column(String(URL_LENGTH))
    audience: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    """The `aud` of our service assertions where it is not the token URL (Brightspace)."""
    state: Mapped[Standing] = mapped_column(choice(Standing), default=Standing.ACTIVE)
    hosts: Mapped[list[Any]] = mapped_column(default=list)
    """Further hosts on which this LMS's services live, beside those of the four addresses."""
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    """The service scopes that the LMS granted at registration; empty means that it did not say."""
    created_at: Mapped[datetime]
    last_launch_at: Mapped[datetime | None]

    deployments: Mapped[list["Deployment"]] = relationship(
        back_populates="platform", cascade="all, delete-orphan", passive_deletes=True
    )


class Deployment(Base):
    """One placement of the tool in a platform: the tenant."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    deployment_key: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The `deployment_id` claim."""
    state: Mapped[Standing] = mapped_column(choice(Standing), default=Standing.ACTIVE)
    created_at: Mapped[datetime]

    platform: Mapped[Platform] = relationship(back_populates="deployments")


class Course(Base):
    """An LTI context; or a sandbox, which no LMS knows, where one visitor tries an activity."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("deployment_id", "context_key"), Index(None, "sandbox_of"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    context_key: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The context claim's `id`."""
    label: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    title: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    roster_url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    line_items_url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    created_at: Mapped[datetime]
    sandbox_of: Mapped[UUID | None] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    """The course of the activity that is tried here; none for a course of an LMS."""

    deployment: Mapped[Deployment] = relationship()

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing that happens here counts, or is told to anybody (`core.news`)."""
        return self.sandbox_of is not None


class Person(Base):
    """Someone as one platform knows them. The names are the LMS's and may be empty."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The `sub` claim."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    email: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    created_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    """Since when an administrator lets them in no more, whatever the LMS says."""

    platform: Mapped[Platform] = relationship()


class Membership(Base):
    """A person's role in a course, as the last launch or roster said."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("course_id", "person_id"), Index(None, "person_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    """The role by which others know this member; a preview does not change it."""
    number: Mapped[int]
    """A small number within the course, for "Participant 7" where the LMS sends no name."""
    active: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined")
    course: Mapped[Course] = relationship()


class Activity(Base):
    """One resource link set up as one kind. It has no link until its first launch."""

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("course_id", "resource_link_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    resource_link_key: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The resource link claim's `id`; none for a draft that no course page shows yet."""
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(NAME_LENGTH))
    instructions: Mapped[str] = mapped_column(Text, default="")
    """Markdown, as the instructor wrote it."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The kind's own settings; its settings.py says which."""
    state: Mapped[ActivityState] = mapped_column(choice(ActivityState), default=ActivityState.DRAFT)
    released_at: Mapped[datetime | None]
    """When staff released the grades; none: nothing has been sent to the LMS."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship()


class LineItem(Base):
    """A grade column in the LMS for one component of an activity."""

    __tablename__ = "line_item"
    __table_args__ = (UniqueConstraint("activity_id", "component"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    component: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(NAME_LENGTH))
    maximum: Mapped[float] = mapped_column(default=100.0)
    url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    """Empty until the LMS has told it, or the worker has made the column."""
