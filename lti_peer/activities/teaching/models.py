"""What teach-back keeps beside the shared nouns: topics, sign-ups, answers, absences."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_peer.core.db import Base, choice
from lti_peer.core.models import NAME_LENGTH, Person


class Moment(StrEnum):
    """When the check question is answered: before the meeting, and after it."""

    BEFORE = "before"
    AFTER = "after"


class Topic(Base):
    """Something that can be taught in one meeting, with the question that shows whether it was."""

    __tablename__ = "teaching_topic"
    __table_args__ = (
        Index(None, "activity_id", "position"),
        CheckConstraint("right_option >= 0", name="right_option"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(NAME_LENGTH))
    words: Mapped[str] = mapped_column(Text, default="")
    """What the explanation should cover, in Markdown, for everybody."""
    question: Mapped[str] = mapped_column(Text)
    options: Mapped[list[Any]]
    """2 to 6 answers, as text."""
    right_option: Mapped[int]
    """The place of the right answer, from 0; no page shows it before the second check."""
    retired: Mapped[bool] = mapped_column(default=False)
    """Taken off the list: nobody signs up for it any more."""


class SignUp(Base):
    """One person's wish to teach one topic and to learn another."""

    __tablename__ = "teaching_sign_up"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id"),
        CheckConstraint("teach_id <> learn_id", name="two_topics"),
        Index(None, "teach_id"),
        Index(None, "learn_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    teach_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("teaching_topic.id", ondelete="SET NULL")
    )
    """None: whatever is needed."""
    learn_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("teaching_topic.id", ondelete="SET NULL")
    )
    """None: whatever somebody teaches."""
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    """Counts each sign-up that says something else."""
    withdrawn_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Answer(Base):
    """What one person chose in a topic's check question, once before and once after."""

    __tablename__ = "teaching_answer"
    __table_args__ = (
        UniqueConstraint("topic_id", "person_id", "moment"),
        Index(None, "activity_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("teaching_topic.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    moment: Mapped[Moment] = mapped_column(choice(Moment))
    option: Mapped[int]
    """The place of the chosen answer, from 0."""
    right: Mapped[bool]
    at: Mapped[datetime]


class Absence(Base):
    """Somebody who was not at a confirmed meeting, as the other says."""

    __tablename__ = "teaching_absence"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"), Index(None, "activity_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
