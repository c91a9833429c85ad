"""What people did for each other: load, agreement, speed, balance, and who stands alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations
from statistics import fmean, median

from lti_peer.peerwork.feedback import Target
from lti_peer.reports import drawings, reads
from lti_peer.reports.reads import Facts
from lti_peer.reports.shape import ENOUGH, Column, Figure, Id, Sort, Table, Value, capital, some

MOST = 5
"""From so many on, people are counted together."""
APART = ((0.10, "up to 10 points"), (0.25, "11 to 25 points"), (0.50, "26 to 50 points"))
FAR = "more than 50 points"
HOURS = ((24, "within a day"), (72, "1 to 3 days"), (168, "3 to 7 days"), (336, "1 to 2 weeks"))
LATER = "later than 2 weeks"
NOT_YET = "none yet"


def given(facts: Facts) -> dict[Id, int]:
    """Return how many reviews each learner wrote and meetings they taught in, together."""
    found = dict.fromkeys(facts.names, 0)
    authors = [one.author for one in facts.of(Target.SUBMISSION)]
    for person in (*authors, *(giver for one in facts.met for giver in one.givers)):
        if person in found:
            found[person] += 1
    return found


def received(facts: Facts) -> dict[Id, int]:
    """Return how many reviews each learner got and meetings they were taught in, together."""
    found = dict.fromkeys(facts.names, 0)
    mutual = [p for one in facts.met for p in (one.receivers or one.givers)]
    for person in (*(one.receiver for one in facts.of(Target.SUBMISSION)), *mutual):
        if person in found:
            found[person] += 1
    return found


def load(facts: Facts) -> Figure:
    """Return how the work for others is spread."""
    counts = list(given(facts).values())
    total, title = sum(counts), "How much each gave"
    counted = Counter(min(count, MOST) for count in counts)
    labels = [*map(str, range(MOST)), f"{MOST}+"]
    lines = [(label, counted[n]) for n, label in enumerate(labels)]
    busiest = sorted(counts, reverse=True)[: max(1, len(counts) // 5)]
    sentence = (
        f"{capital(some(total, 'review or meeting', 'reviews and meetings'))} in all, between "
        f"{min(counts)} and {max(counts)} a person; the busiest fifth gave "
        f"{100 * sum(busiest) / total:.0f} % of it."
        if total
        else "Nobody has reviewed or taught anybody yet."
    )
    return Figure(
        "load", title, sentence,
        "For each active learner the reviews that they sent and the meetings that were held in "
        "which they explained; a review that was sent again changed is one.",
        reads.feedbacks,
        Table((Column("given", "Given", Sort.TEXT), Column("people", "People")), lines),
        drawings.columns(title, lines) if total else None,
    )  # fmt: skip


def agreement(facts: Facts) -> Figure:
    """Return how far apart two reviews of the same work are."""
    gaps = [
        abs(one - other)
        for work, shares in _by_work(facts).items()
        if work in facts.work
        for one, other in combinations(sorted(shares.values()), 2)
    ]
    counted = Counter(bin_of(round(gap, 9), APART, FAR) for gap in gaps)
    lines = [(name, counted[name]) for name in (*(name for _, name in APART), FAR)]
    title = "How far reviewers agree"
    sentence = "No work has two reviews with marks yet."
    if gaps:
        sentence = (
            f"Two reviews of the same work are {100 * fmean(gaps):.0f} points of 100 apart on "
            f"average; more than 50 apart: {counted[FAR]} of {some(len(gaps), 'pair')}."
        )
        if len(gaps) < ENOUGH:
            sentence += f" From {ENOUGH} pairs on there is a picture."
    return Figure(
        "agreement", title, sentence,
        "For every two reviews of the same work, the difference of the shares of the rubric's "
        "points that they give, in points of 100.",
        reads.feedbacks,
        Table((Column("apart", "Apart by", Sort.TEXT), Column("pairs", "Pairs of reviews")), lines),
        drawings.bars(title, lines) if len(gaps) >= ENOUGH else None,
    )  # fmt: skip


def speed(facts: Facts) -> Figure:
    """Return how long works waited for their first review."""
    first = waits(facts)
    counted = Counter(bin_of(hours, HOURS, LATER) for hours in first.values())
    counted[NOT_YET] = len(facts.work) - len(first)
    names = (*(name for _, name in HOURS), LATER, NOT_YET)
    lines, title = [(name, counted[name]) for name in names], "Time to the first feedback"
    sentence = "No work has been handed in." if not facts.work else "No work has a review yet."
    if first:
        sentence = (
            f"Half of the works that have a review got it within {long(median(first.values()))}; "
            f"{counted[NOT_YET]} of {len(facts.work)} have none yet."
        )
    return Figure(
        "speed", title, sentence,
        "From when a work was first handed in to when the first of its reviews that stand was "
        "sent.",
        reads.works,
        Table((Column("time", "Time", Sort.TEXT), Column("works", "Works")), lines),
        drawings.bars(title, lines) if first else None,
    )  # fmt: skip


def waits(facts: Facts) -> dict[Id, float]:
    """Return how many hours each work that has a review waited for its first one."""
    first: dict[Id, float] = {}
    for one in facts.of(Target.SUBMISSION):
        if work := facts.work.get(one.target_id):
            hours = max(0.0, (one.at - work.first_at).total_seconds() / 3600)
            first[one.target_id] = min(hours, first.get(one.target_id, hours))
    return first


def balance(facts: Facts) -> Figure:
    """Return who gives as much as they get: people by what they gave and what they received."""
    gave, got = given(facts), received(facts)
    pairs = Counter((min(gave[p], MOST), min(got[p], MOST)) for p in facts.names)
    more = sum(gave[p] > got[p] for p in facts.names)
    less = sum(gave[p] < got[p] for p in facts.names)
    title, most = "Teaching given and received", max(pairs.values(), default=0)
    anything = any(gave.values()) or any(got.values())
    heads = [*map(str, range(MOST)), f"{MOST}+"]
    cells = [
        [(pairs[a, b] / most, str(pairs[a, b] or "")) for b in range(MOST + 1)]
        for a in range(MOST + 1)
    ] if most else []  # fmt: skip
    return Figure(
        "balance", title,
        f"{more} gave more than they got, {less} got more than they gave, and "
        f"{len(facts.names) - more - less} gave as much as they got."
        if anything else "Nobody has given or received anything yet.",
        "Given: reviews sent, and meetings held in which one explained. Received: reviews of one's "
        "own work, and meetings held in which one listened. In a meeting without an explainer, "
        f"everybody does both. {MOST} and more are counted together.",
        reads.facts,
        Table((Column("given", "Given", Sort.TEXT), Column("received", "Received", Sort.TEXT),
               Column("people", "People")),
              [(heads[a], heads[b], many) for (a, b), many in sorted(pairs.items())]),
        drawings.grid(title, heads, heads, cells, ("received →", "given ↓")) if anything else None,
    )  # fmt: skip


def isolation(facts: Facts) -> Figure:
    """Return with how many others each learner has a tie, and who has none."""
    counts = {person: len(others) for person, others in facts.ties.items()}
    counted = Counter(min(count, MOST) for count in counts.values())
    labels = ["nobody", "1 other", *(f"{n} others" for n in range(2, MOST)), f"{MOST} or more"]
    title, alone = "Who has no tie to anybody", counted[0]
    sentence = (
        f"Of {some(len(counts), 'learner')} {alone} {'has' if alone == 1 else 'have'} neither "
        "reviewed, nor been reviewed, nor met anybody; half of all have a tie to "
        f"{some(round(median(counts.values())), 'other')} or more."
        if counts
        else "The course has no learners that we know of yet."
    )
    names: list[tuple[Value, ...]] = [
        (facts.names[person], count) for person, count in sorted(counts.items(), key=lambda p: p[1])
    ]
    return Figure(
        "isolation", title, sentence,
        "Two people have a tie when one has reviewed the other's work, or when they met in a "
        "meeting that was held.",
        reads.facts,
        Table((Column("name", "Name", Sort.TEXT), Column("ties", "Others")), names),
        drawings.bars(title, [(label, counted[n]) for n, label in enumerate(labels)])
        if counts and alone < len(counts) else None,
    )  # fmt: skip


def leaning(facts: Facts) -> dict[Id, float]:
    """Return how much higher than others each reviewer marks the same works, -1 to 1."""
    apart: dict[Id, list[float]] = defaultdict(list)
    for shares in _by_work(facts).values():
        for reviewer, share in shares.items():
            others = [other for one, other in shares.items() if one != reviewer]
            if others:
                apart[reviewer].append(share - fmean(others))
    return {reviewer: fmean(gaps) for reviewer, gaps in apart.items()}


def _by_work(facts: Facts) -> Mapping[Id, dict[Id, float]]:
    """Return the shares that each work was given, by work and reviewer."""
    found: dict[Id, dict[Id, float]] = defaultdict(dict)
    for one in facts.of(Target.SUBMISSION):
        if one.share is not None:
            found[one.target_id][one.author] = one.share
    return found


def bin_of(value: float, bins: tuple[tuple[float, str], ...], beyond: str) -> str:
    """Return the name of the first bin that a value fits into, or what lies beyond all."""
    return next((name for most, name in bins if value <= most), beyond)


def long(hours: float) -> str:
    """Return hours as "40 minutes", "5 hours" or "3 days", rounded up: a promise that is kept."""
    if hours < 1:
        return some(max(1, -int(-hours * 60 // 1)), "minute")
    return some(-int(-hours // 1), "hour") if hours < 48 else some(-int(-hours // 24), "day")  # noqa: PLR2004 - as in web.dates
