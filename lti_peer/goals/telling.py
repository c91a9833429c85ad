"""The one sentence about goals: what a goal came to, said once at its date."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.goals import runs
from lti_peer.goals.measures import MEASURES, Unit
from lti_peer.goals.models import Goal
from lti_peer.goals.outcomes import Outcome, State
from lti_peer.goals.runs import Line
from lti_peer.peerwork.statements import part, say
from xapi.vocabulary import EVALUATED, GOAL, GOAL_OUTCOME

GRACE: Final = timedelta(minutes=10)
"""So long after a goal's date the statements until then have arrived in the store."""
AT_ONCE: Final = 200
WORDS: Final = {
    State.REACHED: "reached",
    State.MISSED: "not-reached",
    State.TOO_FEW: "too-few-data",
}


def due(session: Session, now: datetime) -> Sequence[UUID]:
    """Return the goals that are to be told, those longest due first."""
    return session.scalars(
        select(Goal.id)
        .where(Goal.told_at.is_(None), Goal.due_at <= now - GRACE)
        .order_by(Goal.due_at)
        .limit(AT_ONCE)
    ).all()


def tell(session: Session, goal_id: UUID, now: datetime, base_url: str) -> None:
    """Say what a goal came to, in the name of who set it; nothing where that is not known.

    Nobody is the actor where who set it has been erased, or the store knows nothing of the activity
    because statements go to a store outside.
    """
    goal = session.get(Goal, goal_id)
    if goal is None or goal.told_at is not None:
        return
    goal.told_at = now
    if goal.author is None:
        return
    visit = Visit(
        id=uuid4(), person=goal.author, course=goal.activity.course, role=Role.INSTRUCTOR, now=now,
        base_url=base_url, chosen=goal.activity,
    )  # fmt: skip
    line = runs.judged(session, visit, [goal])[0]
    if line.outcome.known:
        evaluated(session, visit, line)


def evaluated(session: Session, visit: Visit, line: Line) -> None:
    """Say: the goal came to this. A changed goal is told again, under an id of its own."""
    goal, found = line.goal, line.outcome
    clear = found.state in {State.REACHED, State.MISSED}
    shared = MEASURES[goal.metric].unit is not Unit.HOURS
    say(
        session, visit, EVALUATED, part(visit, GOAL, goal.id),
        goal.id, goal.due_at.isoformat(), goal.target, goal.amount, goal.group_key,
        scaled=found.value if clear and shared else None,
        success=found.state is State.REACHED if clear else None,
        result_extensions={GOAL_OUTCOME: _outcome(goal, found)},
    )  # fmt: skip


def _outcome(goal: Goal, found: Outcome) -> dict[str, Any]:
    """Return the outcome as JSON; JSON has no number without an end, so that is left out.

    Of too few only how many there are: more would be about single people.
    """
    few = found.state is State.TOO_FEW
    told = {
        "state": WORDS[found.state],
        "metric": goal.metric.value,
        "amount": goal.amount or None,
        "unit": MEASURES[goal.metric].unit.value,
        "target": goal.target,
        "value": None if few else found.value,
        "low": found.low,
        "high": found.high,
        "count": None if few else found.count,
        "whole": found.whole,
    }
    return {
        key: value
        for key, value in told.items()
        if value is not None and (isinstance(value, str) or isfinite(value))
    }
