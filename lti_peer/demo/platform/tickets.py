"""Words that nobody can guess, each standing for something, for a while."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import RLock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Tickets(Generic[Value]):
    """A bounded set of tickets; the oldest make room for new ones. Safe with threads."""

    def __init__(
        self, clock: Callable[[], datetime], lifetime: timedelta, capacity: int = 10_000
    ) -> None:
        """Make an empty set whose tickets hold for `lifetime` by `clock`."""
        self._clock = clock
        self._lifetime = lifetime
        self._capacity = capacity
        self._lock = RLock()
        self._kept: OrderedDict[str, tuple[datetime, Value]] = OrderedDict()

    def issue(self, value: Value) -> str:
        """Return a new ticket for the value: 43 characters, 256 random bits."""
        ticket = secrets.token_urlsafe(32)
        self._put(ticket, value)
        return ticket

    def read(self, ticket: str) -> Value:
        """Return what the ticket stands for. Raises KeyError when unknown or too old."""
        with self._lock:
            return self._valid(ticket)

    def take(self, ticket: str) -> Value:
        """Return what the ticket stands for and end it. Raises KeyError as `read` does."""
        with self._lock:
            value = self._valid(ticket)
            del self._kept[ticket]
            return value

    def first_use(self, word: str, value: Value) -> bool:
        """Keep somebody else's word (a nonce, a `jti`); return whether it was new."""
        with self._lock:
            if word in self._kept and self._kept[word][0] > self._clock():
                return False
            self._put(word, value)
            return True

    def clear(self) -> None:
        """End all tickets."""
        with self._lock:
            self._kept.clear()

    def _valid(self, ticket: str) -> Value:
        ends, value = self._kept[ticket]
        if ends <= self._clock():
            raise KeyError(ticket)
        return value

    def _put(self, ticket: str, value: Value) -> None:
        with self._lock:
            self._kept[ticket] = (self._clock() + self._lifetime, value)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
