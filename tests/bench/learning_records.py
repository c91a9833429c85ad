"""What learning records cost: saying, judging, sending and storing them, beside tincan's own way.

Bars: build, judge and write at most 100 µs; judge at most 60 µs; the client at least 1,000
statements/s and nine tenths of a bare keep-alive session; the store at least 2,000 statements/s.
"""

import json
import sys
import tempfile
import threading
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import requests
from tincan import RemoteLRS, Statement

from lti_peer.core.db import Database
from xapi import vocabulary as words
from xapi.client import RecordStore
from xapi.identity import Account
from xapi.interop import to_tincan
from xapi.lrs import keys, storage
from xapi.lrs.models import METADATA
from xapi.statement import StatementJson, Thing, build, serialise
from xapi.validate import check

PEER = "https://peer.example.org"
BATCH = 100
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def review(number: int) -> StatementJson:
    """Return a full statement of a review, about 1.5 kB."""
    return build(
        uuid4(),
        actor=Account("https://lms.example.org", f"learner-{number % 300}"),
        verb=words.REVIEWED,
        thing=Thing(f"{PEER}/submissions/{number}", words.SUBMISSION, "A submission"),
        at=NOW,
        scaled=0.8,
        raw=8,
        lowest=0,
        highest=10,
        duration=timedelta(seconds=612.5),
        registration=uuid4(),
        parent=[Thing(f"{PEER}/activities/1", words.PEER_REVIEW_ACTIVITY, "Essay")],
        grouping=[Thing("https://lms.example.org/courses/2", words.COURSE)],
        ref=uuid4(),
        result_extensions={words.CRITERIA: [{"criterion": f"{PEER}/c/1", "scaled": 0.75}]},
        context_extensions={words.ROUND: 1, words.ANONYMITY: "double"},
        language="en",
        platform="lti-peer",
    )


class Stub(BaseHTTPRequestHandler):
    """A record store that takes everything at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer as a store does."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def stub() -> Iterator[int]:
    """Run the stub and give its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def each(act: Callable[[], object], number: int) -> float:
    """Return the seconds of processor time of one act: the best of five rounds."""
    return min(timeit.repeat(act, number=number, repeat=5, timer=time.process_time)) / number


def show(name: str, seconds: float) -> None:
    """Print one line of the table; seconds are those of one statement."""
    sys.stdout.write(f"{name:<44}{seconds * 1e6:>9.1f} µs {1 / seconds:>11,.0f} /s\n")


def saying() -> None:
    """Measure one statement in memory."""
    said = json.loads(serialise(review(1)))
    sys.stdout.write(f"one statement of {len(serialise(said)):,} bytes\n")
    show("build", each(lambda: review(1), 2000))
    show("judge", each(lambda: check(said), 2000))
    show("build, judge, write", each(say, 1000))
    show("tincan: read and write, not judged", each(lambda: to_tincan(said).to_json(), 200))


def say() -> str:
    """Build, judge and write one statement, as an act in the tool does."""
    statement = review(1)
    check(statement)
    return serialise(statement)


def sending() -> None:
    """Measure batches of 100 to a stub: a bare connection, our client, tincan."""
    bodies = [serialise(review(number)) for number in range(BATCH)]
    objects = [Statement.from_json(body) for body in bodies]
    with (
        stub() as port,
        requests.Session() as bare,
        RecordStore(f"http://127.0.0.1:{port}/xAPI", "k", "s") as store,
    ):
        address = f"http://127.0.0.1:{port}/xAPI"
        lrs = RemoteLRS(endpoint=address, username="k", password="s")
        for name, act, rounds in (
            ("a bare session", lambda: bare.post(address, data="[" + ",".join(bodies) + "]"), 30),
            ("our client", lambda: store.send(bodies), 30),
            ("tincan", lambda: lrs.save_statements(objects), 5),
        ):
            show(f"send 100: {name}", each(act, rounds) / BATCH)


def storing() -> None:
    """Measure the embedded store on SQLite, judged and committed in batches of 100."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'records.db'}")
        METADATA.create_all(database.engine)

        def store_batch() -> None:
            batch = [review(number) for number in range(BATCH)]
            with database.transaction() as session:
                storage.store(session, UUID(int=1), batch, keys.authority("bench"), NOW)

        show("store 100, built as well", each(store_batch, 20) / BATCH)
        database.close()


if __name__ == "__main__":
    saying()
    sending()
    storing()
