"""Create the schema

Revision ID: 2026_11_21_create_schema
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_create_schema"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "function",
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_function")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("nature", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "path",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('area', 'department', 'unit')", name=op.f("ck_unit_kind")),
        sa.CheckConstraint("nature IN ('administrative', 'public_institution', 'other')", name=op.f("ck_unit_nature")),
        sa.ForeignKeyConstraint(["area_id"], ["unit.id"], name=op.f("fk_unit_area_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_unit_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("area_id", "kind", "code", name=op.f("uq_unit_area_id_kind_code")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_unit_parent_id_name")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_unit_path", ["path"], unique=True)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "role IN ('filler', 'department_reviewer', 'finance_reviewer', 'administrator')",
            name=op.f("ck_appointment_role"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_appointment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("person_id", "unit_id", "role", name=op.f("uq_appointment_person_id_unit_id_role")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("state_from", sa.String(length=24), nullable=True),
        sa.Column("state_to", sa.String(length=24), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_subject_kind_subject_id", ["subject_kind", "subject_id", "id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "kind", "subject_kind", "subject_id", "occurrence", name="uq_notice_once"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_person_id_read_at", ["person_id", "read_at"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=21), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("attribute", sa.String(length=24), nullable=False),
        sa.Column("function_code", sa.String(length=7), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=True),
        sa.Column("goals_total", sa.Text(), nullable=False),
        sa.Column("exempt_reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("attribute IN ('new', 'continuing')", name=op.f("ck_project_attribute")),
        sa.CheckConstraint(
            "category IN ('staff', 'public', 'other_operation', 'specific')", name=op.f("ck_project_category")
        ),
        sa.CheckConstraint("start_on <= end_on", name=op.f("ck_project_term")),
        sa.CheckConstraint("total_amount >= 0", name=op.f("ck_project_total_amount_not_negative")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_project_department_id")),
        sa.ForeignKeyConstraint(["function_code"], ["function.code"], name=op.f("fk_project_function_code")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_project_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "published",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("document_kind", sa.String(length=24), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("department_name", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_published_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published")),
        sa.UniqueConstraint("sha256", name=op.f("uq_published_sha256")),
    )
    with op.batch_alter_table("published", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_department_id"), ["department_id"], unique=False)

    op.create_table(
        "scheme_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('project', 'department')", name=op.f("ck_scheme_version_kind")),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_scheme_version_state")),
        sa.ForeignKeyConstraint(["based_on_id"], ["scheme_version.id"], name=op.f("fk_scheme_version_based_on_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_scheme_version_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_version")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_scheme_version_code_number")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("initial", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved')", name=op.f("ck_budget_line_state")),
        sa.CheckConstraint("adjusted >= 0", name=op.f("ck_budget_line_adjusted_not_negative")),
        sa.CheckConstraint("executed >= 0", name=op.f("ck_budget_line_executed_not_negative")),
        sa.CheckConstraint("initial >= 0", name=op.f("ck_budget_line_initial_not_negative")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_budget_line_department_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_budget_line_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_budget_line_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint("project_id", "year", name=op.f("uq_budget_line_project_id_year")),
    )
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_budget_line_department_id_year_state", ["department_id", "year", "state"], unique=False
        )
        batch_op.create_index("ix_budget_line_unit_id_year", ["unit_id", "year"], unique=False)
        batch_op.create_index("ix_budget_line_year_id", ["year", "id"], unique=False)

    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("project_scheme_id", sa.Integer(), nullable=False),
        sa.Column("department_scheme_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_cycle_year")),
        sa.ForeignKeyConstraint(
            ["department_scheme_id"], ["scheme_version.id"], name=op.f("fk_cycle_department_scheme_id")
        ),
        sa.ForeignKeyConstraint(["project_scheme_id"], ["scheme_version.id"], name=op.f("fk_cycle_project_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_cycle_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_cycle_unit_id_year")),
    )
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cycle_year"), ["year"], unique=False)

    op.create_table(
        "cycle_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('declaration', 'monitoring', 'self_evaluation', 'review')", name=op.f("ck_cycle_window_kind")
        ),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_cycle_window_order")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_cycle_window_cycle_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_window")),
        sa.UniqueConstraint("cycle_id", "kind", name=op.f("uq_cycle_window_cycle_id_kind")),
    )
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("overview", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("annual_amount", sa.BigInteger(), nullable=False),
        sa.Column("filled_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'department_approved', 'approved')",
            name=op.f("ck_declaration_state"),
        ),
        sa.CheckConstraint("annual_amount >= 0", name=op.f("ck_declaration_annual_amount_not_negative")),
        sa.CheckConstraint("start_on <= end_on", name=op.f("ck_declaration_period")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_declaration_cycle_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_declaration_department_id")),
        sa.ForeignKeyConstraint(["filled_by_id"], ["person.id"], name=op.f("fk_declaration_filled_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_declaration_project_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme_version.id"], name=op.f("fk_declaration_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_declaration_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("project_id", "year", name=op.f("uq_declaration_project_id_year")),
    )
    with op.batch_alter_table("declaration", schema=None) as batch_op:
        batch_op.create_index(
            "ix_declaration_department_id_year_state", ["department_id", "year", "state"], unique=False
        )
        batch_op.create_index("ix_declaration_unit_id_year", ["unit_id", "year"], unique=False)
        batch_op.create_index("ix_declaration_year_id", ["year", "id"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("initial", sa.BigInteger(), nullable=True),
        sa.Column("adjusted", sa.BigInteger(), nullable=True),
        sa.Column("executed", sa.BigInteger(), nullable=True),
        sa.Column("goal_expected", sa.Text(), nullable=False),
        sa.Column("goal_actual", sa.Text(), nullable=False),
        sa.Column("execution_reason", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("review_opinion", sa.Text(), nullable=False),
        sa.Column("self_total", sa.Integer(), nullable=True),
        sa.Column("self_grade", sa.String(length=24), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=24), nullable=True),
        sa.Column("explanation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("review_explanation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("filled_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(kind = 'project') = (project_id IS NOT NULL)", name=op.f("ck_evaluation_subject")),
        sa.CheckConstraint("kind IN ('project', 'department')", name=op.f("ck_evaluation_kind")),
        sa.CheckConstraint("state IN ('open', 'submitted', 'returned', 'confirmed')", name=op.f("ck_evaluation_state")),
        sa.CheckConstraint("adjusted >= 0", name=op.f("ck_evaluation_adjusted_not_negative")),
        sa.CheckConstraint("executed >= 0", name=op.f("ck_evaluation_executed_not_negative")),
        sa.CheckConstraint("initial >= 0", name=op.f("ck_evaluation_initial_not_negative")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_evaluation_cycle_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_evaluation_department_id")),
        sa.ForeignKeyConstraint(["filled_by_id"], ["person.id"], name=op.f("fk_evaluation_filled_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_evaluation_project_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme_version.id"], name=op.f("fk_evaluation_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_evaluation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("project_id", "year", name=op.f("uq_evaluation_project_id_year")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_evaluation_department_id_year_state", ["department_id", "year", "state"], unique=False
        )
        batch_op.create_index("ix_evaluation_unit_id_year", ["unit_id", "year"], unique=False)
        batch_op.create_index("ix_evaluation_year_id", ["year", "id"], unique=False)
        batch_op.create_index(
            "uq_evaluation_department_id_year",
            ["department_id", "year"],
            unique=True,
            sqlite_where=sa.text("kind = 'department'"),
            postgresql_where=sa.text("kind = 'department'"),
        )

    op.create_table(
        "evaluation_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("subcategory", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("target_value", sa.BigInteger(), nullable=True),
        sa.Column("target_text", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("actual_value", sa.BigInteger(), nullable=True),
        sa.Column("actual_text", sa.String(length=200), nullable=False),
        sa.Column("tier", sa.String(length=24), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("not_applicable", sa.Boolean(), nullable=False),
        sa.Column("na_reason", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("self_score", sa.Integer(), nullable=True),
        sa.Column("review_score", sa.Integer(), nullable=True),
        sa.Column("review_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sign IN ('ge', 'gt', 'eq', 'lt', 'le', 'qualitative')", name=op.f("ck_evaluation_line_sign")
        ),
        sa.CheckConstraint("review_score >= 0", name=op.f("ck_evaluation_line_review_score_not_negative")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_evaluation_line_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_line_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_line")),
    )
    with op.batch_alter_table("evaluation_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_line_evaluation_id"), ["evaluation_id"], unique=False)

    op.create_table(
        "fund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "source IN ('general_public', 'government_fund', 'state_capital', 'carry_over', 'other')",
            name=op.f("ck_fund_source"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_fund_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_fund_declaration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
        sa.UniqueConstraint("declaration_id", "source", name=op.f("uq_fund_declaration_id_source")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("subcategory", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("target_value", sa.BigInteger(), nullable=True),
        sa.Column("target_text", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.CheckConstraint("sign IN ('ge', 'gt', 'eq', 'lt', 'le', 'qualitative')", name=op.f("ck_indicator_sign")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_indicator_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_indicator_declaration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicator_declaration_id"), ["declaration_id"], unique=False)

    op.create_table(
        "legal_basis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_legal_basis_declaration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_basis")),
    )
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_basis_declaration_id"), ["declaration_id"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("responsible", sa.String(length=200), nullable=False),
        sa.CheckConstraint("start_on <= end_on", name=op.f("ck_step_period")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_step_declaration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_declaration_id"), ["declaration_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_step_declaration_id"))

    op.drop_table("step")
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_basis_declaration_id"))

    op.drop_table("legal_basis")
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicator_declaration_id"))

    op.drop_table("indicator")
    op.drop_table("fund")
    with op.batch_alter_table("evaluation_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_line_evaluation_id"))

    op.drop_table("evaluation_line")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_evaluation_department_id_year",
            sqlite_where=sa.text("kind = 'department'"),
            postgresql_where=sa.text("kind = 'department'"),
        )
        batch_op.drop_index("ix_evaluation_year_id")
        batch_op.drop_index("ix_evaluation_unit_id_year")
        batch_op.drop_index("ix_evaluation_department_id_year_state")

    op.drop_table("evaluation")
    with op.batch_alter_table("declaration", schema=None) as batch_op:
        batch_op.drop_index("ix_declaration_year_id")
        batch_op.drop_index("ix_declaration_unit_id_year")
        batch_op.drop_index("ix_declaration_department_id_year_state")

    op.drop_table("declaration")
    op.drop_table("cycle_window")
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cycle_year"))

    op.drop_table("cycle")
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.drop_index("ix_budget_line_year_id")
        batch_op.drop_index("ix_budget_line_unit_id_year")
        batch_op.drop_index("ix_budget_line_department_id_year_state")

    op.drop_table("budget_line")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    op.drop_table("scheme_version")
    with op.batch_alter_table("published", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_department_id"))

    op.drop_table("published")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_unit_id"))
        batch_op.drop_index(batch_op.f("ix_project_department_id"))

    op.drop_table("project")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_person_id_read_at")

    op.drop_table("notice")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject_kind_subject_id")

    op.drop_table("event")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_unit_id"))

    op.drop_table("appointment")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_path")
        batch_op.drop_index(batch_op.f("ix_unit_department_id"))
        batch_op.drop_index(batch_op.f("ix_unit_area_id"))

    op.drop_table("unit")
    op.drop_table("person")
    op.drop_table("function")
