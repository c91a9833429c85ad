"""Processes that tests kill: each does real work on a real database until somebody ends it."""

import os
import signal
import time
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import configure_mappers

from lti_peer.core import grades, logs, outbox
from lti_peer.core.db import Database
from lti_peer.core.models import Activity
from lti_peer.core.outbox import TOLD, Channel, Outcome
from lti_peer.jobs import delivery, records
from lti_peer.jobs.worker import Worker

LEASE = timedelta(milliseconds=300)
"""Short, so that a test need not wait a minute for what a killed worker held."""
PACE_S = 0.001
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["support.victims"])
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # the server preloads by it alone
configure_mappers()


@contextmanager
def running(work, *arguments):
    """Start a process and wait until it works; end it with SIGKILL."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_begin, args=(work, theirs, arguments))
    process.start()
    theirs.close()
    try:
        assert ours.poll(30), "the process did not begin"
        yield process
    finally:
        process.kill()
        process.join(30)
        ours.close()
        process.close()


def _begin(work, pipe, arguments):
    logs.set_up("INFO")  # to where support.canaries looks
    work(lambda: pipe.send_bytes(b"!"), *arguments)


def deliver(ready, url, journal):
    """Deliver statements to the embedded store, and grades into the file `journal`."""
    outbox.LEASE = LEASE
    database = Database(url)
    with database.transaction(read_only=True) as session:
        outbox.lag(session)
    ready()
    senders = {
        Channel.XAPI: records.RecordSender(records.to_embedded(database), apart=True),
        Channel.AGS: Journal(journal),
    }
    Worker(database, senders, "https://tool.example").run()


def fall_asleep(ready, url, journal):
    """Claim grades, stop while sending them, and say after waking that it failed for good."""
    outbox.LEASE = LEASE

    def sleep(claims):
        ready()
        os.kill(os.getpid(), signal.SIGSTOP)
        Journal(journal)(claims)
        return [(claim, Outcome("timed out", dead=True)) for claim in claims]

    delivery.drain(Database(url), Channel.AGS, sleep, 20)


def write(ready, url, activity_id, person_id):
    """Post one grade after another, each with its news."""
    database = Database(url)
    while True:
        with database.transaction() as session:
            activity = session.get_one(Activity, activity_id)
            grades.post(session, activity, person_id, uuid4().hex, 0.5)
        ready()
        ready = bool


class Journal:
    """A grade book that never forgets a line: where grades go in these tests."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, claims):
        results = []
        for claim in claims:
            os.write(self._file, f"{claim.key} {claim.payload['points']}\n".encode())
            time.sleep(PACE_S)
            results.append((claim, TOLD))
        return results
