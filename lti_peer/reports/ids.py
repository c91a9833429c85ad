"""Ids as texts: a report reads thousands, and to make a UUID of each takes half of its time."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Label, String, TypeDecorator, type_coerce

from lti_peer.reports.shape import Id


class BareId(TypeDecorator[Id]):
    """Reads a column of UUIDs as their 32 digits, as SQLite keeps them."""

    impl = String
    cache_ok = True

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], Id | None] | None:
        """Return what makes digits of PostgreSQL's UUIDs; SQLite's need nothing."""
        del coltype
        return None if dialect.name == "sqlite" else _digits


def bare(column: Any) -> Label[Any]:
    """Return the column of ids so that they are read as texts."""
    return type_coerce(column, BareId()).label(None)


def _digits(value: Any) -> Id | None:
    return value if value is None or isinstance(value, str) else value.hex
