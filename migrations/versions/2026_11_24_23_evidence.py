"""Let files belong to self-evaluations and rectifications, and find texts that are nearly alike

Revision ID: 2026_11_24_23_evidence
Revises: 2026_11_24_22_sample
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_23_evidence"
down_revision = "2026_11_24_22_sample"
branch_labels = None
depends_on = None

OWNERS = ("declaration", "evaluation", "rectification")
ONE_OWNER = " + ".join(f"CASE WHEN {owner}_id IS NULL THEN 0 ELSE 1 END" for owner in OWNERS) + " = 1"


def upgrade() -> None:
    with op.batch_alter_table("attachment") as batch_op:
        batch_op.alter_column("declaration_id", existing_type=sa.Integer(), nullable=True)
        for owner in OWNERS[1:]:
            column = f"{owner}_id"
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            name = op.f(f"fk_attachment_{column}")
            batch_op.create_foreign_key(name, owner, [column], ["id"], ondelete="CASCADE")
        batch_op.create_check_constraint(op.f("ck_attachment_owner"), ONE_OWNER)
    for owner in OWNERS[1:]:
        op.create_index(op.f(f"ix_attachment_{owner}_id"), "attachment", [f"{owner}_id"])
    op.create_table(
        "evaluation_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["evaluation_line.id"], name=op.f("fk_evaluation_proof_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_evaluation_proof_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_proof")),
        sa.UniqueConstraint("line_id", "attachment_id", name=op.f("uq_evaluation_proof_line_id_attachment_id")),
    )
    op.create_index("ix_evaluation_proof_attachment_id", "evaluation_proof", ["attachment_id"])
    op.create_table(
        "evaluation_mark",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_mark_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "mark", name=op.f("pk_evaluation_mark")),
    )
    op.create_index("ix_evaluation_mark_department_id_year_mark", "evaluation_mark", ["department_id", "year", "mark"])


def downgrade() -> None:
    op.drop_table("evaluation_mark")
    op.drop_table("evaluation_proof")
    # The older schema has no place for these files; the clock sweeps their bytes.
    op.execute("DELETE FROM attachment WHERE declaration_id IS NULL")
    for owner in OWNERS[1:]:
        op.drop_index(op.f(f"ix_attachment_{owner}_id"), table_name="attachment")
    with op.batch_alter_table("attachment") as batch_op:
        batch_op.drop_constraint(op.f("ck_attachment_owner"), type_="check")
        for owner in OWNERS[1:]:
            batch_op.drop_constraint(op.f(f"fk_attachment_{owner}_id"), type_="foreignkey")
            batch_op.drop_column(f"{owner}_id")
        batch_op.alter_column("declaration_id", existing_type=sa.Integer(), nullable=False)
