"""The database: one engine, one transaction for each piece of work, times in UTC.

SQLite ignores FOR UPDATE, so what must hold is held by constraints and conditional UPDATEs, the
same code on both databases; a writing transaction on SQLite begins with BEGIN IMMEDIATE, because a
reader that turns writer fails at once when somebody else wrote meanwhile.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    Uuid,
    create_engine,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 30_000

Found = TypeVar("Found")
LONGEST_IDLE_MS = 60_000
WRITTEN = "A read-only request tried to write."


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC, without its zone for SQLite, which has no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(words: type[StrEnum]) -> Enum:
    """Return the column type for a StrEnum: its values as text, the same on both databases."""
    return Enum(
        words, native_enum=False, length=24, values_callable=lambda enum: [w.value for w in enum]
    )


class Base(DeclarativeBase):
    """The tables of the tool."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        str: String(),
    }


class Database:
    """One engine, and the transactions on it."""

    def __init__(self, url: str, *, shift: timedelta = timedelta(0)) -> None:
        """Open the database at `url`; `shift` moves the people's clock, for the demo alone."""
        self.engine = _engine(url)
        self.shift = shift
        self.writing = self.engine.execution_options(begin="IMMEDIATE")
        """The same engine, whose transactions may write from their first statement on."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the one-file database."""
        return self.engine.dialect.name == "sqlite"

    def open(self, *, read_only: bool = False) -> Session:
        """Return a session; the caller ends it. A read-only one refuses to write."""
        bind = self.engine if read_only else self.writing
        return Session(
            bind, expire_on_commit=False, info={"read_only": read_only, "database": self}
        )

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """Give a session; commit at the end, or roll back when anything is raised."""
        with self.open(read_only=read_only) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def now(session: Session) -> datetime:
    """Return the database's clock, aware, in UTC: deliveries, launches and leases go by it.

    SQLite runs inside this process, so its clock is ours.
    """
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    value = session.scalar(select(text("clock_timestamp()")))
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def people_now(session: Session) -> datetime:
    """Return the clock that phases and people go by: the database's, moved only in the demo."""
    database: Database = session.info["database"]
    return now(session) + database.shift


def remembered(session: Session, key: Hashable, load: Callable[[], Found]) -> Found:
    """Return what `load` gives, the same object for the same key while a request only reads.

    A page asks for the same few things in several places. A reading request changes nothing, so
    what it has read stays true until its end; one that writes loads afresh each time.
    """
    if not session.info.get("read_only"):
        return load()
    kept: dict[Hashable, Found] = session.info.setdefault("remembered", {})
    if key not in kept:
        kept[key] = load()
    return kept[key]


_current: ContextVar[Session] = ContextVar("session")


def session() -> Session:
    """Return the session of the request that is being answered.

    Raises LookupError outside a request.
    """
    return _current.get()


@contextmanager
def using(current: Session) -> Iterator[Session]:
    """Make `current` the session that `session()` returns, for the length of the block."""
    token = _current.set(current)
    try:
        yield current
    finally:
        _current.reset(token)


def _engine(url: str) -> Engine:
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
    second between two looks, so a busy class would spend its time asleep; here it is woken.
    Writers of other processes are still waited for in SQLite's own way.
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
        connection.exec_driver_sql(f"BEGIN {kind}")

    def end(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """Let the next writer begin, once the transaction is over and its connection is back."""
        if record.info.pop("writes", False):
            self._lock.release()


@event.listens_for(Session, "before_flush")
def _refuse_to_write(session: Session, _context: Any, _instances: Any) -> None:
    """Hold that a GET changes nothing (security.md B4)."""
    changed = (
        session.new or session.deleted or any(session.is_modified(one) for one in session.dirty)
    )
    if session.info.get("read_only") and changed:
        raise RuntimeError(WRITTEN)


@event.listens_for(Session, "do_orm_execute")
def _refuse_to_execute(state: ORMExecuteState) -> None:
    """Hold the same for an UPDATE that passes the objects by."""
    writes = state.is_insert or state.is_update or state.is_delete
    if state.session.info.get("read_only") and writes:
        raise RuntimeError(WRITTEN)
