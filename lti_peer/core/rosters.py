"""Who the LMS says is in a course, and when to ask it again.

The people of a roster are memberships like any others, so learners are known by name before they
have come, and "0 of 24" is right from the start. What is kept here beside them is what the roster
said, and how reading it goes. Reading is done by a job (`lti.roster`); a page asks for it, and
shows how old it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base, choice
from lti_peer.core.models import URL_LENGTH, Course, Membership, Role
from lti_peer.core.visit import Visit

FRESH = timedelta(seconds=30)
"""A roster as young as that is not read again because somebody asks."""


class Listing(StrEnum):
    """What a roster says of a member (Names and Role Provisioning Services 2.0, `status`)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


class Roster(Base):
    """How reading one course's roster goes."""

    __tablename__ = "roster"
    __table_args__ = (Index(None, "due_at"),)

    course_id: Mapped[UUID] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    """When it is read again, whether anybody is in the course or not."""
    watch_at: Mapped[datetime]
    """From when on it is read again if somebody has the course open."""
    leased_until: Mapped[datetime | None]
    """Somebody reads it just now, or died while reading."""
    read_at: Mapped[datetime | None]
    """When the last reading that came to its end began."""
    whole_at: Mapped[datetime | None]
    """The same of the last that was no list of differences."""
    differences_url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    """Where the LMS lists what has changed since; empty when it does not offer that."""
    groups_url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    group_sets_url: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    """Where the LMS lists the course's groups and their sets; empty where it has none."""
    faults: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why the last reading failed, for the instructor; empty when it did not."""


class RosterEntry(Base):
    """What the roster last said of one person."""

    __tablename__ = "roster_entry"
    __table_args__ = (Index(None, "person_id"),)

    course_id: Mapped[UUID] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    listing: Mapped[Listing] = mapped_column(choice(Listing))
    listed_at: Mapped[datetime]
    """When the roster last named them."""
    added_at: Mapped[datetime | None]
    """When the roster made the membership; whoever was seen later has come since."""


@dataclass(frozen=True)
class RosterView:
    """What a page shows of the roster."""

    available: bool
    """Whether the LMS gives one at all."""
    reading: bool
    """Whether it is being read, or will be in a moment."""
    read_at: datetime | None
    learners: int
    """Active learners of the course, whether they have come or not."""
    not_yet_here: int
    """Those among them whom only the roster knows."""
    problem: str
    now: datetime
    """The database's clock, by which rosters are read; the people's may be moved."""


_LEARNERS = select(func.count(Membership.id)).where(
    Membership.course_id == bindparam("course"), Membership.role == Role.LEARNER, Membership.active
)
_VIEW = (
    select(
        Roster,
        _LEARNERS.scalar_subquery(),
        _LEARNERS.join(
            RosterEntry,
            (RosterEntry.course_id == Membership.course_id)
            & (RosterEntry.person_id == Membership.person_id),
        )
        .where(RosterEntry.added_at >= Membership.seen_at)
        .scalar_subquery(),
    )
    .select_from(Course)
    .outerjoin(Roster, Roster.course_id == Course.id)
    .where(Course.id == bindparam("course"))
)


def ask(session: Session, course: Course, now: datetime) -> None:
    """Have the course's roster read soon, unless that was done in the last half minute.

    `now` is the database's clock. Nothing is done for a course whose LMS gives no roster; asking
    twice is harmless.
    """
    if not course.roster_url:
        return
    found = session.get(Roster, course.id)
    if found is None:
        found = _added(session, course, now)
    elif found.due_at > now and (found.read_at is None or now - found.read_at > FRESH):
        found.due_at = now
    session.info["chore"] = True


def keep_groups(session: Session, course: Course, groups_url: str, sets_url: str) -> None:
    """Keep where the LMS lists the course's groups; they are read with the roster."""
    found = session.get(Roster, course.id)
    if found is not None and (found.groups_url, found.group_sets_url) != (groups_url, sets_url):
        found.groups_url, found.group_sets_url = groups_url, sets_url
        found.due_at = min(found.due_at, db.now(session))


def view(session: Session, visit: Visit) -> RosterView:
    """Return what is known of the visit's course's roster."""
    course, moment = visit.course, visit.now - session.info["database"].shift
    found, learners, expected = session.execute(_VIEW, {"course": course.id}).one()
    return RosterView(
        available=bool(course.roster_url),
        reading=found is not None and found.due_at <= moment,
        read_at=found.read_at if found else None,
        learners=learners,
        not_yet_here=expected,
        problem=found.problem if found else "",
        now=moment,
    )


def _added(session: Session, course: Course, now: datetime) -> Roster:
    """Return the course's new row, or the one that somebody else added in the same moment."""
    try:
        with session.begin_nested():
            made = Roster(
                course_id=course.id, deployment_id=course.deployment_id, due_at=now, watch_at=now
            )
            session.add(made)
    except IntegrityError:
        return session.get_one(Roster, course.id)
    return made
