"""Add evaluation by experts, and rubrics as versioned data

Revision ID: 2026_11_24_25_experts
Revises: 2026_11_24_24_channels
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_25_experts"
down_revision = "2026_11_24_24_channels"
branch_labels = None
depends_on = None

OLD_ROLES = "role IN ('filler', 'department_reviewer', 'finance_reviewer', 'administrator')"
NEW_ROLES = "role IN ('filler', 'department_reviewer', 'finance_reviewer', 'administrator', 'expert')"
OLD_KINDS = "kind IN ('project', 'department')"
NEW_KINDS = "kind IN ('project', 'department', 'rubric')"


def _check(table: str, name: str, condition: str) -> None:
    """Replace a check; SQLite can only do so by copying the table."""
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(name), type_="check")
        batch.create_check_constraint(op.f(name), condition)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _version() -> sa.Column:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def upgrade() -> None:
    _check("appointment", "ck_appointment_role", NEW_ROLES)
    _check("scheme_version", "ck_scheme_version_kind", NEW_KINDS)
    op.create_table(
        "appraisal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("suggestions", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=24), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        _moment("created_at", nullable=False),
        _moment("closed_at"),
        _moment("concluded_at"),
        _moment("updated_at", nullable=False),
        _version(),
        sa.CheckConstraint("kind IN ('department_evaluation', 'finance_evaluation')", name=op.f("ck_appraisal_kind")),
        sa.CheckConstraint(
            "state IN ('marking', 'consolidating', 'concluded', 'cancelled')", name=op.f("ck_appraisal_state")
        ),
        sa.CheckConstraint("(state = 'concluded') = (total IS NOT NULL)", name=op.f("ck_appraisal_concluded")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_appraisal_total_not_negative")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_appraisal_evaluation_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_appraisal_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_appraisal_unit_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_appraisal_department_id")),
        sa.ForeignKeyConstraint(["rubric_id"], ["scheme_version.id"], name=op.f("fk_appraisal_rubric_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["person.id"], name=op.f("fk_appraisal_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
    )
    for name in ("evaluation_id", "project_id", "unit_id", "department_id"):
        op.create_index(op.f(f"ix_appraisal_{name}"), "appraisal", [name])
    op.create_index("ix_appraisal_year_id", "appraisal", ["year", "id"])
    running = sa.text("state <> 'cancelled'")
    op.create_index(
        "uq_appraisal_project_id_year_kind",
        "appraisal",
        ["project_id", "year", "kind"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "appraisal_expert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appraisal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("conflict", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        _moment("declared_at"),
        _moment("submitted_at"),
        _moment("updated_at", nullable=False),
        _version(),
        sa.CheckConstraint(
            "state IN ('invited', 'excluded', 'marking', 'submitted', 'missed')", name=op.f("ck_appraisal_expert_state")
        ),
        sa.ForeignKeyConstraint(
            ["appraisal_id"], ["appraisal.id"], name=op.f("fk_appraisal_expert_appraisal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appraisal_expert_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_expert")),
        sa.UniqueConstraint("appraisal_id", "person_id", name=op.f("uq_appraisal_expert_appraisal_id_person_id")),
    )
    op.create_index(op.f("ix_appraisal_expert_person_id"), "appraisal_expert", ["person_id"])
    op.create_table(
        "appraisal_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("marks >= 0", name=op.f("ck_appraisal_mark_marks_not_negative")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["appraisal_expert.id"], name=op.f("fk_appraisal_mark_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_mark")),
        sa.UniqueConstraint("expert_id", "code", name=op.f("uq_appraisal_mark_expert_id_code")),
    )
    op.create_table(
        "appraisal_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appraisal_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("by_expert", sa.Boolean(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        _moment("asked_at", nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        _moment("answered_at"),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_appraisal_question_answered")),
        sa.ForeignKeyConstraint(
            ["appraisal_id"], ["appraisal.id"], name=op.f("fk_appraisal_question_appraisal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_appraisal_question_asked_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_appraisal_question_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_question")),
    )
    op.create_index(op.f("ix_appraisal_question_appraisal_id"), "appraisal_question", ["appraisal_id"])


def downgrade() -> None:
    for table in ("appraisal_question", "appraisal_mark", "appraisal_expert", "appraisal"):
        op.drop_table(table)
    connection = op.get_bind()
    # What the older version does not know cannot stay: rubrics, expert posts, and what was said about evaluations.
    connection.execute(sa.text("DELETE FROM notice WHERE subject_kind = 'appraisal'"))
    connection.execute(sa.text("DELETE FROM event WHERE subject_kind = 'appraisal'"))
    connection.execute(sa.text("DELETE FROM appointment WHERE role = 'expert'"))
    connection.execute(sa.text("UPDATE scheme_version SET based_on_id = NULL WHERE kind = 'rubric'"))
    connection.execute(sa.text("DELETE FROM scheme_version WHERE kind = 'rubric'"))
    _check("scheme_version", "ck_scheme_version_kind", OLD_KINDS)
    _check("appointment", "ck_appointment_role", OLD_ROLES)
