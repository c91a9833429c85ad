"""The demo's pages: what a person can do beside being somebody in the course."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.admin import sessions
from lti_peer.demo.pages import records
from lti_peer.demo.stage import Stage
from lti_peer.demo.troupe import Piece, Troupe

NAV = (
    ("The class", "/demo/class"),
    ("Clock", "/demo/clock"),
    ("Learning records", "/demo/records"),
    ("Administrator", "/demo/administrator"),
)
STEPS = {
    "hour": ("1 hour later", timedelta(hours=1)),
    "day": ("1 day later", timedelta(days=1)),
    "week": ("1 week later", timedelta(weeks=1)),
}

NEXT = "next"
"""The step to the next date of any activity."""
AFTERWARDS = timedelta(seconds=1)


@dataclass(frozen=True)
class Offer:
    """Something that the class can be let to do."""

    label: str
    words: str
    """What will happen, in a sentence."""
    piece: Piece
    ready: Callable[[], bool]
    """Whether there is anything to do it in."""


def create_pages(stage: Stage, offers: Mapping[str, Offer]) -> Blueprint:
    """Return the pages; `offers` are what the class can do, by a short name."""
    pages = Blueprint("demo", __name__, template_folder="templates", url_prefix="/demo")
    troupe = Troupe()
    _add_class(pages, offers, troupe)
    _add_clock(pages, stage)
    _add_records(pages, stage)
    _add_administrator(pages, stage)
    return pages


def _add_class(pages: Blueprint, offers: Mapping[str, Offer], troupe: Troupe) -> None:
    @pages.get("/class")
    def people() -> str:
        """Show what the class can do, and how far it is."""
        return render_template("demo/class.html", offers=offers, progress=troupe.progress)

    @pages.post("/class")
    def act() -> Response:
        """Let the class do one thing, in the background."""
        offer = offers.get(request.form.get("offer", ""))
        if offer is None:
            abort(400, "The class does not know how to do that.")
        if not offer.ready():
            abort(409, "There is no such activity in the course yet. Add it first.")
        troupe.play(offer.label, offer.piece)
        return redirect(url_for("demo.people"), code=303)


def _add_clock(pages: Blueprint, stage: Stage) -> None:
    @pages.get("/clock")
    def clock() -> str:
        """Show the clock that the class goes by."""
        return render_template(
            "demo/clock.html", at=stage.now(), steps=STEPS, shift=stage.database.shift,
            following=stage.next_date(),
        )  # fmt: skip

    @pages.post("/clock")
    def move() -> Response:
        """Move the clock, forwards only: what has happened has happened."""
        by = _step(stage, request.form.get("step", ""))
        if by is None:
            abort(400, "The clock has no such step.")
        stage.move(by)
        return redirect(url_for("demo.clock"), code=303)


def _step(stage: Stage, name: str) -> timedelta | None:
    """Return how far the clock goes, or None where there is no such step, or no date to come."""
    if name == NEXT:
        date = stage.next_date()
        return date - stage.now() + AFTERWARDS if date else None
    step = STEPS.get(name)
    return step[1] if step else None


def _add_records(pages: Blueprint, stage: Stage) -> None:
    @pages.get("/records")
    def show() -> str:
        """Show the learning records as they arrive."""
        verb = request.args.get("verb", "")
        names = {person.id: person.name for person in stage.lms.people}
        with stage.database.transaction(read_only=True) as session:
            return render_template(
                "demo/records.html",
                sentences=records.newest(session, names, verb),
                total=records.count(session),
                verbs=records.verbs(session),
                chosen=verb,
            )


def _add_administrator(pages: Blueprint, stage: Stage) -> None:
    @pages.get("/administrator")
    def administrator() -> str:
        """Say what whoever runs the tool sees, and offer a link to it."""
        return render_template("demo/administrator.html", link="")

    @pages.post("/administrator")
    def give_link() -> str:
        """Make the one-time link that an administrator gets by a command."""
        with stage.database.transaction() as session:
            url, _ = sessions.link(session, stage.tool_url, "You (demo)", "the demo")
        return render_template("demo/administrator.html", link=url)
