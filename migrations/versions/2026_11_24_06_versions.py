"""Freeze versions of declarations, adjust approved ones, mark what was copied

Revision ID: 2026_11_24_06_versions
Revises: 2026_11_24_05_library
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_06_versions"
down_revision = "2026_11_24_05_library"
branch_labels = None
depends_on = None

STATES = ("draft", "submitted", "returned", "department_approved", "approved")
COLUMNS = ("adjusts_id", "adjust_reason", "adjust_basis", "to_check", "opened_at", "opened_by_id")


def swap_states(batch_op, words):
    batch_op.drop_constraint(op.f("ck_declaration_state"), type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    batch_op.create_check_constraint(op.f("ck_declaration_state"), f"state IN ({listed})")


def upgrade() -> None:
    with op.batch_alter_table("declaration") as batch_op:
        swap_states(batch_op, (*STATES, "dropped"))
        batch_op.drop_constraint(op.f("uq_declaration_project_id_year"), type_="unique")
        batch_op.add_column(sa.Column("adjusts_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("adjust_reason", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("adjust_basis", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("to_check", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("opened_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_declaration_adjusts_id"), "declaration", ["adjusts_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_declaration_opened_by_id"), "person", ["opened_by_id"], ["id"])
    original = sa.text("adjusts_id IS NULL")
    op.create_index(
        "uq_declaration_project_id_year",
        "declaration",
        ["project_id", "year"],
        unique=True,
        sqlite_where=original,
        postgresql_where=original,
    )
    op.create_index(op.f("ix_declaration_adjusts_id"), "declaration", ["adjusts_id"])
    on_its_way = sa.text("state NOT IN ('approved', 'dropped')")
    op.create_index(
        "uq_declaration_open_adjustment",
        "declaration",
        ["adjusts_id"],
        unique=True,
        sqlite_where=on_its_way,
        postgresql_where=on_its_way,
    )
    op.create_table(
        "declaration_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("adjustment_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("justifications", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.CheckConstraint("occasion IN ('submit', 'before', 'adjust')", name=op.f("ck_declaration_version_occasion")),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["declaration.id"], name=op.f("fk_declaration_version_adjustment_id")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_declaration_version_declaration_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_declaration_version_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_version")),
        sa.UniqueConstraint("declaration_id", "number", name=op.f("uq_declaration_version_declaration_id_number")),
        sa.UniqueConstraint("receipt", name=op.f("uq_declaration_version_receipt")),
    )
    op.create_index("ix_declaration_version_adjustment_id", "declaration_version", ["adjustment_id"])


def downgrade() -> None:
    op.drop_table("declaration_version")
    forget_adjustments()
    op.drop_index("uq_declaration_open_adjustment", "declaration")
    op.drop_index(op.f("ix_declaration_adjusts_id"), "declaration")
    op.drop_index("uq_declaration_project_id_year", "declaration")
    with op.batch_alter_table("declaration") as batch_op:
        batch_op.drop_constraint(op.f("fk_declaration_opened_by_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_declaration_adjusts_id"), type_="foreignkey")
        for name in COLUMNS:
            batch_op.drop_column(name)
        batch_op.create_unique_constraint(op.f("uq_declaration_project_id_year"), ["project_id", "year"])
        swap_states(batch_op, STATES)


def forget_adjustments() -> None:
    """Delete adjustments with everything that belongs to them: the older schema has no place for them."""
    declaration = sa.table("declaration", sa.column("id"), sa.column("adjusts_id"))
    adjustments = sa.select(declaration.c.id).where(declaration.c.adjusts_id.is_not(None))
    for name in ("legal_basis", "step", "fund", "indicator"):
        table = sa.table(name, sa.column("declaration_id"))
        op.execute(table.delete().where(table.c.declaration_id.in_(adjustments)))
    for name in ("event", "notice"):
        table = sa.table(name, sa.column("subject_kind"), sa.column("subject_id"))
        about = table.c.subject_kind == "declaration"
        op.execute(table.delete().where(about, table.c.subject_id.in_(adjustments)))
    op.execute(declaration.delete().where(declaration.c.adjusts_id.is_not(None)))
