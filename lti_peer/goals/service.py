"""What staff do with goals: set one, change it, take it away; and what a copy brings along."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.core import audit, groups
from lti_peer.core.errors import Invalid
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.goals import models
from lti_peer.goals.forms import Plan
from lti_peer.goals.models import Goal, Metric

MOST = 20
"""Goals of one activity: more are none."""


def add(session: Session, visit: Visit, metric: Metric, plan: Plan) -> Goal:
    """Set a goal for the visit's activity; raises Invalid when it is there, or there are many."""
    count = session.scalar(
        select(func.count()).select_from(Goal).where(Goal.activity_id == visit.activity.id)
    )
    if count is not None and count >= MOST:
        raise Invalid(
            "Nothing has been saved yet.",
            {"target": f"There are {MOST} goals already: remove one first."},
        )
    goal = Goal(
        deployment_id=visit.deployment_id, activity_id=visit.activity.id, metric=metric,
        created_by=visit.person.id, created_at=visit.now,
    )  # fmt: skip
    _fill(session, visit, goal, plan)
    session.add(goal)
    session.flush()
    audit.note(session, visit, "set_goal", goal=str(goal.id), **_told(goal))
    return goal


def change(session: Session, visit: Visit, goal: Goal, plan: Plan) -> None:
    """Change a goal; what was wanted before stays in the activity's history.

    Raises Invalid when the activity has the same goal already.
    """
    before = _told(goal)
    _fill(session, visit, goal, plan)
    goal.told_at = None
    session.flush()
    audit.note(session, visit, "changed_goal", goal=str(goal.id), before=before, **_told(goal))


def remove(session: Session, visit: Visit, goal: Goal) -> None:
    """Take a goal away; what was wanted stays in the activity's history."""
    audit.note(session, visit, "removed_goal", goal=str(goal.id), **_told(goal))
    session.delete(goal)
    session.flush()


def copy(
    session: Session, visit: Visit, origin: Activity, moved: Callable[[datetime], datetime]
) -> None:
    """Give the visit's fresh activity the goals of another one, each date as `moved` has it.

    A goal for a group comes along within a course only: another course has other groups.
    """
    for goal in models.of(session, [origin.id]):
        if goal.group_key and origin.course_id != visit.course.id:
            continue
        session.add(
            Goal(
                deployment_id=visit.deployment_id, activity_id=visit.activity.id,
                metric=goal.metric, amount=goal.amount, target=goal.target,
                due_at=moved(goal.due_at), group_key=goal.group_key, group_name=goal.group_name,
                created_by=visit.person.id, created_at=visit.now,
            )
        )  # fmt: skip
    session.flush()


def _fill(session: Session, visit: Visit, goal: Goal, plan: Plan) -> None:
    with session.no_autoflush:
        same = session.scalar(
            select(Goal.id).where(
                Goal.activity_id == visit.activity.id,
                Goal.metric == goal.metric,
                Goal.amount == plan.amount,
                Goal.group_key == plan.group_key,
                Goal.due_at == plan.due_at,
            )
        )
        if same not in {None, goal.id}:
            raise Invalid(
                "Nothing has been saved yet.",
                {"due": "The activity has this goal for that date already: change that one."},
            )
        names = {one.group.key: one.group.name for one in groups.of(session, visit)}
    goal.amount, goal.target, goal.due_at = plan.amount, plan.target, plan.due_at
    goal.group_key, goal.group_name = plan.group_key, names.get(plan.group_key, "")


def _told(goal: Goal) -> dict[str, object]:
    """Return a goal for the history."""
    return {
        "metric": goal.metric.value, "amount": goal.amount, "target": goal.target,
        "due": goal.due_at.isoformat(), "group": goal.group_key,
    }  # fmt: skip
