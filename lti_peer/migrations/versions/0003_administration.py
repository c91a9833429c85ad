"""The admin page: links, sessions, checks; acts without a tenant; keys that follow one another."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admin_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_admin_link")),
    )
    op.create_table(
        "admin_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proof_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_session")),
        sa.UniqueConstraint("proof_hash", name=op.f("uq_admin_session_proof_hash")),
    )
    op.create_table(
        "service_check",
        sa.Column("platform_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=24), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platform.id"],
            name=op.f("fk_service_check_platform_id_platform"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("platform_id", "service", name=op.f("pk_service_check")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("deployment_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("actor", sa.String(length=120), nullable=True))
        batch_op.create_index(batch_op.f("ix_audit_entry_at_id"), ["at", "id"], unique=False)
    op.execute("UPDATE audit_entry SET actor = ''")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("actor", existing_type=sa.String(length=120), nullable=False)

    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_column("state")
    op.execute("UPDATE tool_key SET signs_from = created_at")
    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.alter_column(
            "signs_from", existing_type=sa.DateTime(timezone=True), nullable=False
        )


def downgrade() -> None:
    # Of several keys the one that signs goes on; the others were published alone.
    op.execute("DELETE FROM tool_key WHERE ends_at IS NOT NULL")
    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=24), nullable=True))
        batch_op.drop_column("ends_at")
        batch_op.drop_column("signs_from")
    op.execute("UPDATE tool_key SET state = 'active'")
    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.alter_column("state", existing_type=sa.String(length=24), nullable=False)

    op.execute("DELETE FROM audit_entry WHERE deployment_id IS NULL")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_at_id"))
        batch_op.drop_column("actor")
        batch_op.alter_column("deployment_id", existing_type=sa.Uuid(), nullable=False)

    op.drop_table("service_check")
    op.drop_table("admin_session")
    op.drop_table("admin_link")
