"""Sandboxes, in which previews try an activity."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course") as batch:
        batch.add_column(sa.Column("sandbox_of", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_course_sandbox_of_course"),
            "course",
            ["sandbox_of"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_index(batch.f("ix_course_sandbox_of"), ["sandbox_of"])
    op.create_table(
        "sandbox",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_sandbox_{column}_{table}"),
                ondelete="CASCADE",
            )
            for column, table in (
                ("course_id", "course"),
                ("deployment_id", "deployment"),
                ("origin_id", "activity"),
                ("person_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_sandbox")),
        sa.UniqueConstraint("origin_id", "person_id", name=op.f("uq_sandbox_origin_id_person_id")),
    )
    with op.batch_alter_table("sandbox") as batch:
        batch.create_index(batch.f("ix_sandbox_person_id"), ["person_id"])
        batch.create_index(batch.f("ix_sandbox_used_at"), ["used_at"])


def downgrade() -> None:
    # Steps on SQLite cascade nothing: what was tried stays, as drafts that nobody can open.
    op.execute(
        "DELETE FROM visit WHERE course_id IN (SELECT id FROM course WHERE sandbox_of IS NOT NULL)"
    )
    op.drop_table("sandbox")
    with op.batch_alter_table("course") as batch:
        batch.drop_index(batch.f("ix_course_sandbox_of"))
        batch.drop_constraint(batch.f("fk_course_sandbox_of_course"), type_="foreignkey")
        batch.drop_column("sandbox_of")
