"""Scores: participation from what was done, teaching from what listeners said."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.teaching import queries, rules, statements
from lti_peer.activities.teaching.models import Moment, SignUp
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.rules import Duty
from lti_peer.activities.teaching.settings import PARTICIPATION, TEACHING
from lti_peer.core import audit
from lti_peer.core import queries as people
from lti_peer.core.visit import Visit
from lti_peer.peerwork import scores
from lti_peer.peerwork.scores import Score
from lti_peer.rules.scoring import Estimate, Review, mean

FEW = 12
"""Up to so many people, their own pairs are read; beyond, all of the class's."""


def refresh(
    session: Session,
    visit: Visit,
    person_ids: Collection[UUID],
    told: Sequence[Pair] | None = None,
) -> None:
    """Score these people afresh, and tell the record what that completed or changed.

    `told` are all their pairs as they are now, if the caller has them.
    """
    missed = queries.absences(session, visit)
    known = queries.every_sign_up(session, visit, person_ids)
    if told is None:
        told = queries.pairs(session, visit, person_ids if len(person_ids) <= FEW else None)
    standing = scores.of_people(session, visit, known)
    for person_id in sorted(known):
        sign_up, before = known[person_id], standing.get(person_id, {})
        mine = [pair for pair in told if pair.part(person_id)]
        owed = duties(sign_up, mine, missed.get(person_id, 0))
        _keep(session, visit, sign_up, before, PARTICIPATION, rules.participation(owed))
        if (estimate := teaching(mine, person_id)) is not None:
            _keep(session, visit, sign_up, before, TEACHING, estimate)
        if _complete(owed, mine, person_id):
            statements.completed(session, visit, sign_up.person)


def duties(sign_up: SignUp, told: Sequence[Pair], absences: int) -> list[Duty]:
    """Return what was this person's to do, and what of it is done."""
    person = sign_up.person_id
    meetings = [_meeting(pair, person) for pair in told if pair.standing and pair.part(person)]
    return rules.duties(None if sign_up.withdrawn_at else sign_up.id, meetings, absences)


def teaching(told: Sequence[Pair], person_id: UUID) -> Estimate | None:
    """Return what the person's listeners made of their explanations; None while nobody has said."""
    reviews = [
        Review(rating.id, person_id, author, rating.share)
        for pair in told
        if pair.explainer.person_id == person_id
        for (author, part), rating in pair.ratings.items()
        if part == pair.explainer.id and rating.share is not None
    ]
    return mean(reviews).get(person_id)


def release(session: Session, visit: Visit) -> int:
    """Send every score to the LMS, and each later one too; return how many there are.

    Pressing twice sends nothing twice: a grade that the LMS has been told is not told again.
    """
    sent = scores.release(session, visit)
    members = people.members(session, visit)
    for person_id, mine in scores.standing(session, visit).items():
        for score in mine.values() if person_id in members else ():
            statements.scored(session, visit, members[person_id].person, score)
    audit.note(session, visit, "released_grades", count=sent)
    return sent


def gains(told: Sequence[Pair]) -> Mapping[UUID, rules.Gain]:
    """Return the gain for each topic, of those who answered its check before and after."""
    by_topic: dict[UUID, list[tuple[bool, bool]]] = {}
    for pair in (one for one in told if one.standing):
        both = by_topic.setdefault(pair.topic.id, [])
        for listener in pair.listeners:
            before = pair.answers.get((listener.person_id, Moment.BEFORE))
            after = pair.answers.get((listener.person_id, Moment.AFTER))
            if before and after:
                both.append((before.right, after.right))
    return {topic: rules.gain(both) for topic, both in by_topic.items()}


def _keep(
    session: Session,
    visit: Visit,
    sign_up: SignUp,
    before: Mapping[str, Score],
    component: str,
    estimate: Estimate,
) -> None:
    kept = scores.keep(
        session, visit, sign_up.person_id, component, estimate, before.get(component)
    )
    if visit.activity.released_at is not None:
        statements.scored(session, visit, sign_up.person, kept)


def _meeting(pair: Pair, person_id: UUID) -> rules.Meeting:
    """Return the pair as this member sees it."""
    before = pair.answers.get((person_id, Moment.BEFORE))
    after = pair.answers.get((person_id, Moment.AFTER))
    given = [pair.ratings.get((person_id, one.id)) for one in pair.to_rate(person_id)]
    return rules.Meeting(
        explains=pair.explainer.person_id == person_id,
        held=pair.held.id if pair.held else None,
        before=before.id if before else None,
        after=after.id if after else None,
        rated=tuple(one.id if one else None for one in given),
    )


def _complete(owed: Sequence[Duty], told: Sequence[Pair], person_id: UUID) -> bool:
    """Return whether everything is done, and the person has both taught and learnt."""
    roles = {
        pair.explainer.person_id == person_id
        for pair in told
        if pair.standing and pair.held and pair.part(person_id)
    }
    return roles == {True, False} and all(duty.done for duty in owed)
