"""What participants do: sign up, change their mind, answer the check, rate each other."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.teaching import grading, matching, queries, rules, statements
from lti_peer.activities.teaching.models import Answer, Moment, SignUp, Topic
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import MEET, SIGN_UP
from lti_peer.core.errors import Conflict, Invalid, NotAllowed, NotFound
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, phases
from lti_peer.peerwork.feedback import Feedback, Rubric, Said, Target


def sign_up(session: Session, visit: Visit, teach: UUID | None, learn: UUID | None) -> SignUp:
    """Keep what the visitor wishes to teach and to learn; None leaves it to us. Match when begun.

    Who has a partner keeps the topic of that meeting. Raises Invalid for the same topic twice, an
    unknown topic, or one that enough people teach, and NotAllowed when sign-up has closed.
    """
    phases.demand(session, visit, SIGN_UP, "Sign-up")
    queries.lock(session, visit)
    _check_wishes(session, visit, teach, learn)
    found = queries.sign_up(session, visit)
    if found is None:
        found = SignUp(
            deployment_id=visit.deployment_id, activity_id=visit.activity.id,
            person_id=visit.person.id, teach_id=teach, learn_id=learn, at=visit.now,
        )  # fmt: skip
        session.add(found)
    elif found.withdrawn_at is None and (found.teach_id, found.learn_id) == (teach, learn):
        return found
    else:
        found.teach_id, found.learn_id, found.withdrawn_at = teach, learn, None
        found.revision += 1
    session.flush()
    session.refresh(found)
    statements.registered(session, visit, found)
    if matching.begun(session, visit):
        matching.match(session, visit)
    grading.refresh(session, visit, [visit.person.id])
    return found


def withdraw(session: Session, visit: Visit) -> None:
    """Take the visitor out; whoever was to meet them is given somebody else at once."""
    queries.lock(session, visit)
    found = queries.sign_up(session, visit)
    if found is None or found.withdrawn_at is not None:
        return
    found.withdrawn_at = visit.now
    for pair in queries.pairs(session, visit, [visit.person.id]):
        if pair.live and pair.part(visit.person.id):
            matching.leave(session, visit, pair, visit.person.id)
    session.flush()
    if matching.begun(session, visit):
        matching.match(session, visit)
    grading.refresh(session, visit, [visit.person.id])


def moment_of(pair: Pair) -> Moment:
    """Return which check is due: before until they have met, after from then on."""
    return Moment.AFTER if pair.held else Moment.BEFORE


def answer(session: Session, visit: Visit, allocation_id: UUID, option: int) -> Answer:
    """Keep the visitor's answer to the check of their topic; an answer is given once.

    Raises NotAllowed to who does not listen here, Invalid for an answer that is not offered, and
    Conflict when another answer was given before.
    """
    phases.demand(session, visit, MEET, "Meeting")
    pair, told = queries.around(session, visit, allocation_id)
    if visit.person.id not in {one.person_id for one in pair.listeners} or not pair.standing:
        raise NotAllowed("The check is for the one who listens.")
    if not 0 <= option < len(pair.topic.options):
        raise Invalid("Nothing was kept yet.", {"option": "Choose one of the answers."})
    moment = moment_of(pair)
    given = pair.answers.get((visit.person.id, moment))
    if given is not None:
        if given.option != option:
            raise Conflict("You have answered already, and the first answer counts.")
        return given
    given = Answer(
        deployment_id=visit.deployment_id, activity_id=visit.activity.id, topic_id=pair.topic.id,
        person_id=visit.person.id, moment=moment, option=option,
        right=option == pair.topic.right_option, at=visit.now,
    )  # fmt: skip
    session.add(given)
    session.flush()
    pair.answers[visit.person.id, moment] = given
    statements.answered(session, visit, pair.topic, given)
    grading.refresh(session, visit, [visit.person.id], told)
    return given


def rubric_for(session: Session, visit: Visit, role: str) -> Rubric:
    """Return the rubric by which somebody with this role is rated.

    Raises NotFound when the activity has none: it was never set up.
    """
    found = feedback.rubric(session, visit.activity, role)
    if found is None:
        raise NotFound("There is nothing to rate by yet.")
    return found


def rate(
    session: Session, visit: Visit, pair: Pair, told: Sequence[Pair], part_id: UUID, said: Said
) -> Feedback:
    """Keep what the visitor says of whom they met, and score afresh.

    `pair` and `told` are what `queries.around` gives. Raises NotAllowed before they have met, and
    NotFound for somebody whom they do not rate.
    """
    phases.demand(session, visit, MEET, "Rating")
    part = next((one for one in pair.to_rate(visit.person.id) if one.id == part_id), None)
    if part is None or pair.part(visit.person.id) is None:
        raise NotFound("You have not met this person here.")
    if pair.held is None:
        raise NotAllowed("You rate each other after you have met.")
    given = feedback.give(
        session, visit, said, Target.PERSON, part.id,
        allocation_id=pair.allocation.id, by=rubric_for(session, visit, part.role),
    )  # fmt: skip
    pair.ratings[visit.person.id, part.id] = given
    statements.rated(session, visit, pair, given)
    grading.refresh(session, visit, [visit.person.id, part.person_id], told)
    return given


def full(session: Session, visit: Visit, listed: list[Topic]) -> set[UUID]:
    """Return the topics that enough people have signed up to teach, the visitor aside."""
    mine = queries.sign_up(session, visit)
    teach, _ = queries.chosen(session, visit)
    most = rules.places(queries.class_size(session, visit), len(listed))
    own = mine.teach_id if mine and mine.withdrawn_at is None else None
    return {one.id for one in listed if teach.get(one.id, 0) >= most and one.id != own}


def _check_wishes(session: Session, visit: Visit, teach: UUID | None, learn: UUID | None) -> None:
    listed = list(queries.topics(session, visit))
    known = {one.id for one in listed} | {None}
    faults = {}
    if teach not in known:
        faults["teach"] = "This topic is not on the list any more. Choose another."
    if learn not in known:
        faults["learn"] = "This topic is not on the list any more. Choose another."
    if teach is not None and teach == learn:
        faults["learn"] = "Choose another topic than the one you teach."
    if teach in full(session, visit, listed):
        faults.setdefault("teach", "Enough people teach this topic by now. Choose another.")
    if faults:
        raise Invalid("You are not signed up yet.", faults)
