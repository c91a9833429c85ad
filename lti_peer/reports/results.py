"""What came of it: the distribution of each score, and the gain from before to after."""

from collections import Counter
from statistics import quantiles

from lti_peer.reports import drawings, heard, reads
from lti_peer.reports.reads import Facts
from lti_peer.reports.shape import ENOUGH, Column, Figure, Sort, Table, capital, some

TENTHS = 10


def scores(facts: Facts) -> list[Figure]:
    """Return a figure for each component that has scores; one that says so when none has."""
    known = {name: list(mine.values()) for name, mine in facts.scores.items() if mine}
    return [_scores(name, shares) for name, shares in known.items()] or [_scores("", [])]


def _scores(component: str, shares: list[float]) -> Figure:
    counted = Counter(min(int(share * TENTHS), TENTHS - 1) for share in shares)
    lines = [(f"{10 * n}–{10 * n + 9 + (n == TENTHS - 1)}", counted[n]) for n in range(TENTHS)]
    title = f"Scores: {component}" if component else "Scores"
    return Figure(
        f"scores-{component or 'none'}", title, _spread(shares),
        "The newest score of each active learner in this component, in points of 100, whether or "
        "not it is released. Half of them lie between the first and the third quartile.",
        reads.scores,
        Table((Column("points", "Points", Sort.TEXT), Column("people", "People")), lines),
        drawings.columns(title, [(label.partition("–")[0], n) for label, n in lines])
        if len(shares) >= ENOUGH else None,
    )  # fmt: skip


def _spread(shares: list[float]) -> str:
    if not shares:
        return "Nobody has a score yet."
    if len(shares) < ENOUGH:
        return f"{capital(some(len(shares), 'score'))} so far: from {ENOUGH} on there is a picture."
    low, middle, high = (100 * cut for cut in quantiles(shares, n=4, method="inclusive"))
    sentence = f"The middle of {len(shares)} scores is {middle:.0f} of 100"
    return f"{sentence}; half of all lie between {low:.0f} and {high:.0f}."


def gain(facts: Facts) -> Figure:
    """Return how many answered a check rightly before and after, where there is one."""
    checks = facts.heard.checks
    before, after = sum(one.before for one in checks), sum(one.after for one in checks)
    learnt = sum(one.after and not one.before for one in checks)
    lost = sum(one.before and not one.after for one in checks)
    title, whole = "Gain from before to after", len(checks)
    lines = [("Right before", before), ("Right after", after)]
    room = whole - before
    gained = (after - before) / room if room else None
    sentence = (
        f"Of {some(whole, 'check')} answered both times, {before} were right before and {after} "
        f"after: {learnt} learnt it, {lost} lost it."
        if whole
        else "No check has been answered both before and after a meeting."
    )
    if gained is not None and whole >= ENOUGH:
        sentence += f" That is {100 * gained:.0f} % of what there was to gain."
    return Figure(
        "gain", title, sentence,
        "From the statements “answered” in the tool's own record store: questions that one person "
        "answered before and after. What there was to gain is what was wrong before (Hake's "
        "normalized gain: after minus before, divided by one minus before).",
        heard.checks,
        Table((Column("moment", "Check", Sort.TEXT), Column("right", "Right"),
               Column("share", "Of those who answered twice", Sort.SHARE)),
              [(label, n, n / whole if whole else None) for label, n in lines]),
        drawings.spans(title, lines, whole) if whole >= ENOUGH else None,
    )  # fmt: skip
