"""A filled rubric, comments, about a target: a submission, other feedback, a meeting, a person.

Feedback is only ever added to; a correction is a new row that names the old one (house.md, rule 4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base, choice
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.rules import rubric as rules


class Target(StrEnum):
    """What feedback is about."""

    SUBMISSION = "submission"
    REVISION = "revision"
    """A submission, too, by its id: a second look at its revision, beside what was said before."""
    FEEDBACK = "feedback"
    MEETING = "meeting"
    PERSON = "person"


class Rubric(Base):
    """The lines to judge by, frozen by version: feedback names the one that it was given by."""

    __tablename__ = "rubric"
    __table_args__ = (UniqueConstraint("activity_id", "use", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    use: Mapped[str] = mapped_column(String(40), default="")
    """What it judges, where an activity has more than one rubric; each counts its versions."""
    version: Mapped[int]
    criteria: Mapped[list[Any]]
    """As `rules.rubric.dump` gives."""

    @property
    def parsed(self) -> tuple[rules.Criterion, ...]:
        """The criteria as values."""
        return rules.parse(self.criteria)


class Feedback(Base):
    """What one person said about a target, at one time."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("replaces_id"),
        Index(None, "activity_id", "target", "target_id"),
        Index(None, "activity_id", "target", "author_id", "words", "replaces_id"),
        Index(None, "author_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    allocation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("allocation.id", ondelete="CASCADE")
    )
    target: Mapped[Target] = mapped_column(choice(Target))
    target_id: Mapped[UUID]
    rubric_id: Mapped[UUID | None] = mapped_column(ForeignKey("rubric.id", ondelete="CASCADE"))
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Criterion's key to points."""
    share: Mapped[float | None]
    """The weighted share of the maximum that the marks give, 0 to 1."""
    comments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Criterion's key to plain words, where there are any."""
    comment: Mapped[str] = mapped_column(Text, default="")
    """About the whole, in Markdown; `html` is what was made of it, once."""
    html: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[int] = mapped_column(default=0)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"))
    at: Mapped[datetime]


_NEWER = aliased(Feedback)
"""The same table once more."""
_STANDING = select(Feedback).where(
    Feedback.activity_id == bindparam("activity"),
    Feedback.target == bindparam("target"),
    ~select(_NEWER.id).where(_NEWER.replaces_id == Feedback.id).exists(),
)
"""What nothing has replaced. Made once, like those below: to make one takes longer than to ask."""
_ABOUT = _STANDING.where(Feedback.target_id == bindparam("what")).order_by(Feedback.id)
_ON = _STANDING.where(Feedback.target_id.in_(bindparam("ids", expanding=True)))
_ALL = _STANDING.order_by(Feedback.id)
_BY = _STANDING.where(Feedback.author_id == bindparam("author"))
_LATEST = _BY.where(Feedback.target_id == bindparam("what"))
_IN_ORDER = _BY.order_by(Feedback.at, Feedback.id)
_RUBRIC = (
    select(Rubric)
    .where(Rubric.activity_id == bindparam("activity"), Rubric.use == bindparam("use"))
    .order_by(Rubric.version.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Said:
    """What somebody filled in: marks by criterion, a comment on the whole with its HTML, words.

    `comments` are plain words by criterion; `words` counts all that was written.
    """

    marks: Mapping[str, int]
    comment: str = ""
    html: str = ""
    words: int = 0
    comments: Mapping[str, str] = field(default_factory=dict)


def set_rubric(
    session: Session, activity: Activity, criteria: Sequence[rules.Criterion], use: str = ""
) -> Rubric:
    """Return the activity's rubric with these criteria; a changed one is a new version."""
    rows = rules.dump(criteria)
    newest = rubric(session, activity, use)
    if newest is not None and newest.criteria == rows:
        return newest
    made = Rubric(
        deployment_id=activity.deployment_id,
        activity_id=activity.id,
        use=use,
        criteria=rows,
        version=newest.version + 1 if newest else 1,
    )
    session.add(made)
    session.flush()
    db.forget(session)
    return made


def rubric(session: Session, activity: Activity, use: str = "") -> Rubric | None:
    """Return the newest version of the activity's rubric."""
    asked = {"activity": activity.id, "use": use}
    return db.remembered(
        session,
        ("rubric", *asked.values()),
        lambda: session.scalar(_RUBRIC, asked),
        steady=True,
    )


def rubrics(session: Session, activity: Activity) -> dict[UUID, Rubric]:
    """Return every version of the activity's rubric by its id, oldest first."""
    found = session.scalars(
        select(Rubric).where(Rubric.activity_id == activity.id).order_by(Rubric.version)
    )
    return {one.id: one for one in found}


def give(
    session: Session,
    visit: Visit,
    said: Said,
    target: Target,
    target_id: UUID,
    *,
    allocation_id: UUID | None = None,
    by: Rubric | None = None,
) -> Feedback:
    """Keep what the visitor says about a target; what they said before is replaced, not erased.

    Raises KeyError or ValueError as `rules.rubric.share` does.
    """
    share = float(rules.share(by.parsed, said.marks)) if by else None
    before = latest_by(session, visit, target, target_id)
    made = Feedback(
        deployment_id=visit.deployment_id,
        activity_id=visit.activity.id,
        author_id=visit.person.id,
        allocation_id=allocation_id,
        target=target,
        target_id=target_id,
        rubric_id=by.id if by else None,
        marks=dict(said.marks),
        share=share,
        comments=dict(said.comments),
        comment=said.comment,
        html=said.html,
        words=said.words,
        replaces_id=before.id if before else None,
        at=visit.now,
    )
    if before and _says(before) == _says(made):
        return before
    session.add(made)
    session.flush()
    return made


def latest_by(session: Session, visit: Visit, target: Target, target_id: UUID) -> Feedback | None:
    """Return what the visitor last said about a target."""
    asked = {**_within(visit, target), "author": visit.person.id, "what": target_id}
    return session.scalar(_LATEST, asked)


def about(session: Session, visit: Visit, target: Target, target_id: UUID) -> Sequence[Feedback]:
    """Return what stands about one target, in an order that says nothing of who wrote when."""
    return session.scalars(_ABOUT, {**_within(visit, target), "what": target_id}).all()


def of(session: Session, visit: Visit, target: Target) -> Sequence[Feedback]:
    """Return all feedback of the activity that stands, about one sort of target."""
    return session.scalars(_ALL, _within(visit, target)).all()


def by(session: Session, visit: Visit, author_id: UUID, target: Target) -> Sequence[Feedback]:
    """Return what stands of one person's feedback about one sort of target, oldest first."""
    return session.scalars(_IN_ORDER, {**_within(visit, target), "author": author_id}).all()


def on(session: Session, visit: Visit, target: Target, ids: Collection[UUID]) -> Sequence[Feedback]:
    """Return what stands about any of several targets of one sort."""
    return session.scalars(_ON, {**_within(visit, target), "ids": list(ids)}).all()


def count_by_author(session: Session, visit: Visit, target: Target) -> dict[UUID, int]:
    """Return how many targets each person has given feedback on."""
    rows = session.execute(
        select(Feedback.author_id, func.count())
        .where(
            Feedback.activity_id == visit.activity.id,
            Feedback.target == target,
            Feedback.replaces_id.is_(None),
        )
        .group_by(Feedback.author_id)
    )
    return {author: count for author, count in rows}  # noqa: C416 - a Row is not a pair to mypy


def _says(one: Feedback) -> tuple[Any, ...]:
    """Return what makes two pieces of feedback the same."""
    return one.rubric_id, one.marks, one.comments, one.comment


def _within(visit: Visit, target: Target) -> dict[str, Any]:
    return {"activity": visit.activity.id, "target": target}
