"""When an endpoint is not there at all, it is left alone for a while, and nothing is blamed."""

import time
from collections.abc import Callable
from datetime import timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=5)


class Breaker:
    """Remembers how often in a row an endpoint was away, and until when not to ask it again.

    It lives in one process and is used by one thread; another process finds out by itself.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin closed; `clock` counts seconds."""
        self._clock = clock
        self._faults = 0
        self._until = 0.0
        self.reason = ""
        """Why it is open; empty while it is closed."""

    def worked(self) -> None:
        """Note that the endpoint answered."""
        self._faults, self.reason = 0, ""

    def failed(self, reason: str, asked: timedelta | None = None) -> timedelta:
        """Note that it was away, and return how long to wait: as `asked`, or 1 s doubling.

        It is never more than 5 minutes.
        """
        wait = min(LONGEST, asked if asked is not None else FIRST * 2 ** min(self._faults, 20))
        self._faults += 1
        self._until = self._clock() + wait.total_seconds()
        self.reason = reason
        return wait

    @property
    def wait(self) -> timedelta:
        """How long it is still open; zero when the endpoint may be asked."""
        return timedelta(seconds=max(0.0, self._until - self._clock()) if self.reason else 0.0)
