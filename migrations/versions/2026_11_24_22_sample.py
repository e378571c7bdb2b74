"""Add samples for spot checks, and why a sheet outside of them is checked

Revision ID: 2026_11_24_22_sample
Revises: 2026_11_24_20_calendar
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_22_sample"
down_revision = "2026_11_24_20_calendar"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.String(length=24), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("factor", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["person.id"], name=op.f("fk_sample_drawn_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("unit_id", "year", "number", name=op.f("uq_sample_unit_id_year_number")),
    )
    op.create_table(
        "sample_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("light", sa.String(length=24), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["person.id"], name=op.f("fk_sample_sheet_assigned_to_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_sample_sheet_evaluation_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name=op.f("fk_sample_sheet_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_sheet")),
        sa.UniqueConstraint("evaluation_id", name=op.f("uq_sample_sheet_evaluation_id")),
        sa.UniqueConstraint("sample_id", "position", name=op.f("uq_sample_sheet_sample_id_position")),
    )
    op.create_index(op.f("ix_sample_sheet_assigned_to_id"), "sample_sheet", ["assigned_to_id"])
    op.add_column("review", sa.Column("cause", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("review", "cause")
    op.drop_table("sample_sheet")
    op.drop_table("sample")
