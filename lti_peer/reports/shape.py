"""What a report is made of: figures, each with a picture, a sentence and its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

Value = str | int | float | None
"""What stands in a table; a share is 0 to 1, None is "not known"."""

Id = str
"""A UUID as its 32 digits, which are faster to make and to compare: a report has thousands."""

ENOUGH = 5
"""From so many on a distribution is drawn: below, it would show single people and no pattern."""


class Sort(StrEnum):
    """What a column holds, and so how a page writes it."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    POINTS = "points"
    """A share of the maximum, shown as points of 100."""
    CHANGE = "change"
    """A difference of two shares, shown as points of 100 with its sign."""


@dataclass(frozen=True)
class Column:
    """One column: its name in exports, its head on pages, what it holds."""

    key: str
    label: str
    sort: Sort = Sort.COUNT

    @property
    def number(self) -> bool:
        """Whether it is set to the right."""
        return self.sort is not Sort.TEXT


@dataclass(frozen=True)
class Table:
    """Numbers in rows; the first column names the row."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]

    def shown(self) -> list[list[str]]:
        """Return the rows as a page writes them."""
        sorts = [column.sort for column in self.columns]
        return [
            [show(sort, value) for sort, value in zip(sorts, row, strict=True)] for row in self.rows
        ]

    def body(self) -> Markup:
        """Return the rows as a page has them; a template takes several times as long for 300."""
        starts = ['<td class="number">' if column.number else "<td>" for column in self.columns]
        sorts = [column.sort for column in self.columns]
        lines = []
        for row in self.rows:
            first, *others = (
                escape(value) if isinstance(value, str) else show(sort, value)
                for sort, value in zip(sorts, row, strict=True)
            )
            cells = zip(starts[1:], others, strict=True)
            told = "".join([f"{start}{cell}</td>" for start, cell in cells])
            lines.append(f'<tr><th scope="row">{first}</th>{told}</tr>')
        return Markup("\n".join(lines))  # noqa: S704 - each text is escaped, the others are numbers


@dataclass(frozen=True)
class Figure:
    """One question with its answer."""

    key: str
    """Its name in addresses."""
    title: str
    sentence: str
    """What it shows, in one plain sentence; or what is missing, where there is no picture."""
    method: str
    """How it is computed."""
    query: Callable[..., object]
    """The function that reads it."""
    table: Table
    picture: Markup | None = None
    """None where there is nothing yet, or too little to draw."""

    @property
    def named(self) -> str:
        """Where in the program the query stands."""
        return f"{self.query.__module__}.{self.query.__qualname__}"


def show(sort: Sort, value: Value) -> str:
    """Return a value as people read it: "75 %", "74", "2.5"; a dash where it is not known."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if sort is Sort.SHARE:
        return percent(value)
    if sort is Sort.POINTS:
        return f"{100 * value:.0f}"
    if sort is Sort.CHANGE:
        return signed(value)
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def signed(change: float) -> str:
    """Return a difference of two shares as points of 100 with its sign: "+4", "−2", "0"."""
    points = round(100 * change)
    return f"{'+' if points > 0 else '−'}{abs(points)}" if points else "0"


def percent(share: float) -> str:
    """Return a share of 0 to 1 as "75 %"."""
    return f"{100 * share:.0f} %"


def some(count: int, word: str, many: str = "") -> str:
    """Return "1 review", "3 reviews", "no reviews"."""
    plural = many or f"{word}s"
    return f"{count} {word}" if count == 1 else f"{count or 'no'} {plural}"


def capital(sentence: str) -> str:
    """Return the sentence with a capital letter at its start, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
