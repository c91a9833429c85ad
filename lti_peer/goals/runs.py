"""Goals with what they came to: those of one activity, and the same ones across its runs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core import copies
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.goals import hearing, models
from lti_peer.goals.measures import MEASURES
from lti_peer.goals.models import Goal, Metric
from lti_peer.goals.outcomes import Outcome, evaluate

MOST = 20
"""Activities side by side: each is read from all its statements."""


@dataclass(frozen=True)
class Line:
    """One goal and what it came to."""

    goal: Goal
    outcome: Outcome


@dataclass(frozen=True)
class Row:
    """The same thing measured in several runs, the earliest date first."""

    metric: Metric
    amount: int
    lines: tuple[Line, ...]


def here(session: Session, visit: Visit) -> list[Line]:
    """Return the goals of the visit's activity, the earliest date first."""
    return judged(session, visit, models.of(session, [visit.activity.id]))


def across(session: Session, visit: Visit) -> list[Row]:
    """Return the goals of the visit's course and of copies of its activities, like by like.

    Of other courses only those in which the visitor is staff now, too. Two goals are alike when
    they measure the same and ask for as many; targets, dates and people may differ.
    """
    lines = judged(session, visit, models.of(session, _runs(session, visit)))
    order = {metric: place for place, metric in enumerate(MEASURES)}
    keys = {(line.goal.metric, line.goal.amount) for line in lines}
    return [
        Row(metric, amount, tuple(
            line for line in lines if (line.goal.metric, line.goal.amount) == (metric, amount)
        ))
        for metric, amount in sorted(keys, key=lambda key: (order[key[0]], key[1]))
    ]  # fmt: skip


def judged(session: Session, visit: Visit, goals: Sequence[Goal]) -> list[Line]:
    """Return each goal with its outcome at the visit's time, in the order given.

    One activity's statements are read at a time and let go: of ten they would be tens of thousands.
    """
    by_activity: dict[UUID, list[Goal]] = defaultdict(list)
    for goal in goals:
        by_activity[goal.activity_id].append(goal)
    classes = hearing.classes(session, visit, [mine[0].activity for mine in by_activity.values()])
    found: dict[UUID, Outcome] = {}
    for mine in by_activity.values():
        deeds = hearing.hear(session, visit, mine)
        for goal in mine:
            people = classes[goal.activity.course_id].population(goal)
            found[goal.id] = evaluate(goal, deeds, people, visit.now)
    return [Line(goal, found[goal.id]) for goal in goals]


def _runs(session: Session, visit: Visit) -> set[UUID]:
    """Return the activities of the course, and what they were copied from or to, that one may see.

    The newest `MOST` that have goals.
    """
    found = set(
        session.scalars(select(Activity.id).where(Activity.course_id == visit.course.id)).all()
    )
    found |= {one for pair in copies.ties(session, visit, found) for one in pair}
    return set(
        session.scalars(
            select(Activity.id)
            .where(
                Activity.id.in_(found),
                Activity.id.in_(select(Goal.activity_id)),
                copies.shown_to(visit),
            )
            .order_by(Activity.created_at.desc(), Activity.id)
            .limit(MOST)
        )
    )
