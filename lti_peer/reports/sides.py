"""The groups of a course side by side: in one activity, and over all of them."""

from collections.abc import Sequence
from statistics import fmean, median
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.core.groups import GroupView
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.scores import Score
from lti_peer.reports import counts, exchange, reads
from lti_peer.reports.choice import Choice
from lti_peer.reports.reads import Facts
from lti_peer.reports.shape import Column, Figure, Sort, Table, Value, capital, some

COURSE_KEY: Final = "course-groups"
"""The name in addresses of the figure of a course's groups."""


def groups(facts: Facts, found: Sequence[GroupView]) -> Figure | None:
    """Return the course's groups side by side in one activity; None where it has none."""
    if not found:
        return None
    rows = [_group(facts, one) for one in found]
    columns = (
        Column("group", "Group", Sort.TEXT), Column("people", "People"),
        Column("acted", "Did anything"), Column("handed_in", "Handed in"),
        Column("gave", "Gave to others"), Column("given", "Given, each", Sort.NUMBER),
        Column("words", "Words each", Sort.NUMBER),
        Column("wait", "Hours to first review", Sort.NUMBER),
        Column("alone", "Without a tie"),
        *(Column(f"score_{c}", f"Mean score: {c}", Sort.POINTS) for c in facts.scores),
    )  # fmt: skip
    return Figure(
        "groups", "Groups side by side",
        f"{capital(some(len(rows), 'group'))}, each with what its people did.",
        "One line for each group that the LMS has in the course, and the active learners in it; "
        "somebody in two groups counts in both. Given: reviews sent and meetings in which one "
        "explained. The hours are those of the middle work, from when it was first handed in to "
        "its first review, whoever wrote that. A tie may lead to somebody outside the group.",
        reads.facts,
        Table(columns, rows),
    )  # fmt: skip


def _group(facts: Facts, one: GroupView) -> tuple[Value, ...]:
    inside = [person.hex for person in one.people if person.hex in facts.names]
    ours = reads.only(facts, inside)
    gave = exchange.given(ours)
    handed = {work.author for work in ours.work.values()}
    texts = [said.words for said in facts.of(Target.SUBMISSION) if said.author in ours.names]
    waited = list(exchange.waits(ours).values())
    return (
        name_of(one), len(inside), len({act.person for act in ours.acts}), len(handed),
        sum(many > 0 for many in gave.values()), _mean(list(gave.values())), _mean(texts),
        median(waited) if waited else None,
        sum(not others for others in ours.ties.values()),
        *(_mean(list(mine.values())) for mine in ours.scores.values()),
    )  # fmt: skip


def course_groups(
    session: Session, ids: Sequence[UUID], found: Sequence[GroupView], choice: Choice
) -> Figure | None:
    """Return the course's groups side by side over these activities; None where it has none."""
    if not found:
        return None
    works = counts.works(session, ids, choice)
    reviews = counts.reviews(session, ids, Feedback.author_id, choice)
    shares = counts.mean_scores(session, ids, Score.person_id, choice)
    components = sorted({component for mine in shares.values() for component in mine})
    rows: list[tuple[Value, ...]] = []
    for one in found:
        given = [reviews.get(person, (0, None)) for person in one.people]
        total = sum(many for many, _ in given)
        words = sum(many * (mean or 0) for many, mean in given)
        marks = [shares.get(person, {}) for person in one.people]
        rows.append(
            (
                name_of(one), len(one.people), sum(works.get(who, 0) for who in one.people), total,
                total / len(one.people) if one.people else None, words / total if total else None,
                *(_mean([m[name] for m in marks if name in m]) for name in components),
            )
        )  # fmt: skip
    columns = (
        Column("group", "Group", Sort.TEXT), Column("people", "People"),
        Column("works", "Works"), Column("reviews", "Reviews"),
        Column("each", "Reviews, each", Sort.NUMBER), Column("words", "Words each", Sort.NUMBER),
        *(Column(f"score_{c}", f"Mean score: {c}", Sort.POINTS) for c in components),
    )  # fmt: skip
    return Figure(
        COURSE_KEY, "Groups side by side",
        f"{capital(some(len(rows), 'group'))}, over {some(len(ids), 'activity', 'activities')}.",
        "One line for each group that the LMS has in the course, with the works and reviews of its "
        "members in all activities; somebody in two groups counts in both. A score is the mean of "
        "its members' means.",
        counts.reviews,
        Table(columns, rows),
    )  # fmt: skip


def name_of(one: GroupView) -> str:
    """Return the group's name, after its set's where it is in one."""
    return f"{one.group.set_name}: {one.group.name}" if one.group.set_name else one.group.name


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
