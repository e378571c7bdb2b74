"""Add duties and key tasks of units

Revision ID: 2026_11_24_17_add_unit_duties
Revises: 2026_11_24_12_rectifications
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_17_add_unit_duties"
down_revision = "2026_11_24_12_rectifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit", sa.Column("duties", sa.Text(), server_default="", nullable=False))
    op.add_column("unit", sa.Column("key_tasks", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("unit", "key_tasks")
    op.drop_column("unit", "duties")
