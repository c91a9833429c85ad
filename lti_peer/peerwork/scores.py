"""Derived numbers with their interval, inputs and method; only ever added to, so each replays."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from lti_peer.core import db, grades
from lti_peer.core.db import Base
from lti_peer.core.visit import Visit
from lti_peer.rules.scoring import Estimate


class Score(Base):
    """What one person was worth in one component, as one method saw it at one time."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id", "component", "number"),
        CheckConstraint("share >= 0 AND share <= 1", name="share"),
        Index(None, "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    component: Mapped[str] = mapped_column(String(40))
    """`work`, `reviewing`, `teaching`, `participation`, `contribution`, `gain`."""
    number: Mapped[int]
    """Counts up for each person and component; the highest stands."""
    share: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
    method: Mapped[str] = mapped_column(String(60))
    """Name and version of the estimator, such as `mean@1`."""
    inputs: Mapped[dict[str, Any]]
    """What it was computed from: ids of feedback and their weights."""
    at: Mapped[datetime]


_THEIRS = (
    select(Score)
    .where(
        Score.activity_id == bindparam("activity"),
        Score.person_id.in_(bindparam("people", expanding=True)),
    )
    .order_by(Score.number)
)


def keep(
    session: Session,
    visit: Visit,
    person_id: UUID,
    component: str,
    estimate: Estimate,
    standing: Score | None,
) -> Score:
    """Keep the estimate as the person's score, unless it stands already; post it once released.

    `standing` is their score in the component that stands until now.
    """
    inputs = {str(review): weight for review, weight in sorted(estimate.weights.items(), key=str)}
    if standing and (standing.share, standing.method, standing.inputs) == (
        estimate.share,
        estimate.method,
        inputs,
    ):
        return standing
    made = Score(
        deployment_id=visit.deployment_id,
        activity_id=visit.activity.id,
        person_id=person_id,
        component=component,
        number=standing.number + 1 if standing else 1,
        share=estimate.share,
        low=estimate.low,
        high=estimate.high,
        method=estimate.method,
        inputs=inputs,
        at=visit.now,
    )
    session.add(made)
    session.flush()
    db.hold(session, visit.activity, "released_at")  # or a release just now would miss this score
    if visit.activity.released_at is not None:
        grades.post(session, visit.activity, person_id, component, estimate.share)
    return made


def of_person(session: Session, visit: Visit, person_id: UUID) -> dict[str, Score]:
    """Return one person's standing scores by component."""
    return of_people(session, visit, [person_id]).get(person_id, {})


def of_people(
    session: Session, visit: Visit, person_ids: Collection[UUID]
) -> dict[UUID, dict[str, Score]]:
    """Return some people's standing scores, by person and component."""
    asked = {"activity": visit.activity.id, "people": list(person_ids)}
    found = session.scalars(_THEIRS, asked)
    result: dict[UUID, dict[str, Score]] = {}
    for score in found:
        result.setdefault(score.person_id, {})[score.component] = score
    return result


def is_newest(until: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition for scores after which nobody got another, or none before `until`."""
    newer = aliased(Score)
    return ~(
        select(newer.id)
        .where(
            newer.activity_id == Score.activity_id,
            newer.person_id == Score.person_id,
            newer.component == Score.component,
            newer.number > Score.number,
            *([newer.at < until] if until else []),
        )
        .exists()
    )


def standing(session: Session, visit: Visit) -> Mapping[UUID, Mapping[str, Score]]:
    """Return every standing score of the activity, by person and component."""
    newest = (
        select(Score.person_id, Score.component, func.max(Score.number).label("number"))
        .where(Score.activity_id == visit.activity.id)
        .group_by(Score.person_id, Score.component)
        .subquery()
    )
    found = session.scalars(
        select(Score)
        .join(
            newest,
            (Score.person_id == newest.c.person_id)
            & (Score.component == newest.c.component)
            & (Score.number == newest.c.number),
        )
        .where(Score.activity_id == visit.activity.id)
    )
    result: dict[UUID, dict[str, Score]] = {}
    for score in found:
        result.setdefault(score.person_id, {})[score.component] = score
    return result


def release(session: Session, visit: Visit) -> int:
    """Send every standing score to the LMS as a grade, and each later one too; return how many."""
    visit.activity.released_at = visit.activity.released_at or visit.now
    scores = [one for mine in standing(session, visit).values() for one in mine.values()]
    for one in scores:
        grades.post(session, visit.activity, one.person_id, one.component, one.share)
    return len(scores)
