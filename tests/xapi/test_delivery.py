"""Batches against a store that loses answers, refuses, and dies; nothing is lost or doubled."""

import contextlib
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xapi import vocabulary as words
from xapi.client import Conflict, Refused, Unauthorised, Unavailable
from xapi.delivery import Fate, Sealed, deliver, seal
from xapi.identity import Account
from xapi.statement import Thing, build

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def make(count):
    actor, work = Account("https://lms.example.org", "ada"), Thing("https://peer.example.org/s/1")
    return [
        seal(build(uuid4(), actor=actor, verb=words.SUBMITTED, thing=work, at=NOW))
        for _ in range(count)
    ]


class Store:
    """A store as strict as the specification allows: any id that it knows is a conflict."""

    def __init__(self, poison=(), lost=(), tolerant=False):
        self.stored, self.sent = {}, 0
        self.poison, self.lost, self.tolerant = set(poison), set(lost), tolerant
        self.readable = True

    def send(self, bodies):
        self.sent += 1
        texts = {UUID(body.split('"')[3]): body for body in bodies}
        if not self.tolerant and self.stored.keys() & texts.keys():
            raise Conflict("409: known")
        if self.poison & texts.keys():
            raise Refused("400: poison")
        self.stored.update(texts)
        if self.sent in self.lost:
            raise Unavailable("No answer.")

    def fetch(self, statement_id):
        self.sent += 1
        if not self.readable:
            raise Unauthorised("403")
        body = self.stored.get(statement_id)
        return body and json.loads(body)


def fates(delivery):
    return [outcome.fate for outcome in delivery.outcomes]


def test_a_healthy_batch_is_one_request():
    store, batch = Store(), make(100)

    assert fates(deliver(store.send, store.fetch, batch)) == [Fate.DELIVERED] * 100
    assert store.sent == 1


def test_a_batch_whose_answer_was_lost_is_recognised_by_one_look():
    store, batch = Store(lost=[1]), make(100)
    first = deliver(store.send, store.fetch, batch)
    again = deliver(store.send, store.fetch, batch)

    assert fates(first) == [Fate.PENDING] * 100
    assert isinstance(first.stopped, Unavailable)
    assert fates(again) == [Fate.DELIVERED] * 100
    assert store.sent == 3


def test_a_poisoned_statement_dies_alone_and_cheaply():
    batch = make(100)
    store = Store(poison=[batch[41].id])
    delivery = deliver(store.send, store.fetch, batch)
    dead = [outcome for outcome in delivery.outcomes if outcome.fate is Fate.DEAD]

    assert [outcome.id for outcome in dead] == [batch[41].id]
    assert dead[0].reason == "400: poison"
    assert len(store.stored) == 99
    assert store.sent <= 15


def test_outcomes_come_in_the_batch_s_order():
    batch = make(9)
    store = Store(poison=[batch[0].id, batch[8].id], lost=[3])
    delivery = deliver(store.send, store.fetch, batch)

    assert [outcome.id for outcome in delivery.outcomes] == [one.id for one in batch]


def test_another_statement_under_the_same_id_is_dead():
    (mine,), (other,) = make(1), make(1)
    store = Store()
    theirs = other.body.replace(str(other.id), str(mine.id)).replace("ada", "eve")
    store.stored[mine.id] = theirs
    delivery = deliver(store.send, store.fetch, [mine])

    assert fates(delivery) == [Fate.DEAD]
    assert "409" in delivery.outcomes[0].reason


def test_what_a_store_adds_does_not_make_it_another_statement():
    (mine,) = make(1)
    store = Store()
    store.stored[mine.id] = mine.body.replace('{"id"', '{"stored":"x","authority":{},"id"')

    assert fates(deliver(store.send, store.fetch, [mine])) == [Fate.DELIVERED]


@pytest.mark.parametrize("answer", ["{}", '{"actor": 5}', '{"timestamp": "x"}'])
def test_a_store_that_returns_nonsense_has_not_the_statement(answer):
    (mine,) = make(1)
    store = Store()
    store.stored[mine.id] = answer

    assert fates(deliver(store.send, store.fetch, [mine])) == [Fate.DEAD]


def test_a_key_that_cannot_read_still_gets_a_lost_batch_across():
    batch = make(4)
    store = Store(lost=[1])
    store.readable = False
    deliver(store.send, store.fetch, batch)

    assert fates(deliver(store.send, store.fetch, batch)) == [Fate.DELIVERED] * 4


def test_a_wrong_key_leaves_everything_pending():
    def send(_bodies):
        raise Unauthorised("401")

    delivery = deliver(send, Store().fetch, make(3))

    assert fates(delivery) == [Fate.PENDING] * 3
    assert isinstance(delivery.stopped, Unauthorised)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_fails_nothing_is_lost_and_exactly_the_poison_dies(data):
    batch = make(data.draw(st.integers(1, 20)))
    poison = data.draw(st.sets(st.sampled_from([one.id for one in batch])))
    lost = data.draw(st.sets(st.integers(1, 30), max_size=6))
    store = Store(poison, lost, tolerant=data.draw(st.booleans()))
    pending, dead = list(batch), set()
    for _ in range(40):
        delivery = deliver(store.send, store.fetch, pending)
        settled = {o.id: o.fate for o in delivery.outcomes if o.fate is not Fate.PENDING}
        dead |= {key for key, fate in settled.items() if fate is Fate.DEAD}
        pending = [one for one in pending if one.id not in settled]
        if not pending:
            break
    assert pending == []
    assert dead == poison
    assert store.stored.keys() == {one.id for one in batch} - poison


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_sender_that_is_killed_anywhere_loses_nothing(data):
    batch = make(data.draw(st.integers(1, 16)))
    poison = data.draw(st.sets(st.sampled_from([one.id for one in batch])))
    store = Store(poison)
    for end in data.draw(st.lists(st.integers(1, 12), max_size=4)):
        with contextlib.suppress(KeyboardInterrupt):
            deliver(killed_after(store, end), store.fetch, batch)
    deliver(store.send, store.fetch, batch)

    assert store.stored.keys() == {one.id for one in batch} - poison


def killed_after(store, end):
    """Send as the store does, and die after `end` requests, before anything is written down."""
    calls = iter(range(end - 1))

    def send(bodies):
        last = next(calls, None) is None
        try:
            store.send(bodies)
        finally:
            if last:
                raise KeyboardInterrupt

    return send


def test_a_sealed_statement_never_changes():
    (one,) = make(1)

    assert isinstance(one, Sealed)
    assert one.body == seal(json.loads(one.body)).body
