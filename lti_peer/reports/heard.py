"""What only the statements know of an activity: who opened it, signed up, finished, and the checks.

Read from the embedded record store. Where the statements go to a store outside, nothing is known
here, and the figures say so.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import count

from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import statements
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import Id
from xapi.identity import Account
from xapi.lrs.mentions import agent_key, deed_key
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import ANSWERED, CHECK_MOMENT, COMPLETED, LAUNCHED, REGISTERED, Verb

Columns = TypeVarTuple("Columns")


class Check(NamedTuple):
    """One person's answers to one question: right before, right after."""

    before: bool
    after: bool
    person: Id = ""


class Learner(NamedTuple):
    """One active learner of the course."""

    id: Id
    name: str
    """As staff read it."""
    subject: str
    """The LMS's `sub`."""


@dataclass(frozen=True)
class Heard:
    """What the embedded store says of one activity's learners; empty where it has nothing."""

    opened: Mapping[Id, int] = field(default_factory=dict)
    """How often each person opened it."""
    registered: frozenset[Id] = frozenset()
    completed: frozenset[Id] = frozenset()
    checks: Sequence[Check] = ()


def listen(
    session: Session, visit: Visit, learners: Iterable[Learner], choice: Choice = EVERYTHING
) -> Heard:
    """Return what the statements say of these learners in the visit's activity."""
    people = {
        key.hex: person
        for key, person in known_as(visit, ((one.id, one.subject) for one in learners)).items()
    }
    tallies = acts(session, visit, people, (LAUNCHED, COMPLETED, REGISTERED), choice)
    return Heard(
        opened=tallies[LAUNCHED.id],
        completed=frozenset(tallies[COMPLETED.id]),
        registered=frozenset(tallies[REGISTERED.id]),
        checks=checks(session, visit, people, choice),
    )


def keys(visit: Visit, learners: Iterable[Membership]) -> dict[UUID, Id]:
    """Return the learners by the key under which the store knows them as an actor."""
    return known_as(visit, ((one.person_id.hex, one.person.subject) for one in learners))


def known_as(visit: Visit, people: Iterable[tuple[Id, str]]) -> dict[UUID, Id]:
    """Return people, each given with the LMS's `sub`, by the key under which the store has them."""
    issuer = visit.person.platform.issuer
    return {agent_key(Account(issuer, subject).agent()): person for person, subject in people}


def acts(
    session: Session,
    visit: Visit,
    people: Mapping[Id, Id],
    verbs: Sequence[Verb],
    choice: Choice = EVERYTHING,
) -> dict[str, dict[Id, int]]:
    """Return how often each person did what these verbs say, by verb and person.

    `people` are by the digits of their keys. Without dates an index alone answers.
    """
    activity = statements.activity(visit).id
    there = {deed_key(verb.id, activity).hex: verb.id for verb in verbs}
    asked = select(bare(StoredStatement.deed), bare(StoredStatement.actor), count())
    found: dict[str, dict[Id, int]] = {verb.id: {} for verb in verbs}
    rows = session.execute(
        _done(visit, asked, there, choice).group_by(StoredStatement.deed, StoredStatement.actor)
    )
    for deed, actor, many in rows:
        if actor in people:
            found[there[deed]][people[actor]] = many
    return found


def checks(
    session: Session, visit: Visit, people: Mapping[Id, Id], choice: Choice = EVERYTHING
) -> list[Check]:
    """Return the check questions that one person answered both before and after."""
    deed = deed_key(ANSWERED.id, statements.activity(visit).id).hex
    said = select(bare(StoredStatement.actor), StoredStatement.thing, StoredStatement.body)
    answers: dict[tuple[Id, str | None], dict[str, bool]] = defaultdict(dict)
    for actor, thing, body in session.execute(_done(visit, said, (deed,), choice)):
        if actor in people:
            told = json.loads(body)
            moment = told["context"].get("extensions", {}).get(CHECK_MOMENT.id, "")
            answers[people[actor], thing][moment] = told.get("result", {}).get("success") is True
    return [
        Check(both["before"], both["after"], person)
        for (person, _), both in answers.items()
        if {"before", "after"} <= both.keys()
    ]


def _done(
    visit: Visit, asked: "Select[*Columns]", deeds: Iterable[Id], choice: Choice
) -> "Select[*Columns]":
    """Return the query over the statements of these deeds that stand and that were chosen."""
    return asked.where(
        StoredStatement.tenant == visit.deployment_id,
        StoredStatement.deed.in_([UUID(deed) for deed in deeds]),
        StoredStatement.voided.is_(False),
        *choice.during(StoredStatement.happened),
    )
