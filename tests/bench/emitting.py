"""What it adds to a request that it says something: a statement, judged, in the same transaction.

Alone: transactions that store a row, and transactions that store a row and say a statement, in
turn. At a rush: eight processes that do the latter as fast as they can, while a worker delivers to
the embedded store, all on one SQLite file with full syncs. The bars are for what saying adds. The
whole transaction, which waits for its turn to write whether it says something or not, is shown
beside it: the prototype of xapi.md 3.2 took 158 ms at p99.
"""

import gc
import multiprocessing
import os
import sys
import tempfile
import time
from statistics import median
from uuid import uuid4

import factories
import structlog
from bench.shared.bars import QUIET, Bars, cut
from sqlalchemy import func, select
from support.sentences import review

from config.settings import Settings
from lti_peer import tables
from lti_peer.core import records
from lti_peer.core.db import Database
from lti_peer.core.models import Activity, Person
from lti_peer.core.outbox import OutboxItem
from lti_peer.jobs import senders
from lti_peer.jobs.worker import Worker

WRITERS = 8
SECONDS = 12.0
PAUSE = 0.05
"""Seconds between two requests of one writer: all ask for 160 a second at most."""
RUNS = 400


def act(database, visit, *, says, clock=time.perf_counter):
    """Change a row as a request does; return the milliseconds of saying so and of it all."""
    began = clock()
    said = 0.0
    with database.transaction() as session:
        session.get_one(Person, visit.person.id).name = uuid4().hex
        if says:
            statement, start = review(1), clock()
            records.emit(session, visit, statement)
            said = clock() - start
    return said * 1e3, (clock() - began) * 1e3


def visit_of(database, person_id, activity_id):
    """Return a visit of that person."""
    with database.transaction(read_only=True) as session:
        return factories.visit(
            session.get_one(Person, person_id), session.get_one(Activity, activity_id)
        )


def write(url, ids, together, found):
    """Act until the time is over, and hand over what each act took."""
    database = Database(url)
    visit, kept = visit_of(database, *ids), []
    together.wait()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        kept.append(act(database, visit, says=True))
        time.sleep(PAUSE)
    found.put(kept)
    database.close()


def work(url, stop):
    """Do what a worker does until told to stop."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(QUIET))
    database = Database(url)
    settings = Settings(secret_key=factories.SECRET, base_url="https://tool.example")
    worker = Worker(database, senders.build(settings, database), settings.base_url)
    worker.start()
    stop.wait()
    worker.stop()
    database.close()


def rush(url, *ids):
    """Let writers and a worker at the file at once; return what the writers' acts took."""
    start = multiprocessing.get_context("spawn")
    found, stop, together = start.Queue(), start.Event(), start.Barrier(WRITERS)
    worker = start.Process(target=work, args=(url, stop))
    writers = [
        start.Process(target=write, args=(url, ids, together, found)) for _ in range(WRITERS)
    ]
    for one in (worker, *writers):
        one.start()
    kept = [one for _ in writers for one in found.get(timeout=120)]
    stop.set()
    for one in (worker, *writers):
        one.join(30)
    return kept


def alone(database, *ids):
    """Return the CPU of acts that say nothing, each beside that of one that says something."""
    visit, cpu = visit_of(database, *ids), time.process_time
    gc.collect()
    gc.freeze()  # as `lti-peer serve` does
    return [
        [act(database, visit, says=says, clock=cpu)[1] for says in (False, True)]
        for _ in range(RUNS)
    ]


def main():
    """Print the table."""
    bars = Bars(
        "Saying something in a request (alone: CPU; at a rush: wall time)",
        f"{WRITERS} writers and a worker are processes of their own; {os.cpu_count()} cores",
    )
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        database = Database(url)
        for metadata in tables.METADATA:
            metadata.create_all(database.engine)
        world = factories.World(database).build(learners=1)
        ids = (world.people[0].id, world.activity.id)
        pairs = alone(database, *ids)
        bars.tell(
            "alone: a transaction that says nothing, p50",
            median(silent for silent, _ in pairs),
            "ms",
        )
        added = median(says - silent for silent, says in pairs)
        bars.at_most("… what a statement adds to it, p50", added, 0.5, "ms")
        kept = rush(url, *ids)
        with database.transaction(read_only=True) as session:
            said = session.scalar(select(func.count()).select_from(OutboxItem))
        database.close()
    bars.tell("at a rush: transactions", len(kept) / SECONDS, "/s")
    bars.at_most("… what a statement adds, p99", cut([one for one, _ in kept], 99), 50, "ms")
    bars.tell(
        "… a transaction with its wait for its turn, p50", cut([w for _, w in kept], 50), "ms"
    )
    bars.tell("… p99", cut([whole for _, whole in kept], 99), "ms")
    bars.note(f"{said:,} statements were said.")


if __name__ == "__main__":
    sys.exit(main())
