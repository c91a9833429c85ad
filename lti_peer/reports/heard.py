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

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import count

from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import statements
from lti_peer.reports.shape import Id
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

    opened: Mapping[Id, int] = field(default_factory=dict)
    """How often each person opened it."""
    registered: frozenset[Id] = frozenset()
    completed: frozenset[Id] = frozenset()
    checks: Sequence[Check] = ()


def listen(session: Session, visit: Visit, learners: Sequence[Membership]) -> Heard:
    """Return what the statements say of these learners in the visit's activity."""
    people = keys(visit, learners)
    tallies = acts(session, visit, people, (LAUNCHED, COMPLETED))
    return Heard(
        opened=tallies[LAUNCHED.id],
        completed=frozenset(tallies[COMPLETED.id]),
        registered=frozenset(acts(session, visit, people, (REGISTERED,))[REGISTERED.id]),
        checks=checks(session, visit, people),
    )


def keys(visit: Visit, learners: Sequence[Membership]) -> dict[UUID, Id]:
    """Return the learners by the key under which the store knows them as an actor."""
    issuer = visit.person.platform.issuer
    return {
        agent_key(Account(issuer, one.person.subject).agent()): one.person_id.hex
        for one in learners
    }


def acts(
    session: Session, visit: Visit, people: Mapping[UUID, Id], verbs: Sequence[Verb]
) -> dict[str, dict[Id, int]]:
    """Return how often each person did what these verbs say, by verb and person."""
    asked = select(StoredStatement.verb, StoredStatement.actor, count())
    found: dict[str, dict[Id, int]] = {verb.id: {} for verb in verbs}
    rows = session.execute(
        _about(visit, asked, verbs).group_by(StoredStatement.verb, StoredStatement.actor)
    )
    for verb, actor, many in rows:
        if actor in people:
            found[verb][people[actor]] = many
    return found


def checks(session: Session, visit: Visit, people: Mapping[UUID, Id]) -> list[Check]:
    """Return the check questions that one person answered both before and after."""
    said = select(StoredStatement.actor, StoredStatement.thing, StoredStatement.body)
    answers: dict[tuple[UUID, str | None], dict[str, bool]] = defaultdict(dict)
    for actor, thing, body in session.execute(_about(visit, said, (ANSWERED,))):
        if actor in people:
            told = json.loads(body)
            moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
            answers[actor, thing][moment] = told.get("result", {}).get("success") is True
    return [
        Check(both["before"], both["after"])
        for both in answers.values()
        if {"before", "after"} <= both.keys()
    ]


def _about(visit: Visit, asked: "Select[*Columns]", verbs: Sequence[Verb]) -> "Select[*Columns]":
    """Return the query over the statements with these verbs that mention the visit's activity.

    Those that are about the activity itself are marked by their mention; of the others, the verb is
    looked up first, because a statement's row is long.
    """
    found = (
        asked.select_from(Mention)
        .join(StoredStatement, StoredStatement.seq == Mention.seq)
        .where(
            Mention.tenant == visit.deployment_id,
            Mention.key == activity_key(statements.activity(visit).id),
            StoredStatement.voided.is_(False),
            StoredStatement.verb.in_([verb.id for verb in verbs]),
        )
    )
    if set(verbs) <= {LAUNCHED, COMPLETED}:
        return found.where(Mention.direct)
    said = aliased(Mention)
    return found.where(
        exists().where(
            said.tenant == visit.deployment_id,
            said.key.in_([verb_key(verb.id) for verb in verbs]),
            said.seq == Mention.seq,
        )
    )
