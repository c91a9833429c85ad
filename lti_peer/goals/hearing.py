"""The statements that goals are evaluated from, as plain rows, in one question for an activity."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Result, select
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


def hear(session: Session, visit: Visit, goals: Sequence[Goal]) -> list[Deed] | None:
    """Return what the embedded store has for goals of one activity, in the order of time.

    None where the store has nothing at all of the activity, which is of the visit's tenant.
    """
    address = statements.activity(replace(visit, chosen=goals[0].activity)).id
    verbs = {verb.id for goal in goals for verb in MEASURES[goal.metric].verbs}
    deeds = {deed_key(verb, address).hex: verb for verb in verbs}
    found = [_deed(deeds[row[0]], row) for row in _rows(session, visit, deeds)]
    if not found and not _known(session, visit, address):
        return None
    return sorted(found, key=lambda deed: deed.at)


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


def _known(session: Session, visit: Visit, address: str) -> bool:
    """Whether the store has any statement of the activity."""
    asked = select(Mention.seq).where(
        Mention.tenant == visit.deployment_id, Mention.key == activity_key(address)
    )
    return session.scalar(asked.limit(1)) is not None


def _rows(session: Session, visit: Visit, deeds: Mapping[Id, str]) -> Result[Any]:
    """Return the statements of these deeds that stand; where answers are among them, whole."""
    body = (StoredStatement.body,) if ANSWERED.id in deeds.values() else ()
    columns = (
        bare(StoredStatement.deed), bare(StoredStatement.actor), StoredStatement.thing,
        StoredStatement.happened, StoredStatement.scaled, *body,
    )  # fmt: skip
    return session.execute(
        select(*columns).where(
            StoredStatement.tenant == visit.deployment_id,
            StoredStatement.deed.in_([UUID(key) for key in deeds]),
            StoredStatement.voided.is_(False),
        )
    )


def _deed(verb: str, row: Sequence[Any]) -> Deed:
    _, actor, thing, at, scaled, *body = row
    if verb != ANSWERED.id:
        return Deed(verb, actor, thing or "", at, scaled)
    told = json.loads(body[0])
    moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
    right = told.get("result", {}).get("success") is True
    return Deed(verb, actor, thing or "", at, scaled, right, str(moment))
