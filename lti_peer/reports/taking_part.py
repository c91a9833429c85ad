"""Who took part, and how much: the funnel, acts by day, return visits, words."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from lti_peer.peerwork.feedback import Target
from lti_peer.reports import drawings, heard, reads
from lti_peer.reports.reads import Facts
from lti_peer.reports.shape import ENOUGH, Column, Figure, Id, Sort, Table, some
from lti_peer.web.dates import MONTHS, WEEKDAYS

MOST_DAYS = 45
"""Days that are drawn one by one; of a longer time, each bar is a week."""
OPTIONAL = {"Revised"}
"""Stages that nobody is asked for: who leaves them out is not lost."""
LENGTHS = (
    (0, "no words"),
    (20, "1 to 19"),
    (50, "20 to 49"),
    (100, "50 to 99"),
    (200, "100 to 199"),
)
"""Below so many words, and how that is called; the first is exactly none."""


def stages(facts: Facts) -> list[tuple[str, frozenset[Id]]]:
    """Return how far people came, in order: each stage with who reached it; empty ones left out.

    Where no statement of an opening is here, those who did anything have opened it.
    """
    said = {
        target: frozenset(one.author for one in facts.of(target)) & facts.names.keys()
        for target in (Target.SUBMISSION, Target.FEEDBACK, Target.PERSON)
    }
    met = frozenset(p for one in facts.met for p in one.givers | one.receivers)
    acted = frozenset(act.person for act in facts.acts)
    found = [
        ("Opened it", frozenset(facts.heard.opened) or acted),
        ("Signed up", facts.heard.registered),
        ("Handed in", frozenset(one.author for one in facts.work.values())),
        ("Got a review or a partner", facts.tasked),
        ("Reviewed", said[Target.SUBMISSION]),
        ("Met", met & facts.names.keys()),
        ("Rated what they got", said[Target.FEEDBACK] | said[Target.PERSON]),
        ("Revised", facts.revised),
        ("Did everything", facts.heard.completed),
    ]
    return [(label, people) for label, people in found if people]


def participation(facts: Facts) -> Figure:
    """Return the funnel: how many learners came how far."""
    whole, found = len(facts.names), stages(facts)
    lines = [(label, len(people)) for label, people in found]
    title = "Who came how far"
    return Figure(
        "participation", title, _came(lines, whole),
        "Counts the active learners of the course who did each thing at least once. Opening, "
        "signing up and finishing are read from the statements in the tool's own record store; "
        "with a store outside, these lines are missing, and who did anything counts as having "
        "opened it.",
        reads.facts,
        Table(
            (Column("stage", "Stage", Sort.TEXT), Column("people", "People"),
             Column("share", "Of the class", Sort.SHARE)),
            [(label, count, count / whole if whole else None) for label, count in lines],
        ),
        drawings.spans(title, lines, whole) if lines and whole else None,
    )  # fmt: skip


def _came(lines: Sequence[tuple[str, int]], whole: int) -> str:
    """Return where most people are lost, or that nothing is."""
    if not whole:
        return "The course has no learners that we know of yet."
    if not lines:
        return f"Nobody of {some(whole, 'learner')} has opened it yet."
    lines = [line for line in lines if line[0] not in OPTIONAL]
    drops = [(before[1] - after[1], before, after) for before, after in pairwise(lines)]
    worst = max(drops, key=lambda drop: drop[0], default=None)
    last, count = lines[-1]
    sentence = f"{count} of {whole} learners came as far as “{last.lower()}”"
    if worst is None or worst[0] <= 0:
        return f"{sentence}; nobody was lost on the way."
    lost, before, after = worst
    between = f"“{before[0].lower()}” and “{after[0].lower()}”"
    return f"{sentence}; most are lost between {between} ({lost})."


def days(facts: Facts, zone: str) -> Figure:
    """Return how much was done on each day, in the viewer's zone."""
    counted = _days_of([act.at for act in facts.acts], ZoneInfo(zone))
    title, lines = "When people worked", _by_day(counted)
    sentence = "Nothing has been handed in, said or held yet."
    if counted:
        top, most = max(counted.items(), key=lambda pair: (pair[1], pair[0]))
        ahead = f"{len(counted)} days" if len(counted) > 1 else "one day"
        sentence = (
            f"{some(sum(counted.values()), 'act')} on {ahead}; most on {_day(top)}, with {most}."
        )
    return Figure(
        "days", title, sentence,
        "An act is a version of a work handed in, a review or rating sent, or a meeting held (one "
        f"for each who was there). Days begin at midnight in {zone}; beyond {MOST_DAYS} days, each "
        "bar is a week.",
        reads.facts,
        Table((Column("day", "From", Sort.TEXT), Column("acts", "Acts")),
              [(day.isoformat(), count) for day, count in lines]),
        drawings.columns(title, [(f"{day.day} {MONTHS[day.month - 1]}", n) for day, n in lines])
        if lines else None,
    )  # fmt: skip


def _days_of(times: Sequence[datetime], zone: ZoneInfo) -> Counter[date]:
    """Return how many of the times are on each day: by its midnights, to turn no time by itself."""
    if not times:
        return Counter()
    first, last = (at.astimezone(zone).date() for at in (min(times), max(times)))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    return Counter(days[bisect_right(starts, at) - 1] for at in times)


def _by_day(counted: Counter[date]) -> list[tuple[date, int]]:
    """Return every day from the first to the last, also those without an act; or every week."""
    if not counted:
        return []
    first, last = min(counted), max(counted)
    step = 1 if (last - first).days < MOST_DAYS else 7
    starts = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    return [
        (start, sum(counted[start + timedelta(days=n)] for n in range(step))) for start in starts
    ]


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def returns(facts: Facts) -> Figure:
    """Return how often people came back."""
    opened = [facts.heard.opened.get(person, 0) for person in facts.names]
    title, known = "How often people came", bool(facts.heard.opened)
    lines = _tally(opened, 5, "never", "once", "times")
    again = sum(count > 1 for count in opened)
    middle = round(median(opened or [0]))
    sentence = (
        f"{again} of {len(opened)} learners came back at least once; half of all opened it "
        f"{'once' if middle == 1 else f'{middle} times'} or more."
        if known
        else "How often people opened it is not known here: the tool's own record store has no "
        "statement of it."
    )
    return Figure(
        "returns", title, sentence,
        "Counts the statements “launched” of each active learner: one for each opening.",
        heard.acts,
        Table((Column("opened", "Opened it", Sort.TEXT), Column("people", "People")), lines),
        drawings.bars(title, lines) if known else None,
    )  # fmt: skip


def words(facts: Facts) -> Figure:
    """Return how long what people wrote to each other is."""
    texts = facts.of(Target.SUBMISSION, Target.PERSON)
    lengths = [one.words for one in texts if one.author in facts.names]
    title = "How much people wrote to each other"
    counted = Counter(_length(length) for length in lengths)
    names = [name for _, name in LENGTHS] + ["200 and more"]
    lines = [
        (f"{name}" if name == "no words" else f"{name} words", counted[name]) for name in names
    ]
    works = [one.words for one in facts.work.values()]
    sentence = (
        f"Half of {some(len(lengths), 'text')} are {median(lengths):.0f} words or longer; "
        f"{some(counted['no words'], 'text')} with marks alone."
        if lengths
        else "Nobody has written a review or a rating yet."
    )
    if works:
        sentence += f" Works have {median(works):.0f} words in the middle."
    return Figure(
        "words", title, sentence,
        "The words of each review, and of each rating of a person, as they stand now: comments on "
        "the lines of the rubric included.",
        reads.feedbacks,
        Table((Column("words", "Length", Sort.TEXT), Column("texts", "Texts")), lines),
        drawings.bars(title, lines) if len(lengths) >= ENOUGH else None,
    )  # fmt: skip


def _length(count: int) -> str:
    if count == 0:
        return LENGTHS[0][1]
    return next((name for below, name in LENGTHS[1:] if count < below), "200 and more")


def _tally(
    counts: Sequence[int], most: int, none: str, one: str, many: str
) -> list[tuple[str, int]]:
    """Return how many people have 0, 1, 2 … and `most` or more."""
    counted = Counter(min(count, most) for count in counts)
    named = [none, one, *(f"{n} {many}" for n in range(2, most)), f"{most} {many} or more"]
    return [(name, counted[n]) for n, name in enumerate(named)]
