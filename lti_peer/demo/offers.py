"""What the class can be let to do from the demo's page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_peer.demo.classroom import peer_review, teaching
from lti_peer.demo.classroom.crowd import each
from lti_peer.demo.classroom.seat import Seat
from lti_peer.demo.pages.views import Offer
from lti_peer.demo.platform.model import Person, ResourceLink
from lti_peer.demo.stage import Stage
from lti_peer.demo.troupe import Report


@dataclass(frozen=True)
class Part:
    """One act for everybody, in every activity of one kind."""

    label: str
    words: str
    """What will happen, in a sentence."""
    kind: str
    act: Callable[[Stage], Callable[[Seat, ResourceLink], int]]
    """Returns what one learner does in one activity; that returns how often it was done."""
    result: str
    """What the number at the end counts."""


PARTS: Mapping[str, Part] = {
    "hand-in": Part(
        "Everybody hands in",
        "Each learner without work in a peer review hands in a short synthetic text.",
        peer_review.KIND,
        lambda _stage: peer_review.hand_in,
        "texts were handed in",
    ),
    "review": Part(
        "Everybody reviews",
        "Each learner writes up to three reviews, as long as reviewing is open.",
        peer_review.KIND,
        lambda _stage: peer_review.review,
        "reviews were written",
    ),
    "read": Part(
        "Everybody reads their feedback",
        "Each learner opens the feedback and says of one review whether it helped.",
        peer_review.KIND,
        lambda _stage: peer_review.read,
        "answers were given to reviewers",
    ),
    "sign-up": Part(
        "Everybody signs up to teach",
        "Each learner signs up in a teach-back and leaves the choice of topics to the tool.",
        teaching.KIND,
        lambda _stage: teaching.sign_up,
        "learners signed up",
    ),
    "teach": Part(
        "Everybody does their next step of teaching",
        "Each learner does what a partner waits for: agree, meet, answer, rate. Repeat it.",
        teaching.KIND,
        lambda stage: teaching.meet(stage.now),
        "steps were done",
    ),
}


def of(stage: Stage) -> dict[str, Offer]:
    """Return what the class on this stage can be let to do, by a short name."""
    return {name: _offer(stage, part) for name, part in PARTS.items()}


def _offer(stage: Stage, part: Part) -> Offer:
    act = part.act(stage)

    def act_in(link: ResourceLink, report: Report) -> int:
        def one(person: Person) -> int:
            with stage.seat(person.id) as seat:
                return act(seat, link)

        return sum(each(stage.lms.learners, one, report))

    def play(report: Report) -> str:
        return f"{sum(act_in(link, report) for link in stage.links(part.kind))} {part.result}."

    return Offer(part.label, part.words, play, lambda: bool(stage.links(part.kind)))
