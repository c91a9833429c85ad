"""Brings the demo up: both servers on loopback, the LMS taken up again where it was left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_peer.core.db import Database
from lti_peer.demo.classroom import peer_review, teaching
from lti_peer.demo.classroom.crowd import each
from lti_peer.demo.pages import NAV, create_pages
from lti_peer.demo.pages.views import Offer
from lti_peer.demo.platform import snapshot
from lti_peer.demo.platform.app import create_lms
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import Person, ResourceLink
from lti_peer.demo.servers import Port, Server
from lti_peer.demo.stage import Stage
from lti_peer.demo.troupe import Report
from lti_peer.demo.walkthrough import Act

LMS_HOST = "127.0.0.1"
TOOL_HOST = "localhost"
"""Another site than the LMS's, so that the browser's rules for third parties are the real ones."""


@dataclass(frozen=True)
class Plan:
    """What the demo is made of."""

    lms_port: Port
    tool_port: Port
    learners: int
    keep: Path | None
    """Where the LMS is kept between two starts; None forgets it."""

    @property
    def lms_url(self) -> str:
        """The address of the LMS."""
        return f"http://{LMS_HOST}:{self.lms_port.number}"

    @property
    def tool_url(self) -> str:
        """The address of the tool."""
        return f"http://{TOOL_HOST}:{self.tool_port.number}"


@contextmanager
def opened(plan: Plan, tool: Any, database: Database, invite: Callable[[], str]) -> Iterator[Stage]:
    """Serve the LMS and `tool`, a WSGI application, until the block ends; give the stage.

    A tool that is None runs somewhere else.
    """
    lms = _lms(plan)
    stage = Stage(lms, plan.tool_url, database, invite)
    app = create_lms(lms, NAV, [create_pages(stage, _offers(stage))])
    here = Server(tool, plan.tool_port) if tool else nullcontext()
    with Server(app, plan.lms_port), here:
        try:
            yield stage
        finally:
            if plan.keep:
                snapshot.save(lms, plan.keep)


def _lms(plan: Plan) -> Lms:
    if plan.keep and plan.keep.exists():
        lms = snapshot.load(plan.keep)
        if lms.issuer == plan.lms_url and len(lms.learners) == plan.learners:
            return lms
    return Lms(plan.lms_url, learners=plan.learners)


def _offers(stage: Stage) -> Mapping[str, Offer]:
    """Return what the class can be let to do, by name."""
    acts: tuple[tuple[str, str, str, str, Act, str], ...] = (
        (
            "hand-in",
            "Everybody hands in",
            "Each learner without work in a peer review hands in a short synthetic text.",
            peer_review.KIND,
            peer_review.hand_in,
            "texts were handed in",
        ),
        (
            "review",
            "Everybody reviews",
            "Each learner writes up to three reviews, as long as reviewing is open.",
            peer_review.KIND,
            peer_review.review,
            "reviews were written",
        ),
        (
            "read",
            "Everybody reads their feedback",
            "Each learner opens the feedback and says of one review whether it helped.",
            peer_review.KIND,
            peer_review.read,
            "answers were given to reviewers",
        ),
        (
            "sign-up",
            "Everybody signs up to teach",
            "Each learner signs up in a teach-back and leaves the choice of topics to the tool.",
            teaching.KIND,
            teaching.sign_up,
            "learners signed up",
        ),
        (
            "teach",
            "Everybody does their next step of teaching",
            "Each learner does what a partner waits for: agree, meet, answer, rate. Repeat it.",
            teaching.KIND,
            teaching.meet(stage.now),
            "steps were done",
        ),
    )
    return {
        name: Offer(label, words, _piece(stage, kind, act, result), _ready(stage, kind))
        for name, label, words, kind, act, result in acts
    }


def _piece(stage: Stage, kind: str, act: Act, result: str) -> Callable[[Report], str]:
    def act_in(link: ResourceLink, report: Report) -> int:
        def one(person: Person) -> int:
            with stage.seat(person.id) as seat:
                return act(seat, link)

        return sum(each(stage.lms.learners, one, report))

    def play(report: Report) -> str:
        return f"{sum(act_in(link, report) for link in stage.links(kind))} {result}."

    return play


def _ready(stage: Stage, kind: str) -> Callable[[], bool]:
    return lambda: bool(stage.links(kind))
