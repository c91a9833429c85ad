"""Inserting what may be there already, the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from xapi.lrs.models import Table


def insert_new(session: Session, mapped: type[Table], *returning: str) -> ReturningInsert[Any]:
    """Return the INSERT that skips rows that are there already, and returns columns of the others.

    It goes past the mapping, which takes its time with rows by the hundred.
    """
    table = mapped.__table__
    assert isinstance(table, SqlTable)
    columns = [table.c[name] for name in returning]
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing().returning(*columns)
    return sqlite.insert(table).on_conflict_do_nothing().returning(*columns)
