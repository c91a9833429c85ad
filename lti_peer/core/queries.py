"""Reads of people and courses, within a visit."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_peer.core.errors import NotFound
from lti_peer.core.models import Membership, Role
from lti_peer.core.visit import Visit

_EVERYBODY = select(Membership).where(Membership.course_id == bindparam("course"))
_SOME = _EVERYBODY.where(Membership.person_id.in_(bindparam("people", expanding=True)))


def learners(session: Session, visit: Visit) -> Sequence[Membership]:
    """Return the active learners of the visit's course, by their number."""
    return session.scalars(
        select(Membership)
        .where(
            Membership.course_id == visit.course.id,
            Membership.role == Role.LEARNER,
            Membership.active,
        )
        .order_by(Membership.number)
    ).all()


def members(
    session: Session, visit: Visit, person_ids: Collection[UUID] | None = None
) -> dict[UUID, Membership]:
    """Return members of the visit's course by person, past ones included: some, or everybody."""
    within = {"course": visit.course.id}
    if person_ids is None:
        found = session.scalars(_EVERYBODY, within)
    else:
        found = session.scalars(_SOME, {**within, "people": list(person_ids)})
    return {member.person_id: member for member in found}


def member(session: Session, visit: Visit, person_id: UUID) -> Membership:
    """Return one member of the visit's course; else raise NotFound."""
    found = session.scalar(
        select(Membership).where(
            Membership.course_id == visit.course.id, Membership.person_id == person_id
        )
    )
    if found is None:
        raise NotFound("There is nobody like that in this course.")
    return found
