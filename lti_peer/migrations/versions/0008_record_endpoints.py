"""Several record stores: endpoints, and which of them an item of the outbox is for."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWN = "0" * 32
"""What is there already is for the tool's own store, or a grade."""


def upgrade() -> None:
    op.create_table(
        "record_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("most_statements", sa.Integer(), nullable=False),
        sa.Column("most_bytes", sa.Integer(), nullable=False),
        sa.Column("verbs", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("pseudonym_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_record_endpoint_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_endpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_record_endpoint_name")),
    )
    with op.batch_alter_table("record_endpoint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_record_endpoint_deployment_id"), ["deployment_id"], unique=False
        )
    with op.batch_alter_table("outbox_item", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_item_due")
        batch_op.add_column(sa.Column("endpoint_id", sa.Uuid(), nullable=False, server_default=OWN))
    with op.batch_alter_table("outbox_item", schema=None) as batch_op:
        batch_op.alter_column("endpoint_id", existing_type=sa.Uuid(), server_default=None)
        batch_op.drop_constraint(batch_op.f("uq_outbox_item_channel_key"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_outbox_item_channel_key_endpoint_id"),
            ["channel", "key", "endpoint_id"],
        )
        batch_op.create_index(
            "ix_outbox_item_due",
            ["channel", "state", "endpoint_id", "due_at", "sequence"],
            unique=False,
        )


def downgrade() -> None:
    item = sa.table("outbox_item", sa.column("endpoint_id", sa.Uuid()))
    op.execute(item.delete().where(item.c.endpoint_id != UUID(OWN)))
    with op.batch_alter_table("outbox_item", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_item_due")
        batch_op.drop_constraint(
            batch_op.f("uq_outbox_item_channel_key_endpoint_id"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_outbox_item_channel_key"), ["channel", "key"]
        )
        batch_op.drop_column("endpoint_id")
        batch_op.create_index(
            "ix_outbox_item_due", ["channel", "state", "due_at", "sequence"], unique=False
        )

    with op.batch_alter_table("record_endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_endpoint_deployment_id"))

    op.drop_table("record_endpoint")
