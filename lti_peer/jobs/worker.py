"""The worker: one loop for each channel, for each chore, and for the timers, in threads.

The same worker runs inside `lti-peer serve` and as `lti-peer worker`, any number of them: the
outbox's claims keep deliveries apart, and a lease in the database lets one of them turn the
timers. A channel whose other side is slow holds up no other channel.
"""

import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from types import FrameType, MappingProxyType
from uuid import uuid4

import structlog
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_peer.core import bells, db
from lti_peer.core.db import Database
from lti_peer.core.outbox import Channel
from lti_peer.jobs import delivery, models, timers
from lti_peer.jobs.delivery import Line, Sender
from lti_peer.jobs.endpoints import Endpoints
from lti_peer.jobs.listening import Ear
from lti_peer.jobs.records import RecordSender

log = structlog.get_logger()

Chore = Callable[[], int]
"""Does one piece of work that is due, and returns how many it did: 0 when none is."""

IDLE = 1.0
"""Seconds between two looks into the outbox when nobody rings."""
TURN_EVERY = 5.0
"""Seconds between two turns of the timers."""
CHORE_EVERY = 5.0
"""Seconds between two looks for a chore that is due, when nobody rings."""
TIMER_LEASE = timedelta(seconds=60)
LONGEST_PAUSE = 30.0
"""Seconds that a loop waits at most after a fault, such as a database that is away."""
GRACE = 30.0
"""Seconds in which the work under way may end (security.md O8)."""
BATCHES: Mapping[Channel, int] = {Channel.XAPI: 100, Channel.AGS: 20}
"""Items for one claim: an LMS takes grades one by one, and the lease is a minute."""


class Loop:
    """Does one piece of work again and again until it is told to stop."""

    def __init__(self, name: str, work: Callable[[], int], pause: float, stop: Event) -> None:
        """Take `work`, which returns how much it did; after 0 the loop waits `pause` seconds."""
        self.name = name
        self.bell = Event()
        self._work = work
        self._pause = pause
        self._stop = stop

    def run(self) -> None:
        """Work until `stop` is set; a fault is logged, and tried again after a growing pause."""
        faults = 0
        while not self._stop.is_set():
            self.bell.clear()
            try:
                done = self._work()
            except Exception:
                log.exception("loop_failed", loop=self.name)
                faults += 1
                self._stop.wait(min(LONGEST_PAUSE, 2.0**faults / 2))
                continue
            faults = 0
            if not done and not self._stop.is_set():
                self.bell.wait(self._pause)


class Worker:
    """Delivers the outbox and turns the timers, beside whoever started it."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[Channel, Sender],
        base_url: str,
        chores: Mapping[str, Chore] = MappingProxyType({}),
        endpoints: Endpoints | None = None,
    ) -> None:
        """Take the database, a sender for each channel, the tool's address, and what else is done.

        `endpoints` are the record stores beside the tool's own. No thread runs yet.
        """
        self.database = database
        self._base_url = base_url
        self._senders = senders
        self._stop = Event()
        self._holder = uuid4()
        self._loops = [
            Loop(channel.value, self._drainer(channel, sender), IDLE, self._stop)
            for channel, sender in senders.items()
        ]
        self._endpoints = endpoints
        if endpoints:
            loop = Loop("endpoints", endpoints.work, IDLE, self._stop)
            endpoints.rang = loop.bell.set
            self._loops.append(loop)
        self._chores = chores
        self._chore_loops = [
            Loop(name, chore, CHORE_EVERY, self._stop) for name, chore in chores.items()
        ]
        self._timers = Loop("timers", self.turn, TURN_EVERY, self._stop)
        self._ear = Ear(database, self._heard)
        self._listening = Loop("listening", self._ear.listen, 0.0, self._stop)
        self._threads: list[Thread] = []

    def once(self) -> int:
        """Turn the timers, do what is due, and return how many items were delivered."""
        self.turn()
        self._give_back()
        for chore in self._chores.values():
            while chore():
                pass
        total = 0
        for channel, sender in self._senders.items():
            while done := self._drainer(channel, sender)():
                total += done
        return total + (self._endpoints.once() if self._endpoints else 0)

    def turn(self) -> int:
        """Turn the timers once, unless another worker does; return 0, as there is no hurry."""
        with self.database.transaction() as session:
            mine = models.take(session, "timers", self._holder, TIMER_LEASE)
            now = db.people_now(session)
        if mine:
            timers.turn(self.database, now, self._base_url)
        return 0

    def start(self) -> None:
        """Start the threads, and listen for commits that bring news."""
        event.listen(Session, "after_commit", self._ring)
        self._threads = [
            Thread(target=loop.run, name=f"worker-{loop.name}") for loop in self._every_loop()
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()
        log.info("worker_started")

    def stop(self) -> bool:
        """Let the work under way end, and say whether it did within half a minute."""
        event.remove(Session, "after_commit", self._ring)
        self._stop.set()
        for loop in self._every_loop():
            loop.bell.set()
        until = monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self._ear.close()
        if self._endpoints:
            ended &= self._endpoints.stop(max(0.0, until - monotonic()))
        self._give_back()
        log.info("worker_stopped", clean=ended)
        return ended

    def run(self) -> None:
        """Work in the foreground until SIGTERM or SIGINT comes."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._quit)
        self.start()
        self._stop.wait()
        self.stop()

    def _quit(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _give_back(self) -> None:
        try:
            with self.database.transaction() as session:
                models.give_back(session, "timers", self._holder)
        except OperationalError:
            log.warning("lease_kept")  # the database is away; the lease runs out by itself

    def _drainer(self, channel: Channel, sender: Sender) -> Callable[[], int]:
        limit = BATCHES[channel]
        if not isinstance(sender, RecordSender) or not sender.far:
            # Grades go one by one, for up to the length of a lease; and of our own database, what
            # is written ahead would take the turn of a request that waits to write.
            return lambda: delivery.drain(self.database, channel, sender, limit)
        line = Line(self.database, channel, sender, lambda: limit)
        return lambda: line.stream(lambda: not self._stop.is_set())

    def _every_loop(self) -> list[Loop]:
        hears = [] if self.database.is_sqlite else [self._listening]
        return [*self._loops, *self._chore_loops, self._timers, *hears]

    def _ring(self, session: Session) -> None:
        if session.info.get("database") is not self.database or not bells.is_whole(session):
            return
        for word in bells.BELLS:
            if session.info.pop(word, False):
                self._heard(word)

    def _heard(self, word: str) -> None:
        """Wake whoever waits for this news, from this process or from another."""
        for loop in {"news": self._loops, "chore": self._chore_loops}.get(word, ()):
            loop.bell.set()
