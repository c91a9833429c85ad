"""When somebody may act: a pure function of dates, an extension and the time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PhaseState(StrEnum):
    """How a phase stands for one person."""

    PENDING = "pending"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """From when, until when without being late, and until when at all; None means no limit."""

    opens: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None

    def extended(self, due: datetime, closes: datetime | None = None) -> "Window":
        """Return the window with a later due date; it never closes before that."""
        return Window(self.opens, due, max(due, closes or due, self.closes or due))

    def state(self, now: datetime) -> PhaseState:
        """Return how the window stands: the due instant itself is still in time.

        Without `closes` it closes at `due`; between both an act is late.
        """
        if self.opens is not None and now < self.opens:
            return PhaseState.PENDING
        if self.due is None or now <= self.due:
            return (
                PhaseState.OPEN if self.closes is None or now <= self.closes else PhaseState.CLOSED
            )
        if self.closes is not None and now <= self.closes:
            return PhaseState.LATE
        return PhaseState.CLOSED

    def admits(self, now: datetime) -> bool:
        """Return whether an act is accepted now, late or not."""
        return self.state(now) in {PhaseState.OPEN, PhaseState.LATE}
