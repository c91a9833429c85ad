"""Whether a goal came true: from statements to a value, its interval and a state."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf
from statistics import median_low
from typing import Final

from lti_peer.goals.hearing import Deed
from lti_peer.goals.measures import MEASURES, Unit
from lti_peer.goals.models import Goal, Metric
from lti_peer.reports.shape import Id
from lti_peer.rules import intervals
from xapi.vocabulary import (
    ANSWERED,
    ATTENDED,
    COMPLETED,
    LAUNCHED,
    RATED,
    REVIEWED,
    REVISED,
    SUBMITTED,
    TAUGHT,
    WAS_ASSIGNED,
    Verb,
)

LEAST: Final = 5
"""From so many people, works or answers on there is a result. With four, one alone moves a share by
25 points, and no interval of a middle value reaches 90 %."""
HELPFUL: Final = 0.5
"""The share that an author gives a review that helped them, at least partly."""
HOUR: Final = 3600

Deeds = Sequence[Deed]
People = Collection[Id]


class State(StrEnum):
    """How a goal stands."""

    ON_THE_WAY = "on the way"
    REACHED = "reached"
    MISSED = "not reached"
    TOO_FEW = "too few data"


@dataclass(frozen=True)
class Outcome:
    """What came out, in the unit of the measure."""

    state: State
    whole: int
    """How many people, works or answers it rests on."""
    count: int | None = None
    """Of a share: how many of them."""
    value: float | None = None
    """Infinite where more than half still wait; None where it rests on nothing."""
    low: float | None = None
    high: float | None = None
    """The 90 % interval; None where it rests on too few."""
    known: bool = True
    """Whether the store has any statement of the activity."""
    sure: bool = False
    """The interval lies on one side of the target: chance alone is a poor explanation."""


def evaluate(goal: Goal, deeds: Deeds | None, people: People, now: datetime) -> Outcome:
    """Return what a goal came to at its date, or until now where that is to come.

    `deeds` are those of its activity in the order of time, None where the store has none at all;
    `people` are whom it is about. What was done later than its date does not count.

    Its state goes by the value itself, because it is about these very people; the interval says how
    far chance could move it.
    """
    at = min(now, goal.due_at)
    ended = now >= goal.due_at
    if deeds is None:
        return Outcome(State.TOO_FEW if ended else State.ON_THE_WAY, 0, known=False)
    found = _UNITS[MEASURES[goal.metric].unit](
        goal, [deed for deed in deeds if deed.at <= at], frozenset(people), at
    )
    if found.whole < LEAST or found.value is None:
        return _with(found, State.TOO_FEW if ended else State.ON_THE_WAY, sure=False)
    met = meets(goal, found.value)
    sure = found.low is not None and found.high is not None and (
        meets(goal, found.low) == meets(goal, found.high) == met
    )  # fmt: skip
    state = State.REACHED if met else State.MISSED
    return _with(found, state if ended else State.ON_THE_WAY, sure=sure)


def meets(goal: Goal, value: float) -> bool:
    """Return whether a value is what the goal wants: at least, at most, or more than its target."""
    unit = MEASURES[goal.metric].unit
    if unit is Unit.HOURS:
        return value <= goal.target
    return value > goal.target if unit is Unit.GAIN else value >= goal.target


def _with(found: Outcome, state: State, *, sure: bool) -> Outcome:
    few = found.whole < LEAST
    low, high = (None, None) if few else (found.low, found.high)
    return Outcome(state, found.whole, found.count, found.value, low, high, sure=sure)


def _share(goal: Goal, deeds: Deeds, people: frozenset[Id], at: datetime) -> Outcome:
    """Return how many of the people did it often enough."""
    del at
    counts = _helped(deeds) if goal.metric is Metric.HELPED else _did(deeds, _VERBS[goal.metric])
    count = sum(len(counts.get(person, ())) >= max(1, goal.amount) for person in people)
    if not people:
        return Outcome(State.TOO_FEW, 0, 0)
    low, high = intervals.share(count, len(people))
    return Outcome(State.TOO_FEW, len(people), count, count / len(people), low, high)


def _hours(goal: Goal, deeds: Deeds, people: frozenset[Id], at: datetime) -> Outcome:
    """Return the middle of the waits, those that go on included as endless."""
    first, last = _WAITS[goal.metric]
    begun: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    for deed in deeds:
        if deed.verb == first.id and deed.actor in people:
            begun.setdefault(deed.thing, deed.at)
        elif deed.verb == last.id:
            ended.setdefault(deed.thing, deed.at)
    waits = []
    for thing, since in begun.items():
        so_far = (ended.get(thing, at) - since).total_seconds() / HOUR
        if thing in ended:
            waits.append(max(0.0, so_far))
        elif so_far > goal.target:
            waits.append(inf)
    if not waits:
        return Outcome(State.TOO_FEW, 0)
    reach = intervals.middle(waits)
    low, high = reach or (None, None)
    return Outcome(State.TOO_FEW, len(waits), None, median_low(waits), low, high)


def _gain(goal: Goal, deeds: Deeds, people: frozenset[Id], at: datetime) -> Outcome:
    """Return how many more answers are right after than before, of those given twice."""
    del goal, at
    answers: dict[tuple[Id, str], dict[str, bool]] = defaultdict(dict)
    for deed in deeds:
        if deed.verb == ANSWERED.id and deed.actor in people:
            answers[deed.actor, deed.thing][deed.moment] = bool(deed.right)
    both = [one for one in answers.values() if {"before", "after"} <= one.keys()]
    better = sum(one["after"] and not one["before"] for one in both)
    worse = sum(one["before"] and not one["after"] for one in both)
    if not both:
        return Outcome(State.TOO_FEW, 0)
    low, high = intervals.change(better, worse, len(both))
    value = (better - worse) / len(both)
    return Outcome(State.TOO_FEW, len(both), None, value, low, high)


def _did(deeds: Deeds, verb: Verb) -> Mapping[Id, set[str]]:
    """Return the different things to which each person did it."""
    found: dict[Id, set[str]] = defaultdict(set)
    for deed in deeds:
        if deed.verb == verb.id:
            found[deed.actor].add(deed.thing)
    return found


def _helped(deeds: Deeds) -> Mapping[Id, set[str]]:
    """Return which of each person's reviews helped, by the author's newest answer.

    A rating does not say whose review it is about. The review and the task to write it share their
    id, and the task says to whom it was given.
    """
    rated = {_last(deed.thing): deed.scaled for deed in deeds if deed.verb == RATED.id}
    found: dict[Id, set[str]] = defaultdict(set)
    for deed in deeds:
        said = rated.get(_last(deed.thing)) if deed.verb == WAS_ASSIGNED.id else None
        if said is not None and said >= HELPFUL:
            found[deed.actor].add(deed.thing)
    return found


def _last(address: str) -> str:
    return address.rpartition("/")[2]


_VERBS: Final[Mapping[Metric, Verb]] = {
    Metric.OPENED: LAUNCHED,
    Metric.HANDED_IN: SUBMITTED,
    Metric.REVIEWED: REVIEWED,
    Metric.REVISED: REVISED,
    Metric.TAUGHT: TAUGHT,
    Metric.MET: ATTENDED,
    Metric.COMPLETED: COMPLETED,
}
"""What each share counts."""
_WAITS: Final[Mapping[Metric, tuple[Verb, Verb]]] = {
    Metric.FIRST_FEEDBACK: (SUBMITTED, REVIEWED),
    Metric.FIRST_MEETING: (WAS_ASSIGNED, ATTENDED),
}
"""Where each wait begins and ends."""
_UNITS: Final[Mapping[Unit, Callable[[Goal, Deeds, frozenset[Id], datetime], Outcome]]] = {
    Unit.SHARE: _share,
    Unit.HOURS: _hours,
    Unit.GAIN: _gain,
}
