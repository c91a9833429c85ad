"""The report of an institution: the courses of one LMS side by side, and what they come to.

It is for people who look across courses and know nobody in them. So no number in it tells of fewer
than `FEW` people: a course with fewer learners is left out, and a number that is about fewer is
withheld, as is whatever one could tell it from.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Final

from markupsafe import Markup

from lti_peer.reports import across, changes, drawings, exchange
from lti_peer.reports.shape import Column, Figure, Sort, Table, Value, capital, some
from lti_peer.reports.sums import Sums

FEW: Final = 5
"""What is about fewer people than this could tell who somebody is."""
MOST_DRAWN: Final = 24
"""Courses that a picture has room for."""
WITHHELD: Final = (
    f"A dash stands where a number is not known, or would be about fewer than {FEW} people: those "
    "who are in the course could tell who they are."
)
SHARES: Final = {
    "active": "Took part",
    "finished": "Finished",
    "balanced": "In balance",
    "reviewed": "Reviewed",
}
"""What the picture shows, by the column's key."""


def figures(found: Sequence[Sums]) -> list[Figure]:
    """Return the figures over these courses (`across.courses`)."""
    shown = [one for one in found if len(one.people) >= FEW]
    return [side_by_side(shown, len(found) - len(shown)), load(shown), waits(shown)]


def side_by_side(shown: Sequence[Sums], left_out: int) -> Figure:
    """Return the courses in a table, a line for each."""
    components = sorted({name for one in shown for name in one.scores})
    rows = [_line(number, one, components) for number, one in enumerate(shown, 1)]
    columns = (
        Column("course", "Course", Sort.TEXT), Column("number", "No."),
        Column("learners", "Learners"), Column("activities", "Activities"),
        Column("active", "Took part", Sort.SHARE),
        Column("openings", "Openings, each", Sort.NUMBER),
        Column("finished", "Finished", Sort.SHARE), Column("works", "Works"),
        Column("reviewed", "Works with a review", Sort.SHARE),
        Column("wait", "Hours to first review", Sort.NUMBER),
        Column("given", "Given, each", Sort.NUMBER), Column("words", "Words each", Sort.NUMBER),
        Column("busiest", "Given by the busiest fifth", Sort.SHARE),
        Column("balanced", "Gave as much as they got", Sort.SHARE),
        Column("alone", "Without a tie"),
        *(Column(f"score_{name}", f"Mean score: {name}", Sort.POINTS) for name in components),
        Column("revised", "Revised", Sort.SHARE), Column("bettered", "Better by", Sort.CHANGE),
        Column("later", "Later by", Sort.CHANGE),
    )  # fmt: skip
    title = "Courses side by side"
    return Figure(
        "courses", title, _sentence(shown, left_out),
        "Active learners only. Took part: handed in, gave or got anything. Finished: of all "
        "activities that each learner could finish, those that they did. Given: reviews that stand "
        "and meetings in which one explained. The hours are those of the middle work, to the first "
        "review that was ever sent. Without a tie: neither gave nor got nor met. Scores are the "
        "newest of each person. Better by: what reviewers give to a revision minus what they gave "
        "before, the mean over works. Later by: the mean of each person's score in the next "
        f"activity of the kind minus the one before, where both are released. {changes.NO_CAUSE} "
        "Opening and finishing are read from the tool's own record store. "
        f"{WITHHELD}",
        across.courses,
        Table(columns, rows),
        _picture(title, columns, rows),
    )  # fmt: skip


def _line(number: int, one: Sums, components: Sequence[str]) -> tuple[Value, ...]:
    people, active = len(one.people), one.active
    given = [one.given[person] for person in one.people]
    gave = [person for person in active if one.given[person] >= one.received[person]]
    fifth = people // 5
    total = sum(given)
    busiest = sum(sorted(given, reverse=True)[:fifth]) / total if total else None
    reviewed = len(one.waits) / one.works if one.works else None
    return (
        one.title, number, people, one.activities,
        enough(len(active) / people, active),
        enough(one.openings / people, one.people) if one.openings else None,
        enough(one.finished / (people * one.activities), one.people) if one.finished else None,
        enough(one.works, one.authors), enough(reviewed, one.authors),
        enough(median(one.waits), [*one.received]) if one.waits else None,
        enough(total / people, [n for n in given if n]),
        enough(one.words / one.reviews, one.reviewers) if one.reviews else None,
        busiest if fifth >= FEW else None,
        enough(len(gave) / len(active), gave) if total else None,
        enough(people - len(one.tied), one.people - one.tied),
        *(_score(one, name) for name in components),
        enough(len(one.revised) / people, one.revised) if one.revised else None,
        enough(fmean(one.bettered), one.bettered_by) if one.bettered else None,
        enough(fmean(one.later), one.seen_later) if one.later else None,
    )  # fmt: skip


def enough(value: Value, people: Sequence[object] | set[str]) -> Value:
    """Return the value, or None where it is about some people, and those are fewer than `FEW`."""
    return None if 0 < len(people) < FEW else value


def _score(one: Sums, component: str) -> Value:
    share, people = one.scores.get(component, (None, 0))
    return share if people >= FEW else None


def load(shown: Sequence[Sums]) -> Figure:
    """Return how the work for others is spread over all people of all courses."""
    counted = Counter(min(one.given[p], exchange.MOST) for one in shown for p in one.people)
    labels = [*map(str, range(exchange.MOST)), f"{exchange.MOST}+"]
    lines = withhold({label: counted[n] for n, label in enumerate(labels)})
    idle, whole = counted[0], counted.total()
    title = "How much each gave"
    sentence = "Nobody has reviewed or taught anybody yet."
    if whole > idle:
        told = f"fewer than {FEW}" if 0 < idle < FEW else f"{FEW} or more"
        if lines["0"] is not None:  # else the sum would tell what it is withheld for
            told = f"{100 * idle / whole:.0f} %"
        sentence = f"Of {some(whole, 'learner')}, counted in each of their courses, {told} gave "
        sentence += "nothing to anybody."
    return Figure(
        "load", title, sentence,
        "For each learner of each course the reviews that they sent and the meetings in which they "
        f"explained; who is in two courses counts in both. {WITHHELD}",
        across.courses,
        Table((Column("given", "Given", Sort.TEXT), Column("people", "People")),
              list(lines.items())),
        drawings.columns(title, _known(lines))
        if whole > idle else None,
    )  # fmt: skip


def waits(shown: Sequence[Sums]) -> Figure:
    """Return how long works waited for their first review, over all courses."""
    hours = [one for course in shown for one in course.waits]
    counted = Counter(exchange.bin_of(one, exchange.HOURS, exchange.LATER) for one in hours)
    waiting = sum(course.works for course in shown) - len(hours)
    names = (*(name for _, name in exchange.HOURS), exchange.LATER)
    # The sum of those that have a review is told: works that wait for one hide none of them.
    lines = withhold({name: counted[name] for name in names})
    lines[exchange.NOT_YET] = None if 0 < waiting < FEW else waiting
    title = "Time to the first feedback"
    sentence = "No work has a review yet."
    if len(hours) >= FEW:
        sentence = f"Half of {len(hours)} works that have a review got it within "
        sentence += f"{exchange.long(median(hours))}."
    return Figure(
        "waits", title, sentence,
        "From when a work was first handed in to when the first review of it was sent, whether or "
        f"not that one was changed later. {WITHHELD}",
        across.courses,
        Table((Column("time", "Time", Sort.TEXT), Column("works", "Works")), list(lines.items())),
        drawings.bars(title, _known(lines))
        if len(hours) >= FEW else None,
    )  # fmt: skip


def withhold(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return counts without those from 1 to `FEW` - 1, and without what one could tell them from.

    Where one alone is withheld, the sum of all gives it away; so the smallest other goes with it.
    """
    kept: dict[str, int | None] = {
        name: None if 0 < many < FEW else many for name, many in counts.items()
    }
    if sum(many is None for many in kept.values()) == 1:
        others = {name: many for name, many in kept.items() if many}
        if others:
            kept[min(others, key=lambda name: others[name])] = None
    return kept


def _known(lines: Mapping[str, int | None]) -> list[tuple[str, int]]:
    """Return what a picture shows: what is withheld is no 0."""
    return [(name, many) for name, many in lines.items() if many is not None]


def _sentence(shown: Sequence[Sums], left_out: int) -> str:
    """Return how many courses and learners there are, and how many courses are too small."""
    people = len({person for one in shown for person in one.people})
    said = f"{capital(some(len(shown), 'course'))} with {some(people, 'learner')}."
    if left_out:
        small = f"{capital(some(left_out, 'course'))} with fewer than {FEW} learners"
        verb = "is" if left_out == 1 else "are"
        said += f" {small} {verb} left out: their numbers would tell of single people."
    return said


def _picture(
    title: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]]
) -> Markup | None:
    """Return the shares of each course as squares; None where there are none, or too many."""
    if not rows or len(rows) > MOST_DRAWN:
        return None
    places = {column.key: place for place, column in enumerate(columns)}
    cells = [[_cell(row[places[key]]) for row in rows] for key in SHARES]
    heads = [str(row[places["number"]]) for row in rows]
    return drawings.grid(title, list(SHARES.values()), heads, cells)


def _cell(value: Value) -> tuple[float, str]:
    return (value, f"{100 * value:.0f}") if isinstance(value, float) else (0.0, "")
