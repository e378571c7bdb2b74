"""Index what an adjustment adjusts for adjustments alone

With the nulls in it, SQLite preferred this index to the one of project and year whenever a query
said ``adjusts_id IS NULL``, and read every declaration.

Revision ID: 2026_11_24_08b_adjusted_only
Revises: 2026_11_24_08_add_quality_checks
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_08b_adjusted_only"
down_revision = "2026_11_24_08_add_quality_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_declaration_adjusts_id", "declaration")
    adjustments = sa.text("adjusts_id IS NOT NULL")
    op.create_index(
        "ix_declaration_adjusts_id",
        "declaration",
        ["adjusts_id"],
        sqlite_where=adjustments,
        postgresql_where=adjustments,
    )


def downgrade() -> None:
    op.drop_index("ix_declaration_adjusts_id", "declaration")
    op.create_index("ix_declaration_adjusts_id", "declaration", ["adjusts_id"])
