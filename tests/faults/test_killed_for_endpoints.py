"""A worker that is killed while it tells a strict record store loses and doubles nothing."""

import random
import time

import factories
import pytest
from sqlalchemy import select
from support import deliverer, faulty_store, victims
from support.faulty_store import POISON

from lti_peer.core import endpoints, outbox
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.keys import Vault
from lti_peer.core.outbox import Channel, Delivery, OutboxItem

pytestmark = pytest.mark.slow

KILLS = 8
EACH = 100
PATIENCE_S = 60.0
dice = random.Random(8)  # noqa: S311 - the same moments in every run


@pytest.fixture
def tenant(database):
    with database.transaction() as session:
        return factories.course(session).deployment_id


@pytest.fixture
def store(database, tenant):
    """An endpoint, and its store, which loses each tenth answer."""
    with faulty_store.running(lost_answers=0.1) as running:
        with database.transaction() as session:
            one = RecordEndpoint(name="lrs", url=running.url, key="k", secret="s")
            one.deployment_id = tenant
            endpoints.add(session, Vault(factories.SECRET), one, pseudonyms=False)
        yield running


def say(database, tenant):
    """Put a hundred statements into the outbox, one of them poisoned; return their ids."""
    good = [factories.statement() for _ in range(EACH - 1)]
    bad = factories.statement(response=POISON)
    with database.transaction() as session:
        for one in [*good[:60], bad, *good[60:]]:
            outbox.put(session, tenant, Channel.XAPI, one["id"], one)
    return {one["id"] for one in good}, {bad["id"]}


def found(database, state):
    with database.transaction(read_only=True) as session:
        return set(
            session.scalars(
                select(OutboxItem.key).where(
                    OutboxItem.endpoint_id != endpoints.OWN, OutboxItem.state == state
                )
            )
        )


def test_a_worker_that_is_killed_eight_times_tells_a_store_each_statement_once(
    database, tenant, store
):
    url = database.engine.url.render_as_string(hide_password=False)
    said, poisoned = set(), set()
    for _ in range(KILLS):
        good, bad = say(database, tenant)
        said, poisoned = said | good, poisoned | bad
        with victims.running(deliverer.deliver, url):
            time.sleep(dice.uniform(0.02, 0.3))
    end = time.monotonic() + PATIENCE_S
    with victims.running(deliverer.deliver, url):
        while found(database, Delivery.PENDING) and time.monotonic() < end:
            time.sleep(0.05)
    assert set(store.kept) == said
    assert set(store.times.values()) == {1}
    assert found(database, Delivery.DEAD) == poisoned
