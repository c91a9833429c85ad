"""A goal and its outcome in plain words, and as rows of a table."""

from collections.abc import Iterable
from math import inf, isfinite

from lti_peer.goals.measures import MEASURES, Unit
from lti_peer.goals.models import Goal
from lti_peer.goals.outcomes import LEAST, Outcome, State
from lti_peer.goals.runs import Line, Row
from lti_peer.reports.shape import Column, Sort, Table, Value, capital, percent, some

MINUS = "−"
DASH = "–"
LONG = 48
"""From so many hours on, days are said."""

TONES = {
    State.ON_THE_WAY: "plain",
    State.REACHED: "good",
    State.MISSED: "bad",
    State.TOO_FEW: "warn",
}
"""The tone of a state's chip."""

HEADS = (
    Column("wanted", "Wanted", Sort.TEXT), Column("came", "Came to", Sort.TEXT),
    Column("reach", "Most likely between", Sort.TEXT),
)  # fmt: skip
"""Of the table beside a picture."""

COLUMNS = (
    Column("activity", "Activity", Sort.TEXT), Column("course", "Course", Sort.TEXT),
    Column("goal", "Goal", Sort.TEXT), Column("measure", "Measure", Sort.TEXT),
    Column("amount", "Each"), Column("population", "For", Sort.TEXT),
    Column("due", "By", Sort.TEXT), Column("unit", "Unit", Sort.TEXT),
    Column("target", "Wanted", Sort.NUMBER), Column("value", "Came to", Sort.NUMBER),
    Column("low", "From", Sort.NUMBER), Column("high", "To", Sort.NUMBER),
    Column("count", "Did it"), Column("whole", "Out of"), Column("state", "State", Sort.TEXT),
)  # fmt: skip
"""A file's columns: raw values, shares and gains as parts of 1, waits in hours."""


def title(goal: Goal) -> str:
    """Return what is wanted, such as "At least 80 % of all learners give 3 reviews"."""
    measure = MEASURES[goal.metric]
    if measure.unit is Unit.SHARE:
        did = measure.did.format(some(goal.amount, measure.counted))
        return f"At least {percent(goal.target)} of {population(goal)} {did}"
    if measure.unit is Unit.HOURS:
        whose = f", in “{goal.group_name}”" if goal.group_key else ""
        return f"Half of all {measure.did} within {hours(goal.target)}{whose}"
    whose = f" in “{goal.group_name}”" if goal.group_key else ""
    if not goal.target:
        return f"More answers are right after a meeting than before{whose}"
    return f"Right answers rise by more than {points(goal.target)} from before to after{whose}"


def heading(row: Row) -> str:
    """Return what several runs have in common, such as "How many give reviews: 3 each"."""
    measure = MEASURES[row.metric]
    each = f": {some(row.amount, measure.counted)} each" if measure.counted else ""
    return f"{measure.label}{each}"


def labels(row: Row) -> list[str]:
    """Return the activity of each line, with the group where it is about one."""
    return [
        line.goal.activity.title + (f", {population(line.goal)}" if line.goal.group_key else "")
        for line in row.lines
    ]


def population(goal: Goal) -> str:
    """Return whom it is about."""
    return f"“{goal.group_name}”" if goal.group_key else "all learners"


def whom(goal: Goal) -> str:
    """Return whom it is about, for a table: the group, or "All learners"."""
    return goal.group_name if goal.group_key else "All learners"


def wanted(goal: Goal) -> str:
    """Return the target with its direction, such as "at least 80 %"."""
    unit = MEASURES[goal.metric].unit
    word = {Unit.SHARE: "at least", Unit.HOURS: "at most", Unit.GAIN: "more than"}[unit]
    return f"{word} {amount(goal, goal.target)}"


def result(line: Line) -> str:
    """Return what it came to, with how far chance could move it; or why there is no result."""
    goal, found = line.goal, line.outcome
    if not found.known:
        return (
            "The tool's own record store has no statement of this activity: nobody has opened it "
            "yet, or the statements go to a store outside."
        )
    if goal.group_key and MEASURES[goal.metric].unit is Unit.SHARE and not found.whole:
        return f"Nobody is in the group “{goal.group_name}”, or the LMS has it no more."
    so_far = "So far " if found.state is State.ON_THE_WAY else ""
    if found.whole < LEAST or found.value is None:
        return _few(goal, found, so_far)
    said = capital(so_far + _value(goal, found))
    sentence = f"{said}; {between(line)}."
    if found.state is State.ON_THE_WAY or found.sure:
        return sentence
    return f"{sentence} The target lies in that range: chance alone could have decided it."


def between(line: Line) -> str:
    """Return the interval: "most likely between 62 % and 91 %, from 24 learners"."""
    found = line.outcome
    rests = f"from {_rests(line.goal, found.whole)}"
    known = reach(line)
    word = "between " if " and " in known else ""
    return f"most likely {word}{known}, {rests}" if known else rests


def reach(line: Line) -> str:
    """Return the interval alone, "62 % and 91 %" or "20 hours or more"; empty where none is.

    Where both ends are written alike it is one of them.
    """
    goal, found = line.goal, line.outcome
    if found.low is None or found.high is None or not isfinite(found.low):
        return ""
    low, high = amount(goal, found.low), amount(goal, found.high)
    if not isfinite(found.high):
        return f"{low} or more"
    if low == high:
        return low
    return f"{low.partition(' ')[0] if low.endswith(' points') else low} and {high}"


def amount(goal: Goal, value: float | None) -> str:
    """Return a value in the measure's unit: "88 %", "20 hours", "−3 points"; a dash for None.

    What would be written like the target and is not has a decimal: 79.6 % are not 80 %.
    """
    if value is None:
        return DASH
    unit = MEASURES[goal.metric].unit
    written = _WRITERS[unit](value)
    if value == goal.target or written != _WRITERS[unit](goal.target):
        return written
    part, word = {
        Unit.SHARE: (100 * value, "%"), Unit.HOURS: (value, "hours"),
        Unit.GAIN: (100 * value, "points"),
    }[unit]  # fmt: skip
    return f"{part:.1f} {word}"


def hours(value: float) -> str:
    """Return hours as "40 minutes", "20 hours" or "3 days"; "longer" where it has no end yet.

    It is one minute at least: nobody waits "no minutes".
    """
    if value == inf:
        return "longer"
    if value < 1:
        return some(max(1, round(60 * value)), "minute")
    if value < LONG:
        return some(round(value), "hour")
    days = round(value / 24, 1)
    return "1 day" if days == 1 else f"{days:g} days"


def points(value: float) -> str:
    """Return a gain as points of 100, with a real minus."""
    whole = round(100 * value)
    return f"{MINUS if whole < 0 else ''}{some(abs(whole), 'point')}".replace(
        "no points", "0 points"
    )


_WRITERS = {Unit.SHARE: percent, Unit.HOURS: hours, Unit.GAIN: points}


def table(lines: Iterable[Line]) -> Table:
    """Return goals with their outcomes as a file has them."""
    return Table(COLUMNS, [_row(line) for line in lines])


def _row(line: Line) -> tuple[Value, ...]:
    goal, found = line.goal, line.outcome
    value, low, high = (
        number if number is not None and isfinite(number) else None
        for number in (found.value, found.low, found.high)
    )
    return (
        goal.activity.title, goal.activity.course.title, title(goal), goal.metric.value,
        goal.amount or None, population(goal), goal.due_at.isoformat(),
        MEASURES[goal.metric].unit.value, goal.target, value, low, high, found.count, found.whole,
        found.state.value,
    )  # fmt: skip


def came(line: Line) -> str:
    """Return what it came to in a few words that no line breaks before "%": for a table."""
    goal, found = line.goal, line.outcome
    if not found.known:
        return "not known here"
    rests, value = _rests(goal, found.whole), amount(goal, found.value)
    if found.count is not None:
        said = f"{found.count} of {rests}" + (f", {value}" if found.low is not None else "")
    else:
        said = f"{value}, from {rests}" if found.low is not None else f"from {rests}"
    return said.replace(" %", "\N{NO-BREAK SPACE}%")


def numbers(line: Line) -> tuple[str, ...]:
    """Return what stands under `HEADS`: the numbers of a goal that has a result."""
    return wanted(line.goal), came(line), reach(line) or DASH


def _value(goal: Goal, found: Outcome) -> str:
    unit = MEASURES[goal.metric].unit
    if unit is Unit.SHARE:
        return f"{found.count} of {_rests(goal, found.whole)}, {amount(goal, found.value)}"
    if unit is Unit.HOURS:
        if found.value == inf:
            return "more than half wait longer than that"
        return f"half of them within {amount(goal, found.value)}"
    return f"{amount(goal, found.value)} more are right after than before"


def _few(goal: Goal, found: Outcome, so_far: str) -> str:
    counted = _rests(goal, found.whole)
    if found.count is not None:
        counted = f"{found.count} of {counted}"
    return (
        f"{capital(so_far + counted)}. From {LEAST} on there is a result: with fewer, one alone "
        "would decide it."
    )


def _rests(goal: Goal, whole: int) -> str:
    unit = MEASURES[goal.metric].unit
    if unit is Unit.SHARE:
        return some(whole, "learner")
    if unit is Unit.GAIN:
        return some(whole, "answer given twice", "answers given twice")
    return some(whole, *_WAITING[goal.metric.value])


_WAITING = {"first_feedback": ("work", "works"), "first_meeting": ("pair", "pairs")}
