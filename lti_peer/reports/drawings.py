"""Pictures of reports as SVG, in the manner of `web.charts`: classes, no script, no inline style.

A picture is drawn 300 units wide, so that its words stay readable on a phone. Its numbers stand in
the figure's table, which is what everybody reads who cannot see it.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDE = 300
LONGEST = 38
"""Characters of a label above a bar."""
NARROW = 19.0
"""A square below this width has no room for its number."""
STRONGEST = 0.6
"""The opacity of the fullest square: a number in ink is readable on it, light and dark."""


def spans(title: str, lines: Sequence[tuple[str, int]], whole: int) -> Markup:
    """Return a bar for each line in a track that is `whole` long, with "18 of 24"."""
    drawn = Markup("").join(
        Markup(
            '<text x="0" y="{}">{}</text><text class="axis" x="300" y="{}" text-anchor="end">'
            '{} of {}</text><rect class="track" x="0" y="{}" width="300" height="12"/>'
            '<rect class="bar" x="0" y="{}" width="{:.1f}" height="12"/>'
        ).format(
            top + 12, short(label, LONGEST - 8), top + 12, count, whole, top + 18, top + 18,
            WIDE * count / whole if whole else 0,
        )
        for top, (label, count) in _stacked(lines)
    )  # fmt: skip
    return _picture(title, 40 * len(lines), drawn)


def bars(title: str, lines: Sequence[tuple[str, int]]) -> Markup:
    """Return a bar for each line, the longest the whole width, its number at the right."""
    most = max((count for _, count in lines), default=0) or 1
    drawn = Markup("").join(
        Markup(
            '<text x="0" y="{}">{}</text><text class="axis" x="300" y="{}" text-anchor="end">{}'
            '</text><rect class="bar" x="0" y="{}" width="{:.1f}" height="12"/>'
        ).format(
            top + 12, short(label, LONGEST), top + 12, count, top + 18, WIDE * count / most
        )
        for top, (label, count) in _stacked(lines)
    )  # fmt: skip
    return _picture(title, 40 * len(lines), drawn)


def columns(title: str, lines: Sequence[tuple[str, int]]) -> Markup:
    """Return upright bars side by side: the highest with its number, labels where there is room."""
    most = max((count for _, count in lines), default=0) or 1
    step = WIDE / max(1, len(lines))
    widest = max((7 * len(label) for label, _ in lines), default=0)
    every = max(1, -(-len(lines) * (widest + 12) // WIDE))
    drawn = []
    for place, (label, count) in enumerate(lines):
        left, high = step * place, 120 * count / most
        middle = left + step / 2
        drawn.append(
            Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
            .format(left + step * 0.08, 138 - high, step * 0.84, high)
        )  # fmt: skip
        if count and (len(lines) <= 12 or count == most):  # noqa: PLR2004 - room for a number
            drawn.append(_word(middle, 134 - high, str(count), ""))
        if place % every == 0:
            half = 3.5 * len(label)
            drawn.append(_word(min(max(middle, half), WIDE - half), 155, label, "axis"))
    base = Markup('<path class="grid" d="M0 138H300"/>')
    return _picture(title, 162, base + Markup("").join(drawn))


def grid(
    title: str,
    rows: Sequence[str],
    heads: Sequence[str],
    cells: Sequence[Sequence[tuple[float, str]]],
    axes: tuple[str, str] = ("", ""),
) -> Markup:
    """Return squares by row and column; each cell is its weight from 0 to 1 and what it says.

    `axes` name what the columns and the rows are, where their labels are bare numbers.
    """
    left = 34 if axes[1] else 88
    side = min(44.0, (WIDE - left) / max(1, len(heads)))
    drawn = [
        _word(left + side * place + side / 2, 30, head, "axis") for place, head in enumerate(heads)
    ]
    for down, (row, line) in enumerate(zip(rows, cells, strict=True)):
        top = 36 + 30 * down
        drawn.append(
            Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
                left - 8, top + 19, short(row, 13)
            )
        )
        for place, (weight, words) in enumerate(line):
            drawn.append(_square(left + side * place, top, side, weight, words))
    named = Markup('<text class="axis" x="{}" y="12">{}</text>').format(left, axes[0])
    foot = Markup('<text class="axis" x="0" y="{}">{}</text>').format(52 + 30 * len(rows), axes[1])
    return _picture(title, (60 if axes[1] else 40) + 30 * len(rows), named + foot
                    + Markup("").join(drawn))  # fmt: skip


def short(label: str, longest: int) -> Markup:
    """Return the label, cut with an ellipsis where the picture has no room for it."""
    return escape(label if len(label) <= longest else label[: longest - 1] + "…")


def _square(left: float, top: int, side: float, weight: float, words: str) -> Markup:
    shape = Markup('x="{:.1f}" y="{}" width="{:.1f}" height="27"').format(left + 1, top, side - 2)
    drawn = Markup('<rect class="track" fill-opacity=".4" {}/>').format(shape)
    if not weight:
        return drawn
    drawn += Markup('<rect class="bar" {} fill-opacity="{:.2f}" stroke-opacity="0"/>').format(
        shape, STRONGEST * weight
    )
    if side < NARROW:
        return drawn
    return drawn + _word(left + side / 2, top + 18, words, "")


def _word(x: float, y: float, words: str, kind: str) -> Markup:
    return Markup('<text{} x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        Markup(' class="axis"') if kind else "", x, y, words
    )


def _stacked(lines: Sequence[tuple[str, int]]) -> list[tuple[int, tuple[str, int]]]:
    return [(40 * place, line) for place, line in enumerate(lines)]


def _picture(title: str, high: int, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="chart chart-report" viewBox="0 0 300 {}" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>"
    ).format(max(1, high), title, title, drawn)
