"""What a participant's home page says of revising, and of second looks at what others revised."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from lti_peer.activities.peer_review import queries
from lti_peer.activities.peer_review.guidance import by, on, until
from lti_peer.activities.peer_review.rules import Next, Situation
from lti_peer.activities.peer_review.settings import LOOK, REVISE
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation
from lti_peer.rules.phases import PhaseState, Window

ACTS = frozenset({Next.REVISE, Next.LOOK_AGAIN, Next.REVISED})


def next_part(
    visit: Visit,
    act: Next,
    windows: Mapping[str, Window],
    looks: Sequence[Allocation],
    *,
    typing: bool,
) -> dict[str, Any]:
    """Return the arguments of the macro `next` for an act of `ACTS`.

    `looks` are the second looks that are asked of the visitor, `typing` whether a draft is kept.
    """
    look = windows.get(LOOK, Window())
    if act is Next.REVISE:
        return _revise(visit, windows.get(REVISE, Window()), typing=typing)
    if act is Next.LOOK_AGAIN:
        many = "One text that you reviewed has" if len(looks) == 1 else (
            f"{len(looks)} texts that you reviewed have"
        )  # fmt: skip
        return {
            "sentence": f"{many} been revised.",
            "label": "Look again",
            "href": url_for("peer_review.second_look", allocation_id=looks[0].id),
            "due": until(visit, look.due),
            "note": "A second look takes about five minutes: your marks are filled in, and you "
            "change those that have changed.",
        }
    return {
        "sentence": "Your revision is handed in.",
        "note": on(visit, "Your reviewers may look at it until {}.", look.due),
        "label": "See what you handed in",
        "href": url_for("peer_review.work"),
        "calm": True,
    }


def _revise(visit: Visit, window: Window, *, typing: bool) -> dict[str, Any]:
    return {
        "sentence": "Revise your work, if you like.",
        "label": "Go on revising" if typing else "Revise your work",
        "href": url_for("peer_review.edit_revision"),
        "due": until(visit, window.due),
        "note": "Your reviewers are then asked for a second look. Without one, the score of your "
        "first text stands.",
    }


def steps(
    visit: Visit, now: Situation, windows: Mapping[str, Window], asked: Sequence[Allocation]
) -> list[dict[str, Any]]:
    """Return the step to revise, until that is over, and, once there are any, that of second looks.

    `asked` are all second looks that the visitor was ever given. Nothing where nobody revises.
    """
    if not queries.settings(visit).revise:
        return []
    revise, look = windows.get(REVISE, Window()), windows.get(LOOK, Window())
    passed = now.revise is PhaseState.CLOSED and not now.revised  # nothing is missed by that
    found = [] if passed else [_step_revise(visit, now, revise)]
    if asked:
        running = bool(now.looks) and now.look is PhaseState.OPEN
        left = "missed" if now.look is PhaseState.CLOSED else "later"
        found.append(
            {
                "title": "Look at what others revised",
                "state": "now" if running else left if now.looks else "done",
                "when": (until if running else by)(visit, look.due),
                "note": f"{len(asked) - now.looks} of {len(asked)} sent",
            }
        )
    return found


def _step_revise(visit: Visit, now: Situation, window: Window) -> dict[str, Any]:
    state = "done" if now.revised else "now" if now.may_revise else "later"
    return {
        "title": "Revise your work",
        "state": state,
        "when": (until if state == "now" else by)(visit, window.due),
        "href": url_for("peer_review.edit_revision") if now.may_revise else None,
        "note": None if now.revised else "If you like: it is never asked of you.",
    }
