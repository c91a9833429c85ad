"""Where notices of an LMS go."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_handler",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_notice_handler_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_notice_handler")),
    )
    with op.batch_alter_table("notice_handler", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_handler_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice_handler", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_handler_due_at"))

    op.drop_table("notice_handler")
