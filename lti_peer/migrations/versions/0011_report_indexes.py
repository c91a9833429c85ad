"""What reports count by, in indexes of their own: deeds in the record store, words of feedback."""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

POSTGRESQL = """
    UPDATE xapi_statement SET deed = encode(substring(sha256(
        convert_to('deed', 'UTF8') || '\\x00'::bytea || convert_to(verb, 'UTF8')
        || '\\x00'::bytea || convert_to(coalesce(parent, thing), 'UTF8')
    ) from 1 for 16), 'hex')::uuid
    WHERE coalesce(parent, thing) IS NOT NULL
"""
SQLITE = """
    UPDATE xapi_statement SET deed = deed_key(verb, coalesce(parent, thing))
    WHERE coalesce(parent, thing) IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("xapi_statement", sa.Column("deed", sa.Uuid(), nullable=True))
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.create_function("deed_key", 2, _deed_key, deterministic=True)
        op.execute(SQLITE)
    else:
        op.execute(POSTGRESQL)
    op.create_index(
        op.f("ix_xapi_statement_tenant_deed_actor_voided"),
        "xapi_statement",
        ["tenant", "deed", "actor", "voided"],
    )
    op.create_index(
        op.f("ix_feedback_activity_id_target_author_id_words_replaces_id"),
        "feedback",
        ["activity_id", "target", "author_id", "words", "replaces_id"],
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_feedback_activity_id_target_author_id_words_replaces_id"), table_name="feedback"
    )
    op.drop_index(op.f("ix_xapi_statement_tenant_deed_actor_voided"), table_name="xapi_statement")
    with op.batch_alter_table("xapi_statement") as batch:
        batch.drop_column("deed")


def _deed_key(verb: str, activity: str) -> str:
    """Return the key as `xapi.lrs.mentions.deed_key` makes it today, as SQLite keeps it."""
    text = f"deed\x00{verb}\x00{activity}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()[:16].hex()
