"""Add rectifications, lifts of what follows from a grade, and figures of departments

Revision ID: 2026_11_24_12_rectifications
Revises: 2026_11_24_11_add_reviews
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_12_rectifications"
down_revision = "2026_11_24_11_add_reviews"
branch_labels = None
depends_on = None

KINDS = "kind IN ('monitoring', 'self_evaluation', 'department_evaluation', 'finance_evaluation')"


def upgrade() -> None:
    op.create_table(
        "rectification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("filled_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_rectification_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'returned', 'accepted')", name=op.f("ck_rectification_state")
        ),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_rectification_evaluation_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_rectification_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rectification_unit_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_rectification_department_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_rectification_opened_by_id")),
        sa.ForeignKeyConstraint(["filled_by_id"], ["person.id"], name=op.f("fk_rectification_filled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification")),
        sa.UniqueConstraint("evaluation_id", name=op.f("uq_rectification_evaluation_id")),
    )
    for name in ("project_id", "unit_id", "department_id"):
        op.create_index(op.f(f"ix_rectification_{name}"), "rectification", [name])
    op.create_index("ix_rectification_year_due_on", "rectification", ["year", "due_on"])
    op.create_table(
        "renewal_lift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_renewal_lift_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_renewal_lift_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_lift")),
        sa.UniqueConstraint("project_id", "year", name=op.f("uq_renewal_lift_project_id_year")),
    )
    op.create_table(
        "department_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_department_figure_value_not_negative")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_department_figure_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_department_figure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_figure")),
        sa.UniqueConstraint("department_id", "year", "key", name=op.f("uq_department_figure_department_id_year_key")),
    )


def downgrade() -> None:
    op.drop_table("department_figure")
    op.drop_table("renewal_lift")
    op.drop_table("rectification")
