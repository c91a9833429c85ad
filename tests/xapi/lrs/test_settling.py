"""Up to when the store is complete (xAPI 1.0.3, part 3, 2.1.3)."""

from datetime import timedelta

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.engines import BUSY_TIMEOUT_MS
from xapi.lrs.settling import settled

LONGEST = timedelta(seconds=60)


def test_the_store_is_complete_up_to_now_while_nobody_writes(database):
    with database.transaction(read_only=True) as session:
        before = db.now(session)

    assert settled(database.engine, LONGEST) > before


def test_what_is_being_written_is_not_passed_over(database):
    with database.transaction() as session:
        session.connection()  # it is this writer's turn
        stored = db.now(session)
        at = settled(database.engine, LONGEST)

    assert stored - LONGEST - timedelta(seconds=1) < at <= stored
    assert settled(database.engine, LONGEST) > stored


def test_a_transaction_that_does_not_end_holds_it_back_for_so_long_and_no_longer(database):
    with database.transaction() as session:
        stored = db.now(session)
        assert settled(database.engine, timedelta(0)) > stored


def test_writers_are_as_patient_as_before_after_somebody_has_looked(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/one.db")
    settled(database.engine, LONGEST)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == BUSY_TIMEOUT_MS
    database.close()
