"""Add re-checks in tiers, and the watch on inflated self-evaluations

Revision ID: 2026_11_24_11_add_reviews
Revises: 2026_11_24_10_evaluation_funds
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_11_add_reviews"
down_revision = "2026_11_24_10_evaluation_funds"
branch_labels = None
depends_on = None

EVALUATION = sa.table(
    "evaluation",
    *(sa.column(name) for name in ("id", "state", "review_opinion", "review_explanation", "total", "grade")),
    sa.column("confirmed_at"),
    sa.column("updated_at"),
)
LINE = sa.table("evaluation_line", *(sa.column(n) for n in ("id", "evaluation_id", "review_score", "review_reason")))
REVIEW = sa.table(
    "review",
    *(sa.column(name) for name in ("id", "evaluation_id", "tier", "by_id", "state", "opinion", "conclusion")),
    *(sa.column(name) for name in ("despite_grade", "total", "grade", "explanation", "submitted_at", "updated_at")),
)
REVIEW_LINE = sa.table(
    "review_line", *(sa.column(n) for n in ("review_id", "line_id", "score", "reason_code", "reason"))
)
EVENT = sa.table("event", *(sa.column(n) for n in ("id", "subject_kind", "subject_id", "step", "person_id")))
SCORE_CHECK = "ck_evaluation_line_review_score_not_negative"


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.String(length=24), nullable=False),
        sa.Column("despite_grade", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=24), nullable=True),
        sa.Column("explanation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("conclusion IN ('', 'pass', 'rectify', 'reject')", name=op.f("ck_review_conclusion")),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name=op.f("ck_review_state")),
        sa.CheckConstraint("tier IN (1, 2)", name=op.f("ck_review_tier")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_review_by_id")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_review_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("evaluation_id", "tier", name=op.f("uq_review_evaluation_id_tier")),
    )
    op.create_table(
        "review_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("score >= 0", name=op.f("ck_review_line_score_not_negative")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["evaluation_line.id"], name=op.f("fk_review_line_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_line_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_line")),
        sa.UniqueConstraint("review_id", "line_id", name=op.f("uq_review_line_review_id_line_id")),
    )
    op.create_index(op.f("ix_review_line_line_id"), "review_line", ["line_id"])
    op.add_column("evaluation", sa.Column("light", sa.String(length=24), nullable=True))
    op.add_column("evaluation", sa.Column("risk", sa.Integer(), nullable=True))
    op.add_column("evaluation", sa.Column("signals", sa.JSON(none_as_null=True), nullable=True))
    _move_up()
    _drop_old_columns()


def _move_up() -> None:
    """Make the only re-check there was until now the first tier."""
    corrected = sa.select(LINE.c.evaluation_id).where(
        sa.or_(LINE.c.review_score.is_not(None), LINE.c.review_reason != "")
    )
    confirmed = EVALUATION.c.state == "confirmed"
    reviewer = (
        sa.select(sa.func.max(EVENT.c.person_id))
        .where(
            EVENT.c.id
            == sa.select(sa.func.max(EVENT.c.id))
            .where(
                EVENT.c.subject_kind == "evaluation",
                EVENT.c.step == "confirm",
                EVENT.c.subject_id == EVALUATION.c.id,
            )
            .correlate(EVALUATION)
            .scalar_subquery()
        )
        .correlate(EVALUATION)
        .scalar_subquery()
    )
    found = sa.select(
        EVALUATION.c.id,
        sa.literal_column("1"),
        sa.case((confirmed, reviewer)),
        sa.case((confirmed, "submitted"), else_="draft"),
        EVALUATION.c.review_opinion,
        sa.literal_column("''"),
        sa.false(),
        sa.case((confirmed, EVALUATION.c.total)),
        sa.case((confirmed, EVALUATION.c.grade)),
        EVALUATION.c.review_explanation,
        EVALUATION.c.confirmed_at,
        EVALUATION.c.updated_at,
    ).where(sa.or_(confirmed, EVALUATION.c.review_opinion != "", EVALUATION.c.id.in_(corrected)))
    columns = [column.name for column in REVIEW.c if column.name != "id"]
    op.execute(REVIEW.insert().from_select(columns, found))
    lines = (
        sa.select(
            REVIEW.c.id, LINE.c.id.label("line_id"), LINE.c.review_score, sa.literal_column("''"), LINE.c.review_reason
        )
        .select_from(LINE.join(REVIEW, REVIEW.c.evaluation_id == LINE.c.evaluation_id))
        .where(sa.or_(LINE.c.review_score.is_not(None), LINE.c.review_reason != ""))
    )
    op.execute(REVIEW_LINE.insert().from_select([column.name for column in REVIEW_LINE.c], lines))


def _drop_old_columns() -> None:
    op.drop_column("evaluation", "review_opinion")
    op.drop_column("evaluation", "review_explanation")
    op.drop_column("evaluation_line", "review_reason")
    with op.batch_alter_table("evaluation_line") as batch_op:
        batch_op.drop_constraint(op.f(SCORE_CHECK), type_="check")
        batch_op.drop_column("review_score")


def downgrade() -> None:
    op.add_column("evaluation", sa.Column("review_opinion", sa.Text(), server_default="", nullable=False))
    op.add_column("evaluation", sa.Column("review_explanation", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("evaluation_line", sa.Column("review_reason", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("evaluation_line") as batch_op:
        batch_op.add_column(sa.Column("review_score", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f(SCORE_CHECK), "review_score >= 0")
    for name in ("signals", "risk", "light"):
        op.drop_column("evaluation", name)
    _move_down()
    op.drop_table("review_line")
    op.drop_table("review")


def _move_down() -> None:
    """Give the first tier its old place; with the second one goes what it changed of the result."""
    first = REVIEW.alias()
    mine = sa.and_(first.c.evaluation_id == EVALUATION.c.id, first.c.tier == 1)

    def of_first(name: str) -> sa.ScalarSelect:
        return sa.select(first.c[name]).where(mine).correlate(EVALUATION).scalar_subquery()

    op.execute(
        EVALUATION.update()
        .where(sa.exists().where(mine))
        .values(
            review_opinion=of_first("opinion"),
            review_explanation=of_first("explanation"),
            total=sa.func.coalesce(of_first("total"), EVALUATION.c.total),
            grade=sa.func.coalesce(of_first("grade"), EVALUATION.c.grade),
        )
    )
    own = sa.and_(REVIEW_LINE.c.line_id == LINE.c.id, REVIEW_LINE.c.review_id == first.c.id, first.c.tier == 1)

    def of_line(name: str) -> sa.ScalarSelect:
        return sa.select(REVIEW_LINE.c[name]).where(own).correlate(LINE).scalar_subquery()

    op.execute(
        LINE.update()
        .where(sa.exists().where(own))
        .values(review_score=of_line("score"), review_reason=of_line("reason"))
    )
