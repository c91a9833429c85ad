"""Who somebody is and what they are in a course, as a launch says it.

Each of these finds or adds a row and tolerates the race of two launches. A staff member who comes
as a learner, by Moodle's "switch role to", looks at things as a preview: the membership stays
(moodle.md, Launch). The test user of an LMS is a preview as well.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_peer.core.db import Base
from lti_peer.core.models import Course, Deployment, Membership, Person, Platform, Role
from lti_peer.lti.claims import Context

Row = TypeVar("Row", bound=Base)


def person(
    session: Session, platform: Platform, subject: str, name: str, email: str, now: datetime
) -> Person:
    """Return the person, with the names that the LMS says now; an absent name changes nothing."""
    found = _found_or_added(
        session,
        lambda: session.scalar(
            select(Person).where(Person.platform_id == platform.id, Person.subject == subject)
        ),
        lambda: Person(platform=platform, subject=subject, created_at=now),
    )
    found.name, found.email = name or found.name, email or found.email
    return found


def course(session: Session, deployment: Deployment, context: Context, now: datetime) -> Course:
    """Return the course, with the title that the LMS says now."""
    found = _found_or_added(
        session,
        lambda: session.scalar(
            select(Course).where(
                Course.deployment_id == deployment.id, Course.context_key == context.key
            )
        ),
        lambda: Course(deployment=deployment, context_key=context.key, created_at=now),
    )
    found.title, found.label = context.title or found.title, context.label or found.label
    return found


def enrol(session: Session, where: Course, who: Person, role: Role, now: datetime) -> Role:
    """Keep what the person is in the course, and return the role of this visit."""
    member = _found_or_added(
        session,
        lambda: session.scalar(
            select(Membership).where(
                Membership.course_id == where.id, Membership.person_id == who.id
            )
        ),
        lambda: Membership(
            deployment_id=where.deployment_id, course_id=where.id, person_id=who.id, role=role,
            number=_next_number(session, where), seen_at=now,
        ),
    )  # fmt: skip
    if member.role.is_staff and role is Role.LEARNER:
        return Role.PREVIEW
    if role is not Role.PREVIEW:
        member.role = role
    member.active, member.seen_at = True, now
    return role


def _next_number(session: Session, where: Course) -> int:
    """Return the next free number in the course, which stays locked until the commit."""
    session.execute(select(Course.id).where(Course.id == where.id).with_for_update())
    highest = session.scalar(
        select(func.max(Membership.number)).where(Membership.course_id == where.id)
    )
    return (highest or 0) + 1


def _found_or_added(
    session: Session, find: Callable[[], Row | None], make: Callable[[], Row]
) -> Row:
    found = find()
    if found is not None:
        return found
    try:
        with session.begin_nested():
            made = make()
            session.add(made)
    except IntegrityError:
        found = find()
        assert found is not None  # somebody was faster with the same row
        return found
    return made
