from sqlalchemy import select

from lti_peer.core import db


def counter():
    calls = []
    return calls, lambda: calls.append(1) or len(calls)


def test_a_reading_session_loads_a_thing_once(database):
    calls, load = counter()
    with database.transaction(read_only=True) as session:
        assert [db.remembered(session, "key", load) for _ in range(3)] == [1, 1, 1]
    assert len(calls) == 1


def test_a_writing_session_loads_afresh_each_time(database):
    calls, load = counter()
    with database.transaction() as session:
        assert [db.remembered(session, "key", load) for _ in range(3)] == [1, 2, 3]
    assert len(calls) == 3


def test_another_request_knows_nothing_of_the_last(database):
    _, load = counter()
    with database.transaction(read_only=True) as session:
        db.remembered(session, "key", load)
    with database.transaction(read_only=True) as session:
        assert db.remembered(session, "key", load) == 2


def test_a_writing_session_keeps_what_is_steady_until_it_is_told(database):
    calls, load = counter()
    with database.transaction() as session:
        assert [db.remembered(session, "key", load, steady=True) for _ in range(2)] == [1, 1]
        db.forget(session)
        assert db.remembered(session, "key", load, steady=True) == 2
    assert len(calls) == 2


def test_what_is_remembered_ends_with_the_transaction(database):
    _, load = counter()
    with database.open() as session:
        db.remembered(session, "key", load, steady=True)
        session.commit()
        assert db.remembered(session, "key", load, steady=True) == 2
        session.execute(select(1))
        session.rollback()
        assert db.remembered(session, "key", load, steady=True) == 3
