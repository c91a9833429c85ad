"""The report of a course: its activities, and its groups, side by side; counted in the database."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.models import Activity, ActivityState
from lti_peer.core.visit import Visit
from lti_peer.reports import changes, counts, drawings, heard, reads, revised, runs, sides, standing
from lti_peer.reports import choice as choices
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.counts import Counts
from lti_peer.reports.heard import Learner
from lti_peer.reports.lines import STAGES, lines
from lti_peer.reports.shape import Figure, capital, some
from lti_peer.reports.standing import Scores

KEY: Final = "activities"
"""The figure's name in addresses."""


def figures(session: Session, visit: Visit, choice: Choice = EVERYTHING) -> list[Figure]:
    """Return the course's activities side by side, and from each to the next; groups and runs.

    What the course has none of is left out.
    """
    found = activities(session, visit)
    ids = [one.id for one in found]
    groups = [] if choice.group else choices.groups_of(session, visit)
    scores = standing.scores(session, ids, choice)
    people = {one.id for one in _learners(session, visit, choice)}
    side_by_side = figure(session, visit, found, scores, choice)
    revising = any(column.key == "revised" for column in side_by_side.table.columns)
    beside = (
        revised.of_each(session, found, people, choice) if revising else None,
        changes.from_each_to_the_next(session, visit, scores, people),
        sides.course_groups(session, ids, groups, choice),
        runs.runs(session, visit, runs.COURSE_KEY, ids, choice),
    )
    return [side_by_side, *(one for one in beside if one)]


def figure(
    session: Session, visit: Visit, found: Sequence[Activity], scores: Scores, choice: Choice
) -> Figure:
    """Return these activities of the visit's course, with their scores, side by side."""
    ids = [one.id for one in found]
    learners = _learners(session, visit, choice)
    keys = heard.known_as(visit, ((one.id, one.subject) for one in learners))
    reached = counts.people(session, visit, ids, keys, choice)
    table = lines(found, reached, counts.amounts(session, ids, choice), standing.means(scores))
    used = [key for key in STAGES if any(reached[one.id].get(key) for one in found)]
    numbers = [str(number) for number in range(1, len(found) + 1)]
    title, whole = "Activities side by side", len(learners)
    cells = [
        [_cell(reached[one.id].get(key, 0), whole) for one in found] for key in used
    ] if whole else []  # fmt: skip
    return Figure(
        KEY, title, _sentence(found, reached, whole),
        f"Of {some(whole, 'active learner')}, how many did each thing at least once; the picture "
        "shows it in percent, each activity by its number in the table. "
        "Given: reviews that stand and meetings that were held. Words each: the mean of a review. "
        "Scores are the newest of each person. Opening and finishing are read from the "
        "statements in the tool's own record store.",
        counts.people,
        table,
        drawings.grid(title, [STAGES[key] for key in used], numbers, cells)
        if used and whole else None,
    )  # fmt: skip


def activities(session: Session, visit: Visit) -> Sequence[Activity]:
    """Return the activities of the course that a course page shows, oldest first."""
    return session.scalars(
        select(Activity)
        .where(Activity.course_id == visit.course.id, Activity.state != ActivityState.DRAFT)
        .order_by(Activity.created_at, Activity.id)
    ).all()


def _learners(session: Session, visit: Visit, choice: Choice) -> list[Learner]:
    """Return the active learners of the course, or of the group; read once a page."""
    found = db.remembered(
        session, ("learners", visit.course.id), lambda: reads.learners(session, visit)
    )
    return [one for one in found if choice.people is None or one.id in choice.people]


def _cell(count: int, whole: int) -> tuple[float, str]:
    return min(1.0, count / whole), f"{100 * count / whole:.0f}"


def _sentence(found: Sequence[Activity], reached: Counts, whole: int) -> str:
    """Return how many activities there are, and which was finished by the most."""
    if not found:
        return "The course has no activity of this tool yet."
    said = capital(f"{some(len(found), 'activity', 'activities')} for {some(whole, 'learner')}")
    best = max(found, key=lambda one: reached[one.id].get("completed", 0))
    done = reached[best.id].get("completed", 0)
    return f"{said}; most finished “{best.title}” ({done})." if done else f"{said}."
