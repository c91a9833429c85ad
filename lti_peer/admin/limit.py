"""How often one address of the net may try to sign in."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from lti_peer.core.errors import PeerError

MOST_KNOWN = 1_000
"""Addresses that are remembered; whoever tried longest ago is forgotten first."""


class TooOften(PeerError):
    """Wait a little."""

    status = 429
    code = "too_often"


class Limit:
    """Counts attempts in the memory of this process. Safe with threads.

    A token has 256 bits, so nobody guesses one; this keeps the database from those who try.
    There is no limit for all addresses together, or a stranger could keep an administrator out.
    """

    def __init__(
        self, most: int, window_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow each address `most` attempts in `window_s` seconds."""
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._lock = Lock()
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str) -> None:
        """Count one attempt; raises TooOften when there were as many as are allowed."""
        now = self._clock()
        with self._lock:
            made = self._attempts.setdefault(address, deque())
            self._attempts.move_to_end(address)
            while made and made[0] <= now - self._window_s:
                made.popleft()
            if len(made) >= self._most:
                raise TooOften(
                    "There were too many attempts from your address.",
                    advice="Wait a minute, then try again.",
                )
            made.append(now)
            if len(self._attempts) > MOST_KNOWN:
                self._attempts.popitem(last=False)
