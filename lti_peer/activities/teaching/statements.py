"""The sentences of a teach-back. No names, no text: topics by id, answers as right or wrong."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.teaching.models import Answer, SignUp, Topic
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import EXPLAINER
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation, AllocationMember
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.meetings import Meeting
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.statements import activity, part, say
from xapi.statement import Thing
from xapi.vocabulary import (
    ACCEPTED,
    ANSWERED,
    ASSIGNMENT_ALGORITHM,
    ATTENDED,
    CHECK_MOMENT,
    COMPLETED,
    EXPLAINED,
    PEER_TEACHING_SESSION,
    QUESTION,
    RATED,
    REGISTERED,
    REJECTED,
    SCHEDULED,
    SCORED,
    TAUGHT,
    TEACHING_ROLE,
    TOPIC,
    WAS_ASSIGNED,
    WORD_COUNT,
)

ROLE_WORDS = {True: "teacher", False: "learner"}
"""The role as the record has it, by whether somebody explains."""


def registered(session: Session, visit: Visit, sign_up: SignUp) -> None:
    """Say: the visitor signed up to teach one topic and to learn another."""
    for explains, topic in ((True, sign_up.teach_id), (False, sign_up.learn_id)):
        thing = part(visit, TOPIC, topic) if topic else activity(visit)
        say(
            session, visit, REGISTERED, thing, sign_up.id, sign_up.revision, explains,
            context_extensions={TEACHING_ROLE: ROLE_WORDS[explains]},
        )  # fmt: skip


def was_assigned(
    session: Session, visit: Visit, allocation: Allocation, member: AllocationMember, method: str
) -> None:
    """Say: the person was given a partner, to teach or to be taught."""
    say(
        session, visit, WAS_ASSIGNED, part(visit, PEER_TEACHING_SESSION, allocation.id),
        allocation.id, member.person_id, person=member.person,
        context_extensions={
            TEACHING_ROLE: ROLE_WORDS[member.role == EXPLAINER], ASSIGNMENT_ALGORITHM: method,
        },
    )  # fmt: skip


def scheduled(session: Session, visit: Visit, meeting: Meeting) -> None:
    """Say: the visitor proposed a time."""
    say(session, visit, SCHEDULED, _session(visit, meeting), meeting.id)


def accepted(session: Session, visit: Visit, meeting: Meeting) -> None:
    """Say: the visitor confirmed a proposed time."""
    say(session, visit, ACCEPTED, _session(visit, meeting), meeting.id)


def rejected(session: Session, visit: Visit, meeting: Meeting) -> None:
    """Say: the visitor called a meeting off."""
    say(session, visit, REJECTED, _session(visit, meeting), meeting.id)


def held(session: Session, visit: Visit, pair: Pair, meeting: Meeting) -> None:
    """Say: everybody attended, and the explainer taught and explained the topic."""
    place, lasted = _session(visit, meeting), timedelta(minutes=meeting.minutes)
    for member in pair.people:
        say(
            session, visit, ATTENDED, place, meeting.id, member.person_id,
            person=member.person, duration=lasted,
            context_extensions={TEACHING_ROLE: ROLE_WORDS[member.role == EXPLAINER]},
        )  # fmt: skip
    teacher = pair.explainer.person
    say(session, visit, TAUGHT, place, meeting.id, person=teacher, duration=lasted)
    say(session, visit, EXPLAINED, part(visit, TOPIC, pair.topic.id), meeting.id, person=teacher)


def answered(session: Session, visit: Visit, topic: Topic, answer: Answer) -> None:
    """Say: the visitor answered the check, before or after, and whether rightly."""
    say(
        session, visit, ANSWERED, part(visit, QUESTION, topic.id), answer.id,
        success=answer.right, context_extensions={CHECK_MOMENT: answer.moment.value},
    )  # fmt: skip


def rated(session: Session, visit: Visit, pair: Pair, rating: Feedback) -> None:
    """Say: the visitor rated the other in a meeting, with this share, 0 to 1."""
    say(
        session, visit, RATED, part(visit, PEER_TEACHING_SESSION, pair.allocation.id), rating.id,
        scaled=rating.share, result_extensions={WORD_COUNT: rating.words},
        context_extensions={
            TEACHING_ROLE: ROLE_WORDS[pair.explainer.person_id == visit.person.id]
        },
    )  # fmt: skip


def scored(session: Session, visit: Visit, person: Person, score: Score) -> None:
    """Say: the person earned this score, 0 to 1, in the activity."""
    say(session, visit, SCORED, activity(visit), score.id, person=person, scaled=score.share)


def completed(session: Session, visit: Visit, person: Person) -> None:
    """Say: the person has taught, has learnt, and has done all that was theirs to do."""
    say(
        session, visit, COMPLETED, activity(visit), visit.activity.id, person.id,
        person=person, completion=True,
    )  # fmt: skip


def _session(visit: Visit, meeting: Meeting) -> Thing:
    what: UUID = meeting.allocation_id
    return part(visit, PEER_TEACHING_SESSION, what)
