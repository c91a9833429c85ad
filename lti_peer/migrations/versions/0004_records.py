"""The record store's documents, activities and attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "xapi_activity",
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_xapi_activity")),
    )
    op.create_table(
        "xapi_attachment",
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("sha2", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sha2", name=op.f("pk_xapi_attachment")),
    )
    op.create_table(
        "xapi_document",
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("activity", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.Uuid(), nullable=False),
        sa.Column("registration", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant",
            "kind",
            "activity",
            "agent",
            "registration",
            "key",
            name=op.f("pk_xapi_document"),
        ),
    )
    with op.batch_alter_table("xapi_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_xapi_document_tenant_agent"), ["tenant", "agent"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("xapi_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_xapi_document_tenant_agent"))
    op.drop_table("xapi_document")
    op.drop_table("xapi_attachment")
    op.drop_table("xapi_activity")
