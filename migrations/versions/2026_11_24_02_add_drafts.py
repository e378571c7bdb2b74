"""Add drafts of sections, who saved each section last, and justifications of warnings

Revision ID: 2026_11_24_02_add_drafts
Revises: 2026_11_21_create_schema
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_02_add_drafts"
down_revision = "2026_11_21_create_schema"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("declaration", sa.Column("saves", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("declaration", sa.Column("justifications", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=24), nullable=False),
        sa.Column("tab", sa.String(length=24), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_draft_declaration_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("declaration_id", "person_id", "section", "tab", name="uq_draft_tab"),
    )
    op.create_index(op.f("ix_draft_person_id"), "draft", ["person_id"])
    op.create_index("ix_draft_saved_at", "draft", ["saved_at"])


def downgrade() -> None:
    op.drop_table("draft")
    op.drop_column("declaration", "justifications")
    op.drop_column("declaration", "saves")
