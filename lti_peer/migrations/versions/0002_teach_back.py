"""Teach-back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teaching_topic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("right_option", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("right_option >= 0", name=op.f("ck_teaching_topic_right_option")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_teaching_topic_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_teaching_topic_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_topic")),
    )
    with op.batch_alter_table("teaching_topic", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_teaching_topic_activity_id_position"),
            ["activity_id", "position"],
            unique=False,
        )

    op.create_table(
        "teaching_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=24), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_teaching_answer_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_teaching_answer_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_teaching_answer_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["teaching_topic.id"],
            name=op.f("fk_teaching_answer_topic_id_teaching_topic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_answer")),
        sa.UniqueConstraint(
            "topic_id",
            "person_id",
            "moment",
            name=op.f("uq_teaching_answer_topic_id_person_id_moment"),
        ),
    )
    with op.batch_alter_table("teaching_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_teaching_answer_activity_id"), ["activity_id"], unique=False
        )

    op.create_table(
        "teaching_sign_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("teach_id", sa.Uuid(), nullable=True),
        sa.Column("learn_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("teach_id <> learn_id", name=op.f("ck_teaching_sign_up_two_topics")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_teaching_sign_up_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_teaching_sign_up_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["learn_id"],
            ["teaching_topic.id"],
            name=op.f("fk_teaching_sign_up_learn_id_teaching_topic"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_teaching_sign_up_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["teach_id"],
            ["teaching_topic.id"],
            name=op.f("fk_teaching_sign_up_teach_id_teaching_topic"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_sign_up")),
        sa.UniqueConstraint(
            "activity_id", "person_id", name=op.f("uq_teaching_sign_up_activity_id_person_id")
        ),
    )
    with op.batch_alter_table("teaching_sign_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_teaching_sign_up_learn_id"), ["learn_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_teaching_sign_up_teach_id"), ["teach_id"], unique=False
        )

    op.create_table(
        "teaching_absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_teaching_absence_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_teaching_absence_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
            name=op.f("fk_teaching_absence_meeting_id_meeting"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_teaching_absence_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"],
            ["person.id"],
            name=op.f("fk_teaching_absence_reported_by_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_absence")),
        sa.UniqueConstraint(
            "meeting_id", "person_id", name=op.f("uq_teaching_absence_meeting_id_person_id")
        ),
    )
    with op.batch_alter_table("teaching_absence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_teaching_absence_activity_id"), ["activity_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("teaching_absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teaching_absence_activity_id"))

    op.drop_table("teaching_absence")
    with op.batch_alter_table("teaching_sign_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teaching_sign_up_teach_id"))
        batch_op.drop_index(batch_op.f("ix_teaching_sign_up_learn_id"))

    op.drop_table("teaching_sign_up")
    with op.batch_alter_table("teaching_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teaching_answer_activity_id"))

    op.drop_table("teaching_answer")
    with op.batch_alter_table("teaching_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teaching_topic_activity_id_position"))

    op.drop_table("teaching_topic")
