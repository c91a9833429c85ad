"""How fast one worker delivers the outbox to a record store, beside a bare keep-alive client.

Both send the same batches of 100, one after another, to the same stub in a process of its own. A
store that takes 50 ms for a batch is twice as fast as the fastest one that xapi.md measured.
"""

import gc
import sys
import tempfile
from contextlib import contextmanager

import factories
import requests
from bench.shared import stub
from bench.shared.bars import Bars, spent
from support.sentences import review

from lti_peer import tables
from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.outbox import Channel
from lti_peer.jobs.delivery import Line
from lti_peer.jobs.records import RecordSender, to_store
from xapi.client import RecordStore
from xapi.statement import serialise

BATCH = 100
ROUNDS = 5
STORES = {"at once": (0.0, 50), "in 50 ms": (0.05, 30)}
"""How long a store takes for a batch, and the batches of one round."""


@contextmanager
def opened():
    """Give an empty database, on disk with full syncs."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        for metadata in tables.METADATA:
            metadata.create_all(database.engine)
        yield database
        database.close()


def fill(database, statements):
    """Put the statements into the outbox."""
    with database.transaction() as session:
        tenant = factories.course(session).deployment_id
        for one in statements:
            outbox.put(session, tenant, Channel.XAPI, one["id"], one)


def drain(database, sender):
    """Deliver everything, as a worker's loop does."""
    Line(database, Channel.XAPI, sender, lambda: BATCH).stream(lambda: True)


def race(seconds, batches):
    """Return statements/s of the bare client and of the worker, and the worker's CPU for one."""
    bare, ours, work = [], [], []
    count = batches * BATCH
    with stub.running(seconds) as url, requests.Session() as session, opened() as database:
        store = RecordStore(f"{url}/xAPI", "key", "secret")
        sender = RecordSender(to_store(store), apart=False)
        gc.collect()
        gc.freeze()  # as `lti-peer worker` does
        for _ in range(ROUNDS):
            said = [review(number) for number in range(count)]
            fill(database, said)
            bodies = [serialise(one) for one in said]
            parts = [bodies[at : at + BATCH] for at in range(0, count, BATCH)]
            bare.append(count / spent(lambda p=parts: send_bare(session, url, p))[1])
            cpu, wall = spent(lambda: drain(database, sender))
            ours.append(count / wall)
            work.append(cpu / count * 1e6)
        store.close()
    return max(bare), max(ours), min(work)


def send_bare(session, url, parts):
    """Send each batch as a program would that has nothing else to do."""
    for part in parts:
        headers = {"Content-Type": "application/json", "X-Experience-API-Version": "1.0.3"}
        body = ("[" + ",".join(part) + "]").encode()
        session.post(f"{url}/xAPI/statements", data=body, headers=headers).raise_for_status()


def main():
    """Print the table."""
    bars = Bars(
        "One worker delivers to a record store (wall time)",
        f"batches of {BATCH} statements of 1.5 kB, best of {ROUNDS} rounds, SQLite, full syncs",
    )
    for name, (seconds, batches) in STORES.items():
        bare, ours, work = race(seconds, batches)
        bars.tell(f"a bare client, a store that answers {name}", bare, "statements/s")
        bars.at_least(f"one worker, a store that answers {name}", ours, 1000, "statements/s")
        if seconds:
            bars.at_least("… of what the bare client reaches", ours / bare * 100, 90, "%")
        bars.tell("… CPU for a statement", work, "µs")


if __name__ == "__main__":
    sys.exit(main())
