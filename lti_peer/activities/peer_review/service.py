"""What a participant can do: hand in, review, decline, read and rate feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import marking, queries, rules, statements
from lti_peer.activities.peer_review.models import Reading
from lti_peer.activities.peer_review.queries import PURPOSE, REVIEWER
from lti_peer.activities.peer_review.rules import Situation
from lti_peer.activities.peer_review.settings import LOOK, REVIEW, REVISE, SUBMIT, Opens, Settings
from lti_peer.core.errors import Conflict, NotAllowed
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, flags, needs, phases, submissions
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.feedback import Feedback, Said, Target
from lti_peer.peerwork.submissions import Submission
from lti_peer.rules import allocation as queue
from lti_peer.rules.phases import PhaseState, Window

WORK: Final = marking.WORK
LEASE: Final = timedelta(hours=8)
"""How long a review waits for whoever took it; then another may have it (algorithms.md 4.2)."""
SPARE: Final = 1
"""Reviews beyond the wanted number, so that nobody waits for the last lease of somebody else."""
POLICY: Final = "fewest-expected-first@1"

CANNOT_OPEN: Final = "cannot_open"
CONFLICT: Final = "conflict"
INAPPROPRIATE: Final = "inappropriate"


@dataclass(frozen=True)
class Progress:
    """How far the visitor is with what is asked of them."""

    work: Submission | None
    given: int
    """Reviews that they have sent."""
    owed: int
    """Reviews that are asked of them altogether."""

    @property
    def done(self) -> bool:
        """Whether they have handed in and written every review."""
        return self.work is not None and self.given >= self.owed


def progress(session: Session, visit: Visit) -> Progress:
    """Return how far the visitor is."""
    counts = queries.counts(session, visit, WORK)
    everybody = phases.dates(session, visit.activity)
    complete = everybody.get(SUBMIT, Window()).state(visit.now) is PhaseState.CLOSED
    return Progress(
        work=submissions.own(session, visit),
        given=counts.given,
        owed=rules.owed(queries.settings(visit).reviews, counts.others, complete=complete),
    )


def situation(session: Session, visit: Visit) -> Situation:
    """Return the facts from which the visitor's next act follows."""
    windows = phases.windows(session, visit)
    settings, so_far = queries.settings(visit), progress(session, visit)
    counts = queries.counts(session, visit, WORK)
    review = windows.get(REVIEW, Window()).state(visit.now)
    may_review = so_far.work is not None or not settings.must_hand_in
    looks = queries.looks_to_send(session, visit) if settings.revise else []
    writing = queries.open_review(session, visit) is not None
    return Situation(
        submit=windows.get(SUBMIT, Window()).state(visit.now),
        review=review,
        handed_in=so_far.work is not None,
        may_review=may_review,
        given=so_far.given,
        owed=so_far.owed,
        writing=writing,
        available=may_review
        and not writing
        and review in {PhaseState.OPEN, PhaseState.LATE}
        and queries.is_available(session, visit, bonus=so_far.given >= so_far.owed),
        feedback_open=feedback_is_open(session, visit),
        received=counts.received,
        read=counts.read,
        revise=_again(windows, settings, REVISE, visit.now),
        look=_again(windows, settings, LOOK, visit.now),
        revised=so_far.work is not None and so_far.work.revised_at is not None,
        looks=len(looks),
    )


def feedback_is_open(session: Session, visit: Visit) -> bool:
    """Return whether the visitor may read the feedback on their work."""
    if visit.activity.released_at is not None:
        return True
    settings, everybody = queries.settings(visit), phases.dates(session, visit.activity)
    return rules.feedback_opens(
        settings.feedback,
        everybody.get(REVIEW, Window()),
        visit.now,
        finished=settings.feedback is Opens.FINISHED and progress(session, visit).done,
    )


def may_revise(session: Session, visit: Visit) -> bool:
    """Return whether the visitor may hand in a revision now."""
    return queries.settings(visit).revise and situation(session, visit).may_revise


def hand_in(session: Session, visit: Visit, source: str, html: str, words: int) -> Submission:
    """Keep the text as the visitor's newest version, and ask for reviews of it.

    Late work enters the same queue with no reviews, so it is served first. Raises NotAllowed when
    handing in is closed, when work that was handed in is past its date, or when somebody has begun
    to review it.
    """
    state = phases.demand(session, visit, SUBMIT, "Handing in")
    submissions.take_turn(session, visit)
    found = submissions.own(session, visit)
    if found is not None and found.newest.source != source:
        _demand_changeable(session, visit, found, state)
    known = found.newest.number if found else 0
    made = submissions.hand_in(session, visit, source, html, words, late=state is PhaseState.LATE)
    wanted = queries.settings(visit).reviews
    needs.want(session, visit, PURPOSE, made.id, visit.person.id, wanted, SPARE)
    submissions.drop_draft(session, visit, WORK)
    if made.newest.number > known:
        statements.handed_in(session, visit, made)
    return made


def take_review(session: Session, visit: Visit) -> Allocation | None:
    """Give the visitor a review to write: the one they hold, else where reviews are fewest.

    None when there is nothing for them just now. Raises NotAllowed when reviewing is not open, or
    when they must hand in first.
    """
    phases.demand(session, visit, REVIEW, "Reviewing")
    so_far = progress(session, visit)
    if so_far.work is None and queries.settings(visit).must_hand_in:
        raise NotAllowed(
            "You can review others once you have handed in your own work.", code="hand_in_first"
        )
    queries.turn_of(session, visit)
    allocations.expire(session, visit.activity.id, visit.now)
    if held := queries.open_review(session, visit):
        return held
    return _claim(session, visit, so_far)


def begin_review(session: Session, visit: Visit, allocation: Allocation) -> None:
    """Note that the visitor has begun to write a review; raises NotAllowed when it is closed."""
    phases.demand(session, visit, REVIEW, "Reviewing")
    if allocation.state in queries.GONE:
        raise NotAllowed("You do not hold this review any more.")
    allocations.start(session, visit, allocation)


def place(allocation_id: UUID) -> str:
    """Return where the draft of a review is kept."""
    return f"review:{allocation_id}"


def give_review(session: Session, visit: Visit, allocation_id: UUID, said: Said) -> Feedback:
    """Keep the review, score its author's work afresh, and tell the record store.

    A second one replaces the first while reviewing is open. Raises NotFound when it is not the
    visitor's, NotAllowed when reviewing is closed or the review was given back, and KeyError or
    ValueError when a mark is missing or is none of the rubric's.
    """
    allocation = queries.own_review(session, visit, allocation_id)
    phases.demand(session, visit, REVIEW, "Reviewing")
    submission = queries.reviewed(session, visit, allocation)
    queries.turn_on(session, submission)
    given = keep_review(session, visit, allocation, submission, said)
    if progress(session, visit).done:
        statements.completed(session, visit)
    return given


def keep_review(
    session: Session,
    visit: Visit,
    allocation: Allocation,
    submission: Submission,
    said: Said,
    target: Target = Target.SUBMISSION,
) -> Feedback:
    """Keep what the visitor says of the work, or of its revision, and score it afresh."""
    allocations.complete(session, visit, allocation)
    rubric = queries.rubric_of(session, visit, allocation)
    given = feedback.give(
        session, visit, said, target, submission.id, allocation_id=allocation.id, by=rubric
    )
    submissions.drop_draft(session, visit, place(allocation.id))
    version = submission.newest if target is Target.REVISION else submission.judged
    statements.reviewed(session, visit, given, rubric, version.number)
    marking.score(session, visit, submission)
    return given


def decline_review(
    session: Session, visit: Visit, allocation_id: UUID, reason: str, words: str
) -> Allocation | None:
    """Give the review back, call for a human where one is needed, and return another review.

    `reason` is CANNOT_OPEN, CONFLICT or INAPPROPRIATE; a conflict of interest needs nobody. Raises
    Conflict when the review was sent or its time has run out.
    """
    allocation = queries.own_review(session, visit, allocation_id)
    submission = queries.reviewed(session, visit, allocation)
    queries.turn_of(session, visit)
    if not allocations.end(session, visit, allocation, AllocationState.DECLINED):
        raise Conflict("You do not hold this review any more, so there is nothing to give back.")
    submissions.drop_draft(session, visit, place(allocation_id))
    statements.declined(session, visit, allocation)
    if reason != CONFLICT:
        flags.raise_flag(session, visit, "submission", submission.id, reason, words)
        statements.flagged(session, visit, submission)
    return take_review(session, visit)


def confirm_reading(session: Session, visit: Visit) -> None:
    """Note that the visitor has read the feedback on their work; once is enough."""
    submission = demand_feedback(session, visit)
    if queries.reading(session, visit) is None:
        session.add(
            Reading(
                deployment_id=visit.deployment_id,
                activity_id=visit.activity.id,
                person_id=visit.person.id,
                at=visit.now,
            )
        )
        statements.read_feedback(session, visit, submission)


def rate_review(session: Session, visit: Visit, review: Feedback, said: Said) -> Feedback:
    """Keep how helpful the visitor finds a review of their work.

    `said.marks` has `helpful` from 0 to 2. Raises ValueError for another mark.
    """
    demand_feedback(session, visit)
    if said.marks["helpful"] not in range(statements.HELPFUL_MAXIMUM + 1):
        raise ValueError("Say whether the review was helpful.")
    rating = feedback.give(session, visit, said, Target.FEEDBACK, review.id)
    statements.rated(session, visit, review, rating)
    return rating


def demand_feedback(session: Session, visit: Visit) -> Submission:
    """Return the visitor's work when its feedback is open; else raise NotAllowed."""
    submission = submissions.own(session, visit)
    if submission is None:
        raise NotAllowed("You have not handed in anything, so there is no feedback for you.")
    if not feedback_is_open(session, visit):
        raise NotAllowed("The feedback on your work is not open yet.", code="feedback_pending")
    return submission


def turn(session: Session, activity: Activity, now: datetime, _base_url: str) -> None:
    """End the reviews whose time has run out, so that others are given them."""
    allocations.expire(session, activity.id, now)


def _again(
    windows: Mapping[str, Window], settings: Settings, key: str, now: datetime
) -> PhaseState:
    """Return how a phase after feedback stands; closed where nobody is asked to revise."""
    window = windows.get(key) if settings.revise else None
    return window.state(now) if window else PhaseState.CLOSED


def _claim(session: Session, visit: Visit, so_far: Progress) -> Allocation | None:
    """Take room where it is needed most; beyond one's duty only where reviews are missing."""
    completed, failed = allocations.outcomes(session, visit, PURPOSE)
    no_show = queue.no_show_rate(completed, failed)
    ranked = queue.order(
        queries.candidates(session, visit),
        reviewer=visit.person.id,
        reviewed_by=queries.own_reviewers(session, visit),
        no_show=no_show,
        seed=str(visit.activity.id),
    )
    if so_far.given >= so_far.owed:
        ranked = [one for one in ranked if one.expected(no_show) < one.wanted]
    rubric = feedback.rubric(session, visit.activity)
    reason = {
        "policy": POLICY,
        "seed": str(visit.activity.id),
        "no_show": no_show,
        "bonus": so_far.given >= so_far.owed,
        "rubric": str(rubric.id) if rubric else "",
    }
    made = allocations.claim(
        session, visit, PURPOSE, [one.subject for one in ranked],
        role=REVIEWER, lease=_lease(session, visit), reason=reason,
    )  # fmt: skip
    if made is not None:
        statements.was_assigned(session, visit, made)
    return made


def _lease(session: Session, visit: Visit) -> timedelta:
    """Return how long a review is kept for the visitor: not beyond the end of reviewing."""
    window = phases.windows(session, visit).get(REVIEW, Window())
    end = window.closes or window.due
    return min(LEASE, end - visit.now) if end else LEASE


def _demand_changeable(session: Session, visit: Visit, work: Submission, state: PhaseState) -> None:
    if state is PhaseState.LATE:
        raise NotAllowed(
            "Your work is handed in, and the date for changing it has passed.", code="work_final"
        )
    need = queries.need_of(session, visit, work)
    if need is not None and need.live + need.completed:
        raise NotAllowed(
            "Somebody has begun to review your work, so it cannot be changed any more.",
            code="work_in_use",
        )
