"""Bringing people together: at the sign-up's end for all, from then on whenever a need reopens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from lti_peer.activities.teaching import grading, queries, statements
from lti_peer.activities.teaching.models import SignUp
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import (
    EXPLAINER,
    LISTENER,
    MEET,
    PURPOSE,
    SIGN_UP,
)
from lti_peer.core.models import Activity, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, flags, meetings, phases
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.meetings import MeetingState
from lti_peer.rules import pairing
from lti_peer.rules.pairing import Match, Seeker
from lti_peer.rules.phases import Window

COVERAGE = "coverage"
"""The reason of a rule's call: somebody has nobody to learn from."""


def begun(session: Session, visit: Visit) -> bool:
    """Return whether partners are given out: sign-up was due, or staff have matched before."""
    due = phases.dates(session, visit.activity).get(SIGN_UP, Window()).due
    return (due is not None and visit.now > due) or queries.has_pairs(session, visit)


def turn(session: Session, activity: Activity, now: datetime, base_url: str) -> None:
    """Match everybody who waits, once sign-up was due; a late or a second call changes nothing.

    Nearly always there is nobody to match, so two reads decide: who has no partner and is no call
    for staff yet, and who has left the course and a partner behind.
    """
    first = queries.first_sign_up(session, activity.id)
    if first is None:
        return
    visit = Visit(
        id=uuid4(), person=first.person, course=activity.course, role=Role.LEARNER, now=now,
        base_url=base_url, chosen=activity,
    )  # fmt: skip
    if begun(session, visit) and (
        queries.unmatched(session, visit, COVERAGE) or queries.gone(session, visit)
    ):
        match(session, visit)


def match(session: Session, visit: Visit) -> int:
    """Give partners to everybody who waits, as far as the numbers allow; return how many matches.

    Pairs that somebody has left behind end first. Who is left over is a call for staff until
    somebody is found. Once meetings were due, nobody is matched any more.
    """
    due = phases.dates(session, visit.activity).get(MEET, Window()).due
    if due is not None and visit.now > due:
        return 0
    queries.lock(session, visit)
    _let_go(session, visit)
    signed = queries.sign_ups(session, visit)
    told = queries.pairs(session, visit)
    listed = [topic.id for topic in queries.topics(session, visit)]
    seekers = _seekers(signed, told, queries.absences(session, visit))
    if len(listed) < 2:  # noqa: PLR2004 - one to teach, one to learn
        return 0
    seed = f"{visit.activity.id} {len(told)}"
    found = pairing.pair(seekers, listed, _apart(told), seed=seed)
    unmet = {one.explainer.person_id: one.allocation for one in told if one.live}
    for one in found:
        _bring_together(session, visit, one, seed, unmet)
    served = {one.person for one in seekers if one.served} | {one.listener for one in found}
    _call_for(session, visit, signed, served)
    matched = {who for one in found for who in (one.explainer, one.listener)}
    grading.refresh(session, visit, matched)
    return len(found)


def leave(session: Session, visit: Visit, pair: Pair, person_id: UUID) -> None:
    """Take somebody out of a pair: of three, two go on; of two, it ends. Nobody is matched."""
    if len(pair.listeners) > 1 and pair.explainer.person_id != person_id:
        allocations.free(session, pair.allocation, LISTENER, person_id)
    else:
        end(session, visit, pair, AllocationState.DECLINED)


def end(session: Session, visit: Visit, pair: Pair, state: AllocationState) -> None:
    """End a pair that has yet to meet, and call off what was agreed. Nobody is matched."""
    standing = pair.meeting
    if standing is not None and standing.state is not MeetingState.HELD:
        meetings.turn(session, visit, standing, MeetingState.CANCELLED)
    allocations.end(session, visit, pair.allocation, state)


def _let_go(session: Session, visit: Visit) -> None:
    """Take those who have left the course out of the pairs that have yet to meet."""
    for person_id in queries.gone(session, visit):
        for pair in queries.pairs(session, visit, [person_id]):
            if pair.live and pair.part(person_id):
                leave(session, visit, pair, person_id)


def _seekers(
    signed: dict[UUID, SignUp], told: Sequence[Pair], missed: Mapping[UUID, int]
) -> list[Seeker]:
    """Return everybody who takes part, with what they have and what they lack."""
    taught: dict[UUID, tuple[UUID, int]] = {}
    learns: dict[UUID, UUID] = {}
    for pair in (one for one in told if one.standing):
        person = pair.explainer.person_id
        before = taught.get(person, (pair.topic.id, 0))[1]
        taught[person] = (pair.topic.id, before + len(pair.listeners))
        learns |= {one.person_id: pair.topic.id for one in pair.listeners}
    unmet = {one.explainer.person_id for one in told if one.live}
    return [
        Seeker(
            person,
            taught.get(person, (one.teach_id, 0))[0],
            learns.get(person, one.learn_id),
            listeners=taught.get(person, (None, 0))[1],
            served=person in learns,
            unmet=person in unmet,
            failures=missed.get(person, 0),
        )
        for person, one in signed.items()
    ]


def _apart(told: Sequence[Pair]) -> set[frozenset[UUID]]:
    """Return the pairs that came to nothing: they are not brought together again."""
    return {
        frozenset({pair.explainer.person_id, one.person_id})
        for pair in told
        for one in pair.allocation.members
        if one.role == LISTENER and not one.standing
    }


def _bring_together(
    session: Session, visit: Visit, found: Match, seed: str, unmet: dict[UUID, Allocation]
) -> None:
    """Let the listener into the explainer's pair that has yet to meet, or make a new one.

    `unmet` has such pairs by explainer, and gets the new one.
    """
    allocation = unmet.get(found.explainer)
    newcomers = {found.listener}
    if allocation is not None and allocation.subject_id == found.topic:
        allocations.join(session, allocation, found.listener, LISTENER)
    else:
        newcomers.add(found.explainer)
        members = {found.explainer: EXPLAINER, found.listener: LISTENER}
        reason = {"policy": pairing.METHOD, "seed": seed, "wished": found.wished}
        allocation = allocations.match(session, visit, PURPOSE, found.topic, members, reason=reason)
        unmet[found.explainer] = allocation
    for member in allocation.members:
        if member.person_id in newcomers:
            statements.was_assigned(session, visit, allocation, member, pairing.METHOD)


def _call_for(
    session: Session, visit: Visit, signed: dict[UUID, SignUp], served: set[UUID]
) -> None:
    """Call staff for everybody whom nobody teaches, and take the call back for those found."""
    known = {one.target_id for one in flags.pending(session, visit) if one.reason == COVERAGE}
    for person in signed:
        if person not in served and person not in known:
            flags.raise_by_rule(
                session, visit, "person", person, COVERAGE,
                "Nobody is free to teach this person just now.",
            )  # fmt: skip
        elif person in served and person in known:
            flags.settle(session, visit, person, COVERAGE, "A partner was found.")
