"""Forms: the six sections of a declaration and its indicators."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from perfmgr.actions.declarations import BasisDraft, IndicatorDraft, StepDraft
from perfmgr.models.declaration import Declaration
from perfmgr.rules.declarations import check_bases, check_period, check_steps
from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS, parse_sign, parse_value
from perfmgr.rules.numbers import decimals, parse_count, plain
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, half_width
from perfmgr.web.forms.fields import (
    AtMost,
    BaseForm,
    ChoiceField,
    DayField,
    LineField,
    LongField,
    NumberField,
    RowList,
    WanField,
    named,
)
from perfmgr.web.language import english
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l
from perfmgr.web.rule_texts import read_rule, write_rule

MOST_ROWS = 200


class SectionForm(BaseForm):
    """One section. What fields and rules find wrong is told in one round, each at its field."""

    def check(self) -> list[Finding]:
        """Return what the rules find wrong with what was typed, each with the id of its control."""
        return []

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and then what only the rules can see."""
        valid = super().validate(extra_validators)
        for finding in self.check():
            field = self.field_by_id(finding.field)
            valid = False
            if field is not None and not field.errors:
                field.errors = [finding.sentence(_)]
        return valid


def at_controls(findings: Iterable[Finding], rows: Any) -> list[Finding]:
    """Return findings on the rows of a table with the ids of the controls in place of ``table.2.column``."""
    found = []
    for finding in findings:
        _table, number, column = finding.field.split(".")
        found.append(replace(finding, field=rows[int(number)].form[column].id))
    return found


class OverviewForm(SectionForm):
    """1. 项目概述."""

    overview = LongField(_l("项目概述"), [AtMost(10000)])


class BasisForm(BaseForm):
    """One legal basis."""

    title = LineField(_l("文件名称"), [AtMost(400)])
    number = LineField(_l("文号"), [AtMost(100)])


class BasesForm(SectionForm):
    """2. 立项依据."""

    bases = RowList(BasisForm, _l("立项依据"), MOST_ROWS)
    rationale = LongField(_l("立项理由"), [AtMost(10000)])

    def drafts(self) -> list[BasisDraft]:
        """Return the typed rows for the action."""
        return [BasisDraft(row.form.title.data or "", row.form.number.data or "") for row in self.bases]

    def check(self) -> list[Finding]:
        """Return a finding for each document without a title."""
        return at_controls(check_bases(self.drafts()), self.bases)


class BodyForm(SectionForm):
    """3. 实施主体."""

    body = LongField(_l("实施主体"), [AtMost(4000)])


class StepForm(BaseForm):
    """One step of the plan."""

    content = LongField(_l("内容"), [AtMost(4000)])
    start_on = DayField(_l("开始日期"))
    end_on = DayField(_l("结束日期"))
    responsible = LineField(_l("责任人"), [AtMost(200)])


class PlanForm(SectionForm):
    """4. 实施方案."""

    plan = LongField(_l("实施方案"), [AtMost(20000)])
    goals = LongField(_l("主要目标"), [AtMost(10000)])
    steps = RowList(StepForm, _l("步骤和计划"), MOST_ROWS)

    def drafts(self) -> list[StepDraft]:
        """Return the typed rows for the action."""
        return [
            StepDraft(
                row.form.content.data or "",
                row.form.start_on.data,
                row.form.end_on.data,
                row.form.responsible.data or "",
            )
            for row in self.steps
        ]

    def check(self) -> list[Finding]:
        """Return a finding for each step without content or with its dates the wrong way round."""
        return at_controls(check_steps(self.drafts()), self.steps)


class PeriodForm(SectionForm):
    """5. 实施周期."""

    start_on = DayField(_l("开始日期"))
    end_on = DayField(_l("结束日期"))

    def check(self) -> list[Finding]:
        """Return a finding when the dates are the wrong way round."""
        return check_period(self.start_on.data, self.end_on.data)


class FundsForm(SectionForm):
    """6. 年度预算安排: one amount in 万元 per source of funds."""

    general_public = WanField(_l("一般公共预算"))
    government_fund = WanField(_l("政府性基金"))
    state_capital = WanField(_l("国有资本经营"))
    carry_over = WanField(_l("上年结转"))
    other = WanField(_l("其他"))

    def amounts(self) -> dict[str, Decimal | None]:
        """Return yuan by source of funds."""
        return {source: self[source].data for source in FUND_SOURCES}


SIGN_CHOICES = named(SYMBOLS)
RULE_CHOICES = (
    ("", _l("按符号")),
    ("direct", _l("直接赋分")),
    ("steps", _l("按差距扣分")),
    ("bands", _l("分档计分")),
)


class IndicatorForm(BaseForm):
    """One indicator. The rule's numbers are typed as short text: see ``read_rule``."""

    category = ChoiceField(_l("指标类别"))
    subcategory = LineField(_l("二级指标"), [AtMost(100)])
    name = LineField(_l("三级指标"), [AtMost(200)])
    sign = ChoiceField(_l("符号"), choices=SIGN_CHOICES)
    target = LineField(_l("目标值"), [AtMost(200)])
    unit = LineField(_l("计量单位"), [AtMost(24)])
    weight = NumberField(_l("分值"), places=2, limit=1000, negative=False)
    rule_type = ChoiceField(_l("评分规则"), choices=RULE_CHOICES)
    rule_numbers = LineField(_l("规则参数"), [AtMost(200)])
    evidence = LineField(_l("数据来源与佐证"), [AtMost(200)])
    library_id = LineField()

    @property
    def empty(self) -> bool:
        """Whether nothing was typed into the row."""
        return not any((self.name.data, self.target.data, self.unit.data, self.weight.data, self.evidence.data))


class IndicatorsForm(SectionForm):
    """绩效目标: the whole table of indicators."""

    indicators = RowList(IndicatorForm, _l("绩效指标"), MOST_ROWS)

    def prepare(self, categories: Iterable[tuple[str, str]]) -> None:
        """Give every row the categories of the scheme to choose from."""
        choices = list(categories)
        for row in self.indicators:
            row.form.category.choices = choices

    def rows(self) -> list[IndicatorForm]:
        """Return the rows that hold anything."""
        return [row.form for row in self.indicators if not row.form.empty]

    def check(self) -> list[Finding]:
        """Return a finding for each sign, target value or scoring rule that cannot be understood."""
        found: list[Finding] = []
        for n, row in enumerate((row.form for row in self.indicators), 1):
            if row.empty:
                continue
            if not parse_sign(row.sign.data or ""):
                message = N_("第 %(number)s 项指标没有选择符号。")
                found.append(Finding("Q02", message, row.sign.id, params={"number": n}))
            for reading in (_read_row_target, _read_row_rule):
                try:
                    reading(row, n)
                except Refused as refusal:
                    found += refusal.findings
        return found

    def drafts(self) -> list[IndicatorDraft]:
        """Return the typed rows for the action; raises Refused for a value or rule that cannot be read."""
        return [_indicator_draft(row, n) for n, row in enumerate(self.rows(), 1)]


def _read_row_target(row: IndicatorForm, number: int) -> Decimal | None:
    sign = parse_sign(row.sign.data or "") or ""
    return read_target(row.target.data or "", sign, number, row.name.data or "", row.target.id)


def _read_row_rule(row: IndicatorForm, number: int) -> dict[str, Any] | None:
    return read_rule(row.rule_type.data or "", row.rule_numbers.data or "", number, row.rule_numbers.id)


def _indicator_draft(row: IndicatorForm, number: int) -> IndicatorDraft:
    return indicator_draft(row, _read_row_target(row, number), _read_row_rule(row, number))


def indicator_draft(row: IndicatorForm, value: Decimal | None, rule: dict[str, Any] | None) -> IndicatorDraft:
    """Return a typed row with its target value and scoring rule as they were read."""
    sign = parse_sign(row.sign.data or "") or ""
    text = row.target.data or ""
    return IndicatorDraft(
        category=row.category.data or "",
        name=row.name.data or "",
        sign=sign,
        target_value=value,
        target_text=text if sign == QUALITATIVE else "",
        unit=row.unit.data or ("%" if value is not None and half_width(text).rstrip().endswith("%") else ""),
        weight=row.weight.data or Decimal(0),
        subcategory=row.subcategory.data or "",
        rule=rule,
        evidence=row.evidence.data or "",
        library_id=parse_count(row.library_id.data or ""),
    )


def readable_indicators(form: IndicatorsForm) -> list[IndicatorDraft]:
    """Return the typed rows as far as they can be read: a value or rule that cannot is left out."""
    found = []
    for n, row in enumerate(form.rows(), 1):
        read: list[Any] = []
        for reading in (_read_row_target, _read_row_rule):
            try:
                read.append(reading(row, n))
            except Refused:
                read.append(None)
        found.append(indicator_draft(row, *read))
    return found


def read_target(text: str, sign: str, number: int, name: str, field: str) -> Decimal | None:
    """Return the target value typed for a quantitative indicator, None for an empty or qualitative one."""
    if sign == QUALITATIVE or not text:
        return None
    value = parse_value(text)
    if value is None or decimals(value) > 6 or abs(value) >= 10**12:
        raise Refused(
            N_(
                "第 %(number)s 项指标“%(name)s”的目标值“%(text)s”不是数字；定量指标请填数字，定性指标请把符号选为“定性”。"
            ),
            field=field,
            number=number,
            name=name,
            text=text[:40],
        )
    return value


def category_choices(scheme: Scheme) -> list[tuple[str, str]]:
    """Return code and name of the scheme's categories, in the language of the page."""
    return [(c.code, c.name_en if english() else c.name) for c in scheme.categories]


def indicator_values(records: Iterable[Any]) -> list[dict[str, Any]]:
    """Return stored indicators (or evaluation lines) under the names of the row's fields."""
    rows = []
    for record in records:
        kind, numbers = write_rule(record.rule)
        quantitative = record.sign != QUALITATIVE
        value = "" if record.target_value is None else plain(record.target_value)
        rows.append(
            {
                "category": record.category,
                "subcategory": record.subcategory,
                "name": record.name,
                "sign": record.sign,
                "target": value if quantitative else record.target_text,
                "unit": record.unit,
                "weight": record.weight,
                "rule_type": kind,
                "rule_numbers": numbers,
                "evidence": record.evidence,
                "library_id": "" if record.library_id is None else str(record.library_id),
            }
        )
    return rows


FORMS: dict[str, type[SectionForm]] = {
    "overview": OverviewForm,
    "bases": BasesForm,
    "body": BodyForm,
    "plan": PlanForm,
    "period": PeriodForm,
    "funds": FundsForm,
    "indicators": IndicatorsForm,
}


def section_values(name: str, declaration: Declaration) -> dict[str, Any]:
    """Return the stored values of a section under the names of its form's fields."""
    if name == "bases":
        rows = [{"title": b.title, "number": b.number} for b in declaration.bases]
        return {"bases": rows, "rationale": declaration.rationale}
    if name == "plan":
        steps = [
            {"content": s.content, "start_on": s.start_on, "end_on": s.end_on, "responsible": s.responsible}
            for s in declaration.steps
        ]
        return {"plan": declaration.plan, "goals": declaration.goals, "steps": steps}
    if name == "period":
        return {"start_on": declaration.start_on, "end_on": declaration.end_on}
    if name == "funds":
        return {fund.source: fund.amount for fund in declaration.funds}
    if name == "indicators":
        return {"indicators": indicator_values(declaration.indicators)}
    return {name: getattr(declaration, name)}
