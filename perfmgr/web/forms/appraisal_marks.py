"""Forms: an expert's declaration of interests, and the sheet of marks."""

from typing import Any

from perfmgr.models.appraisal import AppraisalExpert
from perfmgr.rules.appraisals import MarkDraft
from perfmgr.rules.rubrics import Rubric
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, FixedRows, LongField, NumberField, Required
from perfmgr.web.language import lazy_gettext as _l

INTERESTS = (("none", _l("无利益冲突，独立、客观评分")), ("conflict", _l("有利益冲突，申请回避")))


class DeclarationForm(BaseForm):
    """Whether there is a conflict of interests, and which."""

    interest = ChoiceField(_l("利益冲突声明"), [Required()], choices=INTERESTS)
    reason = LongField(_l("利益关系说明"), [AtMost(1000)])


class MarkForm(BaseForm):
    """The marks for one item, and why some are taken off."""

    marks = NumberField(_l("评分"), places=2, limit=101, negative=False)
    reason = LongField(_l("扣分理由"), [AtMost(1000)])


class MarksForm(BaseForm):
    """One expert's whole sheet."""

    lines = FixedRows(MarkForm, _l("评分"))
    opinion = LongField(_l("总体意见"), [AtMost(2000)])

    def drafts(self) -> list[MarkDraft]:
        """Return what was typed for the action, in the order of the rubric."""
        return [MarkDraft(row.form.marks.data, row.form.reason.data or "") for row in self.lines]


def marks_values(rubric: Rubric, own: AppraisalExpert) -> dict[str, Any]:
    """Return the stored marks of the expert under the names of the form's fields."""
    rows = {row.code: row for row in own.marks}
    stored = [rows.get(item.code) for item in rubric.items]
    lines = [{"marks": row.marks if row else None, "reason": row.reason if row else ""} for row in stored]
    return {"lines": lines, "opinion": own.opinion}
