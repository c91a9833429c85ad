"""What the record store needs from the application that it lives in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a session that is committed at the end of the block, or rolled back when it raises."""


@dataclass(frozen=True, slots=True)
class Host:
    """The application around the store."""

    transaction: Transaction
    """For writing."""
    reading: Transaction
    """For reading alone."""
    max_body: int
    """The largest request, in bytes."""
    lag: timedelta
    """How long a write may stay invisible to others after it got its time."""
    clock: Callable[[], datetime]
    """Returns aware times."""
