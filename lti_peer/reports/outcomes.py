"""What came of the work in an institution's courses: scores, and how they differ."""

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity
from lti_peer.reports import changes, revised, standing
from lti_peer.reports.shape import Id
from lti_peer.reports.standing import Scores
from lti_peer.reports.sums import Sums


def add(
    session: Session,
    activities: Select[UUID],
    found: Mapping[Id, Sums],
    there: Mapping[Id, Sums],
) -> None:
    """Add scores, how works changed by revising, and how scores differ in the next activity.

    `activities` asks for the ids of all of them, `found` are the courses, and `there` the same by
    activity.
    """
    scores = standing.scores(session, activities)
    _add_scores(scores, there)
    _add_later(changes.placed(session, Activity.id.in_(activities)), scores, found)
    if any(course.revised for course in found.values()):
        _add_revised(session, activities, there)


def _add_scores(scores: Scores, there: Mapping[Id, Sums]) -> None:
    """Add each course's mean, and how many people have a score at all."""
    shares: dict[tuple[int, str], list[float]] = defaultdict(list)
    people: dict[tuple[int, str], set[Id]] = defaultdict(set)
    courses = {id(course): course for course in there.values()}
    for activity, components in scores.items():
        for component, mine in components.items():
            key = id(there[activity]), component
            shares[key] += mine.values()
            people[key] |= mine.keys()
    for (course, component), values in shares.items():
        whose = len(people[course, component])
        courses[course].scores[component] = (fmean(values), whose)


def _add_later(placed: list[changes.Placed], scores: Scores, found: Mapping[Id, Sums]) -> None:
    """Add how scores differ from one activity to the next, as a course's report has it."""
    for before, after in changes.following(placed):
        if not (before.released and after.released):
            continue
        course = found[before.course]
        first, then = (changes.of_work(scores, one.id) for one in (before, after))
        both = first.keys() & then.keys() & course.people
        course.later += [then[person] - first[person] for person in both]
        course.seen_later |= both


def _add_revised(session: Session, activities: Select[UUID], there: Mapping[Id, Sums]) -> None:
    for activity, judged in revised.shares(session, activities).items():
        course = there[activity]
        for work, author in judged.authors.items():
            if author in course.people:
                course.bettered.append(judged.finals[work] - judged.drafts[work])
                course.bettered_by.add(author)
