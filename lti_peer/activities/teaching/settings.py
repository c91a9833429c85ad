"""What an instructor decides about a teach-back, and the preset that decides it all at first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lti_peer.rules.phases import Window
from lti_peer.rules.rubric import Criterion, Level

SIGN_UP: Final = "sign_up"
MEET: Final = "meet"

PURPOSE: Final = "teach"
EXPLAINER: Final = "explainer"
LISTENER: Final = "listener"

PARTICIPATION: Final = "participation"
TEACHING: Final = "teaching"

GRACE: Final = timedelta(days=3)
"""So long after meetings are due the second check and the rating are still taken, as late."""

MOST_TOPICS: Final = 12
MOST_OPTIONS: Final = 6


@dataclass(frozen=True)
class Settings:
    """The decisions, as they lie in `Activity.settings`; dates, topics and rubrics have tables."""

    minutes: int = 30
    """How long a meeting is proposed to last, 5 to 240."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Settings":
        """Return the settings that `dump` gave; what an older version did not know is as preset."""
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__ if name in stored})

    def dump(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Question:
    """A topic as the instructor writes it: what to explain, and the check with its right answer."""

    title: str
    words: str
    question: str
    options: tuple[str, ...]
    right: int


def windows(sign_up_due: datetime, meet_due: datetime) -> dict[str, Window]:
    """Return the phases' windows, in order: who signs up late is matched until meetings are due."""
    return {
        SIGN_UP: Window(None, sign_up_due, max(sign_up_due, meet_due)),
        MEET: Window(None, meet_due, meet_due + GRACE),
    }


def preset_windows(now: datetime, zone: str) -> dict[str, Window]:
    """Return a week to sign up and two more to meet, each until a minute to midnight."""
    today = now.astimezone(ZoneInfo(zone)).replace(hour=23, minute=59, second=0, microsecond=0)
    return windows(today + timedelta(days=7), today + timedelta(days=21))


INSTRUCTIONS: Final = (
    "Teach one topic to somebody in the course, and learn another from somebody else. "
    "Explaining shows you what you have understood. Prepare for about 20 minutes, meet for about "
    "30, and use your own words and an example of your own."
)

TOPICS: Final = (
    Question(
        "Retrieval practice",
        "Why recalling something from memory helps you keep it, more than reading it again does.",
        "You have an hour to prepare for a test next week. What helps you most to remember?",
        (
            "Reading the chapter twice and marking what matters",
            "Closing the book and writing down what you can recall, then checking",
            "Copying your notes neatly",
            "Listening to the lecture again at a higher speed",
        ),
        1,
    ),
    Question(
        "Spaced practice",
        "Why three short sessions on different days do more than one long one.",
        "You can practise for six hours before an examination. Which plan helps you keep most?",
        (
            "Six hours on the evening before",
            "Three hours on each of the last two days",
            "One hour on each of six days, spread over three weeks",
            "It makes no difference, as long as it is six hours",
        ),
        2,
    ),
    Question(
        "Worked examples",
        "Why beginners learn more from studying solved problems before they solve their own.",
        "For whom do worked examples help most?",
        (
            "For beginners in a subject",
            "For experts in a subject",
            "For everybody to the same extent",
            "For nobody: only solving problems teaches to solve them",
        ),
        0,
    ),
    Question(
        "Feedback that helps",
        "What makes feedback useful: it says what to do next, and comes while it can be used.",
        "Which sentence will most likely improve the next draft?",
        (
            "“Great work, keep it up!”",
            "“This is weaker than your last essay.”",
            "“7 out of 10.”",
            "“Your second claim has no evidence yet; add the figures from table 2.”",
        ),
        3,
    ),
)
"""The example list: topics on learning itself, so that it fits any course as it is."""

EXPLAINING: Final = (
    Criterion(
        "correct",
        "It was correct",
        (
            Level(0, "Not yet", "Something important was wrong."),
            Level(1, "Mostly", "Right on the whole, with a slip or a gap."),
            Level(2, "Yes", "Right, as far as you can tell, and nothing important was missing."),
        ),
    ),
    Criterion(
        "simple",
        "It was simple",
        (
            Level(0, "Not yet", "I got lost."),
            Level(1, "Mostly", "I could follow, with some effort."),
            Level(2, "Yes", "Plain words, one step after the other."),
        ),
    ),
    Criterion(
        "example",
        "There was an example",
        (
            Level(0, "No", "There was none."),
            Level(1, "One", "There was one, and it helped a little."),
            Level(2, "A good one", "It made the idea clear."),
        ),
    ),
    Criterion(
        "misconception",
        "A usual mistake was named",
        (
            Level(0, "No", "There was no word of what people get wrong."),
            Level(1, "In passing", "A mistake was named."),
            Level(2, "Yes", "A mistake was named, and why people make it."),
        ),
    ),
)
"""What makes an explanation good, as listeners judge it: the teaching score comes from this."""

LISTENING: Final = (
    Criterion(
        "prepared",
        "Came prepared",
        (
            Level(0, "Not yet", "Had not looked at the topic."),
            Level(1, "A little", "Had thought about the question."),
            Level(2, "Well", "Came with a question of their own."),
        ),
    ),
    Criterion(
        "took_part",
        "Took part",
        (
            Level(0, "Not yet", "Said little."),
            Level(1, "Some", "Asked when something was unclear."),
            Level(2, "Well", "Said it in their own words and asked further."),
        ),
    ),
)
"""What makes a good listener. It is a word to them, and no part of a score."""

RUBRICS: Final = {EXPLAINER: EXPLAINING, LISTENER: LISTENING}
"""By the role of the person who is judged; also the rubrics' `use`."""
