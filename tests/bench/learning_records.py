"""What learning records cost in CPU: saying, judging, sending and storing them, beside tincan.

Both send batches of 100 over one kept connection, as often as they can, to a stub in a process of
its own; `tests/bench/delivery.py` measures a whole worker.
"""

import json
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import requests
from bench.shared import stub
from bench.shared.bars import Bars
from support.sentences import NOW, review
from tincan import RemoteLRS, Statement

from lti_peer.core.db import Database
from xapi.client import RecordStore
from xapi.interop import to_tincan
from xapi.lrs import keys, storage
from xapi.lrs.models import METADATA
from xapi.statement import serialise
from xapi.validate import check

BATCH = 100
ROUNDS, SENT = 12, 10


def each(act: Callable[[], object], number: int) -> float:
    """Return the seconds of processor time of one act: the best of five rounds."""
    return min(timeit.repeat(act, number=number, repeat=5, timer=time.process_time)) / number


def in_turn(*acts):
    """Return the seconds of processor time of one act of each for one statement; the best round."""
    best = [1.0] * len(acts)
    for _ in range(ROUNDS):
        for place, act in enumerate(acts):
            found = timeit.timeit(act, number=SENT, timer=time.process_time)
            best[place] = min(best[place], found / SENT / BATCH)
    return best


def saying(bars):
    """Measure one statement in memory."""
    said = json.loads(serialise(review(1)))
    bars.tell("build", each(lambda: review(1), 2000) * 1e6, "µs")
    bars.at_most("judge", each(lambda: check(said), 2000) * 1e6, 60, "µs")
    bars.at_most("build, judge and write", each(say, 1000) * 1e6, 100, "µs")
    theirs = each(lambda: to_tincan(said).to_json(), 200) * 1e6
    bars.tell("tincan: read and write, not judged", theirs, "µs")


def say() -> str:
    """Build, judge and write one statement, as an act in the tool does."""
    statement = review(1)
    check(statement)
    return serialise(statement)


def sending(bars):
    """Measure batches of 100 to a stub: a bare connection, our client, tincan."""
    bodies = [serialise(review(number)) for number in range(BATCH)]
    objects = [Statement.from_json(body) for body in bodies]
    with (
        stub.running() as url,
        requests.Session() as bare,
        RecordStore(f"{url}/xAPI", "k", "s") as store,
    ):
        lrs = RemoteLRS(endpoint=f"{url}/xAPI", username="k", password="s")
        batch = "[" + ",".join(bodies) + "]"
        theirs, ours, tincan = in_turn(
            lambda: bare.post(f"{url}/xAPI/statements", data=batch),
            lambda: store.send(bodies),
            lambda: lrs.save_statements(objects),
        )
    bars.tell("send: a bare session", theirs * 1e6, "µs")
    bars.tell("send: our client", ours * 1e6, "µs")
    bars.tell("send: tincan", tincan * 1e6, "µs")
    bars.at_least("our client, of what a bare session reaches", theirs / ours * 100, 90, "%")


def storing(bars):
    """Measure the embedded store on SQLite, judged and committed in batches of 100."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'records.db'}")
        METADATA.create_all(database.engine)

        def store_batch() -> None:
            batch = [review(number) for number in range(BATCH)]
            with database.transaction() as session:
                storage.store(session, UUID(int=1), batch, keys.authority("bench"), NOW)

        rate = BATCH / each(store_batch, 20)
        bars.at_least("store batches of 100, judged; built as well", rate, 2000, "statements/s")
        database.close()


def main():
    """Print the table."""
    size = len(serialise(review(1)))
    bars = Bars(
        "Learning records (CPU of this process for one statement, best of five rounds)",
        f"a full statement of {size:,} bytes; SQLite with full syncs",
    )
    saying(bars)
    sending(bars)
    storing(bars)


if __name__ == "__main__":
    sys.exit(main())
