"""Add windows and exceptions of a cycle, work-day tables, and calendar subscriptions

Revision ID: 2026_11_24_20_calendar
Revises: 2026_11_24_19_engine
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_20_calendar"
down_revision = "2026_11_24_19_engine"
branch_labels = None
depends_on = None

OLD_KINDS = "kind IN ('declaration', 'monitoring', 'self_evaluation', 'review')"
KINDS = "kind IN ('declaration', 'approval', 'monitoring', 'self_evaluation', 'review', 'rectification', 'disclosure')"


def upgrade() -> None:
    with op.batch_alter_table("cycle_window") as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("ck_cycle_window_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_cycle_window_kind"), KINDS)
    op.create_table(
        "window_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_window_exception_kind")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_window_exception_order")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycle.id"], name=op.f("fk_window_exception_cycle_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_window_exception_unit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_window_exception_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_exception")),
        sa.UniqueConstraint("cycle_id", "unit_id", "kind", name=op.f("uq_window_exception_cycle_id_unit_id_kind")),
    )
    op.create_index(op.f("ix_window_exception_unit_id"), "window_exception", ["unit_id"])
    op.create_table(
        "workday_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_workday_table_year")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_workday_table_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workday_table")),
        sa.UniqueConstraint("year", name=op.f("uq_workday_table_year")),
    )
    op.create_table(
        "special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('off', 'work')", name=op.f("ck_special_day_kind")),
        sa.ForeignKeyConstraint(
            ["table_id"], ["workday_table.id"], name=op.f("fk_special_day_table_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_day")),
        sa.UniqueConstraint("table_id", "day", name=op.f("uq_special_day_table_id_day")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("person_id", name=op.f("uq_calendar_feed_person_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed_secret_hash")),
    )


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_table("special_day")
    op.drop_table("workday_table")
    op.drop_table("window_exception")
    op.execute("DELETE FROM cycle_window WHERE kind IN ('approval', 'rectification', 'disclosure')")
    with op.batch_alter_table("cycle_window") as batch_op:
        batch_op.drop_constraint(op.f("ck_cycle_window_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_cycle_window_kind"), OLD_KINDS)
        batch_op.drop_column("changed_at")
