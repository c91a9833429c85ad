"""What a participant hands in, versioned, and drafts of anything that is being typed."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from lti_peer.core import db
from lti_peer.core.db import Base, choice
from lti_peer.core.errors import Conflict, NotFound
from lti_peer.core.models import Membership, Person
from lti_peer.core.visit import Visit


class SubmissionState(StrEnum):
    """Whether others may be given it."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class Submission(Base):
    """One person's piece in one activity; its text is in its versions."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("activity_id", "author_id", "form"),
        Index(
            "ix_submission_revised",
            "activity_id",
            "author_id",
            sqlite_where=text("revised_at IS NOT NULL"),
            postgresql_where=text("revised_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    form: Mapped[str] = mapped_column(String(40), default="work")
    """What it is: `work`, `rationale`, `explanation`, `notes`."""
    state: Mapped[SubmissionState] = mapped_column(
        choice(SubmissionState), default=SubmissionState.SUBMITTED
    )
    first_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    revised_at: Mapped[datetime | None]
    """When a revision was first handed in; the versions say it, too, but reports count by this and
    by an index of its own."""

    author: Mapped[Person] = relationship()
    versions: Mapped[list["SubmissionVersion"]] = relationship(
        order_by="SubmissionVersion.number", cascade="all, delete-orphan"
    )

    @property
    def newest(self) -> "SubmissionVersion":
        """The version that was handed in last."""
        return self.versions[-1]

    @property
    def judged(self) -> "SubmissionVersion":
        """The version that feedback is about: the last one that is no revision."""
        return [one for one in self.versions if not one.revision][-1]

    @property
    def revision(self) -> "SubmissionVersion | None":
        """The newest revision, if there is one."""
        return self.newest if self.newest.revision else None


class SubmissionVersion(Base):
    """A text as it was handed in; never changed."""

    __tablename__ = "submission_version"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    """Markdown, as it was typed."""
    html: Mapped[str] = mapped_column(Text)
    """What `web.text.render` made of it, once."""
    words: Mapped[int]
    at: Mapped[datetime]
    revision: Mapped[bool] = mapped_column(default=False)
    """It was handed in after feedback on an earlier one, which stays the one that was judged."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What its author says of a revision, in plain words."""


class Draft(Base):
    """What somebody is typing, kept by the server; one for each place in an activity."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("activity_id", "person_id", "place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(80))
    """Which form: `work`, or `review:<allocation>`."""
    fields: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]


_OWN = (
    select(Submission)
    .options(joinedload(Submission.versions))
    .where(
        Submission.activity_id == bindparam("activity"),
        Submission.author_id == bindparam("person"),
        Submission.form == bindparam("form"),
    )
)
_ONE = (
    select(Submission)
    .options(joinedload(Submission.versions))
    .where(
        Submission.id == bindparam("submission"), Submission.activity_id == bindparam("activity")
    )
)
_DRAFT = select(Draft).where(
    Draft.activity_id == bindparam("activity"),
    Draft.person_id == bindparam("person"),
    Draft.place == bindparam("place"),
)


def take_turn(session: Session, visit: Visit) -> None:
    """Wait until no other window of the visitor is handing in: then what it did can be read."""
    db.lock(
        session,
        select(Membership.id).where(
            Membership.course_id == visit.course.id, Membership.person_id == visit.person.id
        ),
    )


def hand_in(
    session: Session,
    visit: Visit,
    source: str,
    html: str,
    words: int,
    *,
    form: str = "work",
    late: bool = False,
) -> Submission:
    """Keep the text as the visitor's newest version and return the submission.

    The same text again is the same version, so a double click hands in once.
    """
    found = own(session, visit, form)
    if found is None:
        found = Submission(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            author_id=visit.person.id,
            form=form,
            first_at=visit.now,
            late=late,
        )
        session.add(found)
    elif found.versions and found.newest.source == source:
        return found
    found.state = SubmissionState.SUBMITTED
    number = len(found.versions) + 1
    found.versions.append(
        SubmissionVersion(number=number, source=source, html=html, words=words, at=visit.now)
    )
    session.flush()
    return found


def revise(
    session: Session, visit: Visit, found: Submission, text: tuple[str, str, int], note: str
) -> bool:
    """Keep a revision as the newest version; False when it is the newest already.

    `text` is the Markdown, its HTML and its words.
    """
    source, html, words = text
    if found.revision and (found.newest.source, found.newest.note) == (source, note):
        return False
    found.revised_at = found.revised_at or visit.now
    found.versions.append(
        SubmissionVersion(
            number=len(found.versions) + 1, source=source, html=html, words=words, at=visit.now,
            revision=True, note=note,
        )
    )  # fmt: skip
    session.flush()
    return True


def own(session: Session, visit: Visit, form: str = "work") -> Submission | None:
    """Return the visitor's own submission, if there is one."""
    asked = {"activity": visit.activity.id, "person": visit.person.id, "form": form}
    return db.remembered(
        session,
        ("own submission", *asked.values()),
        lambda: session.scalars(_OWN, asked).unique().one_or_none(),
    )


def of(session: Session, visit: Visit, form: str = "work") -> Sequence[Submission]:
    """Return every submission of the activity that stands, oldest first."""
    return session.scalars(
        select(Submission)
        .where(
            Submission.activity_id == visit.activity.id,
            Submission.form == form,
            Submission.state == SubmissionState.SUBMITTED,
        )
        .order_by(Submission.first_at, Submission.id)
    ).all()


def one(session: Session, visit: Visit, submission_id: UUID) -> Submission:
    """Return a submission of this activity; else raise NotFound. The caller decides who may see."""
    asked = {"submission": submission_id, "activity": visit.activity.id}
    found = session.scalars(_ONE, asked).unique().one_or_none()
    if found is None:
        raise NotFound("This piece of work is not here.")
    return found


def draft(session: Session, visit: Visit, place: str) -> Draft | None:
    """Return what the visitor was typing at `place`."""
    asked = {"activity": visit.activity.id, "person": visit.person.id, "place": place}
    return session.scalar(_DRAFT, asked)


def keep_draft(
    session: Session, visit: Visit, place: str, fields: dict[str, Any], revision: int
) -> Draft:
    """Keep what is being typed; `revision` is the one that the typing began from, 0 for none.

    Raises Conflict when another window has saved since: both texts must survive.
    """
    found = draft(session, visit, place)
    if found is None:
        found = Draft(
            deployment_id=visit.deployment_id,
            activity_id=visit.activity.id,
            person_id=visit.person.id,
            place=place,
            fields=fields,
            revision=1,
            at=visit.now,
        )
        session.add(found)
    elif found.fields == fields:
        return found
    elif found.revision != revision:
        raise Conflict(
            "You have typed something else in another window since.", code="draft_conflict"
        )
    else:
        found.fields, found.revision, found.at = fields, found.revision + 1, visit.now
    session.flush()
    return found


def drop_draft(session: Session, visit: Visit, place: str) -> None:
    """Forget the draft at `place`, once what it was for has been handed in."""
    session.execute(
        delete(Draft).where(
            Draft.activity_id == visit.activity.id,
            Draft.person_id == visit.person.id,
            Draft.place == place,
        )
    )
