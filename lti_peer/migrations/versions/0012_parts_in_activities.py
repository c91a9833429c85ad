"""Parts in allocations know their activity: who has one is asked of one table, by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FILL = """
    UPDATE allocation_member SET activity_id = (
        SELECT allocation.activity_id FROM allocation
        WHERE allocation.id = allocation_member.allocation_id
    )
"""


def upgrade() -> None:
    op.add_column("allocation_member", sa.Column("activity_id", sa.Uuid(), nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("allocation_member") as batch:
        batch.alter_column("activity_id", existing_type=sa.Uuid(), nullable=False)
        batch.create_foreign_key(
            batch.f("fk_allocation_member_activity_id_activity"),
            "activity",
            ["activity_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_index(
            batch.f("ix_allocation_member_activity_id_standing_person_id"),
            ["activity_id", "standing", "person_id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("allocation_member") as batch:
        batch.drop_index(batch.f("ix_allocation_member_activity_id_standing_person_id"))
        batch.drop_constraint(
            batch.f("fk_allocation_member_activity_id_activity"), type_="foreignkey"
        )
        batch.drop_column("activity_id")
