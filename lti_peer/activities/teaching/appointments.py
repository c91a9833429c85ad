"""What partners do about their meeting: propose, confirm, call off, hold, miss, part."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.teaching import grading, matching, queries, statements
from lti_peer.activities.teaching.models import Absence, Moment
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import EXPLAINER, MEET
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, flags, meetings, phases
from lti_peer.peerwork.allocations import AllocationState
from lti_peer.peerwork.meetings import Meeting, MeetingState

JUST_NOW = timedelta(minutes=15)
"""A meeting may be proposed for a moment so long ago: they sit together already."""

SILENCE = "silence"
"""The reason of a rule's call: two meetings in a row came to nothing."""

CONDUCT = "conduct"
"""The reason for parting that calls the instructor."""

REASONS = ("time", "silent", "conflict", "other", CONDUCT)


def propose(
    session: Session,
    visit: Visit,
    allocation_id: UUID,
    starts_at: datetime,
    minutes: int,
    place: str,
) -> Meeting:
    """Propose a time and a place; what was agreed before is moved. The same again is the same.

    Raises Invalid for a time that is over or after meetings are due.
    """
    phases.demand(session, visit, MEET, "Meeting")
    pair = _open(session, visit, allocation_id)
    _check_time(session, visit, starts_at)
    standing = pair.meeting
    if standing and (
        (standing.starts_at, standing.minutes, standing.place, standing.proposed_by)
        == (starts_at, minutes, place, visit.person.id)
    ):
        return standing
    made = meetings.propose(session, visit, pair.allocation, starts_at, minutes, place)
    allocations.start(session, visit, pair.allocation)
    statements.scheduled(session, visit, made)
    return made


def confirm(session: Session, visit: Visit, meeting_id: UUID) -> Meeting:
    """Agree to the proposed time; once is enough. Raises NotAllowed for one's own proposal."""
    phases.demand(session, visit, MEET, "Meeting")
    found = meetings.own(session, visit, meeting_id)
    _open(session, visit, found.allocation_id)
    if found.state is not MeetingState.CONFIRMED:
        meetings.turn(session, visit, found, MeetingState.CONFIRMED)
        statements.accepted(session, visit, found)
    return found


def call_off(session: Session, visit: Visit, meeting_id: UUID) -> Meeting:
    """Cancel a meeting that is proposed or confirmed; the pair stays and proposes another time."""
    found = meetings.own(session, visit, meeting_id)
    if found.state is not MeetingState.CANCELLED:
        meetings.turn(session, visit, found, MeetingState.CANCELLED)
        statements.rejected(session, visit, found)
    return found


def hold(session: Session, visit: Visit, meeting_id: UUID) -> Meeting:
    """Note that they have met; either says it, once.

    Raises NotAllowed before the time has come, and while a listener's first check is not answered:
    without it nobody could see what the meeting brought.
    """
    phases.demand(session, visit, MEET, "Meeting")
    found = meetings.own(session, visit, meeting_id)
    if found.state is MeetingState.HELD:
        return found
    pair, told = queries.around(session, visit, found.allocation_id)
    _demand_open(visit, pair)
    _demand_begun(visit, found)
    if any((one.person_id, Moment.BEFORE) not in pair.answers for one in pair.listeners):
        raise NotAllowed(
            "The check question has to be answered before the meeting counts as held.",
            advice="Whoever listens answers it on the page of the meeting; then say that you met.",
            code="check_first",
        )
    if found.state is MeetingState.PROPOSED:
        meetings.turn(session, visit, found, MeetingState.CONFIRMED)
    meetings.turn(session, visit, found, MeetingState.HELD)
    allocations.complete(session, visit, pair.allocation)
    allocations.free(session, pair.allocation, EXPLAINER, pair.explainer.person_id)
    statements.held(session, visit, pair, found)
    grading.refresh(session, visit, [one.person_id for one in pair.people], told)
    return found


def miss(session: Session, visit: Visit, meeting_id: UUID, *, i_was_there: bool) -> Meeting:
    """Note that a confirmed meeting did not take place: the others, or the visitor, were missing.

    Twice in a row, and the pair is parted, staff are called, and both are matched anew.
    """
    found = meetings.own(session, visit, meeting_id)
    if found.state is MeetingState.MISSED:
        return found
    pair = _open(session, visit, found.allocation_id)
    _demand_begun(visit, found)
    meetings.turn(session, visit, found, MeetingState.MISSED)
    me = visit.person.id
    missing = (
        pair.others(me) if i_was_there else [one for one in pair.people if one.person_id == me]
    )
    for one in missing:
        session.add(
            Absence(
                deployment_id=visit.deployment_id, activity_id=visit.activity.id,
                meeting_id=found.id, person_id=one.person_id, reported_by=visit.person.id,
            )
        )  # fmt: skip
    session.flush()
    if pair.missed > 1:
        words = "Two meetings in a row did not take place; both have been matched anew."
        flags.raise_by_rule(session, visit, "allocation", pair.allocation.id, SILENCE, words)
        matching.end(session, visit, pair, AllocationState.CANCELLED)
        matching.match(session, visit)
    grading.refresh(session, visit, [one.person_id for one in pair.people])
    return found


def part_ways(session: Session, visit: Visit, allocation_id: UUID, reason: str, words: str) -> None:
    """Give the partner back without blame: both are matched with somebody else at once.

    `reason` is one of REASONS; CONDUCT calls the instructor. Raises Invalid for another.
    """
    if reason not in REASONS:
        raise Invalid("Nothing was changed yet.", {"reason": "Say why, so that we can do better."})
    pair = queries.pair(session, visit, allocation_id)
    if not pair.live or pair.part(visit.person.id) is None:
        return
    queries.lock(session, visit)
    if reason == CONDUCT:
        flags.raise_flag(session, visit, "allocation", pair.allocation.id, CONDUCT, words)
    matching.leave(session, visit, pair, visit.person.id)
    matching.match(session, visit)
    grading.refresh(session, visit, [one.person_id for one in pair.people])


def _open(session: Session, visit: Visit, allocation_id: UUID) -> Pair:
    """Return the visitor's pair that has yet to meet; raises NotAllowed when it is over."""
    pair = queries.pair(session, visit, allocation_id)
    _demand_open(visit, pair)
    return pair


def _demand_open(visit: Visit, pair: Pair) -> None:
    if pair.part(visit.person.id) is None or not pair.live:
        raise NotAllowed(
            "You have met already, or this pair has ended.", advice="Go back to the first page."
        )


def _check_time(session: Session, visit: Visit, starts_at: datetime) -> None:
    if starts_at < visit.now - JUST_NOW:
        raise Invalid(
            "Nobody was asked yet.", {"starts_at": "This time is over. Choose a later one."}
        )
    due = phases.windows(session, visit)[MEET].due
    if due is not None and starts_at > due:
        raise Invalid(
            "Nobody was asked yet.", {"starts_at": "Choose a time before meetings are due."}
        )


def _demand_begun(visit: Visit, found: Meeting) -> None:
    if visit.now < found.starts_at:
        raise NotAllowed(
            "This meeting has not begun yet.",
            advice="If you met earlier, propose the time at which you met.",
            code="too_early",
        )
