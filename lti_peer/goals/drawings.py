"""How far goals came, as SVG in the manner of `reports.drawings`: what is wanted, what came out.

A line has a track, on it the interval as a pale bar, the value as a dot, the target as a stroke.
"""

from collections.abc import Sequence
from math import isfinite

from markupsafe import Markup

from lti_peer.goals import words
from lti_peer.goals.measures import MEASURES, Unit
from lti_peer.goals.runs import Line, Row
from lti_peer.reports.drawings import LONGEST, short

LEFT, WIDE = 6.0, 288.0
"""Where the track begins and how long it is, of 300 units: a dot at its end is whole."""
HIGH = 52


def one(line: Line) -> Markup | None:
    """Return how far one goal came; None where it has no result."""
    label, note = words.amount(line.goal, line.outcome.value), f"{words.wanted(line.goal)} wanted"
    return _picture(words.title(line.goal), [(line, label, note)])


def ranges(row: Row) -> Markup | None:
    """Return a line for each run that has a result; None where none has."""
    named = zip(row.lines, words.labels(row), strict=True)
    return _picture(
        words.heading(row),
        [(line, label, words.amount(line.goal, line.outcome.value)) for line, label in named],
    )


def _picture(title: str, given: Sequence[tuple[Line, str, str]]) -> Markup | None:
    """Return the picture; each line has a label above it at the left, and a note at the right."""
    told = [part for part in given if part[0].outcome.low is not None]
    if not told:
        return None
    ends = _scale([line for line, _, _ in told])
    drawn = Markup("").join(
        _words(HIGH * place, label, note) + _line(HIGH * place, line, ends)
        for place, (line, label, note) in enumerate(told)
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


def _words(top: int, label: str, note: str) -> Markup:
    return Markup(
        '<text x="0" y="{}">{}</text><text class="axis" x="300" y="{}" text-anchor="end">{}</text>'
    ).format(top + 12, short(label, LONGEST - len(note)), top + 12, note)


def _line(top: int, line: Line, ends: tuple[float, float]) -> Markup:
    found, (low, high) = line.outcome, ends
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None

    def place(value: float) -> float:
        return LEFT + WIDE * (min(max(value, low), high) - low) / (high - low)

    first, last = place(found.low), place(found.high)
    drawn = Markup(
        '<rect class="track" x="{}" y="{}" width="{}" height="12"/><rect class="bar" x="{:.1f}" '
        'y="{}" width="{:.1f}" height="12" fill-opacity=".5" stroke-opacity="0"/>'
    ).format(LEFT, top + 24, WIDE, first, top + 24, max(1.0, last - first))
    if isfinite(found.value):
        drawn += Markup('<circle cx="{:.1f}" cy="{}" r="5" fill="currentColor"/>').format(
            place(found.value), top + 30
        )
    return drawn + Markup(
        '<rect x="{:.1f}" y="{}" width="3" height="24" fill="currentColor"/>'
    ).format(place(line.goal.target) - 1.5, top + 18)
