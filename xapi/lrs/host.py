"""What the record store needs from the application that it lives in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

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
    clock: Callable[[Session], datetime]
    """Returns the time, aware, within a transaction."""
    settled: Callable[[], datetime]
    """Returns a time, aware: whatever was stored up to it can be read from now on."""

    def now(self, session: Session) -> datetime:
        """Return the time, not before it is this writer's turn: SQLite lets one in at a time."""
        session.connection()
        return self.clock(session)
