"""How the same people's scores differ: from one activity to the next one of its kind.

A number rests on at least `ENOUGH` people or works: with fewer, it would speak of single ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from statistics import fmean
from typing import Final, NamedTuple
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity, ActivityState
from lti_peer.core.visit import Visit
from lti_peer.peerwork.phases import Phase
from lti_peer.reports import drawings, standing
from lti_peer.reports.choice import Choice
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import ENOUGH, Column, Figure, Id, Sort, Table, Value, signed, some
from lti_peer.reports.standing import Scores
from lti_peer.rules import intervals

WORK: Final = "work"
"""The component that is compared: the one score that one activity has of each person's work."""
COURSE_KEY: Final = "course-later"
"""The name in addresses of the figure of a course."""
NO_CAUSE: Final = (
    "That is what happened, and no proof of why: the tasks and the reviewers differ, and people "
    "learn elsewhere, too."
)
LATER_METHOD: Final = (
    "The next activity is the one of the same kind in this course that is due next. Of active "
    "learners who have a score of their work in both, once the grades of both are released: the "
    "mean of each person's later score minus their earlier one, with the 90 % interval of a paired "
    f"t-test. With fewer than {ENOUGH} of them the numbers are withheld. {NO_CAUSE}"
)
COLUMNS: Final = (
    Column("people", "In both"),
    Column("before", "Mean before", Sort.POINTS),
    Column("after", "Mean after", Sort.POINTS),
    Column("change", "Change", Sort.CHANGE),
    Column("low", "At least", Sort.CHANGE),
    Column("high", "At most", Sort.CHANGE),
)
"""What is told of every change."""


class Placed(NamedTuple):
    """An activity, in the order in which a course's activities are due."""

    id: Id
    course: Id
    kind: str
    title: str
    released: bool
    """Its grades are; until then nobody is told a score."""


class Change(NamedTuple):
    """How much somebody's shares differ, 0 to 1 each; all but `people` None where it is withheld.

    Also what a row of `COLUMNS` has.
    """

    people: int
    before: float | None = None
    after: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def compare(
    before: Mapping[Id, float], after: Mapping[Id, float], people: AbstractSet[Id] | None = None
) -> Change:
    """Return the change of all who have both, or of those of them who are among `people`."""
    both = before.keys() & after.keys()
    if people is not None:
        both &= people
    if len(both) < ENOUGH:
        return Change(len(both))
    apart = [after[one] - before[one] for one in both]
    low, high = intervals.mean(apart) or (None, None)
    first, last = (fmean([side[one] for one in both]) for side in (before, after))
    return Change(len(both), first, last, fmean(apart), low, high)


def placed(session: Session, *where: ColumnElement[bool]) -> list[Placed]:
    """Return the activities that a course page shows, by when their first phase is due.

    Where it has no date, when they were made counts.
    """
    at = func.coalesce(func.min(Phase.due_at), Activity.created_at)
    rows = session.execute(
        select(
            bare(Activity.id), bare(Activity.course_id), Activity.kind, Activity.title,
            Activity.released_at,
        )
        .outerjoin(Phase, Phase.activity_id == Activity.id)
        .where(Activity.state != ActivityState.DRAFT, *where)
        .group_by(Activity.id)
        .order_by(at, Activity.created_at, Activity.id)
    )  # fmt: skip
    return [
        Placed(one, course, kind, title, released is not None)
        for one, course, kind, title, released in rows
    ]


def following(found: Iterable[Placed]) -> list[tuple[Placed, Placed]]:
    """Return each activity with the next one of its kind in its course."""
    last: dict[tuple[Id, str], Placed] = {}
    pairs = []
    for one in found:
        before = last.get((one.course, one.kind))
        if before is not None:
            pairs.append((before, one))
        last[one.course, one.kind] = one
    return pairs


def of_work(found: Scores, activity: Id) -> Mapping[Id, float]:
    """Return the scores of work in an activity, by person."""
    return found.get(activity, {}).get(WORK, {})


def later(session: Session, visit: Visit, mine: Mapping[Id, float], choice: Choice) -> Figure:
    """Return how learners did in the next activity of the kind, against the visit's.

    `mine` are their scores of work in the visit's activity.
    """
    pairs = following(placed(session, Activity.course_id == visit.course.id))
    here = visit.activity.id.hex
    after = next((after for before, after in pairs if before.id == here), None)
    title = "Later: the next activity of this kind"
    if after is None or not after.released or visit.activity.released_at is None:
        sentence = (
            "The course has no later activity of this kind."
            if after is None
            else f"This is known once grades are released, here and in “{after.title}”."
        )
        return Figure("later", title, sentence, LATER_METHOD, standing.scores, _table([]))
    found = standing.scores(session, [UUID(after.id)], choice)
    change = compare(mine, of_work(found, after.id))
    return Figure(
        "later", title, _told(change, after), LATER_METHOD, standing.scores,
        _table([(after.title, *change)]),
        picture(title, change, ("Here", after.title)),
    )  # fmt: skip


def from_each_to_the_next(
    session: Session, visit: Visit, found: Scores, people: AbstractSet[Id]
) -> Figure | None:
    """Return the same for every activity of the course; None where none has a later one.

    `found` are the scores of its activities, of which those of `people` count.
    """
    pairs = [
        (before, after)
        for before, after in following(placed(session, Activity.course_id == visit.course.id))
        if before.released and after.released
    ]
    if not pairs:
        return None
    rows = [
        (
            before.title, after.title,
            *compare(of_work(found, before.id), of_work(found, after.id), people),
        )
        for before, after in pairs
    ]  # fmt: skip
    return Figure(
        COURSE_KEY, "From each activity to the next",
        f"{some(len(rows), 'step')} between activities of one kind whose grades are released. "
        f"{NO_CAUSE}",
        LATER_METHOD, standing.scores,
        Table((Column("activity", "Activity", Sort.TEXT), Column("next", "Next", Sort.TEXT),
               *COLUMNS), rows),
    )  # fmt: skip


def sentence(change: Change, where: str) -> str:
    """Return the change in words; `where` says of what, as "in “Week 2”"."""
    if change.mean is None:
        return f"From {ENOUGH} on there are numbers."
    points = signed(change.mean)
    said = "As many points of 100" if points == "0" else f"{points} points of 100 on average"
    if change.low is None or change.high is None:
        return f"{said} {where}."
    return f"{said} {where}, most likely between {signed(change.low)} and {signed(change.high)}."


def _told(change: Change, after: Placed) -> str:
    who = some(change.people, "learner")
    verb = "has" if change.people == 1 else "have"
    said = f"{who[:1].upper()}{who[1:]} {verb} a score here and in “{after.title}”."
    return (
        f"{said} {sentence(change, 'there')} {NO_CAUSE if change.mean is not None else ''}".strip()
    )


def _table(rows: Sequence[tuple[Value, ...]]) -> Table:
    return Table((Column("next", "Next activity", Sort.TEXT), *COLUMNS), rows)


def picture(title: str, change: Change, names: tuple[str, str]) -> Markup | None:
    """Return both means as bars of 100 points; None where they are withheld."""
    if change.before is None or change.after is None:
        return None
    heights = (round(100 * change.before), round(100 * change.after))
    return drawings.spans(title, list(zip(names, heights, strict=True)), 100)
