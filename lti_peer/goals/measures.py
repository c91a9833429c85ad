"""What can be measured: a closed list, each with its unit, its words and what it hears."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lti_peer.core.errors import NotFound
from lti_peer.goals.models import Metric
from xapi.vocabulary import (
    ANSWERED,
    ATTENDED,
    COMPLETED,
    KINDS,
    LAUNCHED,
    PEER_REVIEW_ACTIVITY,
    PEER_TEACHING_ACTIVITY,
    RATED,
    REVIEWED,
    REVISED,
    SUBMITTED,
    TAUGHT,
    WAS_ASSIGNED,
    ActivityType,
    Verb,
)


class Unit(StrEnum):
    """What a target is given in."""

    SHARE = "share"
    """Of the people, 0 to 1; at least."""
    HOURS = "hours"
    """The middle of all waits; at most."""
    GAIN = "gain"
    """Right after minus right before, -1 to 1; more than."""


@dataclass(frozen=True)
class Measure:
    """One thing that a goal can be about."""

    label: str
    """As a choice on a page."""
    unit: Unit
    verbs: tuple[Verb, ...]
    did: str
    """What people do, after "80 % of all learners"; `{}` stands for the amount with its word."""
    method: str
    """How it is computed, in one or two sentences."""
    target: float
    """What a new goal proposes."""
    counted: str = ""
    """What each person is to do some of: a word in the singular; empty where nothing is counted."""
    amount: int = 0
    """What a new goal proposes."""
    kinds: tuple[ActivityType, ...] = ()
    """For which kinds of activity it has a meaning; empty: for all."""


REVIEWING, TEACHING = (PEER_REVIEW_ACTIVITY,), (PEER_TEACHING_ACTIVITY,)

MEASURES: Final[Mapping[Metric, Measure]] = {
    Metric.OPENED: Measure(
        "How many open the activity", Unit.SHARE, (LAUNCHED,), "open it",
        "Learners who opened the activity from the LMS at least once.", 0.9,
    ),
    Metric.HANDED_IN: Measure(
        "How many hand in", Unit.SHARE, (SUBMITTED,), "hand in",
        "Learners who handed in at least one version of their work.", 0.9,
        kinds=REVIEWING,
    ),
    Metric.REVIEWED: Measure(
        "How many give reviews", Unit.SHARE, (REVIEWED,), "give {}",
        "Learners who sent reviews of so many different works; a review that was sent again "
        "changed is one.", 0.8, "review", 3, REVIEWING,
    ),
    Metric.HELPED: Measure(
        "How many give reviews that help", Unit.SHARE, (WAS_ASSIGNED, RATED),
        "give {} that the author finds helpful",
        "Learners with so many reviews of which the author said “yes” or “partly” when asked "
        "whether it helped; the author's newest answer counts, no answer does not.",
        0.8, "review", 3, REVIEWING,
    ),
    Metric.FIRST_FEEDBACK: Measure(
        "How soon the first review comes", Unit.HOURS, (SUBMITTED, REVIEWED),
        "works get their first review",
        "From when a work was first handed in to when its first review was sent. Works that still "
        "wait count as later, unless they have waited less than the target so far: those are left "
        "out.", 72, kinds=REVIEWING,
    ),
    Metric.REVISED: Measure(
        "How many revise after feedback", Unit.SHARE, (REVISED,), "revise after feedback",
        "Learners who handed in at least one revision, where work may be revised.", 0.5,
        kinds=REVIEWING,
    ),
    Metric.TAUGHT: Measure(
        "How many teach", Unit.SHARE, (TAUGHT,), "teach in {}",
        "Learners who taught in so many meetings that were held.", 0.8, "meeting", 1, TEACHING,
    ),
    Metric.MET: Measure(
        "How many meet", Unit.SHARE, (ATTENDED,), "are at {}",
        "Learners who were at so many meetings that were held, to teach or to learn.",
        0.8, "meeting", 2, TEACHING,
    ),
    Metric.FIRST_MEETING: Measure(
        "How soon partners meet", Unit.HOURS, (WAS_ASSIGNED, ATTENDED),
        "pairs have met",
        "From when partners were brought together to when they said that they had met. Pairs that "
        "still wait count as later, unless they have waited less than the target so far: those are "
        "left out. A pair that was dissolved has never met.", 168, kinds=TEACHING,
    ),
    Metric.GAIN: Measure(
        "How much is learnt from before to after", Unit.GAIN, (ANSWERED,), "",
        "Of the check questions that one person answered before and after a meeting: right after "
        "minus right before, in points of 100.", 0.0, kinds=TEACHING,
    ),
    Metric.COMPLETED: Measure(
        "How many do everything", Unit.SHARE, (COMPLETED,), "do everything",
        "Learners who did all that the activity asked of them.", 0.75,
    ),
}  # fmt: skip


def offered(kind: str) -> dict[Metric, Measure]:
    """Return the measures that mean something for this kind of activity, by its name."""
    here = KINDS.get(kind)
    return {metric: one for metric, one in MEASURES.items() if not one.kinds or here in one.kinds}


def find(kind: str, name: str) -> Metric:
    """Return a measure of this kind of activity by its name; else raise NotFound."""
    found = next((metric for metric in offered(kind) if metric.value == name), None)
    if found is None:
        raise NotFound("This cannot be measured here.")
    return found
