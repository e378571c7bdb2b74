"""Note by which notice a reminder was told, and keep the built-in rules apart by their codes

Revision ID: 2026_11_24_19_engine
Revises: 2026_11_24_18_reminders
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_19_engine"
down_revision = "2026_11_24_18_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.add_column(sa.Column("notice_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_reminder_notice_id"), "notice", ["notice_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_reminder_notice_id"), ["notice_id"], unique=False)
    op.create_index(
        "uq_reminder_rule_built_in",
        "reminder_rule",
        ["code"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_reminder_rule_built_in", table_name="reminder_rule")
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_notice_id"))
        batch_op.drop_constraint(batch_op.f("fk_reminder_notice_id"), type_="foreignkey")
        batch_op.drop_column("notice_id")
