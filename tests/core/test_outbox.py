"""News is told at least once, in its newest version, and its failures hold up nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import factories
import pytest
from sqlalchemy import select, update

from lti_peer.core import db, outbox
from lti_peer.core.outbox import TOLD, Channel, Delivery, OutboxItem, Outcome


@pytest.fixture
def tenant(database):
    """A deployment's id, committed."""
    with database.transaction() as session:
        return factories.course(session).deployment_id


@pytest.fixture
def put(database, tenant):
    """Write news and commit it."""

    def write(key="1", channel=Channel.AGS, **payload):
        with database.transaction() as session:
            outbox.put(session, tenant, channel, key, payload)

    return write


@pytest.fixture
def claim(database):
    """Claim and commit."""

    def take(channel=Channel.AGS, limit=10):
        with database.transaction() as session:
            return outbox.claim(session, channel, limit)

    return take


@pytest.fixture
def settle(database):
    """Settle and commit."""

    def write(claims, outcome=TOLD):
        with database.transaction() as session:
            outbox.settle(session, [(claim, outcome) for claim in claims])

    return write


@pytest.fixture
def item(database):
    """Read an item by its key."""

    def read(key="1"):
        with database.transaction(read_only=True) as session:
            return session.scalars(select(OutboxItem).where(OutboxItem.key == key)).one()

    return read


@pytest.fixture
def sooner(database):
    """Let time pass: everything is due that waits for less than `wait`."""

    def move(wait):
        with database.transaction() as session:
            for one in session.scalars(select(OutboxItem)):
                one.due_at = one.due_at - wait

    return move


def test_news_is_due_at_once(put, claim):
    put(points=3)
    assert [found.payload for found in claim()] == [{"points": 3}]


def test_what_is_rolled_back_is_not_told(database, tenant, claim):
    with database.open() as session:
        outbox.put(session, tenant, Channel.AGS, "1", {})
        session.rollback()
    assert claim() == []


def test_a_claimed_item_is_not_claimed_again(put, claim):
    put()
    assert len(claim()) == 1
    assert claim() == []


def test_a_worker_that_died_leaves_a_lease_that_runs_out(put, claim, sooner):
    put()
    claim()
    sooner(outbox.LEASE)
    assert len(claim()) == 1


def test_channels_are_claimed_apart(put, claim):
    put("1", Channel.AGS)
    put("2", Channel.XAPI)
    assert [found.key for found in claim(Channel.XAPI)] == ["2"]


def test_the_oldest_is_claimed_first(put, claim):
    for key in ("b", "a", "c"):
        put(key)
    assert [found.key for found in claim(limit=2)] == ["b", "a"]


def test_what_was_told_is_not_due_any_more(put, claim, settle, sooner, item):
    put()
    settle(claim())
    sooner(timedelta(days=1))
    assert claim() == []
    assert item().state is Delivery.SENT


def test_newer_news_replaces_what_waits(put, claim):
    put(points=1)
    put(points=2)
    assert [(found.payload, found.version) for found in claim()] == [({"points": 2}, 2)]


def test_newer_news_stays_due_when_the_older_was_told_meanwhile(put, claim, settle):
    put(points=1)
    older = claim()
    put(points=2)
    settle(older)
    assert [found.payload for found in claim()] == [{"points": 2}]


def test_news_after_a_refusal_begins_anew(put, claim, settle, item):
    put(points=1)
    settle(claim(), Outcome("no", dead=True))
    put(points=2)
    assert (item().state, item().attempts, item().last_error) == (Delivery.PENDING, 0, "")


def test_the_same_statement_is_said_once(put, claim, settle, item):
    put("s", Channel.XAPI, verb="reviewed")
    settle(claim(Channel.XAPI))
    put("s", Channel.XAPI, verb="reviewed")
    assert (item("s").state, item("s").version) == (Delivery.SENT, 1)


def test_a_refusal_for_good_is_kept_with_its_reason(put, claim, settle, item, sooner):
    put()
    settle(claim(), Outcome("400: no such column", dead=True))
    sooner(timedelta(days=1))
    assert claim() == []
    assert (item().state, item().last_error) == (Delivery.DEAD, "400: no such column")


def test_a_failure_waits_longer_each_time(put, claim, settle, item, sooner):
    put()
    waits = []
    for _ in range(4):
        settle(claim(), Outcome("503"))
        waits.append(item().attempts)
        sooner(outbox.LONGEST_WAIT)
    assert waits == [1, 2, 3, 4]


@pytest.mark.parametrize(("attempts", "least", "most"), [(0, 0.5, 1), (3, 4, 8), (50, 450, 900)])
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(attempts, least, most):
    waits = {outbox.backoff(attempts, str(seed)).total_seconds() for seed in range(50)}
    assert least <= min(waits) < max(waits) <= most


def test_the_wait_that_the_other_side_asks_for_is_kept(put, claim, settle, sooner):
    put()
    settle(claim(), Outcome("429", wait=timedelta(minutes=2)))
    sooner(timedelta(seconds=100))
    assert claim() == []
    sooner(timedelta(seconds=21))
    assert len(claim()) == 1


def test_an_attempt_that_met_nobody_does_not_count(put, claim, settle, item):
    put()
    settle(claim(), Outcome("no answer", blameless=True, wait=timedelta(seconds=1)))
    assert (item().attempts, item().last_error) == (0, "no answer")


def test_statements_that_were_sent_together_come_again_together_and_alone(
    put, claim, settle, sooner
):
    for key in ("a", "b", "c"):
        put(key, Channel.XAPI)
    settle(claim(Channel.XAPI), Outcome("503"))
    sooner(timedelta(seconds=2))
    put("d", Channel.XAPI)
    assert [found.key for found in claim(Channel.XAPI)] == ["a", "b", "c"]
    assert [found.key for found in claim(Channel.XAPI)] == ["d"]


def test_grades_that_failed_together_need_not_come_again_together(put, claim, settle, sooner):
    put("a")
    settle(claim(), Outcome("503"))
    sooner(outbox.LONGEST_WAIT)
    put("b")
    assert {found.key for found in claim()} == {"a", "b"}


def test_a_worker_that_slept_past_its_lease_cannot_undo_what_another_did(
    put, claim, settle, sooner, item
):
    put()
    slept = claim()
    sooner(outbox.LEASE)
    settle(claim())
    settle(slept, Outcome("timed out", dead=True))
    assert (item().state, item().last_error) == (Delivery.SENT, "")


def test_what_a_sleeper_did_tell_counts(put, claim, settle, sooner, item):
    put()
    slept = claim()
    sooner(outbox.LEASE)
    claim()
    settle(slept)
    assert item().state is Delivery.SENT


def test_a_retry_makes_the_refused_due_again_for_one_tenant_alone(database, put, claim, settle):
    put()
    settle(claim(), Outcome("no", dead=True))
    with database.transaction() as session:
        assert outbox.retry(session, uuid4()) == 0
        assert outbox.retry(session) == 1
    assert len(claim()) == 1


def test_the_lag_is_the_age_of_the_oldest_that_waits(database, put):
    put()
    with database.transaction() as session:
        long_ago = db.now(session) - timedelta(minutes=5)
        session.execute(update(OutboxItem).values(sequence=long_ago))
        assert outbox.lag(session) >= timedelta(minutes=5)


def test_nothing_waits_in_an_empty_outbox(session):
    assert outbox.lag(session) == timedelta(0)
    assert outbox.backlog(session) == {}


def test_problems_are_counted_by_their_sentence(database, put, claim, settle):
    for key in "abc":
        put(key)
    settle(claim(limit=2), Outcome("no such user", dead=True))
    settle(claim(), Outcome("503"))
    with database.transaction(read_only=True) as session:
        found = outbox.problems(session)
    assert [(one["state"], one["error"], one["items"]) for one in found] == [
        ("dead", "no such user", 2),
        ("pending", "503", 1),
    ]


def test_two_workers_never_claim_the_same_item(database, put):
    for number in range(40):
        put(str(number))
    with database.open() as one, database.open() as other:
        first = {claim.key for claim in outbox.claim(one, Channel.AGS, 25)}
        if not database.is_sqlite:  # SQLite has one writer; the second would wait for the first
            assert first.isdisjoint(c.key for c in outbox.claim(other, Channel.AGS, 25))
        one.commit()
        second = {claim.key for claim in outbox.claim(other, Channel.AGS, 40)}
    assert first.isdisjoint(second)


def test_a_statement_that_two_say_at_once_is_kept_once(put, database):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: put("same", Channel.XAPI, said=number), range(8)))

    with database.transaction(read_only=True) as session:
        kept = session.scalars(select(OutboxItem)).all()
    assert [one.key for one in kept] == ["same"]
    assert kept[0].state is Delivery.PENDING
