"""What an LMS's answer to a grade means: for the outbox, and in words for the instructor."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lti_peer.core.outbox import TOLD, Outcome
from lti_peer.lti.http import Answer, EgressError, Refused
from lti_peer.lti.platforms.quirks import Quirks
from lti_peer.lti.services import NotApproved
from lti_peer.lti.tokens import TokenRefused

REST = timedelta(seconds=10)
"""How long an LMS that is away is left alone, when it does not say itself."""
LONGEST_REST = timedelta(minutes=5)
CONFLICT, TOO_MANY, FORBIDDEN, UNAUTHORISED, BAD = 409, 429, 403, 401, 400
GONE = frozenset({404, 410})
ELSEWHERE = range(300, 400)
"""Redirects, which nobody follows: an LMS in maintenance answers so, and has another day."""
PASSING = frozenset({408, 425, TOO_MANY})
LEAVE = frozenset({400, 401, 403})
"""What a token endpoint answers when the tool, or its scopes, are not welcome any more."""
SERVER_FAULT = 500


class Fate(StrEnum):
    """What becomes of a grade that was offered to an LMS."""

    TOLD = "told"
    OLDER = "older"
    """The LMS says that it has something newer: the time stamp must be later."""
    LATER = "later"
    GONE = "gone"
    """The column is not there: never, unless it is found or made anew when somebody asks."""
    NEVER = "never"
    CHANGED = "changed"
    """Somebody changed it in the LMS: never, unless staff say so."""


@dataclass(frozen=True)
class Verdict:
    """What an answer means for one grade."""

    fate: Fate
    sentence: str = ""
    """For the instructor: why the LMS has not got it, and what helps."""
    rest: timedelta | None = None
    """How long nothing is to be sent to this LMS, because the cause lies with it as a whole."""

    @property
    def is_final(self) -> bool:
        """Whether nothing is sent again by itself."""
        return self.fate in {Fate.GONE, Fate.NEVER, Fate.CHANGED}

    @property
    def outcome(self) -> Outcome:
        """The same for the outbox; waiting for an LMS that is away counts as no attempt."""
        if self.fate is Fate.TOLD:
            return TOLD
        return Outcome(
            self.sentence,
            dead=self.is_final,
            wait=self.rest,
            blameless=self.rest is not None,
        )


DONE = Verdict(Fate.TOLD)
NEWER_THERE = "The LMS has a newer grade for this person, so it did not take this one."
CHANGED_THERE = (
    "Somebody changed this grade in the LMS: it shows {points} of {maximum}, ours is {ours}. "
    "Nothing was overwritten."
)
STOPPED = "The sending of this activity's grades is stopped."
NO_COLUMN = "This activity has no grade column in the LMS."
COLUMN_GONE = "The grade column of this activity is not in the LMS any more."
NOT_TAKEN = (
    "The LMS did not take this person's grade ({status}): "
    "perhaps they are not a learner of the course there any more."
)
AWAY = "The LMS does not answer just now. The grade is sent again by itself."
NO_LEAVE = (
    "The LMS does not let the tool send grades ({status}). "
    "Ask your LMS administrator to check the tool's key and permissions."
)
NOT_ACTIVE = (
    "This LMS is not approved here, so no grade is sent to it. "
    "Ask whoever runs this tool to approve it."
)
NOT_APPROVED = (
    "The LMS names {host} for its grades, and nobody has approved that host for it. "
    "Ask whoever runs this tool to approve it."
)
UNUSABLE = "The grade service of the LMS cannot be used. {why}"
SENT_ON = UNUSABLE.format(why="It sends the tool on to another address.")
NOT_UNDERSTOOD = UNUSABLE.format(why="It made a column without an address.")


def judge(answer: Answer, quirks: Quirks) -> Verdict:
    """Return what the answer to a score means (security.md R4; moodle.md, AGS)."""
    status = answer.status
    if answer.ok:
        return DONE
    if status == CONFLICT or (status == BAD and b"timestamp" in answer.body.lower()):
        return Verdict(Fate.OLDER, NEWER_THERE)
    throttled = quirks.throttle_word and quirks.throttle_word in answer.body.lower()
    if status >= SERVER_FAULT or status in PASSING or (status == FORBIDDEN and throttled):
        return Verdict(Fate.LATER, AWAY, _rest(answer.retry_after))
    if status in {UNAUTHORISED, *ELSEWHERE}:  # a new token was tried already
        said = NO_LEAVE.format(status=status) if status == UNAUTHORISED else SENT_ON
        return Verdict(Fate.LATER, said, LONGEST_REST)
    if status in GONE:
        return Verdict(Fate.GONE, COLUMN_GONE)
    return Verdict(Fate.NEVER, NOT_TAKEN.format(status=status))


def explain(fault: EgressError | TokenRefused | NotApproved) -> Verdict:
    """Return what it means that there was no answer at all."""
    if isinstance(fault, NotApproved):
        return Verdict(Fate.NEVER, NOT_APPROVED.format(host=fault.host))
    if isinstance(fault, TokenRefused) and fault.status in LEAVE:
        return Verdict(Fate.LATER, NO_LEAVE.format(status=fault.status), LONGEST_REST)
    if isinstance(fault, TokenRefused):
        return Verdict(Fate.LATER, AWAY, _rest(fault.retry_after))
    if isinstance(fault, Refused):
        return Verdict(Fate.LATER, UNUSABLE.format(why=fault), LONGEST_REST)
    return Verdict(Fate.LATER, AWAY, REST)


def _rest(seconds: float | None) -> timedelta:
    asked = timedelta(seconds=seconds) if seconds else REST
    return min(max(asked, timedelta(seconds=1)), LONGEST_REST)
