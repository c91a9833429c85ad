"""Whom an administrator lets in no more."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("blocked_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.drop_column("blocked_at")
