"""What the shared tables know of one activity, as plain rows for the figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, Label, String, TypeDecorator, func, select, type_coerce
from sqlalchemy.orm import Session

from lti_peer.core import queries
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionState, SubmissionVersion
from lti_peer.reports import heard
from lti_peer.reports.heard import Heard
from lti_peer.reports.shape import Id
from lti_peer.web import identity

GIVING: Final = frozenset({"explainer", "mentor", "answerer"})
"""Roles in a meeting that give; all others receive. Where nobody has one, all do both."""
FRUITLESS: Final = (
    AllocationState.EXPIRED,
    AllocationState.DECLINED,
    AllocationState.CANCELLED,
)


class Work(NamedTuple):
    """One piece of work that stands."""

    author: Id
    first_at: datetime
    words: int
    """Of its newest version."""


class Said(NamedTuple):
    """One piece of feedback that stands, with whom it was for."""

    author: Id
    receiver: Id | None
    target: Target
    target_id: Id
    share: float | None
    words: int
    at: datetime


class Met(NamedTuple):
    """One meeting that was held: who gave, who received."""

    givers: frozenset[Id]
    receivers: frozenset[Id]
    minutes: int


class Act(NamedTuple):
    """That somebody did something at a time: handed in a version, said something, met."""

    person: Id
    at: datetime


@dataclass(frozen=True)
class Facts:
    """All of one activity that its figures need; people who are no active learners are left out."""

    names: Mapping[Id, str]
    """The active learners of the course, by person, in the order of their numbers."""
    work: Mapping[Id, Work]
    said: Sequence[Said]
    met: Sequence[Met]
    acts: Sequence[Act]
    tasked: frozenset[Id]
    """Who was given something to do for somebody, or a partner, and it did not come to nothing."""
    scores: Mapping[str, Mapping[Id, float]]
    """Standing scores by component and person, 0 to 1."""
    heard: Heard
    ties: Mapping[Id, frozenset[Id]] = field(default_factory=dict)
    """For each learner, the others to whom they gave or from whom they received."""

    def of(self, *targets: Target) -> list[Said]:
        """Return the feedback about some sorts of target."""
        return [one for one in self.said if one.target in targets]


def facts(session: Session, visit: Visit) -> Facts:
    """Return what the activity came to until now, for staff."""
    learners = queries.learners(session, visit)
    names = {member.person_id.hex: identity.name_of(member) for member in learners}
    work, versions = works(session, visit)
    parts = members(session, visit)
    every, replaced = feedbacks(session, visit)
    standing = {one: row for one, row in every.items() if one not in replaced}
    said = [row for row in _addressed(every, standing, work, parts) if row.author in names]
    met, settled = meetings(session, visit, parts)
    acts = [*versions, *(Act(row.author, row.at) for row in every.values()), *settled]
    tasked = {part.person for part in parts.values() if part.fruitful}
    return Facts(
        names=names,
        work={one: row for one, row in work.items() if row.author in names},
        said=said,
        met=met,
        acts=[act for act in acts if act.person in names],
        tasked=frozenset(tasked & names.keys()),
        scores=scores(session, visit, names),
        heard=heard.listen(session, visit, learners),
        ties=_ties(names, said, met),
    )


def works(session: Session, visit: Visit) -> tuple[dict[Id, Work], list[Act]]:
    """Return the pieces of work that stand by their id, and each version as an act."""
    rows = session.execute(
        select(
            bare(Submission.id), bare(Submission.author_id), Submission.state, Submission.first_at,
            SubmissionVersion.words, SubmissionVersion.at,
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(Submission.activity_id == visit.activity.id)
        .order_by(SubmissionVersion.number)
    ).all()  # fmt: skip
    found = {
        one: Work(author, first_at, words)
        for one, author, state, first_at, words, _ in rows
        if state is SubmissionState.SUBMITTED
    }
    return found, [Act(author, at) for _, author, _, _, _, at in rows]


class Part(NamedTuple):
    """One person's part in an allocation."""

    person: Id
    allocation: Id
    role: str
    fruitful: bool
    """The allocation is live or completed, and the person has not been freed of it."""


def members(session: Session, visit: Visit) -> dict[Id, Part]:
    """Return everybody's part in every allocation of the activity, by the part's id."""
    rows = session.execute(
        select(
            bare(AllocationMember.id), bare(AllocationMember.person_id), bare(Allocation.id),
            AllocationMember.role, AllocationMember.standing, Allocation.state,
        )
        .join(Allocation, Allocation.id == AllocationMember.allocation_id)
        .where(Allocation.activity_id == visit.activity.id)
    )  # fmt: skip
    return {
        one: Part(person, allocation, role, standing and state not in FRUITLESS)
        for one, person, allocation, role, standing, state in rows
    }


def feedbacks(session: Session, visit: Visit) -> tuple[dict[Id, Said], set[Id]]:
    """Return all feedback of the activity by its id, and the ids of what has been replaced."""
    rows = session.execute(
        select(
            bare(Feedback.id), bare(Feedback.author_id), Feedback.target, bare(Feedback.target_id),
            Feedback.share, Feedback.words, Feedback.at, bare(Feedback.replaces_id),
        ).where(Feedback.activity_id == visit.activity.id)
    ).all()  # fmt: skip
    found = {
        one: Said(author, None, target, target_id, share, words, at)
        for one, author, target, target_id, share, words, at, _ in rows
    }
    return found, {row[-1] for row in rows if row[-1]}


def meetings(
    session: Session, visit: Visit, parts: Mapping[Id, Part]
) -> tuple[list[Met], list[Act]]:
    """Return the meetings that were held, and for each who was there an act."""
    by_allocation: dict[Id, list[Part]] = defaultdict(list)
    for part in parts.values():
        by_allocation[part.allocation].append(part)
    rows = session.execute(
        select(bare(Meeting.allocation_id), Meeting.minutes, Meeting.starts_at).where(
            Meeting.activity_id == visit.activity.id, Meeting.state == MeetingState.HELD
        )
    )
    met, acts = [], []
    for allocation, minutes, starts_at in rows:
        there = by_allocation[allocation]
        everybody = frozenset(part.person for part in there)
        givers = frozenset(part.person for part in there if part.role in GIVING)
        met.append(Met(givers or everybody, everybody - givers, minutes))
        acts += [Act(person, starts_at) for person in everybody]
    return met, acts


def scores(session: Session, visit: Visit, names: Mapping[Id, str]) -> dict[str, dict[Id, float]]:
    """Return the standing scores of learners, by component and person."""
    last = func.max(Score.number).over(partition_by=(Score.person_id, Score.component))
    numbered = (
        select(Score.component, Score.person_id, Score.share, Score.number, last.label("last"))
        .where(Score.activity_id == visit.activity.id)
        .subquery()
    )
    found: dict[str, dict[Id, float]] = defaultdict(dict)
    rows = session.execute(
        select(numbered.c.component, bare(numbered.c.person_id), numbered.c.share)
        .where(numbered.c.number == numbered.c.last)
        .order_by(numbered.c.component)
    )
    for component, person, share in rows:
        if person in names:
            found[component][person] = share
    return dict(found)


def _addressed(
    every: Mapping[Id, Said],
    standing: Mapping[Id, Said],
    work: Mapping[Id, Work],
    parts: Mapping[Id, Part],
) -> list[Said]:
    """Return what stands, each with the person whom it was for."""
    receivers = {
        Target.SUBMISSION: {one: row.author for one, row in work.items()},
        Target.FEEDBACK: {one: row.author for one, row in every.items()},
        Target.PERSON: {one: part.person for one, part in parts.items()},
        Target.MEETING: {},
    }
    return [
        row._replace(receiver=receivers[row.target].get(row.target_id)) for row in standing.values()
    ]


def _ties(
    names: Mapping[Id, str], said: Sequence[Said], met: Sequence[Met]
) -> dict[Id, frozenset[Id]]:
    """Return whom each learner has reviewed, been reviewed by, or met."""
    found: dict[Id, set[Id]] = {person: set() for person in names}
    pairs = [(o.author, o.receiver) for o in said if o.target is Target.SUBMISSION and o.receiver]
    pairs += [(one, other) for m in met for one in m.givers for other in m.givers | m.receivers]
    for one, other in pairs:
        if one != other and one in found and other in found:
            found[one].add(other)
            found[other].add(one)
    return {person: frozenset(others) for person, others in found.items()}


class BareId(TypeDecorator[Id]):
    """Reads a column of UUIDs as their 32 digits, as SQLite keeps them."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Id | None:
        """Return the digits; PostgreSQL's driver gives a UUID."""
        del dialect
        return value if value is None or isinstance(value, str) else value.hex


def bare(column: Any) -> Label[Any]:
    """Return the column of ids so that they are read as texts: thousands of UUIDs take long."""
    return type_coerce(column, BareId()).label(None)
