"""A commit in one process wakes the worker of another, on PostgreSQL."""

import time

import factories
import pytest
from sqlalchemy import text

from lti_peer.core import outbox
from lti_peer.core.db import Base, Database
from lti_peer.core.outbox import TOLD, Channel
from lti_peer.jobs.worker import Worker

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres_url):
    """The address of a database of its own, with tables."""
    server = Database(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS heard WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE heard"))
    address = server.engine.url.set(database="heard").render_as_string(False)
    server.close()
    made = Database(address)
    Base.metadata.create_all(made.engine)
    made.close()
    return address


@pytest.fixture
def ours(url):
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def elsewhere(url):
    """The database as another process has it: this one's worker does not see its commits."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def told(ours):
    """What a worker has told that by itself looks once in a minute."""
    keys = []

    def tell(claims):
        keys.extend(claim.key for claim in claims)
        return [(claim, TOLD) for claim in claims]

    worker = Worker(ours, {Channel.AGS: tell}, "https://tool.example")
    worker._loops[0]._pause = 60.0
    worker.start()
    time.sleep(1.0)  # its loop has found nothing, and it listens
    yield keys
    assert worker.stop()


def put(database, key):
    with database.transaction() as session:
        outbox.put(session, factories.course(session).deployment_id, Channel.AGS, key, {})


def soon(true):
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_a_commit_elsewhere_wakes_the_worker(elsewhere, told):
    put(elsewhere, "a")
    assert soon(lambda: told == ["a"])


def test_the_worker_listens_again_when_the_database_was_away(elsewhere, told):
    with elsewhere.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = 'heard'"
            )
        )
    time.sleep(2.0)  # the pause after a fault is a second
    put(elsewhere, "b")
    assert soon(lambda: told == ["b"])


def test_what_is_rolled_back_wakes_nobody(elsewhere, ours):
    with ours.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as ear:
        ear.execute(text("LISTEN lti_peer"))
        with elsewhere.open() as session:
            outbox.put(session, factories.course(session).deployment_id, Channel.AGS, "c", {})
            session.rollback()
        put(elsewhere, "d")
        driver = ear.connection.driver_connection
        said = [one.payload.split()[0] for one in driver.notifies(timeout=1)]
        assert said == ["news"]
        ear.invalidate()
