"""Who somebody is and what they are in a course, as a launch says it.

One query reads whatever is known already; the functions then bring it up to date, or add what is
missing, and tolerate the race of two launches. A staff member who comes as a learner, by Moodle's
"switch role to", looks at things as a preview: the membership stays (moodle.md, Launch), until the
roster says that they are staff no more (`lti.membership`). The test user of an LMS is a preview as
well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from lti_peer.core import db
from lti_peer.core.db import Base
from lti_peer.core.models import Activity, Course, Deployment, Membership, Person, Platform, Role
from lti_peer.lti.claims import Context, Launch

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class Known:
    """What the tool knows of a launch's subject before the launch."""

    deployment: Deployment
    course: Course | None
    person: Person | None
    member: Membership | None
    activity: Activity | None


KNOWN = (
    select(Deployment, Course, Person, Membership, Activity)
    .join_from(Deployment, Course, and_(
        Course.deployment_id == Deployment.id, Course.context_key == bindparam("context")
    ), isouter=True)
    .outerjoin(Person, and_(
        Person.platform_id == Deployment.platform_id, Person.subject == bindparam("subject")
    ))
    .outerjoin(Membership, and_(
        Membership.course_id == Course.id, Membership.person_id == Person.id
    ))
    .outerjoin(Activity, and_(
        Activity.course_id == Course.id, Activity.resource_link_key == bindparam("link")
    ))
    .where(
        Deployment.platform_id == bindparam("platform"),
        Deployment.deployment_key == bindparam("deployment"),
    )
    .options(joinedload(Deployment.platform, innerjoin=True), lazyload(Membership.person))
)  # fmt: skip
"""Written once: to build it takes longer than to run it."""


def known(session: Session, launch: Launch) -> Known | None:
    """Return what is known, in one query; None when the deployment itself is unknown."""
    row = session.execute(
        KNOWN,
        {
            "platform": launch.platform.id,
            "deployment": launch.deployment_key,
            "context": launch.context.key if launch.context else None,
            "subject": launch.subject,
            "link": launch.link.key if launch.link else None,
        },
    ).first()
    if row is None:
        return None
    found = Known(*row)
    _connect(found)
    return found


def person(session: Session, known: Known, where: Course, launch: Launch, now: datetime) -> Person:
    """Return the person, with the names that the LMS says now; an absent name changes nothing."""
    if known.member is None:
        take_turn(session, where)
    platform, subject = known.deployment.platform, launch.subject
    found = known.person or _added(
        session,
        lambda: Person(platform=platform, subject=subject, created_at=now),
        lambda: session.scalar(
            select(Person).where(Person.platform_id == platform.id, Person.subject == subject)
        ),
    )
    found.name, found.email = launch.name or found.name, launch.email or found.email
    return found


def take_turn(session: Session, where: Course) -> None:
    """Let nobody else add people to the course until the commit.

    Before the person, not after: whoever reads the roster adds people in the same order, and two
    that wait for each other crosswise would both be sent away.
    """
    db.lock(session, select(Course.id).where(Course.id == where.id))


def course(session: Session, known: Known, context: Context, now: datetime) -> Course:
    """Return the course, with the title that the LMS says now."""
    deployment = known.deployment
    found = known.course or _added(
        session,
        lambda: Course(deployment=deployment, context_key=context.key, created_at=now),
        lambda: session.scalar(
            select(Course).where(
                Course.deployment_id == deployment.id, Course.context_key == context.key
            )
        ),
    )
    found.title, found.label = context.title or found.title, context.label or found.label
    return found


def enrol(
    session: Session, known: Known, where: Course, who: Person, role: Role, now: datetime
) -> Role:
    """Keep what the person is in the course, and return the role of this visit."""
    member = known.member or _added(
        session,
        lambda: Membership(
            deployment_id=where.deployment_id, course_id=where.id, person_id=who.id, role=role,
            number=_next_number(session, where), seen_at=now,
        ),
        lambda: session.scalar(
            select(Membership).where(
                Membership.course_id == where.id, Membership.person_id == who.id
            )
        ),
    )  # fmt: skip
    if member.role.is_staff and role is Role.LEARNER:
        return Role.PREVIEW
    if role is not Role.PREVIEW:
        member.role = role
    member.active, member.seen_at = True, now
    return role


def _connect(found: Known) -> None:
    """Let the rows know each other, so that nothing is read twice."""
    platform: Platform = found.deployment.platform
    if found.course is not None:
        set_committed_value(found.course, "deployment", found.deployment)
    if found.person is not None:
        set_committed_value(found.person, "platform", platform)
    if found.activity is not None:
        set_committed_value(found.activity, "course", found.course)


def _next_number(session: Session, where: Course) -> int:
    """Return the next free number in the course, in which it is our turn until the commit."""
    highest = session.scalar(
        select(func.max(Membership.number)).where(Membership.course_id == where.id)
    )
    return (highest or 0) + 1


def _added(session: Session, make: Callable[[], Row], find: Callable[[], Row | None]) -> Row:
    """Return the new row, or the one that somebody else added in the same moment."""
    try:
        with session.begin_nested():
            made = make()
            session.add(made)
    except IntegrityError:
        found = find()
        assert found is not None  # it is what stood in the way
        return found
    return made
