"""How Alembic runs the steps: on the connection that `lti_peer.migrations` gives it."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from sqlalchemy import Enum, text
from sqlalchemy.types import TypeDecorator

from lti_peer import tables
from lti_peer.migrations import SchemaError


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Return how a generated step spells a column's type: as plain SQLAlchemy, never as ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"  # words may come and go without a step
    return False


def run() -> None:
    """Run the steps on the connection, each in a transaction of its own."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=list(tables.METADATA),
        render_as_batch=True,
        render_item=render_item,
        transaction_per_migration=True,
        transactional_ddl=True,
        on_version_apply=_check,
    )
    with context.begin_transaction():
        context.run_migrations()


def _check(ctx: MigrationContext, *_more: object, **_other: object) -> None:
    """Look, on SQLite, whether every row still points to one that is there."""
    if ctx.dialect.name != "sqlite" or ctx.connection is None:
        return
    broken = ctx.connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise SchemaError(f"{len(broken)} rows point to nothing, first in {broken[0][0]}.")


run()
