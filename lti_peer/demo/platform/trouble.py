"""Buttons that let something go wrong in the LMS: a page, and a part of the drawer."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.demo.platform.current import current_lms, own_path
from lti_peer.demo.platform.faults import Fault
from lti_peer.demo.platform.lms import Lms

trouble = Blueprint("trouble", __name__)


@dataclass(frozen=True)
class Words:
    """A trouble for people: its name, what happens, and what to look at."""

    label: str
    what: str
    look: str


_WAITS = "Grades wait, the instructor's grade page says why, and they arrive by themselves."
WORDS = {
    Fault.AWAY: Words(
        "The LMS is away",
        "Its keys, tokens and services answer 503.",
        f"Who opens an activity still gets in, by the key that is known. {_WAITS}",
    ),
    Fault.BROKEN: Words("The LMS is broken", "Its services answer 500.", _WAITS),
    Fault.SLOW: Words(
        "The LMS is slow",
        "Its services take 20 seconds, longer than the tool waits.",
        "Pages are as quick as ever, because none waits for the LMS. Each grade stands once.",
    ),
    Fault.LOST: Words(
        "Answers are lost",
        "Its services do what they are asked, and the answer breaks off.",
        "The tool cannot know, and sends again; the grade book has each grade once.",
    ),
    Fault.STRICT: Words(
        "Too many requests", "Its services answer 429: come again in five seconds.", _WAITS
    ),
    Fault.MOVED: Words(
        "Sent to a private address",
        "Its services send the tool on to an address inside a network.",
        f"The tool goes nowhere but where an administrator allowed. {_WAITS}",
    ),
    Fault.AHEAD: Words(
        "Clock five minutes ahead",
        "The LMS signs launches from the future.",
        "Whoever opens an activity is told that a clock is wrong, and by how much.",
    ),
    Fault.BEHIND: Words(
        "Clock fifteen minutes behind",
        "The LMS signs launches that are over, and takes the tool's tokens for future ones.",
        "Whoever opens an activity is told that a clock is wrong, and by how much.",
    ),
    Fault.NAMELESS: Words(
        "Nobody has a name",
        "Launches and rosters come without names and e-mail addresses.",
        "Who opens an activity for the first time is a participant with a number.",
    ),
    Fault.COOKIELESS: Words(
        "Frames keep no cookies",
        "The tool's cookies are dropped on their way into and out of frames.",
        "The tool offers a window of its own, or asks the LMS to keep what it needs.",
    ),
}


@trouble.app_context_processor
def common() -> dict[str, object]:
    """Give every page what is switched on, and the words for it."""
    return {"faults_on": current_lms().faults.on, "fault_words": WORDS}


@trouble.get("/trouble")
def show() -> str:
    """Show what can go wrong, what is wrong now, and what to look at then."""
    return render_template("lms/trouble.html")


@trouble.post("/trouble")
def switch() -> Response:
    """Switch a trouble on or off, or do what cannot be undone; see the same page again."""
    lms, form = current_lms(), request.form
    if form.get("act"):
        _act(lms, form["act"])
    else:
        _switch(lms, form.get("on", ""), form.get("off", ""))
    return redirect(own_path(form.get("back", ""), url_for("trouble.show")), code=303)


def _switch(lms: Lms, on: str, off: str) -> None:
    known = set(Fault)
    if on in known:
        lms.faults.begin(Fault(on))
    elif off in known:
        lms.faults.end(Fault(off))
    else:
        abort(400, "There is no such trouble.")


def _act(lms: Lms, act: str) -> None:
    if act == "clear":
        lms.faults.clear()
    elif act == "rotate":
        lms.rotate_key()
    elif act == "forget":
        lms.access_tokens.clear()
    else:
        abort(400, "There is no such button.")
