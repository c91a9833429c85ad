"""What staff do: set up, match, part a pair, give more time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.teaching import grading, matching, queries
from lti_peer.activities.teaching.models import SignUp, Topic
from lti_peer.activities.teaching.settings import (
    INSTRUCTIONS,
    RUBRICS,
    TOPICS,
    Question,
    Settings,
    preset_windows,
    windows,
)
from lti_peer.core import audit
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, phases
from lti_peer.peerwork.allocations import AllocationState


@dataclass(frozen=True)
class Plan:
    """Everything that the settings page decides. A topic comes with its id, None for a new one."""

    title: str
    instructions: str
    """Markdown."""
    minutes: int
    sign_up_due: datetime
    meet_due: datetime
    topics: Sequence[tuple[UUID | None, Question]]


def prepare(session: Session, visit: Visit) -> None:
    """Fill the fresh activity with the preset, usable as it is."""
    activity = visit.activity
    activity.instructions = activity.instructions or INSTRUCTIONS
    activity.settings = Settings().dump()
    phases.set_dates(session, activity, preset_windows(visit.now, visit.zone))
    for use, criteria in RUBRICS.items():
        feedback.set_rubric(session, activity, criteria, use)
    for position, question in enumerate(TOPICS):
        session.add(_topic(visit, position, question))
    session.flush()


def copy(session: Session, visit: Visit, origin: Activity) -> None:
    """Give the visit's fresh activity the topics of another one, without those taken off."""
    for one in queries.topics(session, replace(visit, chosen=origin)):
        question = Question(
            one.title, one.words, one.question, tuple(one.options), one.right_option
        )
        session.add(_topic(visit, one.position, question))
    session.flush()


def save(session: Session, visit: Visit, plan: Plan) -> None:
    """Keep the plan. A topic that is left out is taken off the list; what began with it goes on.

    Raises Invalid when a check would change that somebody has answered: a gain needs the same.
    """
    activity = visit.activity
    known = {one.id: one for one in queries.topics(session, visit, retired=True)}
    _check_answered(session, visit, plan, known)
    for one in known.values():
        one.retired = True
    for position, (topic_id, question) in enumerate(plan.topics):
        topic = known.get(topic_id) if topic_id else None
        if topic is None:
            session.add(_topic(visit, position, question))
        else:
            _write(topic, position, question)
    activity.title, activity.instructions = plan.title, plan.instructions
    settings = replace(queries.settings(visit), minutes=plan.minutes)
    activity.settings = settings.dump()
    phases.set_dates(session, activity, windows(plan.sign_up_due, plan.meet_due))
    session.flush()
    _forget_wishes(session, visit)
    audit.note(session, visit, "changed_settings", settings=activity.settings)


def match(session: Session, visit: Visit) -> int:
    """Give partners to all who wait, before sign-up is due too; return how many matches."""
    found = matching.match(session, visit)
    audit.note(session, visit, "matched", count=found)
    return found


def part(session: Session, visit: Visit, allocation_id: UUID) -> None:
    """End a pair that has yet to meet, and match its people anew."""
    pair = queries.pair(session, visit, allocation_id)
    if not pair.live:
        return
    queries.lock(session, visit)
    matching.end(session, visit, pair, AllocationState.CANCELLED)
    matching.match(session, visit)
    grading.refresh(session, visit, [one.person_id for one in pair.people])
    audit.note(session, visit, "ended_pair", allocation=str(allocation_id))


def extend(session: Session, visit: Visit, person_id: UUID, key: str, due: datetime) -> None:
    """Give one member of the course until `due` in the phase `key`.

    Raises NotFound for a stranger, Invalid for an unknown phase or a date that is over.
    """
    people.member(session, visit, person_id)
    if due <= visit.now:
        raise Invalid(
            "This date is over already.", {"due": "Choose a date and time that is to come."}
        )
    phases.extend(session, visit, key, person_id, due)


def _topic(visit: Visit, position: int, question: Question) -> Topic:
    made = Topic(deployment_id=visit.deployment_id, activity_id=visit.activity.id)
    _write(made, position, question)
    return made


def _write(topic: Topic, position: int, question: Question) -> None:
    topic.position, topic.retired = position, False
    topic.title, topic.words = question.title, question.words
    topic.question, topic.options = question.question, list(question.options)
    topic.right_option = question.right


def _check_answered(session: Session, visit: Visit, plan: Plan, known: dict[UUID, Topic]) -> None:
    answered = queries.answered(session, visit)
    faults = {}
    for row, (topic_id, asked) in enumerate(plan.topics):
        topic = known.get(topic_id) if topic_id else None
        if topic is None or topic.id not in answered:
            continue
        before = (topic.question, list(topic.options), topic.right_option)
        if before != (asked.question, list(asked.options), asked.right):
            faults[f"topic-{row}-question"] = (
                f"The check of “{topic.title}” has been answered, so it stays as it is. "
                "Add a new topic instead."
            )
    if faults:
        raise Invalid("Nothing has been saved yet.", faults)


def _forget_wishes(session: Session, visit: Visit) -> None:
    """Leave the choice to us where somebody had wished for a topic that is gone."""
    listed = {one.id for one in queries.topics(session, visit)}
    signed: list[SignUp] = list(queries.sign_ups(session, visit).values())
    for one in signed:
        one.teach_id = one.teach_id if one.teach_id in listed else None
        one.learn_id = one.learn_id if one.learn_id in listed else None
    session.flush()
