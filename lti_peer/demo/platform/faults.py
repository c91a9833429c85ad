"""What can be let to go wrong in the LMS, to see what people see then and to test what is kept."""

from datetime import timedelta
from enum import StrEnum
from threading import Lock


class Fault(StrEnum):
    """A trouble that lasts until it is switched off, or for a number of requests."""

    AWAY = "away"
    """Keys, tokens and services answer 503 and ask to come again in five seconds."""
    BROKEN = "broken"
    """Services answer 500 without having done anything."""
    SLOW = "slow"
    """Services do what they are asked, but only after longer than anybody waits."""
    LOST = "lost"
    """Services do what they are asked, and their answer breaks off."""
    MOVED = "moved"
    """Services send the tool on to an address in a private network."""
    STRICT = "strict"
    """Services answer 429: too many requests, come again in five seconds."""
    AHEAD = "ahead"
    """The LMS's clock is five minutes ahead."""
    BEHIND = "behind"
    """The LMS's clock is fifteen minutes behind."""
    NAMELESS = "nameless"
    """Launches and rosters come without names and addresses."""
    COOKIELESS = "cookieless"
    """The tool's cookies are lost in frames: whoever serves the tool must see to it."""


SKEWS = {Fault.AHEAD: timedelta(minutes=5), Fault.BEHIND: timedelta(minutes=-15)}
SLOWEST = 20.0
"""Seconds of a slow answer; the tool waits for at most 15."""


class Faults:
    """The troubles that are switched on. Safe with threads."""

    delay = SLOWEST
    """Seconds that a slow answer takes."""
    moved_to = "http://169.254.169.254/latest/meta-data/"
    """Where a service that has moved sends the tool: an address that no tool may call."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._left: dict[Fault, int | None] = {}

    @property
    def on(self) -> tuple[Fault, ...]:
        """Those that are switched on, in the order of `Fault`."""
        with self._lock:
            return tuple(fault for fault in Fault if fault in self._left)

    @property
    def skew(self) -> timedelta:
        """How far the LMS's clock is wrong."""
        return sum((SKEWS[fault] for fault in self.on if fault in SKEWS), timedelta())

    def begin(self, fault: Fault, times: int | None = None) -> None:
        """Switch a trouble on: for so many requests that meet it, or until it is switched off."""
        with self._lock:
            self._left[fault] = times

    def end(self, fault: Fault) -> None:
        """Switch a trouble off, if it is on."""
        with self._lock:
            self._left.pop(fault, None)

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._left.clear()

    def meets(self, fault: Fault) -> bool:
        """Return whether a request meets this trouble, and count it."""
        with self._lock:
            left = self._left.get(fault, 0)
            if left == 1:
                del self._left[fault]
            elif left:
                self._left[fault] = left - 1
            return left is None or left > 0
