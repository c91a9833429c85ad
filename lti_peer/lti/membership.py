"""What a roster that was read changes: people, memberships, and who has to leave.

Whoever has come is what their launch said they are; a roster makes them nothing else, with one
exception. It adds people who have not come, and it says who has left: they keep their work and lose
their visits at once.

The exception is whom it used to call staff and now calls a learner: else they would be taken for
staff who look at things as a learner, at every launch, and could never hand in. That it calls
somebody a learner is not enough: Moodle lists assistants so, who may switch to the role of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from lti_peer.core.models import Course, Membership, Person, Role
from lti_peer.core.rosters import Listing, RosterEntry
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import enrolment
from lti_peer.lti.nrps import Member

EXPECTED = frozenset({Role.INSTRUCTOR, Role.TA, Role.DESIGNER, Role.LEARNER})
"""Whom a roster may add: nobody else has anything to do here."""
AT_ONCE = 500
"""Rows that one SELECT asks for by name: a database takes only so many parameters."""


@dataclass
class Changes:
    """How many people a roster brought, changed back, and sent away."""

    added: int = 0
    left: int = 0
    returned: int = 0


@dataclass
class _Known:
    """What there is of a course before the roster changes it."""

    course: Course
    begun: datetime
    people: dict[str, Person] = field(default_factory=dict)
    members: dict[UUID, Membership] = field(default_factory=dict)
    entries: dict[UUID, RosterEntry] = field(default_factory=dict)
    fresh: list[RosterEntry] = field(default_factory=list)
    number: int = 0
    changes: Changes = field(default_factory=Changes)


def keep(
    session: Session, course: Course, listed: Sequence[Member], begun: datetime, *, whole: bool
) -> Changes:
    """Bring the course's memberships to what the roster says, and return what has changed.

    `begun` is when reading began, by the database's clock: whoever launched since is newer than
    the roster. With `whole`, a learner who is not named has left, and so has anybody else whom an
    earlier roster had named; an administrator of the LMS, whom none ever names, has not.
    """
    known = _know(session, course, listed, begun)
    for member in listed:
        if member.listing is Listing.ACTIVE:
            _welcome(session, known, member)
        elif (person := known.people.get(member.subject)) is not None:
            _say_goodbye(session, known, person.id, member.listing)
    if whole:
        named = {known.people[m.subject].id for m in listed if m.subject in known.people}
        for person_id in [one for one in known.members if one not in named]:
            if person_id in known.entries or known.members[person_id].role is Role.LEARNER:
                _say_goodbye(session, known, person_id, Listing.DELETED)
    session.flush()  # the people first, to whom the entries belong
    session.add_all(known.fresh)
    return known.changes


def _know(session: Session, course: Course, listed: Sequence[Member], begun: datetime) -> _Known:
    enrolment.take_turn(session, course)
    known = _Known(course, begun)
    platform_id = course.deployment.platform_id
    for subjects in _parts([member.subject for member in listed]):
        found = session.scalars(
            select(Person).where(Person.platform_id == platform_id, Person.subject.in_(subjects))
        )
        known.people |= {person.subject: person for person in found}
    mine = Membership.course_id == course.id
    known.members = {one.person_id: one for one in session.scalars(select(Membership).where(mine))}
    entries = session.scalars(select(RosterEntry).where(RosterEntry.course_id == course.id))
    known.entries = {one.person_id: one for one in entries}
    known.number = session.scalar(select(func.max(Membership.number)).where(mine)) or 0
    return known


def _welcome(session: Session, known: _Known, member: Member) -> None:
    """Keep an active member; a role that has nothing to do here adds nobody."""
    person = known.people.get(member.subject)
    there = known.members.get(person.id) if person else None
    if there is None and member.role not in EXPECTED:
        return
    person = person or _person(session, known, member)
    person.name, person.email = member.name or person.name, member.email or person.email
    added_at = None
    if there is None:
        there, added_at = _enrol(session, known, person, member), known.begun
    elif _speaks_for(known, person.id, there, member.role):
        if there.role.is_staff and not member.role.is_staff:
            _close_staffs_pages(session, known, person.id)
        there.role = member.role
    if not there.active and person.blocked_at is None:
        there.active = True
        known.changes.returned += 1
    _note(known, person.id, Listing.ACTIVE, member.role, added_at)


def _person(session: Session, known: _Known, member: Member) -> Person:
    person = Person(
        id=uuid4(),
        platform_id=known.course.deployment.platform_id,
        subject=member.subject,
        created_at=known.begun,
    )
    session.add(person)
    known.people[member.subject] = person
    return person


def _enrol(session: Session, known: _Known, person: Person, member: Member) -> Membership:
    known.number += 1
    made = Membership(
        deployment_id=known.course.deployment_id,
        course_id=known.course.id,
        person_id=person.id,
        role=member.role,
        number=known.number,
        active=person.blocked_at is None,
        seen_at=known.begun,
    )
    session.add(made)
    known.members[person.id] = made
    known.changes.added += 1
    return made


def _say_goodbye(session: Session, known: _Known, person_id: UUID, listing: Listing) -> None:
    """End what somebody may see of the course, unless they came after the roster was read."""
    there = known.members.get(person_id)
    if there is None or there.seen_at > known.begun:
        return
    _note(known, person_id, listing, there.role, None)
    if not there.active:
        return
    there.active = False
    known.changes.left += 1
    session.execute(
        update(VisitRecord)
        .where(
            VisitRecord.course_id.in_(
                select(Course.id).where(
                    or_(Course.id == known.course.id, Course.sandbox_of == known.course.id)
                )
            ),
            VisitRecord.person_id == person_id,
            VisitRecord.ends_at > known.begun,
        )
        .values(ends_at=known.begun)
        .execution_options(synchronize_session=False)
    )


def _close_staffs_pages(session: Session, known: _Known, person_id: UUID) -> None:
    """Close what somebody has open as staff who is none now: they come in again as they are."""
    session.execute(
        delete(VisitRecord)
        .where(
            VisitRecord.course_id == known.course.id,
            VisitRecord.person_id == person_id,
            VisitRecord.role.in_([role for role in Role if role.is_staff]),
        )
        .execution_options(synchronize_session=False)
    )


def _note(
    known: _Known,
    person_id: UUID,
    listing: Listing,
    role: Role,
    added_at: datetime | None,
) -> None:
    entry = known.entries.get(person_id)
    if entry is None:
        entry = RosterEntry(
            course_id=known.course.id,
            person_id=person_id,
            deployment_id=known.course.deployment_id,
            added_at=added_at,
        )
        known.fresh.append(entry)
        known.entries[person_id] = entry
    entry.listing, entry.role, entry.listed_at = listing, role, known.begun


def _speaks_for(known: _Known, person_id: UUID, there: Membership, role: Role) -> bool:
    """Return whether what the roster calls somebody now is what they are."""
    entry = known.entries.get(person_id)
    if _never_came(entry, there):
        return role in EXPECTED
    taken_back = entry is not None and entry.role.is_staff and role is Role.LEARNER
    return taken_back and there.role.is_staff and there.seen_at <= known.begun


def _never_came(entry: RosterEntry | None, there: Membership) -> bool:
    return entry is not None and entry.added_at is not None and there.seen_at <= entry.added_at


def _parts(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))
