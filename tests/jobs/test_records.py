"""Statements reach a record store once, in batches, whatever the store says."""

import json
from uuid import UUID

import pytest
from factories import statement as sentence
from sqlalchemy import select

from lti_peer.core import outbox
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.jobs import delivery, records
from lti_peer.jobs.records import RecordSender
from xapi.client import Conflict, Refused, Unauthorised, Unavailable
from xapi.delivery import deliver
from xapi.lrs import storage
from xapi.lrs.models import StoredStatement


class Store:
    """A record store outside that remembers what it was sent."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.requests = []
        self.kept = {}

    def send(self, bodies):
        self.requests.append(list(bodies))
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        statements = [json.loads(body) for body in bodies]
        if any(one["id"] in self.kept for one in statements):
            raise Conflict("409")
        if any(one.get("result", {}).get("response") == "poison" for one in statements):
            raise Refused("400: no poison")
        self.kept |= {one["id"]: one for one in statements}

    def fetch(self, statement_id):
        return self.kept.get(str(statement_id))

    def bring(self, _tenant, batch):
        return deliver(self.send, self.fetch, batch)


@pytest.fixture
def say(database, tenant):
    """Put statements into the outbox."""

    def write(*statements, where=tenant):
        with database.transaction() as session:
            for one in statements:
                outbox.put(session, where, Channel.XAPI, one["id"], one)

    return write


@pytest.fixture
def drain(database):
    """Deliver with a sender, once."""
    return lambda sender: delivery.drain(database, Channel.XAPI, sender, 100)


@pytest.fixture
def items(database):
    """Read the outbox."""

    def read():
        with database.transaction(read_only=True) as session:
            return session.scalars(select(OutboxItem)).all()

    return read


def test_the_embedded_store_keeps_what_was_said_for_its_tenant(database, tenant, say, drain):
    said = sentence()
    say(said)
    drain(RecordSender(records.to_embedded(database), apart=True))
    with database.transaction(read_only=True) as session:
        stored = session.scalars(select(StoredStatement)).one()
    assert (stored.tenant, stored.statement_id) == (tenant, UUID(said["id"]))


def test_the_embedded_store_has_each_statement_once_when_a_worker_died(database, say, drain):
    say(*[sentence() for _ in range(3)])
    embedded = records.to_embedded(database)

    def die(claims):
        RecordSender(embedded, apart=True)(claims)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drain(die)
    forget_leases(database)
    drain(RecordSender(embedded, apart=True))
    assert count(database) == 3


def test_the_embedded_store_puts_aside_what_is_invalid(database, say, drain, items):
    good, bad = sentence(), {**sentence(), "verb": {"id": "no address"}}
    say(good, bad)
    drain(RecordSender(records.to_embedded(database), apart=True))
    assert {item.key: item.state.value for item in items()} == {
        good["id"]: "sent",
        bad["id"]: "dead",
    }


def test_a_batch_is_one_request(say, drain):
    store = Store()
    say(*[sentence() for _ in range(40)])
    drain(RecordSender(store.bring, apart=False))
    assert [len(bodies) for bodies in store.requests] == [40]


def test_a_batch_is_at_most_half_a_mebibyte(say, drain):
    store = Store()
    say(*[sentence(response="x" * 30_000) for _ in range(20)])
    drain(RecordSender(store.bring, apart=False))
    assert [len(bodies) for bodies in store.requests] == [17, 3]


def test_a_retry_sends_the_same_texts_in_the_same_order(database, say, drain):
    store = Store(Unavailable("503."))
    say(*[sentence(scaled=0.1 + 0.2) for _ in range(5)])
    sender = RecordSender(store.bring, apart=False)
    drain(sender)
    forget_leases(database)
    drain(sender)
    assert [len(bodies) for bodies in store.requests] == [5, 5]
    assert store.requests[0] == store.requests[1]


def test_a_store_that_failed_is_asked_again_and_the_attempt_counts(say, drain, items):
    say(sentence())
    drain(RecordSender(Store(Unavailable("500.")).bring, apart=False))
    assert [(item.attempts, item.last_error) for item in items()] == [(1, "500.")]


def test_a_store_that_is_away_is_left_alone_and_nothing_is_blamed(database, say, drain, items):
    away = Unavailable("No answer: ConnectTimeout.")
    away.__cause__ = OSError()
    store = Store(away)
    sender = RecordSender(store.bring, apart=False)
    say(sentence())
    drain(sender)
    forget_leases(database)
    drain(sender)
    assert len(store.requests) == 1
    assert [(item.attempts, item.state.value) for item in items()] == [(0, "pending")]


def test_a_wrong_key_blames_no_statement(say, drain, items):
    say(sentence())
    drain(RecordSender(Store(Unauthorised("401.")).bring, apart=False))
    assert [(item.attempts, item.last_error) for item in items()] == [(0, "401.")]


def test_a_pause_that_the_store_asks_for_is_kept(say, drain, items):
    say(sentence())
    drain(RecordSender(Store(Unavailable("429.", 120.0)).bring, apart=False))
    (item,) = items()
    assert 118 < (item.due_at - item.sequence).total_seconds() < 125


def test_no_part_is_sent_after_one_that_failed(say, drain):
    store = Store(Unavailable("500."))
    say(*[sentence(response="x" * 30_000) for _ in range(20)])
    drain(RecordSender(store.bring, apart=False))
    assert len(store.requests) == 1


def test_the_refused_statement_is_put_aside_alone(say, drain, items):
    store = Store()
    say(*[sentence(response=word) for word in ["a", "b", "poison", "c"]])
    drain(RecordSender(store.bring, apart=False))
    assert len(store.kept) == 3
    assert sorted(item.state.value for item in items()) == ["dead", "sent", "sent", "sent"]


def forget_leases(database):
    with database.transaction() as session:
        for item in session.scalars(select(OutboxItem)):
            item.due_at = item.sequence


def count(database):
    with database.transaction(read_only=True) as session:
        tenants = session.scalars(select(StoredStatement.tenant).distinct()).all()
        return sum(storage.count(session, tenant) for tenant in tenants)
