"""The statements that goals are evaluated from, as plain rows, in one question for all of them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core import groups
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.goals.measures import MEASURES
from lti_peer.goals.models import Goal
from lti_peer.peerwork import statements
from lti_peer.reports import heard, reads
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import Id
from xapi.lrs.mentions import activity_key, deed_key
from xapi.lrs.models import Mention, StoredStatement
from xapi.vocabulary import ANSWERED, CHECK_MOMENT


class Deed(NamedTuple):
    """What one statement says."""

    verb: str
    """The verb's IRI."""
    actor: Id
    """The key under which the store knows the person, as its digits."""
    thing: str
    at: datetime
    scaled: float | None
    right: bool | None = None
    """Whether an answer was right; None for what is no answer."""
    moment: str = ""
    """`before` or `after`, of an answer."""


@dataclass(frozen=True)
class Class:
    """The learners of a course as the store knows them: all, and by the LMS's id of each group."""

    everybody: frozenset[Id]
    groups: Mapping[str, frozenset[Id]]

    def population(self, goal: Goal) -> frozenset[Id]:
        """Return whom the goal is about; nobody where its group is no more."""
        return self.groups.get(goal.group_key, frozenset()) if goal.group_key else self.everybody


def hear(session: Session, visit: Visit, goals: Iterable[Goal]) -> dict[UUID, list[Deed]]:
    """Return what the embedded store has for these goals, by activity, in the order of time.

    An activity of which the store has nothing at all has no entry. All are of the visit's tenant.
    """
    addresses: dict[UUID, str] = {}
    deeds: dict[Id, tuple[UUID, str]] = {}
    for goal in goals:
        address = _address(visit, goal.activity)
        addresses[goal.activity_id] = address
        for verb in MEASURES[goal.metric].verbs:
            deeds[deed_key(verb.id, address).hex] = goal.activity_id, verb.id
    found: dict[UUID, list[Deed]] = {activity: [] for activity in addresses}
    for key, *row in _rows(session, visit, deeds) if deeds else ():
        activity, said = deeds[key]
        found[activity].append(_deed(said, *row))
    silent = {activity: addresses[activity] for activity, mine in found.items() if not mine}
    for activity in silent.keys() - _known(session, visit, silent):
        del found[activity]
    for mine in found.values():
        mine.sort(key=lambda deed: deed.at)
    return found


def classes(session: Session, visit: Visit, activities: Iterable[Activity]) -> dict[UUID, Class]:
    """Return the classes of the courses that these activities are in, by course."""
    found: dict[UUID, Class] = {}
    for activity in activities:
        if activity.course_id not in found:
            found[activity.course_id] = _class(
                session, replace(visit, course=activity.course, chosen=activity)
            )
    return found


def _class(session: Session, visit: Visit) -> Class:
    learners = ((one.id, one.subject) for one in reads.learners(session, visit))
    people = heard.known_as(visit, learners)
    keys = {person: key.hex for key, person in people.items()}
    return Class(
        frozenset(keys.values()),
        {
            one.group.key: frozenset(keys[p.hex] for p in one.people if p.hex in keys)
            for one in groups.of(session, visit)
        },
    )


def _address(visit: Visit, activity: Activity) -> str:
    return statements.activity(replace(visit, chosen=activity)).id


def _known(session: Session, visit: Visit, addresses: Mapping[UUID, str]) -> set[UUID]:
    """Return of which of the activities the store has any statement."""
    if not addresses:
        return set()
    there = {activity_key(address): activity for activity, address in addresses.items()}
    keys = session.scalars(
        select(Mention.key)
        .where(Mention.tenant == visit.deployment_id, Mention.key.in_(there))
        .distinct()
    )
    return {there[key] for key in keys}


def _rows(session: Session, visit: Visit, deeds: Mapping[Id, tuple[UUID, str]]) -> list[Any]:
    """Return the statements of these deeds that stand; where answers are among them, whole."""
    answers = any(verb == ANSWERED.id for _, verb in deeds.values())
    body = (StoredStatement.body,) if answers else ()
    columns = (
        bare(StoredStatement.deed), bare(StoredStatement.actor), StoredStatement.thing,
        StoredStatement.happened, StoredStatement.scaled, *body,
    )  # fmt: skip
    return list(
        session.execute(
            select(*columns).where(
                StoredStatement.tenant == visit.deployment_id,
                StoredStatement.deed.in_([UUID(key) for key in deeds]),
                StoredStatement.voided.is_(False),
            )
        )
    )


def _deed(
    verb: str, actor: Id, thing: str | None, at: datetime, scaled: float | None, body: str = ""
) -> Deed:
    plain = Deed(verb, actor, thing or "", at, scaled)
    if verb != ANSWERED.id or not body:
        return plain
    told = json.loads(body)
    moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
    right = told.get("result", {}).get("success") is True
    return plain._replace(right=right, moment=str(moment))
