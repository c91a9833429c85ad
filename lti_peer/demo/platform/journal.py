"""Every protocol message that went into or out of the LMS, the last thousand of them."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any, Literal

import jwt

CAPACITY = 1000
LONGEST_TEXT = 4000
"""Characters of a text that is kept; longer ones are cut, and say so."""

_TOKEN_FIELDS = ("id_token", "JWT", "client_assertion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. It is a demonstration on loopback: nothing in it is masked."""

    sequence: int
    """1, 2, 3 … without a gap."""
    at: str
    """ISO 8601, UTC."""
    direction: Literal["in", "out"]
    """Seen from the LMS."""
    name: str
    method: str
    url: str
    header: Mapping[str, Any] | None = None
    """The header of the JSON Web Token in the message, if there is one."""
    claims: Mapping[str, Any] | None = None
    """Its claims, decoded; whether they are true the status shows."""
    body: Any = None
    status: int | None = None
    answer: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return all members under their own names."""
        return asdict(self)


class Journal:
    """A bounded list of entries. Safe with threads."""

    def __init__(self, clock: Callable[[], datetime], capacity: int = CAPACITY) -> None:
        """Begin empty; keep the last `capacity` entries."""
        self._clock = clock
        self._numbers = count(1)
        self._lock = Lock()
        self._entries: deque[Entry] = deque(maxlen=capacity)

    def record(
        self,
        direction: Literal["in", "out"],
        name: str,
        method: str,
        url: str,
        *,
        body: Any = None,
        status: int | None = None,
        answer: Any = None,
    ) -> Entry:
        """Keep one message; a token in its body is shown decoded."""
        header, claims = token_in(body)
        with self._lock:
            entry = Entry(
                sequence=next(self._numbers),
                at=self._clock().isoformat(timespec="milliseconds"),
                direction=direction,
                name=name,
                method=method,
                url=url,
                header=header,
                claims=claims,
                body=body,
                status=status,
                answer=answer,
            )
            self._entries.append(entry)
            return entry

    def after(self, sequence: int, most: int = CAPACITY) -> tuple[Entry, ...]:
        """Return the entries with a higher number, oldest first, at most the newest `most`."""
        with self._lock:
            found = [entry for entry in self._entries if entry.sequence > sequence]
        return tuple(found[-most:])


def token_in(body: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return header and claims of the first readable token among the fields; else None twice.

    Nothing is verified: this is for looking only.
    """
    if isinstance(body, Mapping):
        for field in _TOKEN_FIELDS:
            try:
                return (
                    jwt.get_unverified_header(body.get(field, "")),
                    jwt.decode(body.get(field, ""), options={"verify_signature": False}),
                )
            except jwt.InvalidTokenError:
                continue
    return None, None


def shorten(text: str) -> str:
    """Return the text, cut to what a journal keeps."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]} … ({len(text)} characters)"
