"""A class of 300 comes within half a minute, while the worker has a backlog to deliver.

Real processes of `lti-peer serve` and `lti-peer worker` on one SQLite file with full syncs, a
simulated LMS, and browsers that come one by one at an even pace, whether the last one has been
answered or not. The bar asks for 300 in 60 s; here they come twice as fast. What the tool takes for
login, launch and first page together is shown beside the launch.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.shared.bars import Bars, cut
from sqlalchemy import func, select
from support.sentences import review

from lti_peer import migrations
from lti_peer.cli import demonstration
from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.models import Deployment
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.demo import admission, houses
from lti_peer.demo.classroom import instructor, peer_review
from lti_peer.demo.classroom.crowd import expect
from lti_peer.demo.programs import Program, Programs

PEOPLE = 300
SECONDS = 30
BACKLOG = 20_000
PROCESSES = demonstration.PROCESSES
AT_ONCE = 32


@contextmanager
def tool():
    """Give the stage with LMS and tool, the settings for a worker, and the database."""
    with tempfile.TemporaryDirectory() as folder:
        made = demonstration.plan(18_280, PEOPLE, None)
        settings = demonstration._settings(made, Path(folder))
        database = Database(settings.database)
        migrations.upgrade(database)
        outside = {**demonstration._variables(settings), "LTI_PEER_WORKER_IN_WEB": "false"}
        with (
            Programs(outside, PROCESSES, made.tool_port.sockets) as running,
            houses.opened(
                made, None, database, demonstration._inviter(database, settings)
            ) as stage,
        ):
            running.await_answer(f"{made.tool_url}/healthz")
            yield stage, outside, database
        made.tool_port.close()
        database.close()


def pile_up(database):
    """Put a backlog of statements into the outbox."""
    with database.transaction() as session:
        tenant = session.scalars(select(Deployment.id)).first()
        for number in range(BACKLOG):
            one = review(number)
            outbox.put(session, tenant, Channel.XAPI, one["id"], one)


def delivered(database):
    """Return how many items have arrived."""
    with database.transaction(read_only=True) as session:
        told = select(func.count()).where(OutboxItem.state == Delivery.SENT)
        return session.scalar(told)


def come(stage, link, person, at):
    """Launch at a moment; return the milliseconds of the tool for it all, and for the launch."""
    time.sleep(max(0.0, at - time.monotonic()))
    took = []

    def note(answer, **_):
        if answer.url.startswith(stage.tool_url):
            took.append((answer.request.path_url, answer.elapsed.total_seconds() * 1e3))

    with stage.browser(person.id) as browser:
        browser.session.hooks["response"].append(note)
        expect(browser.launch(link.id), "launch")
    launch = sum(one for path, one in took if path == "/lti/launch")
    return sum(one for _, one in took), launch


def rush(stage, link):
    """Let everybody come, evenly spread; return what each had to wait for."""
    begin = time.monotonic() + 0.5
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [
            pool.submit(come, stage, link, one, begin + number * SECONDS / PEOPLE)
            for number, one in enumerate(stage.lms.learners)
        ]
        return [job.result() for job in jobs]


def main():
    """Print the table."""
    bars = Bars(
        f"{PEOPLE} launches in {SECONDS} s while the outbox is delivered (wall time)",
        f"{PROCESSES} processes of the tool, a worker, LMS and browsers on {os.cpu_count()} cores",
    )
    with tool() as (stage, outside, database):
        admission.admit(stage)
        link = instructor.place(stage, peer_review.KIND, "A text")
        pile_up(database)
        with Program(outside, "worker"):
            before, began = delivered(database), time.monotonic()
            waits = rush(stage, link)
            seconds, told = time.monotonic() - began, delivered(database) - before
    whole, launches = [one for one, _ in waits], [one for _, one in waits]
    bars.at_least("launches that led to a page", len(waits), PEOPLE)
    bars.at_most("… within", seconds, 60, "s")
    bars.tell("a launch, p50", cut(launches, 50), "ms")
    bars.at_most("… p95", cut(launches, 95), 300, "ms")
    bars.tell("login, launch and first page, p50", cut(whole, 50), "ms")
    bars.tell("… p95", cut(whole, 95), "ms")
    bars.tell("delivered meanwhile", told / seconds, "statements/s")


if __name__ == "__main__":
    sys.exit(main())
