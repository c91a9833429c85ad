"""The fault matrix of delivery: nothing lost, nothing twice, exactly the poisoned ones dead.

The bars for requests are 1.1 for 100 statements while all is well, and 5 under faults.
"""

from datetime import UTC, datetime, timedelta

import factories
import pytest
from sqlalchemy import select, update
from support import faulty_store
from support.faulty_store import POISON

from lti_peer.core import db, outbox
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.jobs import delivery
from lti_peer.jobs.breaker import Breaker
from lti_peer.jobs.pace import Pace
from lti_peer.jobs.records import RecordSender, to_store
from xapi.client import RecordStore

FAULTS = {"lost_answers": 0.10, "unavailable": 0.05, "too_many": 0.02}
ROUNDS = 500
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Sending:
    """A class's statements on their way to one store, and a clock that is moved by hand."""

    def __init__(self, database, store):
        self.database, self.store, self.seconds = database, store, 0.0
        self.records = RecordStore(store.url, "key", "secret")
        self.sender = self.made()
        self.said, self.poisoned = [], set()
        with database.transaction() as session:
            self.tenant = factories.course(session).deployment_id

    def made(self):
        """Return a sender as another worker would have it."""
        return RecordSender(
            to_store(self.records), apart=False, breaker=Breaker(lambda: self.seconds)
        )

    def say(self, number, poisoned=0, **more):
        """Put statements into the outbox, the poisoned ones spread among them."""
        every = number // poisoned if poisoned else number + 1
        with self.database.transaction() as session:
            for place in range(1, number + 1):
                bad = place % every == 0
                one = factories.statement(**({"response": POISON} if bad else more))
                outbox.put(session, self.tenant, Channel.XAPI, one["id"], one)
                self.said.append(one["id"])
                self.poisoned |= {one["id"]} if bad else set()

    def deliver(self, sender=None):
        """Deliver once."""
        sender = sender or self.sender
        return delivery.drain(self.database, Channel.XAPI, sender, sender.pace.statements)

    def wait(self, seconds=400.0):
        """Let time pass: what waits is due."""
        self.seconds += seconds
        with self.database.transaction() as session:
            session.execute(
                update(OutboxItem)
                .where(OutboxItem.state == outbox.Delivery.PENDING)
                .values(due_at=LONG_AGO)
            )

    def finish(self):
        """Deliver and wait until nothing is left."""
        for _ in range(ROUNDS):
            if self.deliver():
                continue
            if not self.states("pending"):
                return
            self.wait()
        pytest.fail(f"still on their way: {len(self.states('pending'))}")

    def states(self, state):
        """Return the ids of the items in a state."""
        with self.database.transaction(read_only=True) as session:
            return set(session.scalars(select(OutboxItem.key).where(OutboxItem.state == state)))

    @property
    def per_hundred(self):
        """Requests for 100 statements."""
        return self.store.requests * 100 / len(self.said)

    def check(self):
        """Hold that each statement arrived once, the poisoned ones never."""
        assert set(self.store.kept) == set(self.said) - self.poisoned
        assert set(self.store.times.values()) <= {1}
        assert self.states("dead") == self.poisoned
        assert self.states("sent") == set(self.said) - self.poisoned


@pytest.fixture
def sending(database):
    """Start a store and a class that speaks to it."""
    opened = []

    def start(**terms):
        running = faulty_store.running(**terms)
        one = Sending(database, running.__enter__())
        opened.append((running, one))
        return one

    yield start
    for running, one in opened:
        one.records.close()
        running.__exit__(None, None, None)


def test_a_healthy_store_is_asked_once_for_a_hundred_statements(sending):
    one = sending()
    one.say(1_000)
    one.finish()
    one.check()
    assert one.per_hundred <= 1.1


@pytest.mark.parametrize("refusal", [400, 422])
@pytest.mark.parametrize("strict", [True, False])
def test_under_faults_nothing_is_lost_or_doubled_and_exactly_the_poison_dies(
    sending, strict, refusal
):
    one = sending(strict=strict, refusal=refusal, **FAULTS)
    one.say(1_000, poisoned=2)
    one.finish()
    one.check()
    assert one.per_hundred <= 5


@pytest.mark.parametrize("limit", [{"most_statements": 30}, {"most_bytes": 20_000}])
def test_a_store_that_takes_little_at_once_gets_all_of_it(sending, limit):
    one = sending(**limit, **FAULTS)
    one.say(400, poisoned=1)
    one.finish()
    one.check()


def test_a_statement_that_is_too_long_for_the_store_is_put_aside_alone(sending):
    one = sending(most_bytes=20_000)
    one.say(20)
    one.say(1, response="x" * 30_000)
    one.say(20)
    one.poisoned = {one.said[20]}
    one.finish()
    one.check()


def test_a_store_that_is_down_for_an_hour_is_asked_seldom_and_gets_all(sending):
    one = sending()
    one.store.down = True
    one.say(100)
    while one.seconds < 3_600:
        one.deliver()
        one.wait(seconds=30)
    assert one.store.requests <= 25
    one.store.down = False
    one.finish()
    one.check()


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_jumps_loses_and_doubles_nothing(sending, monkeypatch, jump):
    one = sending()
    one.say(150)

    def jumping(batch):
        with monkeypatch.context() as moved:
            moved.setattr(outbox.db, "now", lambda session, now=db.now: now(session) + jump)
            one.deliver(one.made())
            one.say(50)
        return sender(batch)

    sender = one.sender
    jumping.pace = sender.pace
    one.deliver(jumping)
    one.finish()
    one.check()


def test_one_who_comes_again_by_hand_speaks_for_nobody_that_is_new(sending):
    """It is in the store, its answer was lost, and it ends up last in a batch of others."""
    one = sending(lost_answers=1.0)
    one.say(1)
    one.deliver()
    one.store.lost_answers = 0.0
    one.wait()
    one.say(5)
    with one.database.transaction() as session:
        last = session.scalars(select(OutboxItem).where(OutboxItem.key == one.said[0])).one()
        last.batch, last.sequence = None, db.now(session)
        last.due_at = last.sequence
    one.finish()
    one.check()


def test_parts_of_a_batch_that_became_too_large_do_not_speak_for_each_other(sending):
    """The second half arrives and its answer is lost, the first half never came."""
    one = sending(lost_answers=1.0)
    one.say(100)
    interrupted = _Dying()
    with pytest.raises(KeyboardInterrupt):
        one.deliver(interrupted)
    interrupted.pace.shrink()
    one.wait()
    with pytest.raises(KeyboardInterrupt):
        one.deliver(interrupted)
    one.deliver(one.made())
    assert len(one.store.kept) == 50
    one.store.lost_answers = 0.0
    one.finish()
    one.check()


class _Dying:
    """A worker that is killed before it sends."""

    def __init__(self):
        self.pace = Pace()

    def __call__(self, _claims):
        raise KeyboardInterrupt
