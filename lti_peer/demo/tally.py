"""What a walkthrough must find at its end, counted by class, tool, LMS and record store."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.core.grades import Grade
from lti_peer.core.models import Activity, Deployment, LineItem, Person, Platform
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.submissions import Submission
from xapi.lrs.models import StoredStatement

TOLERANCE = 1e-6
"""Points by which a grade may differ, from the way over JSON."""


@dataclass
class Tally:
    """The numbers of one walkthrough; `faults` says what does not agree, in sentences."""

    students: int
    launches: int = 0
    """Learners whose launch into the peer review led to a page."""
    submissions: int = 0
    reviews: int = 0
    fewest_reviews: int = 0
    """Of the submission that got the fewest."""
    grades_in_lms: int = 0
    """Grades of the peer review that stand in the LMS exactly as in the tool."""
    teaching: dict[str, int] = field(default_factory=dict)
    statements_emitted: int = 0
    statements_in_store: int = 0
    lost: int = 0
    duplicates: int = 0
    workers_killed: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def expect(self, name: str, found: int, wanted: int) -> None:
        """Note a fault when the two differ."""
        if found != wanted:
            self.faults.append(f"{name}: {found} instead of {wanted}")

    def as_json(self) -> dict[str, Any]:
        """Return all of it under its own names."""
        return asdict(self)


def deployments(session: Session, lms: Lms) -> Sequence[UUID]:
    """Return the tenants that this LMS has in the tool."""
    return session.scalars(
        select(Deployment.id).join(Platform).where(Platform.issuer == lms.issuer)
    ).all()


def activity_of(session: Session, link: ResourceLink) -> Activity:
    """Return the tool's activity behind a link of the LMS."""
    return session.get_one(Activity, UUID(link.custom["activity"]))


def count_reviews(session: Session, activity: Activity) -> tuple[int, int, int]:
    """Return how many submissions, how many reviews, and how many the least reviewed one got."""
    works = session.scalars(
        select(Submission.id).where(Submission.activity_id == activity.id)
    ).all()
    reviewed = Counter(
        session.scalars(
            select(Feedback.target_id).where(
                Feedback.activity_id == activity.id,
                Feedback.target == Target.SUBMISSION,
                Feedback.replaces_id.is_(None),
            )
        )
    )
    return len(works), reviewed.total(), min((reviewed[work] for work in works), default=0)


def count_grades(session: Session, lms: Lms, activity: Activity) -> tuple[int, int]:
    """Return how many grades the tool has given, and how many of them stand so in the LMS."""
    columns = {
        item.component: item
        for item in session.scalars(select(LineItem).where(LineItem.activity_id == activity.id))
    }
    rows = session.execute(
        select(Grade.component, Grade.share, Person.subject)
        .join(Person, Person.id == Grade.person_id)
        .where(Grade.activity_id == activity.id)
    ).all()
    same = sum(
        _stands(lms, columns[component].url, subject, share)
        for component, share, subject in rows
        if component in columns and columns[component].url
    )
    return len(rows), same


def count_held(session: Session, activity: Activity) -> int:
    """Return how many matches of people for teaching came to their end."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Allocation)
            .where(
                Allocation.activity_id == activity.id,
                Allocation.state == AllocationState.COMPLETED,
            )
        )
        or 0
    )


def count_statements(session: Session, tenants: Sequence[UUID]) -> tuple[int, int, int, int]:
    """Return how many statements were emitted, are stored, are missing, are stored twice."""
    emitted = {
        UUID(key)
        for key in session.scalars(
            select(OutboxItem.key).where(
                OutboxItem.channel == Channel.XAPI, OutboxItem.deployment_id.in_(tenants)
            )
        )
    }
    stored = Counter(
        session.scalars(
            select(StoredStatement.statement_id).where(StoredStatement.tenant.in_(tenants))
        )
    )
    return len(emitted), stored.total(), len(emitted - stored.keys()), stored.total() - len(stored)


def waiting(session: Session, tenants: Sequence[UUID]) -> int:
    """Return how many items of these tenants are still to be told."""
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboxItem)
            .where(OutboxItem.deployment_id.in_(tenants), OutboxItem.state == Delivery.PENDING)
        )
        or 0
    )


def _stands(lms: Lms, url: str, subject: str, share: float) -> bool:
    """Return whether the LMS's grade book shows this share of its column's maximum."""
    number = url.partition("?")[0].split("/")[-2]
    column = lms.gradebook.column(number)
    grade = lms.gradebook.grade(column.id, subject)
    return grade is not None and abs(grade.points - share * column.maximum) < TOLERANCE
