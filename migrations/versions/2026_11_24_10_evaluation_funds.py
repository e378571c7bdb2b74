"""Money of a self-evaluation by source, and evidence per line

Revision ID: 2026_11_24_10_evaluation_funds
Revises: 2026_11_24_09_add_monitoring
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_10_evaluation_funds"
down_revision = "2026_11_24_09_add_monitoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluation_fund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("initial", sa.BigInteger(), nullable=True),
        sa.Column("adjusted", sa.BigInteger(), nullable=True),
        sa.Column("executed", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("source IN ('fiscal', 'carry_over', 'other')", name=op.f("ck_evaluation_fund_source")),
        sa.CheckConstraint("initial >= 0", name=op.f("ck_evaluation_fund_initial_not_negative")),
        sa.CheckConstraint("adjusted >= 0", name=op.f("ck_evaluation_fund_adjusted_not_negative")),
        sa.CheckConstraint("executed >= 0", name=op.f("ck_evaluation_fund_executed_not_negative")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_fund_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_fund")),
        sa.UniqueConstraint("evaluation_id", "source", name=op.f("uq_evaluation_fund_evaluation_id_source")),
    )
    op.add_column("evaluation_line", sa.Column("proof", sa.String(length=200), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("evaluation_line", "proof")
    op.drop_table("evaluation_fund")
