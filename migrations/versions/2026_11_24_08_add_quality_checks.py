"""Add quality checks and text marks

Revision ID: 2026_11_24_08_add_quality_checks
Revises: 2026_11_24_07_add_attachments
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_08_add_quality_checks"
down_revision = "2026_11_24_07_add_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_check",
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("errors >= 0", name=op.f("ck_quality_check_errors_not_negative")),
        sa.CheckConstraint("warnings >= 0", name=op.f("ck_quality_check_warnings_not_negative")),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declaration.id"],
            name=op.f("fk_quality_check_declaration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("declaration_id", name=op.f("pk_quality_check")),
    )
    op.create_table(
        "quality_finding",
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('error', 'warning', 'info')", name=op.f("ck_quality_finding_level")),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["quality_check.declaration_id"],
            name=op.f("fk_quality_finding_declaration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("declaration_id", "code", name=op.f("pk_quality_finding")),
    )
    op.create_index("ix_quality_finding_code", "quality_finding", ["code", "declaration_id"])
    op.create_table(
        "text_mark",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declaration.id"],
            name=op.f("fk_text_mark_declaration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mark", "declaration_id", name=op.f("pk_text_mark")),
    )
    op.create_index(op.f("ix_text_mark_declaration_id"), "text_mark", ["declaration_id"])


def downgrade() -> None:
    op.drop_table("text_mark")
    op.drop_table("quality_finding")
    op.drop_table("quality_check")
