"""The outbox by hand: nothing is mended into something that no record store takes."""

import json

import factories
import pytest
from admin.office import acts, item, put
from sqlalchemy import select

from lti_peer.admin import deliveries
from lti_peer.admin.deliveries import NotMended
from lti_peer.core import outbox
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.errors import Conflict, NotFound
from lti_peer.core.outbox import Channel, Delivery


@pytest.fixture
def dead(database):
    """A statement that was refused for good."""
    return put(database, error="It has no verb.")


@pytest.fixture
def mend(database, dead):
    """Mend the refused statement with a text or a change of it."""

    def mended(text=None, **change):
        text = text or json.dumps({**item(database, dead).payload, **change})
        with database.transaction() as session:
            deliveries.mend(session, "kim", dead, text)
        return item(database, dead)

    return mended


def test_a_mended_statement_is_due_in_a_new_version(mend, database):
    after = mend(timestamp="2026-11-23T10:00:00Z")
    assert after.payload["timestamp"] == "2026-11-23T10:00:00Z"
    assert (after.state, after.version, after.attempts) == (Delivery.PENDING, 2, 0)
    assert acts(database) == [("kim", "delivery_mended")]


def test_a_worker_that_still_has_the_old_version_does_not_settle_the_new(mend, database, dead):
    old = item(database, dead)
    mend(timestamp="2026-11-23T10:00:00Z")
    held = outbox.Claim(dead, old.deployment_id, old.key, old.payload, old.version, 3, None)
    with database.transaction() as session:
        outbox.settle(session, [(held, outbox.TOLD)])
    assert item(database, dead).state is Delivery.PENDING


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '"x"', "[" * 10_000, '{"id": NaN}', "\ud800", "{}"]
)
def test_no_text_but_a_statement_is_taken(mend, database, dead, text):
    with pytest.raises(NotMended) as refused:
        mend(text or " ")
    assert refused.value.faults
    assert item(database, dead).state is Delivery.DEAD
    assert acts(database) == []


def test_every_fault_is_named_with_its_place(mend):
    with pytest.raises(NotMended) as refused:
        mend(verb={}, actor=7)
    assert {fault.partition(":")[0] for fault in refused.value.faults} >= {"$.actor", "$.verb"}


def test_a_mended_statement_keeps_its_id(mend):
    with pytest.raises(NotMended, match="It must stay"):
        mend(id=factories.statement()["id"])


def test_only_refused_statements_are_mended(database):
    waiting = put(database)
    grade = put(database, Channel.AGS, {"grade": "1"}, error="No.")
    for one in (waiting, grade):
        with database.transaction() as session, pytest.raises(Conflict, match="Only a statement"):
            deliveries.mend(session, "kim", one, json.dumps(factories.statement()))


def test_what_was_delivered_is_not_sent_again(database, dead):
    with database.transaction() as session:
        session.get_one(outbox.OutboxItem, dead).state = Delivery.SENT
    with database.transaction() as session, pytest.raises(Conflict, match="has been delivered"):
        deliveries.retry_one(session, "kim", dead)


def test_what_waits_for_long_is_due_now(database):
    waiting = put(database)
    with database.transaction() as session:
        late = session.get_one(outbox.OutboxItem, waiting)
        late.due_at += outbox.LONGEST_WAIT
    with database.transaction() as session:
        deliveries.retry_one(session, "kim", waiting)
        assert [one.id for one in outbox.claim(session, Channel.XAPI, 5)] == [waiting]


def test_a_page_has_fifty_items_and_says_whether_there_are_more(database, dead, monkeypatch):
    monkeypatch.setattr(deliveries, "PAGE", 1)
    newer = put(database, error="No.")
    with database.transaction(read_only=True) as session:
        first, more = deliveries.lines(session, Delivery.DEAD)
        second, none = deliveries.lines(session, Delivery.DEAD, Channel.XAPI, page=2)
    assert [one.id for one in first + second] == [newer, dead]
    assert (more, none) == (True, False)


def test_a_statement_for_a_further_store_says_which(database, dead):
    store = RecordEndpoint(
        name="Institute", url="https://lrs.example", key="k", secret="s", created_at=factories.NOW
    )
    with database.transaction() as session:
        session.add(store)
    put(database, error="No.")
    with database.transaction() as session:
        session.scalars(
            select(outbox.OutboxItem).where(outbox.OutboxItem.endpoint_id == store.id)
        ).one().state = Delivery.DEAD
        lines, _ = deliveries.lines(session, Delivery.DEAD)
    assert sorted(one.store for one in lines) == ["", "", "Institute"]


def test_an_item_that_is_not_there_cannot_be_read(database):
    with database.transaction() as session, pytest.raises(NotFound):
        deliveries.read(session, "kim", factories.uuid4())
