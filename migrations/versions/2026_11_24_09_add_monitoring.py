"""Add monitoring

Revision ID: 2026_11_24_09_add_monitoring
Revises: 2026_11_24_08b_adjusted_only
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_09_add_monitoring"
down_revision = "2026_11_24_08b_adjusted_only"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monitoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("initial", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=True),
        sa.Column("forecast", sa.BigInteger(), nullable=True),
        sa.Column("general_initial", sa.BigInteger(), nullable=True),
        sa.Column("general_executed", sa.BigInteger(), nullable=True),
        sa.Column("general_forecast", sa.BigInteger(), nullable=True),
        sa.Column("goal_expected", sa.Text(), nullable=False),
        sa.Column("goal_progress", sa.Text(), nullable=False),
        sa.Column("budget_causes", sa.JSON(), nullable=False),
        sa.Column("budget_explanation", sa.Text(), nullable=False),
        sa.Column("budget_light", sa.String(length=24), nullable=False),
        sa.Column("light", sa.String(length=24), nullable=False),
        sa.Column("filled_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "budget_light IN ('red', 'yellow', 'green', 'blue', 'none')", name=op.f("ck_monitoring_budget_light")
        ),
        sa.CheckConstraint("light IN ('red', 'yellow', 'green', 'blue', 'none')", name=op.f("ck_monitoring_light")),
        sa.CheckConstraint("state IN ('open', 'submitted', 'returned', 'confirmed')", name=op.f("ck_monitoring_state")),
        sa.CheckConstraint("adjusted >= 0", name=op.f("ck_monitoring_adjusted_not_negative")),
        sa.CheckConstraint("cut_off BETWEEN 1 AND 12", name=op.f("ck_monitoring_cut_off")),
        sa.CheckConstraint("executed >= 0", name=op.f("ck_monitoring_executed_not_negative")),
        sa.CheckConstraint("forecast >= 0", name=op.f("ck_monitoring_forecast_not_negative")),
        sa.CheckConstraint("general_executed >= 0", name=op.f("ck_monitoring_general_executed_not_negative")),
        sa.CheckConstraint("general_forecast >= 0", name=op.f("ck_monitoring_general_forecast_not_negative")),
        sa.CheckConstraint("general_initial >= 0", name=op.f("ck_monitoring_general_initial_not_negative")),
        sa.CheckConstraint("initial >= 0", name=op.f("ck_monitoring_initial_not_negative")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_monitoring_cycle_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_monitoring_department_id")),
        sa.ForeignKeyConstraint(["filled_by_id"], ["person.id"], name=op.f("fk_monitoring_filled_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_monitoring_project_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme_version.id"], name=op.f("fk_monitoring_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_monitoring_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring")),
        sa.UniqueConstraint("project_id", "year", "cut_off", name=op.f("uq_monitoring_project_id_year_cut_off")),
    )
    op.create_index(op.f("ix_monitoring_cycle_id"), "monitoring", ["cycle_id"])
    op.create_index("ix_monitoring_department_id_year_state", "monitoring", ["department_id", "year", "state"])
    op.create_index("ix_monitoring_unit_id_year", "monitoring", ["unit_id", "year"])
    op.create_index("ix_monitoring_year_id", "monitoring", ["year", "id"])
    op.create_table(
        "monitoring_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("monitoring_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("closing_note", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_monitoring_item_closed")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_monitoring_item_state")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_monitoring_item_closed_by_id")),
        sa.ForeignKeyConstraint(
            ["monitoring_id"], ["monitoring.id"], name=op.f("fk_monitoring_item_monitoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_item")),
        sa.UniqueConstraint("monitoring_id", "position", name=op.f("uq_monitoring_item_monitoring_id_position")),
    )
    op.create_index("ix_monitoring_item_state_due_on", "monitoring_item", ["state", "due_on"])
    op.create_table(
        "monitoring_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("monitoring_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("subcategory", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("target_value", sa.BigInteger(), nullable=True),
        sa.Column("target_text", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("actual_value", sa.BigInteger(), nullable=True),
        sa.Column("actual_text", sa.String(length=200), nullable=False),
        sa.Column("tier", sa.String(length=24), nullable=False),
        sa.Column("forecast_value", sa.BigInteger(), nullable=True),
        sa.Column("forecast_text", sa.String(length=200), nullable=False),
        sa.Column("likelihood", sa.String(length=24), nullable=False),
        sa.Column("light", sa.String(length=24), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "light IN ('red', 'yellow', 'green', 'blue', 'none')", name=op.f("ck_monitoring_line_light")
        ),
        sa.CheckConstraint("likelihood IN ('', 'sure', 'maybe', 'never')", name=op.f("ck_monitoring_line_likelihood")),
        sa.CheckConstraint(
            "sign IN ('ge', 'gt', 'eq', 'lt', 'le', 'qualitative')", name=op.f("ck_monitoring_line_sign")
        ),
        sa.CheckConstraint("tier IN ('', 'reached', 'partly', 'missed')", name=op.f("ck_monitoring_line_tier")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_monitoring_line_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["monitoring_id"], ["monitoring.id"], name=op.f("fk_monitoring_line_monitoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_line")),
    )
    op.create_index(op.f("ix_monitoring_line_monitoring_id"), "monitoring_line", ["monitoring_id"])
    op.add_column("cycle", sa.Column("cut_offs", sa.JSON(), server_default="[7]", nullable=False))


def downgrade() -> None:
    op.drop_column("cycle", "cut_offs")
    op.drop_table("monitoring_line")
    op.drop_table("monitoring_item")
    op.drop_table("monitoring")
