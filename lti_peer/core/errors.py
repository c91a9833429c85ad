"""Errors that speak to the person who meets them.

PeerError
├── NotFound     404  it is not there, or it is not this person's to see
├── NotAllowed   403  the role, the phase or the date forbids it
│   └── Blocked  403  an administrator lets the person in no more
├── SignInAgain  401  the visit is over or unknown: open the activity from the course again
├── Conflict     409  somebody (perhaps the same person in another window) was faster
├── TooLarge     413  more than we take
├── TooOften     429  more often than we answer; `wait_s` says how long to wait
└── Invalid      422  what was sent cannot be used; `fields` says which and why
"""

from collections.abc import Mapping


class PeerError(Exception):
    """What happened, in a sentence for the person; `advice` says what they can do."""

    status = 500
    code = "problem"

    def __init__(self, message: str, *, advice: str = "", code: str = "") -> None:
        """Keep the sentence, the advice and a short code that stands in the log as well."""
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code or type(self).code


class NotFound(PeerError):
    """The thing does not exist for this person; absent and hidden look the same."""

    status = 404
    code = "not_found"


class NotAllowed(PeerError):
    """The person's role, or the activity's phase, forbids it."""

    status = 403
    code = "not_allowed"


class Blocked(NotAllowed):
    """An administrator of the tool lets this person in no more (security.md L21)."""

    code = "person_blocked"

    def __init__(self) -> None:
        """Say so, and whom to ask: whoever teaches may not know."""
        super().__init__(
            "This tool has been closed for you by whoever runs it.",
            advice="If you think that this is a mistake, tell your instructor the code below. "
            "Your work is kept.",
        )


class SignInAgain(PeerError):
    """The visit is over or unknown."""

    status = 401
    code = "visit_over"


class Conflict(PeerError):
    """Something else was saved meanwhile."""

    status = 409
    code = "conflict"


class TooLarge(PeerError):
    """More was sent than the tool takes."""

    status = 413
    code = "too_large"


class TooOften(PeerError):
    """Somebody asked more often than anybody needs to."""

    status = 429
    code = "too_often"

    def __init__(
        self,
        wait_s: int,
        message: str = "There were too many attempts from your address.",
        advice: str = "Wait a minute, then try again.",
    ) -> None:
        """Keep after how many seconds, 1 or more, it is answered again."""
        super().__init__(message, advice=advice)
        self.wait_s = wait_s


class Invalid(PeerError):
    """What was sent cannot be used; `fields` maps a form field's name to its sentence."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        """Keep the sentence and, for each field at fault, what is wrong with it."""
        super().__init__(message)
        self.fields = dict(fields or {})
