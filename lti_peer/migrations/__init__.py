"""The database's schema, step by step: Alembic inside the package, so that `pip` is enough."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from lti_peer import tables
from lti_peer.core.db import Database

FOLDER = Path(__file__).parent


class SchemaError(Exception):
    """A step left rows that point to nothing; it was undone."""


@cache
def head() -> str:
    """Return the newest revision that this version of the program knows."""
    return str(ScriptDirectory(str(FOLDER)).get_current_head() or "")


def current(database: Database) -> str:
    """Return the revision that the database is at; empty for one without our tables."""
    with database.engine.connect() as connection:
        return str(MigrationContext.configure(connection).get_current_revision() or "")


def is_current(database: Database) -> bool:
    """Return whether the database has the tables that this version of the program needs."""
    return current(database) == head()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to `revision`, in one transaction for each step.

    Raises SchemaError when a step leaves rows that point to nothing.
    """
    with connected(database) as connection:
        command.upgrade(config(connection), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the database down to `revision`; "base" takes every table away, with all it holds."""
    with connected(database) as connection:
        command.downgrade(config(connection), revision)


def differences(database: Database) -> list[str]:
    """Return in which points the database's tables are not those of the models; empty is well."""
    models: Any = list(tables.METADATA)  # Alembic takes several, and is typed for one
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), models)
    return [" ".join(_name(part) for part in _flat(one) if part is not None) for one in found]


def _flat(difference: Any) -> list[Any]:
    """Return one difference, which Alembic nests for changed columns, as one list."""
    parts = difference[0] if isinstance(difference, list) else difference
    return list(parts)


def _name(part: Any) -> str:
    """Return a table, a column or a word of a difference by its name."""
    table = getattr(part, "table", None)
    name = str(getattr(part, "name", part))
    return f"{table.name}.{name}" if table is not None else name


@contextmanager
def connected(database: Database) -> Iterator[Connection]:
    """Give a connection on which SQLite may copy tables.

    A foreign key that is enforced while SQLite drops the old copy of a table would take the rows
    that point to it along; so it is checked at the end instead (SQLite's own advice, "Making other
    kinds of table schema changes", steps 1 and 10).
    """
    with database.writing.connect() as connection:
        if not database.is_sqlite:
            yield connection
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None  # a checked-out connection has one
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def config(connection: Connection) -> Config:
    """Return Alembic's settings for a connection."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    return settings
