"""Work can be revised after feedback: which versions are revisions, and what their authors say."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_submission_revised",
        "submission",
        ["activity_id", "author_id"],
        sqlite_where=sa.text("revised_at IS NOT NULL"),
        postgresql_where=sa.text("revised_at IS NOT NULL"),
    )
    op.add_column("submission_version", sa.Column("revision", sa.Boolean(), nullable=True))
    op.add_column("submission_version", sa.Column("note", sa.Text(), nullable=True))
    op.execute("UPDATE submission_version SET revision = false, note = ''")
    with op.batch_alter_table("submission_version") as batch:
        batch.alter_column("revision", existing_type=sa.Boolean(), nullable=False)
        batch.alter_column("note", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("submission_version") as batch:
        batch.drop_column("note")
        batch.drop_column("revision")
    with op.batch_alter_table("submission") as batch:
        batch.drop_index("ix_submission_revised")
        batch.drop_column("revised_at")
