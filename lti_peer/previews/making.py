"""Sandboxes are made, made anew and cleared away.

A sandbox is a course of its own, marked as one, with a draft of its own and people of its own: so
no list of an activity, of a course or of published activities can hold what happens in it. Only the
visitor is a person who exists, because a visit belongs to one; nobody real is ever beside them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_peer.activities.kind import ActivityKind
from lti_peer.core.audit import AuditEntry
from lti_peer.core.models import Activity, ActivityState, Course, Membership, Person, Role
from lti_peer.core.visit import Visit, VisitRecord
from lti_peer.peerwork import cloning, phases
from lti_peer.previews import staging
from lti_peer.previews.models import Sandbox

UNUSED: Final = timedelta(days=7)
"""A sandbox into which nobody has come for so long is cleared away."""
AT_ONCE: Final = 20
"""Sandboxes that one round clears away."""
ABOUT_PEOPLE: Final = (
    "ended_pair", "extended", "matched", "released_grades", "resent_grades", "resolved_flag",
    "resumed_grades", "sent_over_change", "stopped_grades",
    "changed_goal", "removed_goal", "set_goal",
)  # fmt: skip
"""Acts of staff that leave the activity itself as it was; whatever else there is may change it."""


def find(session: Session, origin: Activity, person: Person) -> Sandbox | None:
    """Return the person's sandbox of an activity; nobody else changes it until the commit."""
    return session.scalar(
        select(Sandbox)
        .where(Sandbox.origin_id == origin.id, Sandbox.person_id == person.id)
        .with_for_update()
    )


def is_outdated(session: Session, sandbox: Sandbox) -> bool:
    """Whether staff have changed the activity since it was copied (`core.audit`)."""
    done = select(AuditEntry.id).where(
        AuditEntry.activity_id == sandbox.origin_id,
        AuditEntry.at > sandbox.made_at,
        AuditEntry.act.not_in(ABOUT_PEOPLE),
    )
    return session.scalar(done.limit(1)) is not None


def copy_in(session: Session, sandbox: Sandbox) -> Activity:
    """Return the copy of the activity that is tried in a sandbox."""
    return session.scalars(select(Activity).where(Activity.course_id == sandbox.course_id)).one()


def make(session: Session, visit: Visit, kind: ActivityKind) -> Activity:
    """Return the copy of the visit's activity in a fresh sandbox of the visitor's.

    Of two launches at once one makes it, and both come into it.
    """
    origin = visit.activity
    try:
        with session.begin_nested():
            course = _course(session, visit)
            session.add(
                Sandbox(
                    course_id=course.id, deployment_id=course.deployment_id, origin_id=origin.id,
                    person_id=visit.person.id, made_at=visit.now, used_at=visit.now,
                )
            )  # fmt: skip
    except IntegrityError:
        found = find(session, origin, visit.person)
        assert found is not None  # it is what stood in the way
        return copy_in(session, found)
    made = Activity(
        deployment_id=course.deployment_id, course=course, kind=origin.kind, title=origin.title,
        state=ActivityState.DRAFT, created_at=visit.now,
    )  # fmt: skip
    session.add(made)
    _enrol(session, course, visit.person, 1, visit.now)
    session.flush()
    dates = phases.dates(session, origin)
    cloning.clone(session, made, origin, dates)
    inside = staging.inside(visit, made)
    if kind.copy is not None:
        kind.copy(session, inside, origin)
    people = _people(session, inside, kind.rehearsal.cast(inside))
    staging.begin(session, inside, kind.rehearsal, people, dates)
    return made


def renew(session: Session, old: Sandbox, visit: Visit, kind: ActivityKind) -> Activity:
    """Return the copy in a fresh sandbox that takes the place of an old one.

    `visit` is about the activity that is tried. Who is in the old sandbox is then in the new one.
    """
    gone = old.course_id
    session.delete(old)
    session.flush()
    made = make(session, visit, kind)
    session.execute(
        update(VisitRecord)
        .where(VisitRecord.course_id == gone)
        .values(course_id=made.course_id, activity_id=made.id)
        .execution_options(synchronize_session=False)
    )
    forget(session, gone)
    return made


def has_moved(session: Session, visit: Visit) -> bool:
    """Return whether the visit is in another sandbox by now, because its own was made anew."""
    where = select(VisitRecord.course_id).where(VisitRecord.id == visit.id)
    return session.scalar(where) not in {None, visit.course.id}


def over(session: Session, now: datetime) -> Sequence[UUID]:
    """Return at most 20 sandboxes that nobody has used for a week by `now`, the people's clock.

    Those whose activity or owner has gone are among them.
    """
    return session.scalars(
        select(Course.id)
        .outerjoin(Sandbox, Sandbox.course_id == Course.id)
        .where(
            Course.sandbox_of.is_not(None),
            or_(Sandbox.course_id.is_(None), Sandbox.used_at < now - UNUSED),
        )
        .limit(AT_ONCE)
    ).all()


def forget(session: Session, course_id: UUID) -> None:
    """Delete a sandbox with everything in it, and its made-up people."""
    people = [one.id for one in cast(session, course_id)]
    course = delete(Course).where(Course.id == course_id, Course.sandbox_of.is_not(None))
    for gone in (course, delete(Person).where(Person.id.in_(people))):
        session.execute(gone, execution_options={"synchronize_session": False})


def cast(session: Session, course_id: UUID) -> Sequence[Person]:
    """Return the made-up people of a sandbox, in their order."""
    return session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.course_id == course_id, _is_made_up(course_id))
        .order_by(Membership.number)
    ).all()


def _course(session: Session, visit: Visit) -> Course:
    made = Course(
        id=uuid4(),
        deployment=visit.course.deployment,
        context_key=f"sandbox:{uuid4()}",  # no LMS has it, and no page shows it
        label=visit.course.label,
        title=visit.course.title,
        created_at=visit.now,
        sandbox_of=visit.course.id,
    )
    session.add(made)
    session.flush()
    return made


def _people(session: Session, visit: Visit, count: int) -> Sequence[Person]:
    made = [
        Person(
            platform=visit.person.platform,
            subject=f"{_prefix(visit.course.id)}{number}",
            name=f"Synthetic learner {number}",
            created_at=visit.now,
        )
        for number in range(1, count + 1)
    ]
    session.add_all(made)
    session.flush()
    for number, one in enumerate(made, 2):
        _enrol(session, visit.course, one, number, visit.now)
    session.flush()
    return made


def _enrol(session: Session, course: Course, person: Person, number: int, now: datetime) -> None:
    session.add(
        Membership(
            deployment_id=course.deployment_id, course=course, person=person, role=Role.LEARNER,
            number=number, seen_at=now,
        )
    )  # fmt: skip


def _prefix(course_id: UUID) -> str:
    return f"sandbox:{course_id}:"


def _is_made_up(course_id: UUID) -> ColumnElement[bool]:
    return Person.subject.startswith(_prefix(course_id))
