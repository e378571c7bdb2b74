"""Add reminders with their rules, messages with their endpoints, and where a person is reached

Revision ID: 2026_11_24_18_reminders
Revises: 2026_11_24_17_add_unit_duties
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_18_reminders"
down_revision = "2026_11_24_17_add_unit_duties"
branch_labels = None
depends_on = None

DUTIES = (
    "duty IN ('declaring', 'monitoring', 'evaluating', 'resubmitting', 'rectifying', "
    "'reviewing', 'approving', 'accepting')"
)


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('wecom', 'dingtalk', 'feishu', 'webhook')", name=op.f("ck_endpoint_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_endpoint_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_endpoint_unit_id_name")),
    )
    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("duty", sa.String(length=24), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            DUTIES,
            name=op.f("ck_reminder_rule_duty"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reminder_rule_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("unit_id", "code", name=op.f("uq_reminder_rule_unit_id_code")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("endpoint_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(channel = 'email') = (endpoint_id IS NULL)", name=op.f("ck_message_receiver")),
        sa.CheckConstraint(
            "channel IN ('email', 'wecom', 'dingtalk', 'feishu', 'webhook')", name=op.f("ck_message_channel")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'sent', 'parked', 'cancelled')", name=op.f("ck_message_state")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_message_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_message_endpoint_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_endpoint_id"), ["endpoint_id"], unique=False)
        batch_op.create_index("ix_message_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_message_state_due_at", ["state", "due_at", "id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=24), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            DUTIES,
            name=op.f("ck_reminder_duty"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sent', 'failed', 'skipped', 'paused')", name=op.f("ck_reminder_state")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["reminder_rule.id"], name=op.f("fk_reminder_rule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reminder_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "person_id", "subject_kind", "subject_id", "rule_id", "occurrence", name="uq_reminder_once"
        ),
    )
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_rule_id"), ["rule_id"], unique=False)
        batch_op.create_index("ix_reminder_state_due_at", ["state", "due_at", "id"], unique=False)
        batch_op.create_index("ix_reminder_subject_kind_subject_id", ["subject_kind", "subject_id"], unique=False)
        batch_op.create_index("ix_reminder_unit_id_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "message_reminder",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_reminder_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminder.id"], name=op.f("fk_message_reminder_reminder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "reminder_id", name=op.f("pk_message_reminder")),
    )
    with op.batch_alter_table("message_reminder") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_reminder_reminder_id"), ["reminder_id"], unique=False)

    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("preferences", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_column("preferences")
        batch_op.drop_column("email")

    with op.batch_alter_table("message_reminder") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_reminder_reminder_id"))

    op.drop_table("message_reminder")
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.drop_index("ix_reminder_unit_id_state")
        batch_op.drop_index("ix_reminder_subject_kind_subject_id")
        batch_op.drop_index("ix_reminder_state_due_at")
        batch_op.drop_index(batch_op.f("ix_reminder_rule_id"))

    op.drop_table("reminder")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_state_due_at")
        batch_op.drop_index("ix_message_person_id")
        batch_op.drop_index(batch_op.f("ix_message_endpoint_id"))

    op.drop_table("message")
    op.drop_table("reminder_rule")
    op.drop_table("endpoint")
