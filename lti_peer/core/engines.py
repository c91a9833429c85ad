"""Engines: how a connection is prepared, and how SQLite's writers take turns."""

import sqlite3
import time
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 30_000
LOOK_MS = 8
"""SQLite looks after 1, 3 and 8 milliseconds, then says that it is busy."""
PRIMARY = 0xFF
"""The part of an error's code that names its sort (sqlite.org/rescode.html)."""
LONGEST_IDLE_MS = 60_000


def create(url: str) -> Engine:
    """Return an engine for the database at `url`, prepared for many writers."""
    target = make_url(url)
    if target.get_backend_name() == "postgresql":
        target = target.set(drivername="postgresql+psycopg")
        engine = create_engine(
            target, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    arguments = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = create_engine(target, connect_args=arguments, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    turn = _Turn()
    event.listen(engine, "begin", turn.begin)
    event.listen(engine, "checkin", turn.end)
    return engine


def _prepare_postgres(connection: Any, _record: Any) -> None:
    """Let PostgreSQL end the transaction of a process that froze in it, with what it locked."""
    connection.execute(f"SET idle_in_transaction_session_timeout = {LONGEST_IDLE_MS}")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy, not the driver, says when to begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class _Turn:
    """Lets the writers of this process begin one after another.

    SQLite has one writer at a time. One who comes second polls, asleep for up to a tenth of a
    second between two looks, so a busy class would spend its time asleep; here it is woken. For
    writers of other processes it looks each millisecond, as long as SQLite would have waited.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def begin(self, connection: Connection) -> None:
        """Begin the transaction, a writing one when it is this connection's turn.

        A connection that begins once more, before it goes back, still has its turn.
        """
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        if kind == "IMMEDIATE" and "writes" not in connection.info:
            if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
                waited = TimeoutError("another writer of this process did not end")
                raise OperationalError("BEGIN IMMEDIATE", None, waited)
            connection.info["writes"] = True
            _begin_to_write(connection)
            return
        connection.exec_driver_sql(f"BEGIN {kind}")

    def end(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """Let the next writer begin, once the transaction is over and its connection is back."""
        if record.info.pop("writes", False):
            self._lock.release()


def _begin_to_write(connection: Connection) -> None:
    """Begin once no other process writes; raises OperationalError after half a minute."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {LOOK_MS}")
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as busy:
                if busy.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY or (
                    time.monotonic() > until
                ):
                    raise OperationalError("BEGIN IMMEDIATE", None, busy) from busy
            else:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
