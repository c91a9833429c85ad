"""What a participant's home page says: the one next thing, and the steps with their dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from lti_peer.activities.peer_review.rules import Next, Situation
from lti_peer.activities.peer_review.settings import REVIEW, REVISE, SUBMIT
from lti_peer.core.visit import Visit
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web.dates import clock, deadline, moment


@dataclass(frozen=True)
class Dates:
    """The dates that the sentences name, as they are for this person."""

    submit: Window
    review: Window
    feedback: datetime | None
    """When feedback opens for everybody."""
    lease: datetime | None = None
    """Until when the review that they hold is kept for them."""
    early: bool = False
    """Feedback opens earlier for who has written their own reviews."""
    revise: datetime | None = None
    """From when on work may be revised, where it may."""


def dates(
    windows: dict[str, Window],
    everybody: dict[str, Window],
    *,
    lease: datetime | None,
    early: bool,
) -> Dates:
    """Return the dates from the person's windows, everybody's, and the review that they hold."""
    review = everybody.get(REVIEW, Window())
    return Dates(
        windows.get(SUBMIT, Window()),
        windows.get(REVIEW, Window()),
        review.closes or review.due,
        lease,
        early,
        windows.get(REVISE, Window()).opens,
    )


def next_part(
    visit: Visit,
    act: Next,
    now: Situation,
    when: Dates,
    *,
    held: UUID | None,
    typing: bool,
) -> dict[str, Any]:
    """Return the arguments of the macro `next` for the visitor.

    `held` is the review that they have not sent, `typing` whether a draft of their work is kept.
    """
    if act in {Next.HAND_IN, Next.WAIT_FOR_REVIEWING, Next.MISSED}:
        return _about_work(visit, act, now, when, typing=typing)
    if act in {Next.CONTINUE_REVIEW, Next.TAKE_REVIEW, Next.WAIT_FOR_WORK, Next.TAKE_ANOTHER}:
        return _about_reviews(visit, act, now, when, held)
    return _about_feedback(visit, act, now, when)


def steps(visit: Visit, now: Situation, when: Dates) -> list[dict[str, Any]]:
    """Return the three steps: hand in, review, read the feedback."""
    return [_step_work(visit, now, when), _step_reviews(visit, now, when), _step_feedback(
        visit, now, when
    )]  # fmt: skip


def _about_work(
    visit: Visit, act: Next, now: Situation, when: Dates, *, typing: bool
) -> dict[str, Any]:
    if act is Next.MISSED:
        return {
            "sentence": "Handing in has closed.",
            "note": "If you need more time, ask your instructor for an extension.",
            "calm": True,
        }
    if act is Next.WAIT_FOR_REVIEWING:
        return {
            "sentence": "Your work is handed in. Next you will review others.",
            "note": on(visit, "Reviewing opens on {}.", when.review.opens),
            "calm": True,
        }
    late = now.submit is PhaseState.LATE
    end = when.submit.closes if late else when.submit.due
    return {
        "sentence": "Your work is late. You can still hand it in."
        if late
        else "Hand in your work.",
        "label": "Go on writing" if typing else "Write your work",
        "href": url_for("peer_review.edit_work"),
        "due": until(visit, end),
        "note": "It is reviewed like any other, and its date is shown to your instructor."
        if late
        else "You can change it until then, or until somebody begins to review it.",
    }


def _about_reviews(
    visit: Visit, act: Next, now: Situation, when: Dates, held: UUID | None
) -> dict[str, Any]:
    due = until(visit, when.review.due)
    if act is Next.CONTINUE_REVIEW and held is not None:
        return {
            "sentence": "You have a review to finish.",
            "label": "Continue your review",
            "href": url_for("peer_review.review", allocation_id=held),
            "due": due,
            "note": _kept(visit, when),
        }
    if act is Next.TAKE_ANOTHER:
        return {
            "sentence": "You have sent every review that was asked of you.",
            "note": "A few texts still have too few. One more from you would help their authors.",
            "label": "Take another",
            "href": url_for("peer_review.take_review"),
            "due": due,
            "post": True,
            "calm": True,
        }
    if act is Next.WAIT_FOR_WORK:
        return {
            "sentence": "There is nothing for you to review just now.",
            "note": "You can take a review as soon as somebody hands in or gives one back. "
            "Look again later today; nothing is lost for you by waiting.",
            "due": due,
            "calm": True,
        }
    left = now.owed - now.given
    return {
        "sentence": "You have one review left." if left == 1 else f"You have {left} reviews left.",
        "note": "One takes about 15 minutes. You are given the text that needs it most.",
        "label": "Take a review",
        "href": url_for("peer_review.take_review"),
        "due": due,
        "post": True,
    }


def _about_feedback(visit: Visit, act: Next, now: Situation, when: Dates) -> dict[str, Any]:
    link = url_for("peer_review.received")
    if act is Next.READ_FEEDBACK:
        return {
            "sentence": "The feedback on your work is here.",
            "label": "Read your feedback",
            "href": link,
        }
    if act is Next.WAIT_FOR_FEEDBACK:
        return {
            "sentence": "You have done everything for now.",
            "note": "Nobody has reviewed your work yet. You can read each review once it is sent."
            if now.feedback_open
            else on(visit, "Your feedback opens on {}.", when.feedback),
            "calm": True,
        }
    if now.handed_in and now.received:
        coming = now.revise is PhaseState.PENDING
        return {
            "sentence": "You have done everything for now."
            if coming
            else "You have done everything. Thank you.",
            "note": on(visit, "From {} on you may revise your work.", when.revise)
            if coming
            else None,
            "label": "Look at your feedback",
            "href": link,
            "calm": True,
        }
    if not now.handed_in:
        return {"sentence": "You have sent your reviews. Thank you.", "calm": True}
    return {
        "sentence": "This activity is over.",
        "note": "Nobody has reviewed your work in time. Your instructor sees this.",
        "calm": True,
    }


def _step_work(visit: Visit, now: Situation, when: Dates) -> dict[str, Any]:
    state = "done" if now.handed_in else "now"
    if not now.handed_in and now.submit is PhaseState.CLOSED:
        state = "missed"
    return {
        "title": "Hand in your work",
        "state": state,
        "when": until(visit, when.submit.due) if state == "now" else by(visit, when.submit.due),
        "href": url_for("peer_review.work") if now.handed_in else None,
        "note": "Late work is still taken." if now.submit is PhaseState.LATE and state == "now"
        else None,
    }  # fmt: skip


def _step_reviews(visit: Visit, now: Situation, when: Dates) -> dict[str, Any]:
    count = "one review" if now.owed == 1 else f"{now.owed} reviews"
    if now.given >= now.owed and now.may_review and now.given:
        state = "done"
    elif now.review is PhaseState.CLOSED:
        state = "missed" if now.may_review and now.owed else "later"
    else:
        state = "now" if now.may_review and now.review is PhaseState.OPEN else "later"
    running = state == "now"
    sent = f"{now.given} of {now.owed} sent" if now.given <= now.owed else f"{now.given} sent"
    return {
        "title": f"Write {count}",
        "state": state,
        "when": (until if running else by)(visit, when.review.due),
        "note": sent if now.given or running else None,
    }


def _step_feedback(visit: Visit, now: Situation, when: Dates) -> dict[str, Any]:
    readable = now.handed_in and now.feedback_open and now.received > 0
    state = "now" if readable else "later"
    opens = "opens when your reviews are sent, at the latest {}" if when.early else "opens {}"
    return {
        "title": "Read your feedback",
        "state": "done" if now.read else state,
        "when": None if now.feedback_open else on(visit, opens, when.feedback),
        "href": url_for("peer_review.received") if readable else None,
    }


def _kept(visit: Visit, when: Dates) -> str | None:
    if when.lease is None:
        return None
    return (
        f"It is kept for you until {clock(when.lease, visit.zone)}. "
        "After that somebody else may be given it too, but you can still send yours."
    )


def until(visit: Visit, at: datetime | None) -> Any:
    """Return a deadline with the time that is left."""
    return deadline(at, visit.now, visit.zone) if at else None


def by(visit: Visit, at: datetime | None) -> str | None:
    """Return a time as people read it."""
    return moment(at, visit.now, visit.zone) if at else None


def on(visit: Visit, sentence: str, at: datetime | None) -> str | None:
    """Return the sentence with a time in the place of its braces."""
    return sentence.format(moment(at, visit.now, visit.zone)) if at else None
