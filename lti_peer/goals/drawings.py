"""How far goals came, as SVG in the manner of `reports.drawings`: what is wanted, what came out.

A line has a track, on it the interval as a pale bar, the value as a dot, the target as a stroke.
"""

from collections.abc import Sequence
from math import isfinite

from markupsafe import Markup

from lti_peer.goals import words
from lti_peer.goals.measures import MEASURES, Unit
from lti_peer.goals.runs import Line
from lti_peer.reports.drawings import LONGEST, short

LEFT, WIDE = 6.0, 288.0
"""Where the track begins and how long it is, of 300 units: a dot at its end is whole."""
HIGH = 52


def ranges(title: str, lines: Sequence[Line], labels: Sequence[str]) -> Markup | None:
    """Return a line for each goal that has a result; None where none has.

    All must have the same unit. `labels` stand above the lines; what is wanted beside them.
    """
    told = [
        (line, label)
        for line, label in zip(lines, labels, strict=True)
        if line.outcome.low is not None
    ]
    if not told:
        return None
    low, high = _scale([line for line, _ in told])
    drawn = Markup("").join(
        _line(HIGH * place, line, label, low, high) for place, (line, label) in enumerate(told)
    )
    return Markup(
        '<svg class="chart chart-report" viewBox="0 0 300 {}" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>"
    ).format(HIGH * len(told), title, title, drawn)


def _scale(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the ends of the track: all of a share or gain, or as long as the longest wait."""
    unit = MEASURES[lines[0].goal.metric].unit
    if unit is Unit.SHARE:
        return 0.0, 1.0
    if unit is Unit.GAIN:
        return -1.0, 1.0
    known = [
        hours
        for line in lines
        for hours in (line.outcome.value, line.outcome.high, line.outcome.low)
        if hours is not None and isfinite(hours)
    ]
    return 0.0, 1.1 * max([*known, *(1.5 * line.goal.target for line in lines)])


def _line(top: int, line: Line, label: str, low: float, high: float) -> Markup:
    goal, found = line.goal, line.outcome
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None

    def place(value: float) -> float:
        return LEFT + WIDE * (min(max(value, low), high) - low) / (high - low)

    first, last, wanted = place(found.low), place(found.high), place(goal.target)
    dot = Markup('<circle class="bar" cx="{:.1f}" cy="{}" r="5"/>').format(
        place(found.value), top + 32
    )
    return Markup(
        '<text x="0" y="{}">{}</text><text class="axis" x="300" y="{}" text-anchor="end">{}</text>'
        '<rect class="track" x="{}" y="{}" width="{}" height="12" fill-opacity=".5"/>'
        '<rect class="bar" x="{:.1f}" y="{}" width="{:.1f}" height="12" fill-opacity=".3" '
        'stroke-opacity="0"/>{}<rect x="{:.1f}" y="{}" width="3" height="24" fill="currentColor"/>'
    ).format(
        top + 12, short(label, LONGEST - 18), top + 12, f"{words.wanted(goal)} wanted", LEFT,
        top + 26, WIDE, first, top + 26, max(1.0, last - first),
        dot if isfinite(found.value) else "", wanted - 1.5, top + 20,
    )  # fmt: skip
