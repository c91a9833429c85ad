"""The statements that goals are evaluated from, as plain rows, in one question for all of them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from lti_peer.core import groups, queries
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.goals.measures import MEASURES
from lti_peer.goals.models import Goal
from lti_peer.peerwork import statements
from lti_peer.reports import heard
from xapi.lrs.mentions import activity_key, verb_key
from xapi.lrs.models import Mention, StoredStatement
from xapi.vocabulary import ANSWERED, CHECK_MOMENT


@dataclass(frozen=True, slots=True)
class Deed:
    """What one statement says."""

    verb: str
    """The verb's IRI."""
    actor: UUID
    """The key under which the store knows the person."""
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

    everybody: frozenset[UUID]
    groups: Mapping[str, frozenset[UUID]]

    def population(self, goal: Goal) -> frozenset[UUID]:
        """Return whom the goal is about; nobody where its group is no more."""
        return self.groups.get(goal.group_key, frozenset()) if goal.group_key else self.everybody


def hear(session: Session, visit: Visit, goals: Iterable[Goal]) -> dict[UUID, list[Deed]]:
    """Return what the embedded store has for these goals, by activity, in the order of time.

    An activity of which the store has nothing at all has no entry. All are of the visit's tenant.
    """
    asked = list(goals)
    there = {_key(visit, one.activity): one.activity_id for one in asked}
    verbs = {verb.id for goal in asked for verb in MEASURES[goal.metric].verbs}
    found: dict[UUID, list[Deed]] = {there[key]: [] for key in _known(session, visit, there)}
    if not found:
        return found
    for key, *row in _rows(session, visit, there, verbs):
        found[there[key]].append(_deed(*row))
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
    people = heard.keys(visit, queries.learners(session, visit))
    keys = {person: key for key, person in people.items()}
    return Class(
        frozenset(people),
        {
            one.group.key: frozenset(keys[p.hex] for p in one.people if p.hex in keys)
            for one in groups.of(session, visit)
        },
    )


def _key(visit: Visit, activity: Activity) -> UUID:
    return activity_key(statements.activity(replace(visit, chosen=activity)).id)


def _known(session: Session, visit: Visit, keys: Collection[UUID]) -> Sequence[UUID]:
    """Return which of the activities the store has any statement of."""
    return session.scalars(
        select(Mention.key)
        .where(Mention.tenant == visit.deployment_id, Mention.key.in_(keys))
        .distinct()
    ).all()


def _rows(
    session: Session, visit: Visit, keys: Collection[UUID], verbs: Collection[str]
) -> Sequence[tuple[Any, ...]]:
    """Return the statements about these activities; of answers alone, whole.

    The verb is looked up by its mention first, because a statement's row is long.
    """
    said = aliased(Mention)
    columns = (
        Mention.key, StoredStatement.verb, StoredStatement.actor, StoredStatement.thing,
        StoredStatement.happened, StoredStatement.scaled,
    )  # fmt: skip
    body = (StoredStatement.body,) if ANSWERED.id in verbs else ()
    rows = session.execute(
        select(*columns, *body)
        .join(StoredStatement, StoredStatement.seq == Mention.seq)
        .where(
            Mention.tenant == visit.deployment_id,
            Mention.key.in_(keys),
            StoredStatement.voided.is_(False),
            StoredStatement.verb.in_(verbs),
            exists().where(
                said.tenant == visit.deployment_id,
                said.key.in_([verb_key(verb) for verb in verbs]),
                said.seq == Mention.seq,
            ),
        )
    )
    return [tuple(row) for row in rows]


def _deed(
    verb: str, actor: UUID, thing: str | None, at: datetime, scaled: float | None, body: str = ""
) -> Deed:
    plain = Deed(verb, actor, thing or "", at, scaled)
    if verb != ANSWERED.id or not body:
        return plain
    told = json.loads(body)
    moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
    right = told.get("result", {}).get("success") is True
    return replace(plain, right=right, moment=str(moment))
