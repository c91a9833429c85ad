"""What the shared tables know of one activity, as plain rows for the figures."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.core.models import Membership, Person, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionState, SubmissionVersion
from lti_peer.reports import heard
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.heard import Heard, Learner
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import Id
from lti_peer.web import identity

GIVING: Final = frozenset({"explainer", "mentor", "answerer"})
"""Roles in a meeting that give; all others receive. Where nobody has one, all do both."""


class Work(NamedTuple):
    """One piece of work that stands."""

    author: Id
    first_at: datetime
    words: int
    """Of its newest version."""
    revised_at: datetime | None = None


class Said(NamedTuple):
    """One piece of feedback that stands."""

    author: Id
    receiver: Id | None
    """Whose work it is about; None where it is about no work that stands."""
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
    revised: frozenset[Id] = frozenset()
    """Who revised work after feedback."""
    ties: Mapping[Id, frozenset[Id]] = field(default_factory=dict)
    """For each learner, the others to whom they gave or from whom they received."""

    def of(self, *targets: Target) -> list[Said]:
        """Return the feedback about some sorts of target."""
        return [one for one in self.said if one.target in targets]


def facts(session: Session, visit: Visit, choice: Choice = EVERYTHING) -> Facts:
    """Return what the activity came to until now, or as far as was chosen, for staff."""
    people = learners(session, visit)
    names = {one.id: one.name for one in people}
    work, versions = works(session, visit, choice)
    parts = members(session, visit, choice)
    every, replaced = feedbacks(session, visit, work, choice)
    said = [
        row
        for one, row in every.items()
        if one not in replaced and row.author in names and choice.has(row.at)
    ]
    met, settled = meetings(session, visit, parts, choice)
    acts = [*versions, *(Act(row.author, row.at) for row in every.values()), *settled]
    tasked = {part.person for part in parts if part.fruitful}
    whole = Facts(
        names=names,
        work={
            one: row
            for one, row in work.items()
            if row.author in names and choice.has(row.first_at)
        },
        said=said,
        met=met,
        acts=[act for act in acts if act.person in names and choice.has(act.at)],
        tasked=frozenset(tasked & names.keys()),
        scores=scores(session, visit, names, choice),
        heard=heard.listen(session, visit, people, choice),
        revised=frozenset(
            row.author
            for row in work.values()
            if row.revised_at and row.author in names and choice.has(row.revised_at)
        ),
        ties=_ties(names, said, met),
    )
    return whole if choice.people is None else only(whole, choice.people)


def only(whole: Facts, people: Collection[Id]) -> Facts:
    """Return what concerns some people; what they gave to others, and got, counts all the same."""
    inside = frozenset(people)
    ours = whole.heard
    return replace(
        whole,
        names={one: name for one, name in whole.names.items() if one in inside},
        work={one: row for one, row in whole.work.items() if row.author in inside},
        acts=[act for act in whole.acts if act.person in inside],
        tasked=whole.tasked & inside,
        revised=whole.revised & inside,
        scores={
            component: {one: share for one, share in mine.items() if one in inside}
            for component, mine in whole.scores.items()
        },
        heard=Heard(
            opened={one: many for one, many in ours.opened.items() if one in inside},
            registered=ours.registered & inside,
            completed=ours.completed & inside,
            checks=[one for one in ours.checks if one.person in inside],
        ),
        ties={one: others for one, others in whole.ties.items() if one in inside},
    )


def learners(session: Session, visit: Visit) -> list[Learner]:
    """Return the active learners of the visit's course, by their number."""
    rows = session.execute(
        select(bare(Membership.person_id), Membership.number, Person.name, Person.subject)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.course_id == visit.course.id,
            Membership.role == Role.LEARNER,
            Membership.active,
        )
        .order_by(Membership.number)
    )
    return [
        Learner(person, identity.called(name, number), subject)
        for person, number, name, subject in rows
    ]


def works(
    session: Session, visit: Visit, choice: Choice = EVERYTHING
) -> tuple[dict[Id, Work], list[Act]]:
    """Return the pieces of work that stand by their id, and each version as an act."""
    rows = session.execute(
        select(
            bare(Submission.id), bare(Submission.author_id), Submission.state, Submission.first_at,
            SubmissionVersion.words, SubmissionVersion.at, Submission.revised_at,
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            Submission.activity_id == visit.activity.id, *choice.before(SubmissionVersion.at)
        )
        .order_by(SubmissionVersion.number)
    ).all()  # fmt: skip
    found = {
        one: Work(author, first_at, words, revised_at)
        for one, author, state, first_at, words, _, revised_at in rows
        if state is SubmissionState.SUBMITTED
    }
    return found, [Act(row[1], row[5]) for row in rows]


class Part(NamedTuple):
    """One person's part in an allocation."""

    person: Id
    allocation: Id
    role: str
    fruitful: bool
    """The allocation is live or completed, the person has not been freed of it, and it counts."""


def members(session: Session, visit: Visit, choice: Choice = EVERYTHING) -> list[Part]:
    """Return everybody's part in every allocation of the activity."""
    asked = select(
        bare(AllocationMember.person_id), bare(AllocationMember.allocation_id),
        AllocationMember.role, AllocationMember.standing,
    ).where(AllocationMember.activity_id == visit.activity.id)  # fmt: skip
    parts = [Part(*row) for row in session.execute(asked)]
    if days := choice.during(Allocation.at):
        given = select(bare(Allocation.id)).where(
            Allocation.activity_id == visit.activity.id, *days
        )
        then = set(session.scalars(given))
        parts = [one._replace(fruitful=one.fruitful and one.allocation in then) for one in parts]
    return parts


def feedbacks(
    session: Session, visit: Visit, work: Mapping[Id, Work], choice: Choice = EVERYTHING
) -> tuple[dict[Id, Said], set[Id]]:
    """Return all feedback of the activity by its id, and the ids of what has been replaced."""
    rows = session.execute(
        select(
            bare(Feedback.id), bare(Feedback.author_id), Feedback.target, bare(Feedback.target_id),
            Feedback.share, Feedback.words, Feedback.at, bare(Feedback.replaces_id),
        ).where(Feedback.activity_id == visit.activity.id, *choice.before(Feedback.at))
    ).all()  # fmt: skip
    authors = {one: row.author for one, row in work.items()}
    found = {
        one: Said(author, authors.get(target_id), target, target_id, share, words, at)
        for one, author, target, target_id, share, words, at, _ in rows
    }
    return found, {row[-1] for row in rows if row[-1]}


def meetings(
    session: Session, visit: Visit, parts: Sequence[Part], choice: Choice = EVERYTHING
) -> tuple[list[Met], list[Act]]:
    """Return the meetings that were held, and for each who was there an act."""
    rows = session.execute(
        select(bare(Meeting.allocation_id), Meeting.minutes, Meeting.starts_at).where(
            Meeting.activity_id == visit.activity.id,
            Meeting.state == MeetingState.HELD,
            *choice.during(Meeting.starts_at),
        )
    ).all()
    by_allocation: dict[Id, list[Part]] = defaultdict(list)
    for part in parts if rows else ():
        by_allocation[part.allocation].append(part)
    met, acts = [], []
    for allocation, minutes, starts_at in rows:
        there = by_allocation[allocation]
        everybody = frozenset(part.person for part in there)
        givers = frozenset(part.person for part in there if part.role in GIVING)
        met.append(Met(givers or everybody, everybody - givers, minutes))
        acts += [Act(person, starts_at) for person in everybody]
    return met, acts


def scores(
    session: Session, visit: Visit, names: Mapping[Id, str], choice: Choice = EVERYTHING
) -> dict[str, dict[Id, float]]:
    """Return the standing scores of learners, by component and person."""
    last = func.max(Score.number).over(partition_by=(Score.person_id, Score.component))
    numbered = (
        select(Score.component, Score.person_id, Score.share, Score.number, last.label("last"))
        .where(Score.activity_id == visit.activity.id, *choice.before(Score.at))
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
