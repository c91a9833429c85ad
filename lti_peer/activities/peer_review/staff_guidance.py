"""What the first page for staff says: what to do now, the phases, the counts."""

from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import overview, queries
from lti_peer.activities.peer_review.overview import Counts, Revisions
from lti_peer.activities.peer_review.settings import LOOK, REVIEW, REVISE, SUBMIT
from lti_peer.core.visit import Visit
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web.dates import deadline

PHASES: Final = {
    SUBMIT: "Handing in",
    REVIEW: "Reviewing",
    REVISE: "Revising",
    LOOK: "Looking again",
}
"""What pages call the phases; the last two are only where work may be revised."""


def next_part(visit: Visit, counts: Counts, windows: dict[str, Window]) -> dict[str, Any]:
    """Return what staff should do now, as the macro `next` reads it."""
    submit, review = (windows.get(key, Window()) for key in (SUBMIT, REVIEW))
    if counts.calls:
        many = "One call waits" if counts.calls == 1 else f"{counts.calls} calls wait"
        return {
            "sentence": f"{many} for you.",
            "note": "Somebody could not read a text, or found it inappropriate.",
            "label": "Answer",
            "href": url_for("peer_review.calls"),
        }
    over = review.state(visit.now) is PhaseState.CLOSED
    if over and queries.settings(visit).revise and _runs_again(visit, windows):
        return _while_revising(visit, windows)
    if over and visit.activity.released_at is None:
        return {
            "sentence": "Reviewing is over. Look at the grades and release them.",
            "label": "Look at the grades",
            "href": url_for("peer_review.grades_page"),
        }
    if visit.activity.released_at is not None:
        return {
            "sentence": "The grades are released. Each new review updates them by itself.",
            "label": "See what the LMS has",
            "href": url_for("peer_review.grades_page"),
            "calm": True,
        }
    if submit.state(visit.now) is PhaseState.OPEN:
        sentence, end = "People are handing in. There is nothing for you to do.", submit.due
    else:
        sentence, end = "People are reviewing. There is nothing for you to do.", review.due
    return {
        "sentence": sentence,
        "note": "Reviews are given out by themselves; late work and no-shows are taken care of.",
        "due": deadline(end, visit.now, visit.zone) if end else None,
        "calm": True,
    }


def _runs_again(visit: Visit, windows: dict[str, Window]) -> bool:
    """Return whether people may still revise, or look at what was revised."""
    return LOOK in windows and windows[LOOK].state(visit.now) is not PhaseState.CLOSED


def _while_revising(visit: Visit, windows: dict[str, Window]) -> dict[str, Any]:
    revising = windows.get(REVISE, Window()).state(visit.now) is not PhaseState.CLOSED
    end = windows[REVISE if revising else LOOK].due
    return {
        "sentence": "People may revise their work. There is nothing for you to do."
        if revising
        else "Reviewers look at what was revised. There is nothing for you to do.",
        "note": "You can release the grades already: each second look updates them by itself.",
        "label": "Look at the grades",
        "href": url_for("peer_review.grades_page"),
        "due": deadline(end, visit.now, visit.zone) if end else None,
        "calm": True,
    }


def phases_of(visit: Visit) -> list[tuple[str, str]]:
    """Return the phases of the activity by key, each with what pages call it."""
    return list(PHASES.items()) if queries.settings(visit).revise else list(PHASES.items())[:2]


def counts(session: Session, visit: Visit, found: Counts) -> list[dict[str, Any]]:
    """Return the counts as the macro `counts` reads them."""
    return _reviewing(found) + (
        _revising(overview.revisions(session, visit), found)
        if queries.settings(visit).revise
        else []
    )


def _revising(found: Revisions, counts: Counts) -> list[dict[str, Any]]:
    return [
        {"label": "revised", "value": found.handed_in, "of": counts.handed_in},
        {"label": "second looks sent", "value": found.sent, "of": found.asked},
    ]


def _reviewing(counts: Counts) -> list[dict[str, Any]]:
    return [
        {"label": "handed in", "value": counts.handed_in, "of": counts.learners},
        {"label": "reviews sent", "value": counts.sent,
         "more": f"{counts.wanted} wanted, {counts.writing} being written"},
        {"label": "reviews missing", "value": counts.outstanding},
        {"label": "texts without enough reviews", "value": counts.short, "of": counts.handed_in},
    ]  # fmt: skip
