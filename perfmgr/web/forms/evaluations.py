"""Forms: a self-evaluation sheet and its indicators."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField

from perfmgr.models.evaluation import Evaluation
from perfmgr.rules.evaluations import LineEntry
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, FixedRows, LineField, LongField, NumberField
from perfmgr.web.language import lazy_gettext as _l

HUNDRED = Decimal(100)


class LineForm(BaseForm):
    """What the filler enters for one indicator; ``share`` is typed as a percentage of the marks."""

    actual = NumberField(_l("实际完成值"))
    actual_text = LineField(_l("实际完成情况"), [AtMost(200)])
    tier = ChoiceField(_l("完成档次"))
    share = NumberField(_l("得分比例"), places=4, limit=101, negative=False)
    not_applicable = BooleanField(_l("不适用"))
    na_reason = LongField(_l("不适用原因"), [AtMost(1000)])
    reason = LongField(_l("偏差原因"), [AtMost(2000)])
    measure = LongField(_l("改进措施"), [AtMost(2000)])

    def entry(self) -> LineEntry:
        """Return what was typed, for the engine and the action."""
        share = self.share.data
        return LineEntry(
            actual_value=self.actual.data,
            actual_text=self.actual_text.data or "",
            tier=self.tier.data or "",
            share=None if share is None else share / HUNDRED,
            not_applicable=bool(self.not_applicable.data),
            na_reason=self.na_reason.data or "",
            reason=self.reason.data or "",
            measure=self.measure.data or "",
        )


class EvaluationForm(BaseForm):
    """The whole sheet as the filler sees it."""

    goal_actual = LongField(_l("实际完成情况"), [AtMost(10000)])
    execution_reason = LongField(_l("执行率偏低的原因"), [AtMost(2000)])
    lines = FixedRows(LineForm, _l("绩效指标"))
    problems = LongField(_l("存在的主要问题"), [AtMost(10000)])
    measures = LongField(_l("下一步改进措施"), [AtMost(10000)])

    def prepare(self, tiers: list[tuple[str, str]]) -> None:
        """Give every qualitative line the tiers of the scheme to choose from."""
        for row in self.lines:
            row.form.tier.choices = tiers

    def entries(self) -> list[LineEntry]:
        """Return what was typed on every line, in the order of the sheet."""
        return [row.form.entry() for row in self.lines]

    def texts(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return the posted texts by name."""
        return {name: self[name].data or "" for name in names}


def evaluation_values(evaluation: Evaluation) -> dict[str, Any]:
    """Return the stored values of a sheet under the names of the form's fields."""
    lines = [
        {
            "actual": line.actual_value,
            "actual_text": line.actual_text,
            "tier": line.tier,
            "share": None if line.share is None else line.share * HUNDRED,
            "not_applicable": line.not_applicable,
            "na_reason": line.na_reason,
            "reason": line.reason,
            "measure": line.measure,
        }
        for line in evaluation.lines
    ]
    names = ("goal_actual", "execution_reason", "problems", "measures")
    return {**{name: getattr(evaluation, name) for name in names}, "lines": lines}
