"""The worker delivers soon after a commit, and ends when it is told to."""

import time
from datetime import timedelta
from threading import Event
from uuid import uuid4

import factories
import pytest
from sqlalchemy import func, select, update

from lti_peer.core import outbox
from lti_peer.core.outbox import TOLD, Channel, OutboxItem
from lti_peer.jobs import models
from lti_peer.jobs.models import Lease
from lti_peer.jobs.records import RecordSender
from lti_peer.jobs.worker import Loop, Worker
from xapi.delivery import Delivery, Fate
from xapi.delivery import Outcome as Fated

MINUTE = timedelta(minutes=1)

BASE_URL = "https://tool.example"


def tell(claims):
    return [(claim, TOLD) for claim in claims]


def soon(true, seconds=5.0):
    """Wait until `true()` is, at most some seconds, and return whether it is."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


@pytest.fixture
def running(database):
    """A worker whose threads run until the test ends."""
    worker = Worker(database, {Channel.AGS: tell}, BASE_URL)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def take(database):
    """Take a lease in a transaction of its own."""

    def taken(holder):
        with database.transaction() as session:
            return models.take(session, "timers", holder, MINUTE)

    return taken


def test_news_is_told_soon_after_its_commit(running, put, states):
    put("a")
    assert soon(lambda: states() == {"a": "sent"})


def test_a_commit_rings_so_that_nothing_waits_for_the_next_look(database, put, states):
    worker = Worker(database, {Channel.AGS: tell}, BASE_URL)
    worker._loops[0]._pause = 60.0
    worker.start()
    time.sleep(0.1)  # the loop has found nothing, and sleeps for a minute
    put("a")
    assert soon(lambda: states() == {"a": "sent"})
    assert worker.stop()


def test_a_savepoint_rings_no_bell_before_the_whole_is_committed(database, tenant, states):
    worker = Worker(database, {Channel.AGS: tell}, BASE_URL)
    worker._loops[0]._pause = 60.0
    worker.start()
    time.sleep(0.1)
    with database.transaction() as session:
        outbox.put(session, tenant, Channel.AGS, "a", {})
        with session.begin_nested():
            session.execute(update(Lease).values(until=factories.NOW))
        assert session.info["news"]
    assert soon(lambda: states() == {"a": "sent"})
    assert worker.stop()


def test_a_stopped_worker_tells_nothing_more(database, put, states):
    worker = Worker(database, {Channel.AGS: tell}, BASE_URL)
    worker.start()
    assert worker.stop()
    put("a")
    assert states() == {"a": "pending"}


def test_stopping_lets_the_work_under_way_end(database, put, states):
    begun, go_on = Event(), Event()

    def slow(claims):
        begun.set()
        go_on.wait(5)
        return tell(claims)

    worker = Worker(database, {Channel.AGS: slow}, BASE_URL)
    worker.start()
    put("a")
    assert begun.wait(5)
    go_on.set()
    assert worker.stop()
    assert states() == {"a": "sent"}


def test_once_delivers_until_nothing_is_due(database, put, states):
    put(*[str(number) for number in range(45)])
    assert Worker(database, {Channel.AGS: tell}, BASE_URL).once() == 45
    assert set(states().values()) == {"sent"}


def test_a_chore_is_done_until_nothing_is_due_and_by_the_worker_that_runs(database):
    left = [1, 1, 1]
    chores = {"tidy": lambda: left.pop() if left else 0}
    Worker(database, {}, BASE_URL, chores).once()
    assert left == []

    left.append(1)
    worker = Worker(database, {}, BASE_URL, chores)
    worker.start()
    assert soon(lambda: left == [])
    assert worker.stop()


def test_a_chore_is_rung_for_by_its_own_news_alone(database, put):
    done = []
    worker = Worker(database, {}, BASE_URL, {"tidy": lambda: done.append(1) or 0})
    worker.start()
    assert soon(lambda: len(done) == 1)
    put("a")
    time.sleep(0.1)
    assert len(done) == 1
    with database.transaction() as session:
        session.info["chore"] = True
        session.execute(update(Lease).values(until=factories.NOW))
    assert soon(lambda: len(done) == 2)
    assert worker.stop()


@pytest.mark.slow
def test_a_fault_in_a_loop_is_survived():
    stop, calls = Event(), []

    def work():
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the database is away")
        stop.set()
        return 0

    Loop("a loop", work, 0.01, stop).run()
    assert len(calls) == 2


def test_one_of_two_workers_has_the_lease(take):
    one, other = uuid4(), uuid4()
    assert take(one)
    assert not take(other)
    assert take(one)


def test_a_lease_that_has_run_out_goes_to_who_asks(database, take):
    take(uuid4())
    with database.transaction() as session:
        session.execute(update(Lease).values(until=factories.NOW - timedelta(days=365)))
    assert take(uuid4())


def test_a_lease_that_is_given_back_is_free_at_once(database, take):
    holder = uuid4()
    take(holder)
    with database.transaction() as session:
        models.give_back(session, "timers", holder)
    time.sleep(0.002)  # the clock has milliseconds
    assert take(uuid4())


def test_a_lease_is_given_back_by_its_holder_alone(database, take):
    take(uuid4())
    with database.transaction() as session:
        models.give_back(session, "timers", uuid4())
    assert not take(uuid4())


def test_the_timers_turn_on_one_worker_alone(database, monkeypatch):
    turns = []
    monkeypatch.setattr("lti_peer.jobs.timers.turn", lambda *_: turns.append(1))
    one, other = Worker(database, {}, BASE_URL), Worker(database, {}, BASE_URL)
    one.turn()
    other.turn()
    one.turn()
    assert len(turns) == 2


@pytest.mark.parametrize(("far", "leased"), [(True, 101), (False, 100)])
def test_only_for_a_store_of_others_is_more_claimed_while_a_batch_is_sent(
    database, tenant, far, leased
):
    seen = set()

    def bring(_tenant, batch):
        soon(lambda: seen.add(count(database)) or max(seen) > 100, 0.1)
        return Delivery([Fated(one.id, Fate.DELIVERED) for one in batch])

    say(database, tenant, 101)
    sender = RecordSender(bring, apart=False, far=far)
    assert Worker(database, {Channel.XAPI: sender}, BASE_URL).once() == 101
    assert max(seen) == leased


def say(database, tenant, number):
    """Put so many statements into the outbox."""
    with database.transaction() as session:
        for _ in range(number):
            one = factories.statement()
            outbox.put(session, tenant, Channel.XAPI, one["id"], one)


def count(database):
    """Return how many items are leased."""
    with database.transaction(read_only=True) as session:
        return session.scalar(select(func.count(OutboxItem.lease)))
