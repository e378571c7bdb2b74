"""Forms: one tier's marks for the lines of a sheet, its opinion and conclusion."""

from typing import Any

from wtforms import BooleanField

from perfmgr.actions.reviews import ReviewDraft
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.review import Review
from perfmgr.rules.reviews import CONCLUSIONS, LineDraft, ReviewRules
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, FixedRows, LongField, NumberField
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l


class ReviewLineForm(BaseForm):
    """The marks for one indicator, and why they differ."""

    score = NumberField(_l("复核得分"), places=2, limit=1000)
    code = ChoiceField(_l("差异原因"))
    reason = LongField(_l("复核意见"), [AtMost(2000)])


class ReviewForm(BaseForm):
    """The whole sheet as a tier sees it."""

    lines = FixedRows(ReviewLineForm, _l("绩效指标"))
    conclusion = ChoiceField(_l("复核结论"))
    despite_grade = BooleanField(_l("等级最低仍予通过，原因已写在总体意见中"))
    opinion = LongField(_l("复核总体意见"), [AtMost(4000)])
    cause = LongField(_l("抽查理由"), [AtMost(1000)])

    def prepare(self, rules: ReviewRules) -> None:
        """Give the choices: the reasons of the scheme, and the conclusions."""
        self.conclusion.choices = [(key, _(name)) for key, name in CONCLUSIONS.items()]
        for row in self.lines:
            row.form.code.choices = list(rules.codes)

    def draft(self) -> ReviewDraft:
        """Return what was typed for the action."""
        return ReviewDraft(
            lines=[
                LineDraft(row.form.score.data, row.form.reason.data or "", row.form.code.data or "")
                for row in self.lines
            ],
            opinion=self.opinion.data or "",
            conclusion=self.conclusion.data or "",
            despite_grade=bool(self.despite_grade.data),
            cause=self.cause.data or "",
        )


def review_values(evaluation: Evaluation, review: Review | None) -> dict[str, Any]:
    """Return the stored marks of the tier, the filler's where it gave none yet."""
    lines = []
    for line in evaluation.lines:
        row = review.line(line) if review else None
        lines.append(
            {
                "score": review.marks(line) if review else line.self_score,
                "code": row.reason_code if row else "",
                "reason": row.reason if row else "",
            }
        )
    words = {name: getattr(review, name) if review else "" for name in ("opinion", "conclusion", "cause")}
    return {"lines": lines, "despite_grade": bool(review and review.despite_grade), **words}
