"""Add the indicator library, and remember on an indicator which entry it was filled from

Revision ID: 2026_11_24_05_library
Revises: 2026_11_24_04_add_imports
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_05_library"
down_revision = "2026_11_24_04_add_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "library_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("meaning", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("unit", sa.String(length=24), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=24), nullable=False),
        sa.Column("typical", sa.JSON(), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("last_count", sa.Integer(), nullable=True),
        sa.Column("last_low", sa.BigInteger(), nullable=True),
        sa.Column("last_median", sa.BigInteger(), nullable=True),
        sa.Column("last_high", sa.BigInteger(), nullable=True),
        sa.Column("last_target", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("sounds", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "basis IN ('plan', 'trade', 'history', 'budget', 'other')", name=op.f("ck_library_entry_basis")
        ),
        sa.CheckConstraint(
            "meaning IN ('quantity', 'quality', 'timeliness', 'cost', 'economic', 'social', 'ecological', 'sustained', 'satisfaction', 'input', 'efficiency', 'outcome')",
            name=op.f("ck_library_entry_meaning"),
        ),
        sa.CheckConstraint("scope != 'own' OR owner_id IS NOT NULL", name=op.f("ck_library_entry_owner")),
        sa.CheckConstraint("scope IN ('common', 'field', 'own')", name=op.f("ck_library_entry_scope")),
        sa.CheckConstraint("sign IN ('ge', 'gt', 'eq', 'lt', 'le', 'qualitative')", name=op.f("ck_library_entry_sign")),
        sa.CheckConstraint("state IN ('active', 'proposed', 'retired')", name=op.f("ck_library_entry_state")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_library_entry_created_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["unit.id"], name=op.f("fk_library_entry_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_library_entry_code")),
    )
    with op.batch_alter_table("library_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_library_entry_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_library_entry_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_library_entry_state_scope", ["state", "scope"], unique=False)
        batch_op.create_index("ix_library_entry_version_uses", ["version", "uses"], unique=False)

    with op.batch_alter_table("evaluation_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("library_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_evaluation_line_library_id"), "library_entry", ["library_id"], ["id"]
        )

    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("library_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_indicator_library_id"), ["library_id"], unique=False)
        batch_op.create_index("ix_indicator_name", ["name"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_indicator_library_id"), "library_entry", ["library_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_indicator_library_id"), type_="foreignkey")
        batch_op.drop_index("ix_indicator_name")
        batch_op.drop_index(batch_op.f("ix_indicator_library_id"))
        batch_op.drop_column("library_id")

    with op.batch_alter_table("evaluation_line", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_evaluation_line_library_id"), type_="foreignkey")
        batch_op.drop_column("library_id")

    with op.batch_alter_table("library_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_library_entry_version_uses")
        batch_op.drop_index("ix_library_entry_state_scope")
        batch_op.drop_index(batch_op.f("ix_library_entry_owner_id"))
        batch_op.drop_index(batch_op.f("ix_library_entry_name_key"))

    op.drop_table("library_entry")
