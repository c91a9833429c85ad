"""Charts as SVG, each with its numbers in a table on the same page.

No script and no inline style: colours and strokes come from classes in `app.css`, states differ
in shape as well as in colour. A chart is a picture to everybody who cannot see it, named by its
title; the table beside it is what they read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

STATES: Mapping[str, tuple[str, str]] = {
    "sent": ("Sent", "M{x}.1 {y}.1h.8v.8h-.8z"),
    "started": ("Started", "M{x}.1 {y}.9h.8v-.8z"),
    "offered": ("Waiting", "M{x}.2 {y}.2h.6v.6h-.6z"),
    "expired": ("Missed", "M{x}.2 {y}.2l.6 .6m0-.6l-.6 .6"),
}
"""The states of a review: its word, and its shape in a square of one unit."""

SIDE = 14
"""Pixels of one square of the matrix, as long as there is room for names beside it."""

MOST_NAMES = 60
"""People up to which each row has its name; beyond, every tenth has its number."""

LABELS = 230
"""Pixels, at most, for the names left of the matrix."""

LONGEST_LABEL = 30
"""Characters of a name beside a chart; the table has all of it."""


@dataclass(frozen=True)
class Cell:
    """One review: the places of its author and of its subject, from 0, and its state."""

    row: int
    column: int
    state: str


def matrix(
    title: str, rows: Sequence[str], columns: Sequence[str], cells: Iterable[Cell]
) -> Markup:
    """Return who reviews whom as a figure: squares, a key, and a list for each person.

    `rows` are the names of those who review and `columns` of those who are reviewed, in the order
    of the picture; `cells` has the reviews there are, not the squares of the whole. Up to
    `MOST_NAMES` people, a row tells its reviews when pointed at. Raises KeyError for an unknown
    state.
    """
    by_row: dict[int, list[Cell]] = defaultdict(list)
    received: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_row[cell.row].append(cell)
        received[cell.column].append(cell)
    if len(rows) <= MOST_NAMES:
        drawn = Markup("").join(_matrix_row(rows[row], columns, by_row[row]) for row in by_row)
    else:
        drawn = _squares([cell for row in by_row.values() for cell in row])
    picture = _matrix_picture(title, rows, columns, drawn)
    same = list(rows) == list(columns)
    table = _matrix_table(title, rows, columns, by_row, received if same else None)
    return _figure(picture + _key(), table)


def bars(title: str, counts: Sequence[tuple[str, int]], unit: str = "") -> Markup:
    """Return small counts as bars with their numbers, and the same as a table.

    `counts` are pairs of a label and a number from 0 on, in the order of the picture; `unit` is
    what is counted ("people"). The longest bar fills the width; with nothing but 0, none is drawn.
    """
    most = max((count for _, count in counts), default=0)
    lines = Markup("").join(
        _bar(label, count, 44 * place, most) for place, (label, count) in enumerate(counts)
    )
    picture = Markup(
        '<svg class="chart chart-bars" viewBox="0 0 360 {}" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>"
    ).format(44 * len(counts), title, title, lines)
    numbers = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="number">{}</td></tr>').format(*pair)
        for pair in counts
    )
    return _figure(picture, _table(title, ["", unit.capitalize() or "Count"], numbers))


def _matrix_picture(
    title: str, rows: Sequence[str], columns: Sequence[str], drawn: Markup
) -> Markup:
    """Return the drawing: a grid, the diagonal where nobody reviews, labels, and the rows."""
    named = len(rows) <= MOST_NAMES
    side = SIDE if named else 3
    left = min(LABELS, 34 + 7 * max(map(len, rows), default=0)) if named else 36
    wide, high = len(columns), len(rows)
    labels = _names(rows, left - 8) if named else _numbers(len(rows), side)
    selves = "M0 0L{0} {0}".format(min(wide, high)) if list(rows) == list(columns) else "M0 0"
    return Markup(
        '<div class="scroller picture" role="region" tabindex="0" '
        'aria-label="{title}: the picture">'
        '<svg class="chart chart-matrix" width="{width}" height="{height}" role="img" '
        'aria-label="{title}"><title>{title}</title>{labels}'
        '<g transform="translate({left} {top})scale({side})" stroke-width="{line}">'
        '<path class="grid" stroke-width="{thin}" d="{grid}"/><path class="self" d="{selves}"/>'
        "{drawn}</g></svg></div>"
    ).format(
        width=left + side * wide + 16,
        height=24 + side * high,
        title=title,
        labels=labels + _column_numbers(wide, side, left),
        left=left,
        top=22,
        side=side,
        line=round(1.6 / side, 2),
        thin=round(0.7 / side, 2),
        grid=_grid(wide, high),
        selves=selves,
        drawn=drawn,
    )


def _grid(wide: int, high: int) -> str:
    """Return the path of a line every 5 squares, and around the whole."""
    across = [f"M0 {y}H{wide}" for y in [*range(0, high, 5), high]]
    down = [f"M{x} 0V{high}" for x in [*range(0, wide, 5), wide]]
    return "".join(across + down)


def _names(rows: Sequence[str], right: int) -> Markup:
    """Return each row's name and number, set against the picture at `right` pixels."""
    return Markup("").join(
        Markup(
            '<text x="{}" y="{}" text-anchor="end">{} <tspan class="axis">{}</tspan></text>'
        ).format(right, 22 + SIDE * place + 11, _short(name), place + 1)
        for place, name in enumerate(rows)
    )


def _numbers(count: int, side: int) -> Markup:
    """Return the number of every tenth row."""
    return Markup("").join(
        Markup('<text class="axis" x="30" y="{}" text-anchor="end">{}</text>').format(
            22 + side * (number - 1) + 4, number
        )
        for number in _marked(count)
    )


def _column_numbers(count: int, side: int, left: int) -> Markup:
    """Return the number of the first, and of every fifth or tenth column."""
    return Markup("").join(
        Markup('<text class="axis" x="{}" y="14" text-anchor="middle">{}</text>').format(
            left + side * (number - 1) + side / 2, number
        )
        for number in _marked(count, 5 if side == SIDE else 20)
    )


def _marked(count: int, every: int = 10) -> list[int]:
    """Return the numbers that are written at an axis of `count` places, from 1."""
    return [1, *range(every, count + 1, every)] if count else []


def _matrix_row(name: str, columns: Sequence[str], cells: Sequence[Cell]) -> Markup:
    """Return the squares of one person with a title that names them when pointed at."""
    return Markup("<g><title>{}: {}</title>{}</g>").format(
        name, _told(columns, cells), _squares(cells)
    )


def _squares(cells: Sequence[Cell]) -> Markup:
    """Return the shapes of these reviews, one path for each state."""
    paths: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        paths[cell.state].append(STATES[cell.state][1].format(x=cell.column, y=cell.row))
    return Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(state, "".join(parts))
        for state, parts in paths.items()
    )


def _matrix_table(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    by_row: Mapping[int, Sequence[Cell]],
    received: Mapping[int, Sequence[Cell]] | None,
) -> Markup:
    """Return the list form: for each person how many reviews, and of whom.

    `received` is None when those who are reviewed are not those who review.
    """
    lines = []
    for place, name in enumerate(rows):
        own = by_row.get(place, ())
        counts = [own] if received is None else [own, received.get(place, ())]
        numbers = Markup("").join(
            Markup('<td class="number">{}</td>').format(_share(cells)) for cells in counts
        )
        lines.append(
            Markup('<tr><th scope="row">{}. {}</th>{}<td>{}</td></tr>').format(
                place + 1, name, numbers, _told(columns, own) or "nobody yet"
            )
        )
    heads = ["Person", "Sent", *([] if received is None else ["Received"]), "Reviews"]
    return _table(title, heads, Markup("").join(lines))


def _told(columns: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return "Ben (sent); Chi (started)"."""
    return "; ".join(f"{columns[cell.column]} ({STATES[cell.state][0].lower()})" for cell in cells)


def _share(cells: Sequence[Cell]) -> str:
    """Return "2 of 3": how many of the reviews are sent."""
    return f"{sum(cell.state == 'sent' for cell in cells)} of {len(cells)}"


def _bar(label: str, count: int, top: int, most: int) -> Markup:
    """Return one bar of at most 300 pixels, its label above and its number behind it."""
    length = 300 * count / most if most else 0
    return Markup(
        '<text x="0" y="{}">{}</text>'
        '<rect class="bar" x="0" y="{}" width="{:.1f}" height="14"/>'
        '<text x="{:.1f}" y="{}">{}</text>'
    ).format(top + 14, _short(label, 48), top + 21, length, 7 + length, top + 32, count)


def _key() -> Markup:
    """Return the key to the shapes of the matrix."""
    return Markup('<ul class="key">{}</ul>').format(
        Markup("").join(
            Markup(
                '<li><svg viewBox="0 0 1 1" aria-hidden="true" stroke-width=".12">'
                '<path class="{}" d="{}"/></svg>{}</li>'
            ).format(state, shape.format(x=0, y=0), word)
            for state, (word, shape) in STATES.items()
        )
    )


def _table(title: str, heads: Sequence[str], lines: Markup) -> Markup:
    """Return a table that scrolls inside itself; the first column names each row."""
    columns = Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in heads)
    return Markup(
        '<div class="scroller" role="region" tabindex="0" aria-label="{}: the numbers">'
        '<table class="sheet"><caption class="visually-hidden">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(title, title, columns, lines)


def _figure(picture: Markup, table: Markup) -> Markup:
    """Return the picture with its table folded below it."""
    return Markup(
        "<figure>{}<details><summary>The same as a table</summary>{}</details></figure>"
    ).format(picture, table)


def _short(label: str, longest: int = LONGEST_LABEL) -> Markup:
    """Return the label, cut with an ellipsis where the picture has no room for it."""
    return escape(label if len(label) <= longest else label[: longest - 1] + "…")
