"""From what a browser sent to a plan of a goal; what cannot be used comes back as Invalid."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lti_peer.core.errors import Invalid
from lti_peer.goals.measures import MEASURES, Measure, Unit
from lti_peer.goals.models import Goal, Metric
from lti_peer.web import dates, fields
from lti_peer.web.fields import Form

MOST_EACH: Final = 20
LONGEST_WAIT: Final = 2_000
"""Hours: twelve weeks."""
FARTHEST: Final = timedelta(days=3 * 365)


@dataclass(frozen=True)
class Box:
    """How a target is typed."""

    label: str
    unit: str
    """The word after the box."""
    low: int
    high: int
    one: int
    """How much in the box is 1 in the measure's own unit."""


BOXES: Final[Mapping[Unit, Box]] = {
    Unit.SHARE: Box("How many of them, at least?", "%", 1, 100, 100),
    Unit.HOURS: Box("Half of them within", "hours", 1, LONGEST_WAIT, 1),
    Unit.GAIN: Box("Right answers rise by more than", "points of 100", 0, 99, 100),
}


@dataclass(frozen=True)
class Plan:
    """What the form decides."""

    amount: int
    target: float
    """In the measure's own unit."""
    due_at: datetime
    group_key: str
    """Empty for all learners."""


def plan(form: Form, metric: Metric, zone: str, groups: Collection[str], now: datetime) -> Plan:
    """Return the plan of a goal; raises Invalid that names every field at fault.

    `groups` are the LMS's ids of the groups that the course has.
    """
    measure = MEASURES[metric]
    faults: dict[str, str] = {}
    amount = fields.whole(form, "amount", 1, MOST_EACH, faults) if measure.counted else 0
    box = BOXES[measure.unit]
    target = fields.whole(form, "target", box.low, box.high, faults) / box.one
    due_at = fields.moment(form, "due", zone, faults)
    if due_at is not None and abs(due_at - now) > FARTHEST:
        faults["due"] = "Give a date within three years."
    group = form.get("group", "")
    if group and group not in groups:
        faults["group"] = "The course has no such group any more."
    if faults or due_at is None:
        raise Invalid("Nothing has been saved yet.", faults)
    return Plan(amount, target, due_at, group)


def proposed(measure: Measure, due_at: datetime, zone: str) -> dict[str, str]:
    """Return the fields of a new goal."""
    return _fields(measure, measure.amount, measure.target, due_at, zone)


def stored(goal: Goal, zone: str) -> dict[str, str]:
    """Return the fields of a goal as it is."""
    fields = _fields(MEASURES[goal.metric], goal.amount, goal.target, goal.due_at, zone)
    return {**fields, "group": goal.group_key}


def _fields(
    measure: Measure, amount: int, target: float, due_at: datetime, zone: str
) -> dict[str, str]:
    return {
        "amount": str(amount),
        "target": str(round(target * BOXES[measure.unit].one)),
        "due": dates.field(due_at, zone),
    }
