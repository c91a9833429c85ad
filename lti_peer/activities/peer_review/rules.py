"""What a participant does next, when feedback opens, and what a score means: plain decisions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_peer.activities.peer_review.settings import Counted, Opens
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.rules.scoring import Estimate


class Next(StrEnum):
    """The one thing that a participant's home page asks for."""

    HAND_IN = "hand_in"
    WAIT_FOR_REVIEWING = "wait_for_reviewing"
    CONTINUE_REVIEW = "continue_review"
    TAKE_REVIEW = "take_review"
    WAIT_FOR_WORK = "wait_for_work"
    WAIT_FOR_FEEDBACK = "wait_for_feedback"
    READ_FEEDBACK = "read_feedback"
    REVISE = "revise"
    LOOK_AGAIN = "look_again"
    REVISED = "revised"
    TAKE_ANOTHER = "take_another"
    FINISHED = "finished"
    MISSED = "missed"


@dataclass(frozen=True)
class Situation:
    """The facts of one participant at one time."""

    submit: PhaseState
    review: PhaseState
    handed_in: bool
    may_review: bool
    """They have handed in, or the activity lets everybody review."""
    given: int
    """Reviews that they have sent."""
    owed: int
    """Reviews that are asked of them altogether."""
    writing: bool
    """They hold a review that is not sent yet."""
    available: bool
    """There is work that they could be given."""
    feedback_open: bool
    received: int
    """Reviews of their work that they may read or will read."""
    read: bool
    revise: PhaseState = PhaseState.CLOSED
    """Closed, too, where nobody is asked to revise."""
    look: PhaseState = PhaseState.CLOSED
    """When second looks are taken."""
    revised: bool = False
    looks: int = 0
    """Second looks that are asked of them and not sent."""

    @property
    def may_revise(self) -> bool:
        """Whether they may hand in a revision now."""
        return self.feedback_open and self.received > 0 and self.revise is PhaseState.OPEN

    @property
    def owes(self) -> bool:
        """Whether a review is still asked of them, and reviewing has not closed."""
        return self.may_review and self.given < self.owed and self.review is not PhaseState.CLOSED


def next_act(now: Situation) -> Next:
    """Return the one thing to do, or to wait for, in the order in which it becomes due."""
    may_hand_in = now.submit in {PhaseState.OPEN, PhaseState.LATE}
    if not now.handed_in and may_hand_in and not (now.may_review and now.writing):
        return Next.HAND_IN
    if now.owes:
        return _next_review(now)
    if after := _after_feedback(now):
        return after
    if now.review is PhaseState.OPEN and now.may_review and (now.writing or now.available):
        return Next.CONTINUE_REVIEW if now.writing else Next.TAKE_ANOTHER
    coming = not now.feedback_open or (not now.received and now.review is not PhaseState.CLOSED)
    if now.handed_in and coming:
        return Next.WAIT_FOR_FEEDBACK
    return Next.FINISHED if now.handed_in or now.given else Next.MISSED


def counts(first: Estimate, final: Estimate | None, rule: Counted) -> Estimate:
    """Return the estimate that is the score of a work; `final` is None without a second look.

    The same share twice is the first estimate, so that nothing seems to have changed.
    """
    if final is None or final.share == first.share:
        return first
    return first if rule is Counted.BETTER and first.share > final.share else final


def feedback_opens(rule: Opens, review: Window, now: datetime, *, finished: bool) -> bool:
    """Return whether feedback may be read: `review` is everybody's window for reviewing.

    `finished` says whether the reader has done their own part.
    """
    if review.state(now) is PhaseState.CLOSED:
        return True
    return rule is Opens.FINISHED and finished


def owed(reviews: int, others: int, *, complete: bool) -> int:
    """Return how many reviews are asked of one participant.

    `reviews` is the setting, `others` how many other people have handed in; once that number is
    complete (nobody can hand in any more), a small class owes no more than there is.
    """
    return min(reviews, others) if complete else reviews


def explain(share: float, low: float | None, high: float | None, count: int) -> str:
    """Return a score in words, such as "74 of 100, most likely between 69 and 79, from 4 reviews".

    All shares are 0 to 1; without an interval the sentence says why there is none.
    """
    source = "1 review" if count == 1 else f"{count} reviews"
    if low is None or high is None:
        return (
            f"{100 * share:.0f} of 100, from {source}; "
            "too few to say how far another reviewer might have been from it."
        )
    return (
        f"{100 * share:.0f} of 100, most likely between {100 * low:.0f} and {100 * high:.0f}, "
        f"from {source}."
    )


def _after_feedback(now: Situation) -> Next | None:
    """Return: to read it, to revise, to look at others' revisions, to wait for theirs; or None."""
    if now.feedback_open and now.received and not now.read:
        return Next.READ_FEEDBACK
    if now.may_revise and not now.revised:
        return Next.REVISE
    if now.looks and now.look is PhaseState.OPEN:
        return Next.LOOK_AGAIN
    return Next.REVISED if now.revised and now.look is not PhaseState.CLOSED else None


def _next_review(now: Situation) -> Next:
    if now.writing:
        return Next.CONTINUE_REVIEW
    if now.review is PhaseState.PENDING:
        return Next.WAIT_FOR_REVIEWING
    return Next.TAKE_REVIEW if now.available else Next.WAIT_FOR_WORK
