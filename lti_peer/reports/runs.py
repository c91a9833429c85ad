"""The runs of activities side by side: what was copied from what, in courses of one's own."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lti_peer.core import copies
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.reports import counts, heard, reads, standing
from lti_peer.reports.choice import Choice
from lti_peer.reports.lines import lines
from lti_peer.reports.shape import Column, Figure, Table, Value, capital, some

KEY: Final = "runs"
COURSE_KEY: Final = "course-runs"
"""The names in addresses of the figures of an activity's runs, and of a course's."""


def runs(
    session: Session, visit: Visit, key: str, starts: Collection[UUID], choice: Choice
) -> Figure | None:
    """Return activities of the visit's course beside their copies; None where there are none.

    `key` is the figure's name in addresses. Of a choice only the days count: a group is one
    course's own.
    """
    found = [one for family in related(session, visit, starts) for one in family]
    if not found:
        return None
    days = replace(choice, group=None)
    reached: dict[UUID, Mapping[str, int]] = defaultdict(dict)
    class_of: dict[UUID, int] = {}
    for course in {one.course_id: one.course for one in found}.values():
        there = replace(visit, course=course)
        people = reads.learners(session, there)
        keys = heard.known_as(there, ((who.id, who.subject) for who in people))
        ids = [one.id for one in found if one.course_id == course.id]
        reached |= counts.people(session, there, ids, keys, days)
        class_of[course.id] = len(people)
    ids = [one.id for one in found]
    marks = standing.means(standing.scores(session, ids, days))
    table = lines(found, reached, counts.amounts(session, ids, days), marks)
    rows: list[tuple[Value, ...]] = [
        (f"{one.title}, {one.course.title or one.course.label}", class_of[one.course_id], *row[3:])
        for one, row in zip(found, table.rows, strict=True)
    ]
    columns = (table.columns[0], Column("people", "People"), *table.columns[3:])
    return Figure(
        key, "Runs side by side",
        f"{capital(some(len(found), 'run'))} in courses of yours, each activity's oldest first.",
        "What an activity was copied from, and what was copied from it, in courses in which you "
        "are staff now; each counts as in the report of its course, among its own learners.",
        related,
        Table(columns, rows),
    )  # fmt: skip


def related(session: Session, visit: Visit, starts: Collection[UUID]) -> list[list[Activity]]:
    """Return activities of the visit's course with their copies, in families, each by age.

    Of other courses only those in which the visitor is staff now. Who has no copy is left out.
    """
    families = _families(session, visit, starts)
    found = session.scalars(
        select(Activity)
        .where(
            Activity.id.in_({one for family in families for one in family}),
            copies.shown_to(visit),
        )
        .options(joinedload(Activity.course))
        .order_by(Activity.created_at, Activity.id)
    ).all() if families else ()  # fmt: skip
    seen = [[one for one in found if one.id in family] for family in families]
    return [family for family in seen if len(family) > 1]


def _families(session: Session, visit: Visit, starts: Collection[UUID]) -> list[set[UUID]]:
    """Return what was copied from what, however many steps away, in the order of `starts`."""
    pairs = copies.ties(session, visit, starts)
    found = {*starts, *(one for pair in pairs for one in pair)}
    family = {one: {one} for one in found}
    for copy, origin in pairs:
        if family[copy] is not family[origin]:
            family[copy] |= family[origin]
            for one in family[origin]:
                family[one] = family[copy]
    known = {id(one): one for start in starts for one in (family[start],)}
    return [one for one in known.values() if len(one) > 1]
