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
    drawn = [
        f'<text x="0" y="{top + 12}">{short(label, LONGEST - 8)}</text>'
        f'<text class="axis" x="300" y="{top + 12}" text-anchor="end">{count} of {whole}</text>'
        f'<rect class="track" x="0" y="{top + 18}" width="300" height="12"/>'
        f'<rect class="bar" x="0" y="{top + 18}" '
        f'width="{WIDE * count / whole if whole else 0:.1f}" height="12"/>'
        for top, (label, count) in _stacked(lines)
    ]
    return _picture(title, 40 * len(lines), drawn)


def bars(title: str, lines: Sequence[tuple[str, int]]) -> Markup:
    """Return a bar for each line, the longest the whole width, its number at the right."""
    most = max((count for _, count in lines), default=0) or 1
    drawn = [
        f'<text x="0" y="{top + 12}">{short(label, LONGEST)}</text>'
        f'<text class="axis" x="300" y="{top + 12}" text-anchor="end">{count}</text>'
        f'<rect class="bar" x="0" y="{top + 18}" width="{WIDE * count / most:.1f}" height="12"/>'
        for top, (label, count) in _stacked(lines)
    ]
    return _picture(title, 40 * len(lines), drawn)


def columns(title: str, lines: Sequence[tuple[str, int]]) -> Markup:
    """Return upright bars side by side: the highest with its number, labels where there is room."""
    most = max((count for _, count in lines), default=0) or 1
    step = WIDE / max(1, len(lines))
    widest = max((7 * len(label) for label, _ in lines), default=0)
    every = max(1, -(-len(lines) * (widest + 12) // WIDE))
    drawn = ['<path class="grid" d="M0 138H300"/>']
    for place, (label, count) in enumerate(lines):
        left, high = step * place, 120 * count / most
        middle = left + step / 2
        drawn.append(
            f'<rect class="bar" x="{left + step * 0.08:.1f}" y="{138 - high:.1f}" '
            f'width="{step * 0.84:.1f}" height="{high:.1f}"/>'
        )
        if count and (len(lines) <= 12 or count == most):  # noqa: PLR2004 - room for a number
            drawn.append(_word(middle, 134 - high, str(count), ""))
        if place % every == 0:
            half = 3.5 * len(label)
            drawn.append(_word(min(max(middle, half), WIDE - half), 155, label, "axis"))
    return _picture(title, 162, drawn)


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
        f'<text class="axis" x="{left}" y="12">{escape(axes[0])}</text>',
        f'<text class="axis" x="0" y="{52 + 30 * len(rows)}">{escape(axes[1])}</text>',
    ]
    drawn += [
        _word(left + side * place + side / 2, 30, head, "axis") for place, head in enumerate(heads)
    ]
    for down, (row, line) in enumerate(zip(rows, cells, strict=True)):
        top = 36 + 30 * down
        drawn.append(
            f'<text x="{left - 8}" y="{top + 19}" text-anchor="end">{short(row, 13)}</text>'
        )
        drawn += [
            _square(left + side * place, top, side, weight, words)
            for place, (weight, words) in enumerate(line)
        ]
    return _picture(title, (60 if axes[1] else 40) + 30 * len(rows), drawn)


def short(label: str, longest: int) -> Markup:
    """Return the label, cut with an ellipsis where the picture has no room for it."""
    return escape(label if len(label) <= longest else label[: longest - 1] + "…")


def _square(left: float, top: int, side: float, weight: float, words: str) -> str:
    shape = f'x="{left + 1:.1f}" y="{top}" width="{side - 2:.1f}" height="27"'
    drawn = f'<rect class="track" fill-opacity=".4" {shape}/>'
    if weight:
        full = STRONGEST * weight
        drawn += f'<rect class="bar" {shape} fill-opacity="{full:.2f}" stroke-opacity="0"/>'
        if side >= NARROW:
            drawn += _word(left + side / 2, top + 18, words, "")
    return drawn


def _word(x: float, y: float, words: str, kind: str) -> str:
    of = ' class="axis"' if kind else ""
    return f'<text{of} x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(words)}</text>'


def _stacked(lines: Sequence[tuple[str, int]]) -> list[tuple[int, tuple[str, int]]]:
    return [(40 * place, line) for place, line in enumerate(lines)]


def _picture(title: str, high: int, drawn: Sequence[str]) -> Markup:
    """Return the whole picture. What is drawn is numbers, and texts that `escape` has seen."""
    named = escape(title)
    return Markup(  # noqa: S704 - see above; Markup.format takes five times as long
        f'<svg class="chart chart-report" viewBox="0 0 300 {max(1, high)}" role="img" '
        f'aria-label="{named}"><title>{named}</title>{"".join(drawn)}</svg>'
    )
