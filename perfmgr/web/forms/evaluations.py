"""Forms: a self-evaluation sheet and its indicators."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField
from wtforms.validators import ValidationError

from perfmgr.models.evaluation import Evaluation
from perfmgr.rules.evaluation_funds import COLUMNS, SOURCES, FundEntry
from perfmgr.rules.evaluations import LineEntry, read_quantity, same_unit
from perfmgr.rules.numbers import plain
from perfmgr.rules.proofs import MOST_PROOFS, PAGES_LENGTH, ProofEntry, read_pages
from perfmgr.web.forms.fields import (
    AtMost,
    BaseForm,
    ChoiceField,
    FixedRows,
    LineField,
    LongField,
    NumberField,
    RowList,
    WanField,
)
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l

HUNDRED = Decimal(100)


class ActualField(NumberField):
    """An actual value; the line's own unit may be typed behind it, another one may not."""

    unit = ""
    typed_unit = ""

    def read(self, text: str) -> Decimal:
        number, self.typed_unit = read_quantity(text)
        return super().read(text if number is None else plain(number))

    def pre_validate(self, form: Any) -> None:
        """Refuse a value in another unit; it must not be scored as if it were in this one."""
        if self.data is None or not self.typed_unit or same_unit(self.typed_unit, self.unit):
            return
        self.data = None
        words = {"label": self.label.text, "typed": self.typed_unit, "unit": self.unit}
        if self.unit:
            raise ValidationError(
                _("“%(label)s”填的单位是“%(typed)s”，本项按“%(unit)s”计量，请换算后只填数字。", **words)
            )
        raise ValidationError(_("“%(label)s”填的单位是“%(typed)s”，本项没有计量单位，请只填数字。", **words))


class FundForm(BaseForm):
    """The money from one source, in 万元."""

    initial = WanField(_l("年初预算数"))
    adjusted = WanField(_l("全年预算数"))
    executed = WanField(_l("全年执行数"))


class PagesField(LineField):
    """Pages as they are usually typed: ``第 3 页``, ``3-5``, ``P8、12``."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what cannot be read as pages."""
        if read_pages(self.data or "") is None:
            raise ValidationError(
                _(
                    "“%(label)s”填的“%(text)s”不是页码，请填页码，例如 3 或 3-5、8。",
                    label=self.label.text,
                    text=(self.data or "")[:40],
                )
            )


class ProofForm(BaseForm):
    """One file that shows what a line reached, and on which pages."""

    file = ChoiceField(_l("佐证文件"))
    pages = PagesField(_l("页码"), [AtMost(PAGES_LENGTH)])

    def entry(self) -> ProofEntry:
        """Return what was typed, for the action."""
        return ProofEntry(self.file.id_value(), read_pages(self.pages.data or "") or "")


class LineForm(BaseForm):
    """What the filler enters for one indicator; ``share`` is typed as a percentage of the marks."""

    actual = ActualField(_l("实际完成值"))
    actual_text = LineField(_l("实际完成情况"), [AtMost(200)])
    tier = ChoiceField(_l("完成档次"))
    share = NumberField(_l("得分比例"), places=4, limit=101, negative=False)
    not_applicable = BooleanField(_l("不适用"))
    na_reason = LongField(_l("不适用原因"), [AtMost(1000)])
    reason = LongField(_l("偏差原因"), [AtMost(2000)])
    measure = LongField(_l("改进措施"), [AtMost(2000)])
    proofs = RowList(ProofForm, _l("佐证文件"), most=MOST_PROOFS)
    proof = LineField(_l("不是文件的佐证"), [AtMost(200)])

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
            proof=self.proof.data or "",
            proofs=self.proof_entries(),
        )

    def proof_entries(self) -> tuple[ProofEntry, ...]:
        """Return the files and pages; of rows left blank only those before a filled one, so that places stay."""
        entries = [row.form.entry() for row in self.proofs]
        while entries and entries[-1].blank:
            entries.pop()
        return tuple(entries)


class EvaluationForm(BaseForm):
    """The whole sheet as the filler sees it."""

    goal_actual = LongField(_l("实际完成情况"), [AtMost(10000)])
    execution_reason = LongField(_l("执行率偏低的原因"), [AtMost(2000)])
    funds = FixedRows(FundForm, _l("项目资金"))
    lines = FixedRows(LineForm, _l("绩效指标"))
    problems = LongField(_l("存在的主要问题"), [AtMost(10000)])
    measures = LongField(_l("下一步改进措施"), [AtMost(10000)])

    def prepare(
        self, tiers: list[tuple[str, str]], units: Sequence[str], files: list[tuple[str, str]]
    ) -> "EvaluationForm":
        """Give every line the tiers of the scheme and the files of the sheet to choose from, and its unit."""
        for row, unit in zip(self.lines, units, strict=True):
            row.form.tier.choices = tiers
            row.form.actual.unit = unit
            if not row.form.proofs.entries or not row.form.proofs[-1].form.entry().blank:
                row.form.proofs.append_entry()
            for proof in row.form.proofs:
                proof.form.file.choices = files
        return self

    @property
    def stale(self) -> bool:
        """Whether the request knows a row that the sheet does not have."""
        return bool(self.lines.stale or self.funds.stale)

    def fund_entries(self) -> list[FundEntry]:
        """Return the typed money by source, in the order of the official form; none for a whole department."""
        rows = [row.form for row in self.funds]
        return [
            FundEntry(source, row.initial.data, row.adjusted.data, row.executed.data)
            for source, row in zip(SOURCES, rows, strict=False)
        ]

    def entries(self) -> list[LineEntry]:
        """Return what was typed on every line, in the order of the sheet."""
        return [row.form.entry() for row in self.lines]

    def texts(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return the posted texts by name."""
        return {name: self[name].data or "" for name in names}


def evaluation_values(evaluation: Evaluation, funds: Sequence[FundEntry]) -> dict[str, Any]:
    """Return the stored values of a sheet, and its money by source, under the names of the form's fields."""
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
            "proof": line.proof,
            "proofs": [
                {"file": str(proof.attachment_id), "pages": proof.pages.replace(",", "、")} for proof in line.proofs
            ],
        }
        for line in evaluation.lines
    ]
    names = ("goal_actual", "execution_reason", "problems", "measures")
    by_source = {fund.source: fund for fund in funds}
    money = [{name: getattr(by_source.get(source), name, None) for name in COLUMNS} for source in SOURCES if by_source]
    return {**{name: getattr(evaluation, name) for name in names}, "lines": lines, "funds": money}
