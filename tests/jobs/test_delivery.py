"""Claim, send with no transaction open, settle; a fault of ours holds up nobody else."""

import time

import pytest
from sqlalchemy import func, select, text, update

from lti_peer.core.outbox import TOLD, Channel, OutboxItem, Outcome
from lti_peer.jobs import delivery
from lti_peer.jobs.delivery import Line


def tell(claims):
    return [(claim, TOLD) for claim in claims]


def stumble(claims):
    """Fall over the item `poison`, whatever comes with it."""
    if any(claim.key == "poison" for claim in claims):
        raise ValueError("not one of the failures that a sender returns")
    return tell(claims)


def test_what_is_due_is_told(database, put, states):
    put("a", "b")
    assert delivery.drain(database, Channel.AGS, tell, 10) == 2
    assert states() == {"a": "sent", "b": "sent"}


def test_nothing_due_calls_no_sender(database):
    assert delivery.drain(database, Channel.AGS, pytest.fail, 10) == 0


def test_no_more_than_the_limit_is_taken_at_once(database, put, states):
    put("a", "b", "c")
    assert delivery.drain(database, Channel.AGS, tell, 2) == 2
    assert sorted(states().values()) == ["pending", "sent", "sent"]


def test_no_transaction_is_open_while_the_sender_talks(database, put):
    put("a")

    def write_meanwhile(claims):
        with database.transaction() as other:  # SQLite would refuse a second writer
            other.execute(text("DELETE FROM visit"))
        return tell(claims)

    assert delivery.drain(database, Channel.AGS, write_meanwhile, 10) == 1


def test_the_claim_is_committed_before_anything_is_sent(database, put):
    put("a")

    def die(_claims):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivery.drain(database, Channel.AGS, die, 10)
    assert delivery.drain(database, Channel.AGS, tell, 10) == 0


def test_a_poison_item_waits_and_the_others_go(database, put, states):
    put("a", "poison", "b")
    delivery.drain(database, Channel.AGS, stumble, 10)
    assert states() == {"a": "sent", "poison": "pending", "b": "sent"}


def test_a_poison_item_is_put_aside_after_ten_tries(database, put, states):
    put("poison")
    for _ in range(delivery.MOST_FAULTS):
        assert states() == {"poison": "pending"}
        delivery.drain(database, Channel.AGS, stumble, 10)
        with database.transaction() as session:
            session.execute(update(OutboxItem).values(due_at=OutboxItem.sequence))
    assert states() == {"poison": "dead"}


def test_a_refusal_is_settled_as_the_sender_says(database, put, states):
    put("a")
    refuse = Outcome("no such user", dead=True)
    delivery.drain(database, Channel.AGS, lambda claims: [(claims[0], refuse)], 10)
    assert states() == {"a": "dead"}


def test_an_item_that_the_sender_forgot_comes_again_after_its_lease(database, put):
    put("a")
    delivery.drain(database, Channel.AGS, lambda _claims: [], 10)
    with database.transaction() as session:
        session.execute(update(OutboxItem).values(due_at=OutboxItem.sequence))
    assert delivery.drain(database, Channel.AGS, tell, 10) == 1


@pytest.fixture
def stream(database):
    """Deliver in batches of two, until nothing is due or `goes_on` says no."""

    def deliver(sender, goes_on=lambda: True):
        return Line(database, Channel.AGS, sender, lambda: 2).stream(goes_on)

    return deliver


def test_a_stream_tells_all_that_is_due_each_item_once(stream, put, states):
    put(*"abcde")
    told = []

    def keep(claims):
        told.extend(claim.key for claim in claims)
        return tell(claims)

    assert stream(keep) == 5
    assert (sorted(told), set(states().values())) == (list("abcde"), {"sent"})


def test_the_next_batch_is_claimed_while_one_is_sent(stream, put, database):
    put(*"abcd")
    seen = []

    def wait_for_claims(claims):
        for _ in range(500):
            with database.transaction(read_only=True) as session:
                seen.append(session.scalar(select(func.count(OutboxItem.lease))))
            if seen[-1] == 4:
                break
            time.sleep(0.01)
        return tell(claims)

    stream(wait_for_claims)
    assert max(seen) == 4


def test_what_was_claimed_ahead_too_long_ago_is_given_back_unblamed(
    stream, put, database, monkeypatch
):
    put("a")
    monkeypatch.setattr(delivery, "AHEAD_S", -1.0)
    assert stream(pytest.fail) == 1
    with database.transaction(read_only=True) as session:
        item = session.scalars(select(OutboxItem)).one()
    assert (item.state, item.attempts, item.lease) == ("pending", 0, None)


def test_a_stream_that_is_told_to_end_settles_what_it_sent(stream, put, states):
    put(*"abcde")
    assert stream(tell, goes_on=lambda: False) == 2
    assert sorted(states().values()) == ["pending"] * 3 + ["sent"] * 2
