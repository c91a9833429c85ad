"""Kill -9 at any point loses nothing and tells nothing wrong (security.md R6, Q1, Q4, Q5)."""

import os
import random
import signal
import time

import factories
import pytest
from sqlalchemy import select
from support import victims

from lti_peer.core import outbox
from lti_peer.core.grades import Grade
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from xapi.lrs.models import StoredStatement

pytestmark = pytest.mark.slow

KILLS = 50
PATIENCE_S = 60.0
dice = random.Random(50)  # noqa: S311 - the same moments in every run


@pytest.fixture
def url(database):
    """Where the database is, for another process."""
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def tenant(database):
    with database.transaction() as session:
        return factories.course(session).deployment_id


@pytest.fixture
def say(database, tenant):
    """Put statements, and the points of people, into the outbox; return the statements' ids."""

    def put(statements, points):
        made = [factories.statement() for _ in range(statements)]
        with database.transaction() as session:
            for one in made:
                outbox.put(session, tenant, Channel.XAPI, one["id"], one)
            for key, value in points.items():
                outbox.put(session, tenant, Channel.AGS, key, {"points": value})
        return {one["id"] for one in made}

    return put


def waiting(database):
    with database.transaction(read_only=True) as session:
        counts = outbox.backlog(session)
    return sum(count for (_, state), count in counts.items() if state is not Delivery.SENT)


def until_told(database, url, journal):
    """Let a worker that nobody kills deliver what is left."""
    end = time.monotonic() + PATIENCE_S
    with victims.running(victims.deliver, url, journal):
        while waiting(database) and time.monotonic() < end:
            time.sleep(0.05)
    assert waiting(database) == 0


def stored(database):
    with database.transaction(read_only=True) as session:
        return [str(each) for each in session.scalars(select(StoredStatement.statement_id))]


def last_told(journal):
    """Return what the grade book has: the last points of each person."""
    return dict(line.split() for line in journal.read_text().splitlines())


def test_a_worker_that_is_killed_fifty_times_loses_nothing(database, url, say, tmp_path):
    journal, said, points = tmp_path / "journal", set(), {}
    for number in range(KILLS):
        news = {f"person-{dice.randrange(40)}": str(number * 100 + n) for n in range(10)}
        points |= news
        said |= say(20, news)
        with victims.running(victims.deliver, url, journal):
            time.sleep(dice.uniform(0, 0.05))
    until_told(database, url, journal)
    found = stored(database)
    assert set(found) == said
    assert len(found) == len(said)
    assert last_told(journal) == points


def test_a_worker_that_sleeps_past_its_lease_holds_up_nobody_and_undoes_nothing(
    database, url, say, tmp_path
):
    journal, points = tmp_path / "journal", {f"person-{n}": str(n) for n in range(30)}
    say(0, points)
    with victims.running(victims.fall_asleep, url, journal) as sleeper:
        until_told(database, url, journal)
        assert last_told(journal) == points
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.join(30)
    assert waiting(database) == 0


def test_a_change_and_its_news_are_both_there_or_neither(database, url, tmp_path):
    with database.transaction() as session:
        activity = factories.activity(session, factories.course(session))
        person = factories.person(session, activity.course)
    for _ in range(20):
        with victims.running(victims.write, url, activity.id, person.id):
            time.sleep(dice.uniform(0.02, 0.08))
    with database.transaction(read_only=True) as session:
        changed = {str(each) for each in session.scalars(select(Grade.id))}
        told = set(session.scalars(select(OutboxItem.key)))
    assert changed
    assert changed == told
