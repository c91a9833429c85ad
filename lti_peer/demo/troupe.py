"""The simulated class at work in the background: one piece at a time, with its progress."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Thread

import structlog

log = structlog.get_logger()

Report = Callable[[int, int], None]
"""Called with how many of how many are done."""
Piece = Callable[[Report], str]
"""Does the work, reports, and returns a sentence on what was done."""


@dataclass(frozen=True)
class Progress:
    """How far the piece is."""

    name: str = ""
    done: int = 0
    total: int = 0
    sentence: str = ""
    """What came of it; empty while it runs."""
    failed: bool = False

    @property
    def running(self) -> bool:
        """Whether it is still going on."""
        return bool(self.name) and not self.sentence


class Troupe:
    """Plays one piece at a time. Safe with threads."""

    def __init__(self) -> None:
        """Begin with nothing to play."""
        self._lock = Lock()
        self._progress = Progress()

    @property
    def progress(self) -> Progress:
        """How far the piece that was begun last is."""
        with self._lock:
            return self._progress

    def play(self, name: str, piece: Piece) -> bool:
        """Begin a piece in the background; False while another goes on."""
        with self._lock:
            if self._progress.running:
                return False
            self._progress = Progress(name)
        Thread(target=self._run, args=(piece,), name=f"class: {name}", daemon=True).start()
        return True

    def _run(self, piece: Piece) -> None:
        try:
            sentence, failed = piece(self._report), False
        except Exception as fault:  # a thread's fault would be lost; the page shows it instead
            log.exception("class", fault=type(fault).__name__)
            sentence, failed = f"It stopped: {fault}", True
        with self._lock:
            self._progress = replace(self._progress, sentence=sentence, failed=failed)

    def _report(self, done: int, total: int) -> None:
        with self._lock:
            self._progress = replace(self._progress, done=done, total=total)
