"""Up to when the store is complete (xAPI 1.0.3, part 3, 2.1.3)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.engines import BUSY_TIMEOUT_MS
from xapi.lrs import keys, storage
from xapi.lrs.models import StoredStatement
from xapi.lrs.settling import settled

LONGEST = timedelta(seconds=60)
TICK = timedelta(milliseconds=1)


def keep(session, statement):
    """Store it; return its time."""
    session.connection()  # from here on it is this writer's turn
    now = db.now(session)
    storage.store(session, UUID(int=1), [statement], keys.authority("a test"), now)
    asked = select(StoredStatement.stored).where(
        StoredStatement.statement_id == UUID(statement["id"])
    )
    return session.scalars(asked).one()


def test_the_store_is_complete_up_to_now_while_nobody_writes(database):
    with database.transaction(read_only=True) as session:
        before = db.now(session)

    assert settled(database.engine, LONGEST) >= before - TICK


def test_what_is_being_written_is_not_passed_over(database, sentence):
    with database.transaction() as session:
        stored = keep(session, sentence())
        at = settled(database.engine, LONGEST)

    assert stored - LONGEST - timedelta(seconds=1) < at < stored
    assert settled(database.engine, LONGEST) >= stored - TICK


def test_what_is_being_written_holds_back_only_what_comes_after_it(database, sentence):
    with database.transaction() as session:
        before = keep(session, sentence())
    with database.transaction() as session:
        stored = keep(session, sentence())
        assert before - TICK <= settled(database.engine, LONGEST) < stored


def test_a_statement_of_this_very_millisecond_is_not_passed_over(database, sentence):
    for _ in range(20):
        at = settled(database.engine, LONGEST)
        with database.transaction() as session:
            assert at < keep(session, sentence())


def test_a_transaction_that_does_not_end_holds_it_back_for_so_long_and_no_longer(database):
    with database.transaction() as session:
        session.connection()
        stored = db.now(session)
        assert settled(database.engine, timedelta(0)) >= stored - TICK


def test_writers_are_as_patient_as_before_after_somebody_has_looked(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/one.db")
    settled(database.engine, LONGEST)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == BUSY_TIMEOUT_MS
    database.close()
