"""What an instructor decides about a peer review, and the preset that decides it all at first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from lti_peer.rules.phases import Window
from lti_peer.rules.rubric import Criterion, Level

SUBMIT: Final = "submit"
REVIEW: Final = "review"
REVISE: Final = "revise"
LOOK: Final = "second_look"

MOST_REVIEWS: Final = 10
"""The most reviews that one person can be asked for."""


class Opens(StrEnum):
    """When a participant may read the feedback on their work."""

    CLOSED = "closed"
    """When reviewing has closed."""
    FINISHED = "finished"
    """When they have written their own reviews, and at the latest when reviewing has closed."""


class Counted(StrEnum):
    """Which score counts where work was revised and looked at again."""

    BETTER = "better"
    """The better of both, so nobody loses by revising."""
    FINAL = "final"
    """The one after the second looks."""


@dataclass(frozen=True)
class Settings:
    """The decisions, as they lie in `Activity.settings`; dates and the rubric have tables."""

    reviews: int = 3
    """How many reviews each participant writes and each piece of work gets, 1 to 10."""
    blind: bool = True
    """Authors and reviewers do not learn each other's names."""
    must_hand_in: bool = True
    """Only who has handed in may review."""
    late_work: bool = True
    """Work is taken until reviewing is due, marked as late."""
    feedback: Opens = Opens.CLOSED
    revise: bool = False
    """Authors may revise after feedback, and their reviewers are asked for a second look."""
    counted: Counted = Counted.BETTER

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Settings":
        """Return the settings that `dump` gave; what an older version did not know is as preset."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        if "feedback" in known:
            known["feedback"] = Opens(known["feedback"])
        if "counted" in known:
            known["counted"] = Counted(known["counted"])
        return cls(**known)

    def dump(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        words = {"feedback": self.feedback.value, "counted": self.counted.value}
        return {**asdict(self), **words}


@dataclass(frozen=True)
class Dates:
    """When work and reviews are due, and from when reviews are given out; aware times."""

    submit_due: datetime
    review_due: datetime
    review_opens: datetime | None = None
    """None: when work is due."""
    revise_due: datetime | None = None
    """Revisions are taken from the end of reviewing until then; None: never."""
    look_due: datetime | None = None
    """Second looks are taken from the end of revising until then."""

    def windows(self, *, late_work: bool) -> dict[str, Window]:
        """Return the phases' windows, in order."""
        late_until = max(self.submit_due, self.review_due) if late_work else None
        found = {
            SUBMIT: Window(None, self.submit_due, late_until),
            REVIEW: Window(self.review_opens or self.submit_due, self.review_due),
        }
        if self.revise_due and self.look_due:
            found[REVISE] = Window(self.review_due, self.revise_due)
            found[LOOK] = Window(self.revise_due, self.look_due)
        return found


def preset_dates(now: datetime, zone: str) -> Dates:
    """Return a week for the work and a week for the reviews, both until a minute to midnight."""
    today = now.astimezone(ZoneInfo(zone)).replace(hour=23, minute=59, second=0, microsecond=0)
    return Dates(today + timedelta(days=7), today + timedelta(days=14))


PRESET: Final = Settings()
"""Graded review: three reviews each, nobody learns a name, grades wait for the instructor."""

INSTRUCTIONS: Final = (
    "Write your answer below. About 300 to 500 words are enough.\n\n"
    "Say what you claim, give your reasons, and name your sources. Do not write your name: "
    "your peers will review the text without knowing who wrote it."
)

RUBRIC: Final = (
    Criterion(
        "answer",
        "Answers the question",
        (
            Level(0, "Not yet", "The question is not answered, or another one is."),
            Level(1, "Partly", "Some of the question is answered; an important part is missing."),
            Level(2, "Well", "The whole question is answered, with a small gap at most."),
            Level(3, "Fully", "Every part of the question is answered, clearly and to the point."),
        ),
        "Does the text do what the task asks for?",
    ),
    Criterion(
        "reasons",
        "Gives reasons and evidence",
        (
            Level(0, "Not yet", "Claims stand without reasons."),
            Level(1, "Partly", "Some claims have reasons; evidence is thin or does not fit."),
            Level(2, "Well", "Most claims have good reasons and fitting evidence."),
            Level(3, "Fully", "Every claim has a good reason, evidence, and its limits."),
        ),
        "Would a careful reader be convinced?",
    ),
    Criterion(
        "clarity",
        "Is clear and well ordered",
        (
            Level(0, "Not yet", "It is hard to find out what is meant."),
            Level(1, "Partly", "Some passages must be read twice, or the order gets in the way."),
            Level(2, "Well", "It reads easily, with a small stumble at most."),
            Level(3, "Fully", "It reads easily from start to end, and the order helps."),
        ),
        "Can you follow it at the first reading?",
    ),
)
