"""Add attachments

Revision ID: 2026_11_24_07_add_attachments
Revises: 2026_11_24_06_versions
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_07_add_attachments"
down_revision = "2026_11_24_06_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("about_kind", sa.String(length=24), nullable=False),
        sa.Column("about_name", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("blob", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("scan", sa.String(length=24), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('legal_basis', 'evidence', 'other')", name=op.f("ck_attachment_kind")),
        sa.CheckConstraint("about_kind IN ('', 'basis', 'indicator')", name=op.f("ck_attachment_about_kind")),
        sa.CheckConstraint("scan IN ('off', 'waiting', 'clean', 'infected')", name=op.f("ck_attachment_scan")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_attachment_size_not_negative")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_attachment_declaration_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_attachment_uploaded_by_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name=op.f("fk_attachment_removed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("blob", name=op.f("uq_attachment_blob")),
    )
    op.create_index(op.f("ix_attachment_declaration_id"), "attachment", ["declaration_id"])
    op.add_column("declaration", sa.Column("no_attachments", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("declaration", "no_attachments")
    op.drop_index(op.f("ix_attachment_declaration_id"), table_name="attachment")
    op.drop_table("attachment")
