"""What an institution's courses came to: sums by course and person, read from the shared tables."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session, aliased

from lti_peer.core.models import (
    Activity,
    ActivityState,
    Course,
    Deployment,
    Membership,
    Platform,
    Role,
)
from lti_peer.peerwork.allocations import AllocationMember
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.submissions import Submission, SubmissionState
from lti_peer.reports import outcomes
from lti_peer.reports.ids import bare
from lti_peer.reports.reads import GIVING
from lti_peer.reports.shape import Id
from lti_peer.reports.sums import Sums
from xapi.lrs.mentions import deed_key
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import COMPLETED, LAUNCHED, Verb

AT_ONCE: Final = 400
"""Activities that one statement names."""


def institutions(session: Session) -> list[tuple[UUID, str]]:
    """Return the LMSs that have an activity, each with what administrators call it, by that."""
    rows = session.execute(
        select(Platform.id, Platform.name, Platform.issuer).where(
            Platform.id.in_(
                select(Deployment.platform_id).join(
                    Activity, Activity.deployment_id == Deployment.id
                )
            )
        )
    )
    return sorted(((one, name or issuer) for one, name, issuer in rows), key=lambda row: row[1])


def courses(session: Session, platform_id: UUID, base_url: str) -> list[Sums]:
    """Return the sums of every course of an LMS that has an activity, by the course's title."""
    found = {
        course: Sums(title or label or "Course without a title")
        for course, title, label in session.execute(
            select(bare(Course.id), Course.title, Course.label)
            .where(Course.id.in_(_activities(platform_id).with_only_columns(Activity.course_id)))
            .order_by(Course.title, Course.id)
        )
    }
    there = {
        activity: found[course]
        for activity, course in session.execute(
            _activities(platform_id).with_only_columns(bare(Activity.id), bare(Activity.course_id))
        )
    }
    for one in there.values():
        one.activities += 1
    _add_people(session, platform_id, found)
    replaced = _replaced(session, platform_id)
    _add_works(session, platform_id, there, replaced)
    _add_reviews(session, platform_id, found, there, replaced)
    _add_meetings(session, platform_id, there)
    outcomes.add(session, _activities(platform_id), found, there)
    _add_deeds(session, platform_id, there, base_url)
    return list(found.values())


def _activities(platform_id: UUID) -> Select[UUID]:
    """Return the query for the activities of an LMS that a course page shows."""
    return (
        select(Activity.id)
        .join(Deployment, Deployment.id == Activity.deployment_id)
        .where(Deployment.platform_id == platform_id, Activity.state != ActivityState.DRAFT)
    )


def _add_people(session: Session, platform_id: UUID, found: Mapping[Id, Sums]) -> None:
    rows = session.execute(
        select(bare(Membership.course_id), bare(Membership.person_id))
        .join(Deployment, Deployment.id == Membership.deployment_id)
        .where(
            Deployment.platform_id == platform_id,
            Membership.role == Role.LEARNER,
            Membership.active,
        )
    )
    for course, person in rows:
        if course in found:
            found[course].people.add(person)


class Replaced(NamedTuple):
    """A review that its author sent again, changed: it is counted with the others, and taken off.

    Few are, so that is quicker than to look for a successor of each review.
    """

    activity: Id
    work: Id
    author: Id
    words: int


def _replaced(session: Session, platform_id: UUID) -> list[Replaced]:
    newer = aliased(Feedback)
    before = select(newer.replaces_id).where(
        newer.replaces_id.is_not(None), newer.activity_id.in_(_activities(platform_id))
    )
    rows = session.execute(
        select(
            bare(Feedback.activity_id), bare(Feedback.target_id), bare(Feedback.author_id),
            Feedback.words,
        ).where(Feedback.id.in_(before), Feedback.target == Target.SUBMISSION)
    )  # fmt: skip
    return [Replaced(*row) for row in rows]


def _add_works(
    session: Session, platform_id: UUID, there: Mapping[Id, Sums], replaced: Sequence[Replaced]
) -> None:
    """Add each work, how many reviews of it stand, and when the first was sent.

    Reviews are counted by themselves and not joined: that takes SQLite half of the time.
    """
    about = (
        select(bare(Feedback.target_id), func.count(), func.min(Feedback.at))
        .where(
            Feedback.activity_id.in_(_activities(platform_id)), Feedback.target == Target.SUBMISSION
        )
        .group_by(Feedback.activity_id, Feedback.target_id)
    )
    again = Counter(one.work for one in replaced)
    reviews = {work: (many, at) for work, many, at in session.execute(about)}
    rows = session.execute(
        select(
            bare(Submission.id), bare(Submission.activity_id), bare(Submission.author_id),
            Submission.first_at, Submission.revised_at,
        ).where(
            Submission.activity_id.in_(_activities(platform_id)),
            Submission.state == SubmissionState.SUBMITTED,
        )
    )  # fmt: skip
    for work, activity, author, first_at, revised_at in rows:
        course = there[activity]
        if author not in course.people:
            continue
        course.works += 1
        course.authors.add(author)
        if revised_at is not None:
            course.revised.add(author)
        if work in reviews:
            many, at = reviews[work]
            course.received[author] += many - again[work]
            course.waits.append(max(0.0, (at - first_at).total_seconds() / 3600))


def _add_reviews(
    session: Session,
    platform_id: UUID,
    found: Mapping[Id, Sums],
    there: Mapping[Id, Sums],
    replaced: Sequence[Replaced],
) -> None:
    """Add what each person wrote."""
    rows = session.execute(
        select(
            bare(Activity.course_id), bare(Feedback.author_id), func.count(),
            func.sum(Feedback.words),
        )
        .join(Activity, Activity.id == Feedback.activity_id)
        .where(
            Feedback.activity_id.in_(_activities(platform_id)), Feedback.target == Target.SUBMISSION
        )
        .group_by(Activity.course_id, Feedback.author_id)
    )  # fmt: skip
    said = [(found[course], author, many, words) for course, author, many, words in rows]
    off = [(there[one.activity], one.author, -1, -one.words) for one in replaced]
    for course, author, many, words in (*said, *off):
        if author in course.people:
            course.given[author] += many
            course.reviews += many
            course.words += words
            course.reviewers.add(author)


def _add_meetings(session: Session, platform_id: UUID, there: Mapping[Id, Sums]) -> None:
    """Add the meetings that were held: who explained gave, who listened got; equals did both."""
    rows = session.execute(
        select(
            bare(Meeting.id), bare(Meeting.activity_id), bare(AllocationMember.person_id),
            AllocationMember.role,
        )
        .join(AllocationMember, AllocationMember.allocation_id == Meeting.allocation_id)
        .where(
            Meeting.activity_id.in_(_activities(platform_id)), Meeting.state == MeetingState.HELD
        )
    )  # fmt: skip
    roles: dict[tuple[Id, Id], dict[Id, str]] = defaultdict(dict)
    for meeting, activity, person, role in rows:
        roles[meeting, activity][person] = role
    for (_, activity), everybody in roles.items():
        course = there[activity]
        givers = {person for person, role in everybody.items() if role in GIVING}
        here = everybody.keys() & course.people
        course.met |= here
        course.given.update(here & (givers or here))
        course.received.update(here - givers)


def _add_deeds(
    session: Session, platform_id: UUID, there: Mapping[Id, Sums], base_url: str
) -> None:
    """Add how often activities were opened and finished, as an index of the statements has it."""
    tenants = select(Deployment.id).where(Deployment.platform_id == platform_id)
    for some in _parts(list(there)):
        opened = _keys(LAUNCHED, some, there, base_url)
        finished = _keys(COMPLETED, some, there, base_url)
        rows = session.execute(
            select(StoredStatement.deed, func.count(), func.count(distinct(StoredStatement.actor)))
            .where(
                StoredStatement.tenant.in_(tenants),
                StoredStatement.deed.in_([*opened, *finished]),
                StoredStatement.voided.is_(False),
            )
            .group_by(StoredStatement.deed)
        )
        for deed, times, people in rows:
            if deed in opened:
                opened[deed].openings += times
            elif deed is not None:
                finished[deed].finished += people


def _keys(
    verb: Verb, activities: Sequence[Id], there: Mapping[Id, Sums], base_url: str
) -> dict[UUID, Sums]:
    return {
        deed_key(verb.id, f"{base_url}/activities/{UUID(one)}"): there[one] for one in activities
    }


def _parts(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
