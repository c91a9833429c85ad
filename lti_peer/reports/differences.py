"""How scores differ in an institution's courses: of draft and final, and in the next activity."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity
from lti_peer.reports import changes, revised
from lti_peer.reports.shape import Id
from lti_peer.reports.sums import Sums


def add_later(session: Session, activities: Select[UUID], found: Mapping[Id, Sums]) -> None:
    """Add to each course how scores differ from one activity to the next, as its report has it.

    `activities` asks for the ids of all of them, `found` are the courses.
    """
    placed = changes.placed(session, Activity.id.in_(activities))
    scores = changes.shares(session, activities.where(Activity.released_at.is_not(None)))
    for before, after in changes.following(placed):
        course = found[before.course]
        first, then = scores.get(before.id, {}), scores.get(after.id, {})
        both = first.keys() & then.keys() & course.people
        course.later += [then[person] - first[person] for person in both]
        course.seen_later |= both


def add_revised(session: Session, activities: Select[UUID], there: Mapping[Id, Sums]) -> None:
    """Add to each course how works changed by revising; `there` are the courses by activity."""
    for activity, judged in revised.shares(session, activities).items():
        course = there[activity]
        for work, author in judged.authors.items():
            if author in course.people:
                course.bettered.append(judged.finals[work] - judged.drafts[work])
                course.bettered_by.add(author)
