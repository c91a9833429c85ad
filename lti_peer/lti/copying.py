"""A link that is a copy: its settings are offered to staff, with later dates, and never the people.

A course that an LMS has copied brings our links along, each with the id of the activity that it was
made for. That id proves nothing (security.md T11): the LMS must say that the course is a copy of
the other one, or the visitor must teach there too. Moodle tells the history of courses and not that
of links, so a link carries its activity's id itself; where a link's history is told, it does too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lti_peer.activities import registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.core import audit
from lti_peer.core.copies import ActivityOrigin, CourseCopy
from lti_peer.core.errors import Conflict, Invalid
from lti_peer.core.models import Activity, Course, Membership, Person, Role
from lti_peer.core.visit import Visit
from lti_peer.goals import service as goals
from lti_peer.lti import choosing
from lti_peer.lti.claims import Launch
from lti_peer.peerwork import cloning, phases
from lti_peer.rules.phases import Window

WEEK = timedelta(days=7)
MOST_WEEKS = 520
STAFF = (Role.INSTRUCTOR, Role.TA, Role.DESIGNER)
LONGEST_HISTORY = 20
"""Courses and links back that are looked at; the nearest come first."""


@dataclass(frozen=True)
class Offer:
    """Settings that may be taken over."""

    origin: Activity
    kind: ActivityKind
    weeks: int
    """By how many weeks the dates are moved, so that the first is to come."""
    windows: dict[str, Window]
    """The dates as they would be then."""


def remember(
    session: Session, launch: Launch, person: Person, made: Activity, now: datetime
) -> None:
    """Note what the bare activity `made` is a copy of, if anything is known and may be used."""
    course = made.course
    origin = _named(session, launch, made) or _by_history(session, launch, made)
    if origin is None or not origin.kind:
        return
    if origin.course_id != course.id and not _may_use(session, launch, person, course, origin):
        return
    session.add(
        ActivityOrigin(
            activity_id=made.id, deployment_id=made.deployment_id, origin_id=origin.id, found_at=now
        )
    )


def offer(session: Session, visit: Visit) -> Offer | None:
    """Return what the visitor's bare link may take over; None when there is nothing."""
    if not choosing.is_bare(visit):
        return None
    found = session.get(ActivityOrigin, visit.activity.id)
    origin = session.get(Activity, found.origin_id) if found else None
    kind = registry.find(origin.kind) if origin else None
    if origin is None or kind is None:
        return None
    dates = phases.dates(session, origin)
    weeks = _weeks(list(dates.values()), visit.now)
    return Offer(origin, kind, weeks, moved(dates, weeks, visit.zone))


def take_over(session: Session, visit: Visit, weeks: int) -> Activity:
    """Return the visitor's bare activity with the settings offered, its dates `weeks` later.

    Raises Invalid for a silly number, and Conflict when nothing is offered (any more).
    """
    if not 0 <= weeks <= MOST_WEEKS:
        raise Invalid("Give a number of weeks from 0 to 520.", {"weeks": "0 to 520 weeks."})
    found = offer(session, visit)
    if found is None:
        raise Conflict("There is nothing to take over for this link.", code="chosen_already")

    def fill(session: Session, chosen: Visit) -> None:
        dates = moved(phases.dates(session, found.origin), weeks, visit.zone)
        cloning.clone(session, chosen.activity, found.origin, dates)
        if found.kind.copy is not None:
            found.kind.copy(session, chosen, found.origin)
        goals.copy(session, chosen, found.origin, lambda at: later(at, weeks, visit.zone))

    made = choosing.choose(session, visit, found.kind, fill)
    audit.note(session, replace(visit, chosen=made), "copied_settings", origin=str(found.origin.id))
    return made


def moved(dates: dict[str, Window], weeks: int, zone: str) -> dict[str, Window]:
    """Return the windows whole weeks later, at the same time of day in `zone`."""
    return {
        key: Window(*(at and later(at, weeks, zone) for at in (one.opens, one.due, one.closes)))
        for key, one in dates.items()
    }


def later(at: datetime, weeks: int, zone: str) -> datetime:
    """Return the time whole weeks later, at the same time of day in `zone`."""
    place = ZoneInfo(zone)
    clock = at.astimezone(place).replace(tzinfo=None) + weeks * WEEK
    return clock.replace(tzinfo=place)


def _named(session: Session, launch: Launch, made: Activity) -> Activity | None:
    """Return the activity that the link carries the id of, in the same tenant."""
    try:
        named = UUID(launch.custom.get("activity", ""))
    except ValueError:
        return None
    return _one(session, made, Activity.id == named)


def _by_history(session: Session, launch: Launch, made: Activity) -> Activity | None:
    """Return the activity of the nearest link that this one is a copy of, if the LMS tells."""
    for key in _history(launch, "link_history"):
        found = _one(session, made, Activity.resource_link_key == key)
        if found is not None:
            return found
    return None


def _one(session: Session, made: Activity, which: ColumnElement[bool]) -> Activity | None:
    return session.scalars(
        select(Activity)
        .where(which, Activity.deployment_id == made.deployment_id, Activity.id != made.id)
        .limit(1)
    ).first()


def _may_use(
    session: Session, launch: Launch, person: Person, course: Course, origin: Activity
) -> bool:
    """Whether the LMS says that the course is a copy of the other, or the visitor teaches there."""
    other = session.get_one(Course, origin.course_id)
    if other.context_key in _history(launch, "context_history"):
        return True
    told = select(CourseCopy.id).where(
        CourseCopy.deployment_id == course.deployment_id,
        CourseCopy.context_key == course.context_key,
        CourseCopy.origin_key == other.context_key,
    )
    teaches = select(Membership.id).where(
        Membership.course_id == other.id,
        Membership.person_id == person.id,
        Membership.role.in_(STAFF),
        Membership.active,
    )
    return session.scalar(told) is not None or session.scalar(teaches) is not None


def _history(launch: Launch, name: str) -> Collection[str]:
    """Return the ids of a history, nearest first (LTI 1.3, `Context.id.history`: commas)."""
    keys = [key.strip() for key in launch.custom.get(name, "").split(",")]
    return [key for key in keys if key][:LONGEST_HISTORY]


def _weeks(dates: Sequence[Window], now: datetime) -> int:
    """Return how many whole weeks bring the first date to come."""
    instants = [at for one in dates for at in (one.opens, one.due) if at is not None]
    if not instants or min(instants) > now:
        return 0
    return min(MOST_WEEKS, (now - min(instants)) // WEEK + 1)
