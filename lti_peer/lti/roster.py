"""Reading the roster of a course: which is due, reading it, and what to do when that fails.

A course whose pages are open is read every ten minutes, so whoever leaves it loses access within
fifteen; a quiet one once a day; and any at once when its staff come or ask. What has changed is
asked for where the LMS tells it, and everybody once a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.models import Course, Membership, Platform, Standing
from lti_peer.core.rosters import Roster
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import groups, membership, nrps
from lti_peer.lti.groups import Group
from lti_peer.lti.http import EgressError
from lti_peer.lti.nrps import Reading
from lti_peer.lti.services import Declined, NotApproved, Services
from lti_peer.lti.tokens import TokenRefused
from lti_peer.web.visits import IDLE

log = structlog.get_logger()

OFTEN = timedelta(minutes=10)
DAILY = timedelta(days=1)
QUIET = timedelta(days=30)
"""A course that nobody has opened for so long is read as rarely."""
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
NOT_ALLOWED = (
    "The LMS does not let the tool read who is in the course ({why}). Ask your LMS administrator "
    "to allow “Names and Role Provisioning Services” for this tool."
)
NOT_APPROVED = (
    "The LMS names {host} for its course list, and nobody has approved that host for it. "
    "Ask whoever runs this tool to approve it."
)
AWAY = "The LMS did not give its list of participants. It is asked again by itself."
EMPTY = "The LMS gave a list of participants with nobody in it, so nothing was changed."
INACTIVE = "This LMS is not approved here, so its list of participants is not read."
LEAVE = frozenset({400, 401, 403, 404})
"""Answers that do not change by asking again soon."""


@dataclass(frozen=True)
class _Task:
    """One roster to read, as it was when it was claimed."""

    course_id: UUID
    platform: Platform
    approved: bool
    url: str
    differences_url: str
    """Empty when everybody is to be read."""
    groups_url: str
    group_sets_url: str
    begun: datetime


@dataclass(frozen=True)
class _Read:
    """What came of reading."""

    reading: Reading
    whole: bool
    """Whether it names everybody."""
    groups: list[Group] | None = None
    """None: they were not read."""


@dataclass(frozen=True)
class _Fault:
    """Why a reading came to nothing, and how long to wait; None: as after any fault."""

    sentence: str
    wait: timedelta | None = None


def refresh(database: Database, services: Services) -> bool:
    """Read one roster that is due and keep what it says; False when none is due.

    No transaction may be open. A process that dies while reading leaves a lease of five minutes.
    """
    with database.transaction(read_only=True) as session:  # to look holds up nobody's writing
        if session.scalar(_due(db.now(session))) is None:
            return False
    with database.transaction() as session:
        task = _claim(session)
    if task is None:
        return False
    try:
        found = _read(services, task)
    except (Declined, EgressError, TokenRefused, NotApproved) as fault:
        _fail(database, task, _explain(fault))
        return True
    if not task.approved:
        _fail(database, task, _Fault(INACTIVE, LONGEST_WAIT))
    elif found.whole and not found.reading.members:
        _fail(database, task, _Fault(EMPTY))
    else:
        _succeed(database, task, found)
    return True


def _claim(session: Session) -> _Task | None:
    """Return the roster that has waited longest, leased to the caller."""
    now = db.now(session)
    found = session.scalar(_due(now).with_for_update(skip_locked=True))
    if found is None:
        return None
    found.leased_until = now + LEASE
    course = session.get_one(Course, found.course_id)
    platform = course.deployment.platform
    recent = found.whole_at is not None and now - found.whole_at < DAILY
    return _Task(
        course_id=course.id,
        platform=platform,
        approved={course.deployment.state, platform.state} == {Standing.ACTIVE},
        url=course.roster_url,
        differences_url=found.differences_url if recent else "",
        groups_url=found.groups_url,
        group_sets_url=found.group_sets_url,
        begun=now,
    )


def _due(now: datetime) -> Select[Roster]:
    """Return what finds a roster whose time has come, or whose course somebody has open."""
    opened = select(VisitRecord.course_id).where(
        VisitRecord.ends_at > now, VisitRecord.used_at > now - IDLE
    )
    watched = and_(Roster.watch_at <= now, Roster.course_id.in_(opened))
    return (
        select(Roster)
        .where(
            or_(Roster.leased_until.is_(None), Roster.leased_until <= now),
            or_(Roster.due_at <= now, watched),
        )
        .order_by(Roster.due_at)
        .limit(1)
    )


def _read(services: Services, task: _Task) -> _Read:
    if not task.approved:
        return _Read(Reading((), ""), whole=False)
    if task.differences_url:
        try:
            reading = nrps.read_differences(services, task.platform, task.differences_url)
            return _Read(reading, whole=False)
        except (Declined, EgressError, NotApproved) as fault:
            log.info("differences_not_read", reason=type(fault).__name__)
    with_groups = bool(task.groups_url)
    reading = nrps.read(services, task.platform, task.url, groups=with_groups)
    return _Read(reading, whole=True, groups=_read_groups(services, task))


def _read_groups(services: Services, task: _Task) -> list[Group] | None:
    """Return the groups, or None: without them the rest of the roster is as good as ever."""
    if not task.groups_url:
        return None
    try:
        return groups.read(services, task.platform, task.groups_url, task.group_sets_url)
    except (Declined, EgressError, TokenRefused, NotApproved) as fault:
        log.warning("groups_not_read", reason=type(fault).__name__, course=str(task.course_id))
        return None


def _succeed(database: Database, task: _Task, found: _Read) -> None:
    try:
        changes = _keep(database, task, found)
    except IntegrityError:  # somebody came at this moment, whom the roster would have added
        changes = _keep(database, task, found)
    log.info("roster_read", course=str(task.course_id), whole=found.whole, **vars(changes))


def _keep(database: Database, task: _Task, read: _Read) -> membership.Changes:
    """Keep a reading in one transaction, unless a later one has been kept meanwhile."""
    with database.transaction() as session:
        found = session.get(Roster, task.course_id, with_for_update=True)
        if found is None or (found.read_at is not None and found.read_at >= task.begun):
            return membership.Changes()
        course = session.get_one(Course, task.course_id)
        listed, whole = read.reading.members, read.whole
        changes = membership.keep(session, course, listed, task.begun, whole=whole)
        if read.groups is not None:
            session.flush()
            groups.keep(session, course, read.groups, listed)
        found.read_at = task.begun
        found.whole_at = task.begun if whole else found.whole_at
        found.differences_url = read.reading.differences_url or (
            "" if whole else task.differences_url
        )
        found.faults, found.problem, found.leased_until = 0, "", None
        found.watch_at = task.begun + OFTEN
        found.due_at = task.begun + (DAILY if _is_alive(session, course, task.begun) else QUIET)
        return changes


def _is_alive(session: Session, course: Course, now: datetime) -> bool:
    """Whether anybody has come to the course, or been added to it, in the last month."""
    seen = select(Membership.id).where(
        Membership.course_id == course.id, Membership.seen_at > now - QUIET
    )
    return session.scalar(seen.limit(1)) is not None


def _fail(database: Database, task: _Task, fault: _Fault) -> None:
    with database.transaction() as session:
        found = session.get(Roster, task.course_id, with_for_update=True)
        if found is None:
            return
        wait = fault.wait or min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(found.faults, 10))
        found.faults, found.problem, found.leased_until = found.faults + 1, fault.sentence, None
        found.due_at = found.watch_at = db.now(session) + wait
    log.warning("roster_not_read", course=str(task.course_id), platform=str(task.platform.id))


def _explain(fault: Exception) -> _Fault:
    """Return what a failure means for the instructor, and for when to ask again."""
    if isinstance(fault, NotApproved):
        return _Fault(NOT_APPROVED.format(host=fault.host), LONGEST_WAIT)
    if isinstance(fault, Declined):
        return _answered(fault.answer.status, fault.answer.retry_after)
    if isinstance(fault, TokenRefused):
        return _answered(fault.status, fault.retry_after)
    return _Fault(AWAY)


def _answered(status: int, asked: float | None) -> _Fault:
    if status in LEAVE:
        return _Fault(NOT_ALLOWED.format(why=status), LONGEST_WAIT)
    return _Fault(AWAY, timedelta(seconds=max(asked, 1.0)) if asked else None)
