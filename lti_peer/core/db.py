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
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Select,
    String,
    Uuid,
    event,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

from lti_peer.core import engines

Found = TypeVar("Found")
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
        self.engine = engines.create(url)
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
    if _is_sqlite(session):
        return datetime.now(UTC)
    value = session.scalar(select(text("clock_timestamp()")))
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def people_now(session: Session) -> datetime:
    """Return the clock that phases and people go by: the database's, moved only in the demo."""
    database: Database = session.info["database"]
    return now(session) + database.shift


def remembered(
    session: Session, key: Hashable, load: Callable[[], Found], *, steady: bool = False
) -> Found:
    """Return what `load` gives, the same object for the same key while a request only reads.

    A page asks for the same few things in several places. A reading request changes nothing, so
    what it has read stays true until its end; one that writes loads afresh each time, except what
    is `steady`: settings, whose writers call `forget`.
    """
    if not steady and not session.info.get("read_only"):
        return load()
    kept: dict[Hashable, Found] = session.info.setdefault("remembered", {})
    if key not in kept:
        kept[key] = load()
    return kept[key]


def forget(session: Session) -> None:
    """Let everything that is remembered be loaded afresh: a setting has been changed."""
    session.info.pop("remembered", None)


def lock(session: Session, rows: Select[Any]) -> None:
    """Let nobody else change or lock `rows` until the transaction ends.

    SQLite has one writer at a time, and this transaction is that writer, so nothing is asked.
    """
    if not _is_sqlite(session):
        session.execute(rows.with_for_update())


def hold(session: Session, row: Base, *names: str) -> None:
    """Let nobody else change `row` until the transaction ends, and read `names` as they are now.

    On SQLite this transaction has been the only writer since it began, so they are.
    """
    if not _is_sqlite(session):
        session.refresh(row, names, with_for_update={"read": True, "of": type(row)})


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


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


event.listen(Session, "after_commit", forget)
event.listen(Session, "after_rollback", forget)


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
