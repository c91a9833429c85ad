"""Lines to judge by: criteria, their levels, and the share that a filled rubric gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Level:
    """One step of a criterion: its points and its words."""

    points: int
    label: str
    words: str = ""


@dataclass(frozen=True)
class Criterion:
    """One line to judge by; `weight` is relative to the other lines."""

    key: str
    title: str
    levels: tuple[Level, ...]
    words: str = ""
    weight: int = 1

    @property
    def maximum(self) -> int:
        """The most points that the line gives."""
        return max(level.points for level in self.levels)


def parse(rows: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Return the criteria that `rows` (JSON, as `dump` gives) describe.

    Raises ValueError, with a sentence for the instructor, when there is no criterion, a key comes
    twice, a line has fewer than two levels, or all its levels give no points.
    """
    criteria = tuple(_criterion(row) for row in rows)
    if not criteria:
        raise ValueError("A rubric needs at least one criterion.")
    if len({criterion.key for criterion in criteria}) != len(criteria):
        raise ValueError("Two criteria have the same key.")
    for criterion in criteria:
        points = [level.points for level in criterion.levels]
        if len(set(points)) < 2 or min(points) < 0:  # noqa: PLR2004 - one step is no choice
            raise ValueError(
                f"“{criterion.title}” needs at least two levels with different points."
            )
    return criteria


def dump(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Return the criteria as JSON that `parse` reads."""
    return [
        {
            "key": c.key,
            "title": c.title,
            "words": c.words,
            "weight": c.weight,
            "levels": [{"points": v.points, "label": v.label, "words": v.words} for v in c.levels],
        }
        for c in criteria
    ]


def share(criteria: Sequence[Criterion], marks: Mapping[str, int]) -> Fraction:
    """Return the weighted share of the maximum that one filled rubric gives, 0 to 1.

    `marks` maps each criterion's key to the points of one of its levels.
    Used as `result.score.scaled` (xAPI 1.0.3, part 2, 2.4.5.1).

    Raises KeyError when a criterion has no mark, and ValueError when a mark is none of its levels.
    """
    total = Fraction(0)
    for criterion in criteria:
        points = marks[criterion.key]
        if points not in {level.points for level in criterion.levels}:
            raise ValueError(f"“{criterion.title}” has no level with {points} points.")
        total += Fraction(points * criterion.weight, criterion.maximum)
    return total / sum(criterion.weight for criterion in criteria)


def _criterion(row: Mapping[str, Any]) -> Criterion:
    levels = tuple(
        Level(int(v["points"]), str(v["label"]), str(v.get("words", ""))) for v in row["levels"]
    )
    return Criterion(
        str(row["key"]),
        str(row["title"]),
        levels,
        str(row.get("words", "")),
        int(row.get("weight", 1)),
    )
