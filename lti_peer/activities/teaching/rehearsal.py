"""A teach-back that is tried in a sandbox: what the made-up people of it do."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.kind import Rehearsal, Stage
from lti_peer.activities.teaching import appointments, guidance, matching, queries, service
from lti_peer.activities.teaching.guidance import Act
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import MEET, SIGN_UP
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork import phases
from lti_peer.peerwork.feedback import Said
from lti_peer.rules.phases import Window
from lti_peer.web import text

CAST: Final = 3
"""Made-up people: with the visitor, everybody has somebody to teach and somebody to learn from."""
ROUNDS: Final = 8
"""More acts than a meeting asks of anybody, one after the other."""
PLACE: Final = "A made-up room"
SAYING: Final = "Synthetic answer: plain words, and an example that helped."


def play(session: Session, visit: Visit, people: Collection[Person]) -> None:
    """Let people sign up, and do towards the visitor what a meeting asks of them.

    Who is matched with whom is decided once the visitor has signed up, so that there is somebody
    left for them. If the visitor is among `people`, times are proposed and meetings held as well.
    """
    dates = phases.dates(session, visit.activity)
    if dates.get(SIGN_UP, Window()).admits(visit.now):
        signed = queries.every_sign_up(session, visit)
        for one in people:
            if one.id not in signed:
                service.sign_up(session, replace(visit, person=one), None, None)
    if visit.person.id not in queries.sign_ups(session, visit):
        return
    if matching.begun(session, visit):
        matching.match(session, visit)
    if not dates.get(MEET, Window()).admits(visit.now):
        return
    for pair in queries.pairs(session, visit, [visit.person.id]):
        if pair.standing and pair.part(visit.person.id):
            _meet(session, visit, people, pair.allocation.id)


def _meet(session: Session, visit: Visit, people: Collection[Person], allocation_id: UUID) -> None:
    """Let each do the next thing that the pair waits for, until nothing is theirs to do."""
    alone = visit.person.id not in {one.id for one in people}
    for _ in range(ROUNDS):
        acted = False
        for one in people:
            theirs = replace(visit, person=one)
            pair, told = queries.around(session, visit, allocation_id)
            if pair.part(one.id):
                acted |= _act(session, theirs, pair, told, alone=alone)
        if not acted:
            return


def _act(session: Session, visit: Visit, pair: Pair, told: list[Pair], *, alone: bool) -> bool:
    """Do what the pair waits for from the visit's person; return whether there was anything."""
    due, pair_id, right = (
        guidance.act(pair, visit.person.id, visit.now), pair.allocation.id, pair.topic.right_option
    )  # fmt: skip
    if due is Act.CHECK_BEFORE:
        service.answer(session, visit, pair_id, (right + 1) % len(pair.topic.options))
    elif due is Act.CHECK_AFTER:
        service.answer(session, visit, pair_id, right)
    elif due is Act.CONFIRM and pair.meeting:
        appointments.confirm(session, visit, pair.meeting.id)
    elif due is Act.RATE:
        _rate(session, visit, pair, told)
    elif due is Act.PROPOSE and not alone:
        minutes = queries.settings(visit).minutes
        appointments.propose(session, visit, pair_id, visit.now, minutes, PLACE)
    elif due is Act.SAY_WHETHER_MET and not alone and pair.meeting:
        appointments.hold(session, visit, pair.meeting.id)
    else:
        return False
    return True


def _rate(session: Session, visit: Visit, pair: Pair, told: list[Pair]) -> None:
    me = visit.person.id
    for part in pair.to_rate(me):
        if (me, part.id) not in pair.ratings:
            criteria = service.rubric_for(session, visit, part.role).parsed
            marks = {one.key: one.levels[-1].points for one in criteria}
            said = Said(marks, SAYING, str(text.render(SAYING)), text.words(SAYING))
            service.rate(session, visit, pair, told, part.id, said)


STAGES: Final = (
    Stage("sign_up", "Sign up"),
    Stage("meet", "Meet", lambda dates: dates.get(SIGN_UP, Window()).due),
    Stage("results", "Results", lambda dates: dates.get(MEET, Window()).closes),
)
REHEARSAL: Final = Rehearsal(
    stages=lambda _: STAGES,
    cast=lambda _: CAST,
    play=play,
)
"""How it is tried."""
