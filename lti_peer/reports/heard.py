"""What only the statements know of an activity: who opened it, signed up, finished, and the checks.

Read from the embedded record store. Where the statements go to a store outside, nothing is known
here, and the figures say so.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import count

from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import statements
from xapi.identity import Account
from xapi.lrs.mentions import activity_key, agent_key, verb_key
from xapi.lrs.models import Mention, StoredStatement
from xapi.vocabulary import ANSWERED, CHECK_MOMENT, COMPLETED, LAUNCHED, REGISTERED, Verb

Columns = TypeVarTuple("Columns")


class Check(NamedTuple):
    """One person's answers to one question: right before, right after."""

    before: bool
    after: bool


@dataclass(frozen=True)
class Heard:
    """What the embedded store says of one activity's learners; empty where it has nothing."""

    opened: Mapping[UUID, int] = field(default_factory=dict)
    """How often each person opened it."""
    registered: frozenset[UUID] = frozenset()
    completed: frozenset[UUID] = frozenset()
    checks: Sequence[Check] = ()


def listen(session: Session, visit: Visit, learners: Sequence[Membership]) -> Heard:
    """Return what the statements say of these learners in the visit's activity."""
    people = keys(visit, learners)
    return Heard(
        opened=acts(session, visit, people, LAUNCHED),
        registered=frozenset(acts(session, visit, people, REGISTERED)),
        completed=frozenset(acts(session, visit, people, COMPLETED)),
        checks=checks(session, visit, people),
    )


def keys(visit: Visit, learners: Sequence[Membership]) -> dict[UUID, UUID]:
    """Return the learners by the key under which the store knows them as an actor."""
    issuer = visit.person.platform.issuer
    return {
        agent_key(Account(issuer, one.person.subject).agent()): one.person_id for one in learners
    }


def acts(
    session: Session, visit: Visit, people: Mapping[UUID, UUID], verb: Verb
) -> dict[UUID, int]:
    """Return how often each person did what the verb says, by person."""
    asked = _about(visit, select(StoredStatement.actor, count()), verb)
    rows = session.execute(asked.group_by(StoredStatement.actor))
    return {people[actor]: many for actor, many in rows if actor in people}


def checks(session: Session, visit: Visit, people: Mapping[UUID, UUID]) -> list[Check]:
    """Return the check questions that one person answered both before and after."""
    said = select(StoredStatement.actor, StoredStatement.thing, StoredStatement.body)
    answers: dict[tuple[UUID, str | None], dict[str, bool]] = defaultdict(dict)
    for actor, thing, body in session.execute(_about(visit, said, ANSWERED)):
        if actor in people:
            told = json.loads(body)
            moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
            answers[actor, thing][moment] = told.get("result", {}).get("success") is True
    return [
        Check(both["before"], both["after"])
        for both in answers.values()
        if {"before", "after"} <= both.keys()
    ]


def _about(visit: Visit, asked: "Select[*Columns]", verb: Verb) -> "Select[*Columns]":
    """Return the query over the statements with a verb that mention the visit's activity.

    Both are looked up by their keys, so that only what is asked for is read: a row is long.
    """
    said = aliased(Mention)
    return (
        asked.select_from(Mention)
        .join(said, (said.seq == Mention.seq) & (said.key == verb_key(verb.id)))
        .join(StoredStatement, StoredStatement.seq == Mention.seq)
        .where(
            Mention.tenant == visit.deployment_id,
            Mention.key == activity_key(statements.activity(visit).id),
            said.tenant == visit.deployment_id,
            StoredStatement.voided.is_(False),
        )
    )
