"""The patterns: how the sentences of one person in one activity usually follow each other.

All of them share `context.registration` (xAPI Profiles 10.0). A person may open the activity at any
time, hand in late or never, and leave: what breaks a pattern is not wrong, it is worth a look.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal, Union

from xapi.profile.templates import TEMPLATES, Template
from xapi.vocabulary import PROFILE

Way = Literal["sequence", "alternates", "optional", "oneOrMore", "zeroOrMore"]
Part = Union["Pattern", Template]

BY_KEY: Final = {one.key: one for one in TEMPLATES}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which sentences, or other patterns, follow each other."""

    key: str
    name: str
    says: str
    way: Way
    parts: tuple[Part, ...]
    primary: bool = False
    """Whether it describes all that one person did in one activity."""

    @property
    def id(self) -> str:
        """Its IRI."""
        return f"{PROFILE}/patterns/{self.key}"


def _any(key: str, name: str, *keys: str) -> Pattern:
    """Return: these sentences in any order, as often as there are."""
    choice = Pattern(
        f"{key}-act", f"{name}: one act", "Any one of these acts.", "alternates",
        tuple(BY_KEY[one] for one in keys),
    )  # fmt: skip
    return Pattern(key, name, "These acts, in any order.", "zeroOrMore", (choice,))


def _some(key: str, name: str, *keys: str) -> Pattern:
    """Return: these sentences in any order, at least one of them."""
    many = _any(key, name, *keys)
    return Pattern(key, name, "These acts, at least one.", "oneOrMore", many.parts)


_OUTCOMES = ("review-launched", "feedback-read", "review-rated", "review-scored")
_AGAIN = (*_OUTCOMES, "submission-revised", "review-assigned", "review-submitted")
REVIEW_CYCLE: Final = Pattern(
    "peer-review-cycle",
    "Peer review cycle",
    "Somebody hands in, reviews others, and then reads, rates and is scored; where that is wanted, "
    "they revise, and look at the others' revisions.",
    "sequence",
    (
        _some("handing-in", "Handing in", "review-launched", "submission-submitted"),
        _any(
            "reviewing", "Reviewing", "review-launched", "review-assigned", "review-declined",
            "submission-flagged", "review-submitted", "review-completed",
        ),
        _any("reading", "Reading the outcome", *_OUTCOMES),
        _any("revising", "Revising and second looks", *_AGAIN),
    ),
    primary=True,
)  # fmt: skip

_MEETING = (
    "teaching-launched", "teaching-assigned", "teaching-scheduled", "teaching-accepted",
    "teaching-rejected", "teaching-attended", "teaching-taught", "topic-explained",
    "check-answered", "teaching-rated", "teaching-completed",
)  # fmt: skip
TEACHING_CYCLE: Final = Pattern(
    "peer-teaching-cycle",
    "Peer teaching cycle",
    "Somebody signs up, meets as teacher and as learner, rates, and is scored.",
    "sequence",
    (
        _some(
            "signing-up", "Signing up", "teaching-launched", "teaching-registered",
            "topic-registered",
        ),
        _any("meeting", "Meeting", *_MEETING),
        _any("teaching-outcome", "The outcome", "teaching-launched", "teaching-scored"),
    ),
    primary=True,
)  # fmt: skip

GOALS: Final = replace(
    _some(
        "goal-setting", "Goal setting", "review-launched", "teaching-launched", "review-goal",
        "teaching-goal",
    ),
    says="A teacher opens the activity, and goals of theirs are evaluated.",
    primary=True,
)  # fmt: skip

PRIMARY: Final = (REVIEW_CYCLE, TEACHING_CYCLE, GOALS)


def every() -> list[Pattern]:
    """Return the primary patterns and all those that they are made of, outermost first."""
    found: list[Pattern] = []
    waiting: list[Part] = list(PRIMARY)
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Pattern):
            found.append(one)
            waiting.extend(one.parts)
    return found
