"""The groups that an LMS has in a course: Course Groups Service 1.0, read page by page.

Who is in them comes with the roster (`nrps`), because the service itself names people one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_peer.core.groups import CourseGroup, CourseGroupMember
from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, Course, Membership, Person, Platform
from lti_peer.lti import links, values
from lti_peer.lti.claims import GROUPS_TYPE, SCOPE_GROUPS
from lti_peer.lti.http import Refused
from lti_peer.lti.nrps import Member
from lti_peer.lti.services import Call, Declined, Services

SCOPES = frozenset({SCOPE_GROUPS})


@dataclass(frozen=True)
class Group:
    """One group, as the LMS has it."""

    key: str
    name: str
    set_key: str = ""
    set_name: str = ""


def read(services: Services, platform: Platform, groups_url: str, sets_url: str) -> list[Group]:
    """Return every group of a course; a set's name comes from `sets_url`, if there is one.

    No transaction may be open. Raises Declined, and what `links.pages` raises.
    """
    sets: dict[str, str] = {}
    if sets_url:
        for one in _listed(services, platform, sets_url, "sets"):
            sets[_key(one.get("id"))] = values.text(one.get("name"), NAME_LENGTH)
    found: dict[str, Group] = {}
    for one in _listed(services, platform, groups_url, "groups"):
        key, set_key = _key(one.get("id")), _key(one.get("set_id"))
        if key:
            name = values.text(one.get("name"), NAME_LENGTH) or key
            found[key] = Group(key, name, set_key, sets.get(set_key, ""))
    return list(found.values())


def keep(
    session: Session, course: Course, groups: Sequence[Group], members: Sequence[Member]
) -> None:
    """Bring the course's groups to what the LMS says; a group that is gone takes nobody's work.

    Who is in them stays as it was when no member says anything about groups.
    """
    there = {
        one.key: one
        for one in session.scalars(select(CourseGroup).where(CourseGroup.course_id == course.id))
    }
    for group in groups:
        row = there.pop(group.key, None)
        if row is None:
            row = CourseGroup(
                deployment_id=course.deployment_id, course_id=course.id, key=group.key
            )
            session.add(row)
        row.name, row.set_key, row.set_name = group.name, group.set_key, group.set_name
    for gone in there.values():
        session.delete(gone)
    session.flush()
    if any(member.groups is not None for member in members):
        _fill(session, course, members)


def _fill(session: Session, course: Course, members: Iterable[Member]) -> None:
    """Put people into the groups that the roster names for them."""
    groups = {
        key: group_id
        for group_id, key in session.execute(
            select(CourseGroup.id, CourseGroup.key).where(CourseGroup.course_id == course.id)
        )
    }
    people = {
        subject: person_id
        for person_id, subject in session.execute(
            select(Person.id, Person.subject)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.course_id == course.id)
        )
    }
    inside = {
        (groups[key], people[member.subject])
        for member in members
        for key in member.groups or ()
        if key in groups and member.subject in people
    }
    session.execute(
        delete(CourseGroupMember)
        .where(CourseGroupMember.group_id.in_(groups.values()))
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        CourseGroupMember(
            group_id=group_id, person_id=person_id, deployment_id=course.deployment_id
        )
        for group_id, person_id in inside
    )


def _listed(
    services: Services, platform: Platform, url: str, name: str
) -> Iterable[Mapping[str, Any]]:
    call = Call("GET", url, SCOPES, accept=GROUPS_TYPE)
    for _, answer in links.pages(services, platform, call):
        if not answer.ok:
            raise Declined(answer)
        given = answer.json()
        listed = given.get(name) if isinstance(given, dict) else None
        if not isinstance(listed, list):
            raise Refused(f"What it gives for {name} is not a list.")
        yield from (one for one in listed if isinstance(one, dict))


def _key(value: object) -> str:
    """Return an id; the specification allows numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:ID_LENGTH]
    return values.text(value, ID_LENGTH)
