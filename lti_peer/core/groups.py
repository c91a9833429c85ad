"""The groups that an LMS has in a course, and who is in them (Course Groups Service 1.0)."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core.db import Base
from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, Membership
from lti_peer.core.visit import Visit


class CourseGroup(Base):
    """One group of a course, as the LMS has it."""

    __tablename__ = "course_group"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The LMS's id of the group."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    set_key: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    set_name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    """The set (in Moodle: grouping) that it belongs to; both empty where there is none."""


class CourseGroupMember(Base):
    """One person in one group."""

    __tablename__ = "course_group_member"
    __table_args__ = (Index(None, "person_id"),)

    group_id: Mapped[UUID] = mapped_column(
        ForeignKey("course_group.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))


@dataclass(frozen=True)
class GroupView:
    """A group and its active members."""

    group: CourseGroup
    people: tuple[UUID, ...]


def of(session: Session, visit: Visit) -> list[GroupView]:
    """Return the groups of the visit's course by set and name, each with its active members."""
    found = session.scalars(
        select(CourseGroup)
        .where(CourseGroup.course_id == visit.course.id)
        .order_by(CourseGroup.set_name, CourseGroup.name, CourseGroup.key)
    ).all()
    if not found:
        return []
    inside: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(CourseGroupMember.group_id, CourseGroupMember.person_id)
        .join(CourseGroup, CourseGroup.id == CourseGroupMember.group_id)
        .join(
            Membership,
            (Membership.person_id == CourseGroupMember.person_id)
            & (Membership.course_id == CourseGroup.course_id),
        )
        .where(CourseGroup.course_id == visit.course.id, Membership.active)
        .order_by(Membership.number)
    )
    for group_id, person_id in rows:
        inside.setdefault(group_id, []).append(person_id)
    return [GroupView(group, tuple(inside.get(group.id, ()))) for group in found]
