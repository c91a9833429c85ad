"""The ground: times in UTC, one transaction for each piece of work, constraints that hold."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier, Thread

import factories
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from lti_peer.core import db, engines
from lti_peer.core.db import Database
from lti_peer.core.models import Course, Person, Platform


def write(database, act, *, read_only=False):
    """Act in a transaction."""
    with database.transaction(read_only=read_only) as session:
        act(session)


@pytest.fixture
def course_id(database):
    """A stored course's id."""
    with database.transaction() as session:
        return factories.course(session).id


def test_a_time_comes_back_as_the_same_instant_in_utc(database, course_id):
    paris = datetime(2026, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.transaction() as session:
        session.get_one(Course, course_id).created_at = paris
    with database.transaction(read_only=True) as session:
        found = session.get_one(Course, course_id).created_at
    assert found == paris
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database):
    naive = datetime(2026, 7, 1)  # noqa: DTZ001 - this is the fault
    with pytest.raises(StatementError, match="without a zone"):
        write(database, lambda session: factories.platform(session, created_at=naive))


def test_the_clock_is_the_databases_and_aware(session):
    assert abs(db.now(session) - datetime.now(UTC)) < timedelta(seconds=5)
    assert db.now(session).tzinfo is UTC


def test_the_clock_goes_on_within_a_transaction(session):
    moments = [db.now(session) for _ in range(200)]
    assert moments == sorted(moments)


def test_the_peoples_clock_is_moved_alone(database, session):
    database.shift = timedelta(days=3)
    try:
        apart = db.people_now(session) - db.now(session)
    finally:
        database.shift = timedelta(0)
    assert abs(apart - timedelta(days=3)) < timedelta(seconds=5)


def test_a_transaction_that_raises_leaves_nothing(database):
    def stumble(session):
        factories.platform(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(database, stumble)
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(Platform)).all() == []


def test_a_read_only_session_refuses_a_new_row(database):
    with pytest.raises(RuntimeError, match="tried to write"):
        write(database, factories.platform, read_only=True)


def test_a_read_only_session_refuses_a_change(database, course_id):
    def rename(session):
        session.get_one(Course, course_id).title = "Another"

    with pytest.raises(RuntimeError, match="tried to write"):
        write(database, rename, read_only=True)


def test_a_read_only_session_refuses_an_update_that_passes_objects_by(database, course_id):
    rename = update(Course).values(title="Another")
    with pytest.raises(RuntimeError, match="tried to write"):
        write(database, lambda session: session.execute(rename), read_only=True)


def test_what_must_be_unique_is_held_by_the_database(database):
    names = {"issuer": "https://lms.example", "client_id": "1"}
    write(database, lambda session: factories.platform(session, **names))
    with pytest.raises(IntegrityError):
        write(database, lambda session: factories.platform(session, **names))


def test_rows_go_with_what_they_belong_to(database, course_id):
    with database.transaction() as session:
        session.execute(text("DELETE FROM platform"))
        assert session.get(Course, course_id) is None


def test_a_refusal_of_the_database_shows_no_value(database):
    def add_twice(session):
        platform = factories.platform(session)
        values = {"platform": platform, "subject": "1", "created_at": factories.NOW}
        session.add_all([Person(name="Ada Example", **values) for _ in range(2)])

    with pytest.raises(IntegrityError) as refusal:
        write(database, add_twice)
    assert "Ada Example" not in str(refusal.value)


def test_outside_a_request_there_is_no_session():
    with pytest.raises(LookupError):
        db.session()


def test_sqlite_keeps_what_it_acknowledged_and_lets_readers_in(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
    database.close()
    assert found == ["wal", 2, 1]


def test_writers_at_once_lose_no_update(database, course_id):
    """A reader that turns writer would fail on SQLite; each begins as a writer."""
    begin = Barrier(4)

    def add():
        begin.wait(5)
        for _ in range(10):
            with database.transaction() as session:
                locked = select(Course).where(Course.id == course_id).with_for_update(of=Course)
                course = session.scalars(locked).one()
                course.label = str(int(course.label or 0) + 1)

    with database.transaction() as session:
        session.get_one(Course, course_id).label = "0"
    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.transaction(read_only=True) as session:
        assert session.get_one(Course, course_id).label == "40"


def test_a_writer_waits_for_a_writer_of_another_process_and_then_writes(tmp_path):
    url = f"sqlite:///{tmp_path}/shared.db"
    mine, other = Database(url), Database(url)
    first = mine.open()
    first.execute(text("CREATE TABLE told (who TEXT)"))
    later = Thread(target=_tell, args=(other,))
    later.start()
    later.join(timeout=0.2)
    waited = later.is_alive()
    first.commit()
    first.close()
    later.join(timeout=10)

    assert (waited, later.is_alive()) == (True, False)
    with mine.transaction(read_only=True) as session:
        assert session.scalars(text("SELECT who FROM told")).all() == ["other"]
    mine.close()
    other.close()


def test_a_writer_that_waits_in_vain_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    url = f"sqlite:///{tmp_path}/shared.db"
    mine, other = Database(url), Database(url)
    with mine.open() as first:
        first.execute(text("CREATE TABLE told (who TEXT)"))
        with other.open() as second, pytest.raises(OperationalError, match="locked"):
            second.execute(text("CREATE TABLE said (who TEXT)"))
    mine.close()
    other.close()


def _tell(database):
    with database.transaction() as session:
        session.execute(text("INSERT INTO told VALUES ('other')"))
