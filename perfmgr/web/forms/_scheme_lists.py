"""The lists of a scheme in its editor: what follows from a grade, reasons of a re-check, months of monitoring."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Field, Form
from wtforms.validators import ValidationError

from perfmgr.rules.consequences import DEFAULT, MOST_DAYS, RENEWALS, Consequence, read_consequences
from perfmgr.rules.numbers import plain
from perfmgr.rules.parameters import HUNDRED, stored
from perfmgr.rules.reviews import CODE, ReviewRules
from perfmgr.rules.scheme_parameters import kept_rows
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, NumberField, Required, RowList, named
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l


class Between:
    """The number must lie between two bounds; an empty field is left to others."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __call__(self, form: Form, field: Field) -> None:
        if field.data is not None and not self.low <= field.data <= self.high:
            words = {"label": field.label.text, "low": self.low, "high": self.high}
            raise ValidationError(_("“%(label)s”应在 %(low)s 到 %(high)s 之间。", **words))


def _code(form: Form, field: Field) -> None:
    if field.data and not CODE.fullmatch(field.data):
        raise ValidationError(_("“%(label)s”只能用小写字母、数字和下划线，以字母开头。", label=field.label.text))


class ConsequenceForm(BaseForm):
    """What one grade leads to."""

    grade = LineField(_l("等级"), [Required(), AtMost(10)])
    advice = LineField(_l("建议"), [Required(), AtMost(50)])
    advice_en = LineField(_l("英文"), [AtMost(50)])
    change = NumberField(_l("预算参考变动（%%）"), [Between(-100, 100)], places=0)
    renewal = ChoiceField(_l("下年申报"), [Required()], choices=named(RENEWALS))
    rectify = BooleanField(_l("提出整改"))


class ReasonForm(BaseForm):
    """One reason for a difference between a re-check and the self-evaluation."""

    code = LineField(_l("代码"), [Required(), AtMost(24), _code])
    name = LineField(_l("差异原因"), [Required(), AtMost(50)])


class MonthForm(BaseForm):
    """The least execution rate from one month on."""

    month = NumberField(_l("从几月起"), [Required(), Between(1, 12)], places=0)
    rate = NumberField(_l("执行率低于（%%）提醒"), [Required(), Between(0, 100)], places=2)


class ListsForm(BaseForm):
    """The lists of a scheme, and the single values that belong to them."""

    consequences = RowList(ConsequenceForm, _l("结果应用"), 10)
    late_advice = LineField(_l("过截止日仍未自评的：建议"), [AtMost(50)])
    late_advice_en = LineField(_l("过截止日仍未自评的：英文"), [AtMost(50)])
    late_renewal = ChoiceField(_l("过截止日仍未自评的：下年申报"), choices=named(RENEWALS))
    rectify_days = NumberField(_l("整改期限"), [Between(1, MOST_DAYS)], places=0)
    reasons = RowList(ReasonForm, _l("差异原因"), 30)
    months = RowList(MonthForm, _l("执行进度提醒"), 12)
    gap = NumberField(_l("目标进度与执行率相差多少提醒"), [Between(0, 100)], places=2)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that no reason and no month is there twice."""
        valid = super().validate(extra_validators)
        twice = [_twice(self.reasons, "code"), _twice(self.months, "month"), _twice(self.consequences, "grade")]
        return valid and not any(twice)

    def lists(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed by path, None for what is as by default and was not stored before."""
        typed: dict[str, Any] = {
            "consequences.grades": [_consequence(row.form) for row in self.consequences],
            "consequences.not_evaluated": self._late(before),
            "consequences.rectify_days": None if self.rectify_days.data is None else int(self.rectify_days.data),
            "review.codes": {row.form.code.data: row.form.name.data for row in self.reasons},
            "monitoring.execution": {
                str(row.form.month.data): plain((row.form.rate.data or Decimal(0)) / HUNDRED) for row in self.months
            },
            "monitoring.gap": None if self.gap.data is None else plain(self.gap.data / HUNDRED),
        }
        usual = {
            "consequences.grades": [_plain(row) for row in DEFAULT.rows],
            "consequences.not_evaluated": _plain_late(DEFAULT.not_evaluated),
            "consequences.rectify_days": DEFAULT.rectify_days,
            "review.codes": dict(ReviewRules().codes),
        }
        for path, value in typed.items():
            if not value or (value == usual.get(path) and stored(before, path) is None):
                typed[path] = None
        if typed["consequences.grades"]:
            rows = stored(before, "consequences.grades") or ()
            typed["consequences.grades"] = kept_rows(rows, typed["consequences.grades"], "grade")
        return typed

    def _late(self, before: Mapping[str, Any]) -> dict[str, Any] | None:
        if not self.late_advice.data:
            return None
        words = {"advice": self.late_advice.data, "advice_en": self.late_advice_en.data or ""}
        renewal = self.late_renewal.data or DEFAULT.not_evaluated.renewal
        return {**(stored(before, "consequences.not_evaluated") or {}), **words, "renewal": renewal}


def _twice(rows: RowList, name: str) -> bool:
    """Say at each row whose value stands in an earlier one that it does; returns whether there is any."""
    seen: set[Any] = set()
    found = False
    for number, row in enumerate(rows, 1):
        field = row.form[name]
        if field.data in seen:
            words = {"row": number, "label": field.label.text, "value": field.data}
            sentence = _("第 %(row)s 行：“%(label)s”“%(value)s”与前面的行重复，请修改或删除。", **words)
            field.errors = [*field.errors, sentence]
            found = True
        if field.data not in (None, ""):
            seen.add(field.data)
    return found


def _consequence(form: Any) -> dict[str, Any]:
    change = form.change.data
    return {
        "grade": form.grade.data,
        "advice": form.advice.data,
        "advice_en": form.advice_en.data or "",
        "change": None if change is None else int(change),
        "renewal": form.renewal.data,
        "rectify": bool(form.rectify.data),
    }


def _plain(row: Consequence) -> dict[str, Any]:
    """Return a row as stored."""
    names = ("grade", "advice", "advice_en", "change", "renewal", "rectify")
    return {name: getattr(row, name) for name in names}


def _plain_late(row: Consequence) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("advice", "advice_en", "renewal")}


def list_values(data: Mapping[str, Any], number: Callable[..., Decimal | None]) -> dict[str, Any]:
    """Return the lists of stored scheme data under the names of the fields; ``number`` reads a stored number."""
    table, _findings = read_consequences(data.get("consequences"), [row["name"] for row in data["grades"]])
    codes = stored(data, "review.codes") or dict(ReviewRules().codes)
    months = stored(data, "monitoring.execution") or {}
    return {
        "consequences": [{**_plain(row), "change": number(row.change)} for row in table.rows],
        **{f"late_{name}": value for name, value in _plain_late(table.not_evaluated).items()},
        "rectify_days": number(table.rectify_days),
        "reasons": [{"code": code, "name": name} for code, name in codes.items()],
        "months": [
            {"month": number(month), "rate": number(rate, 100)}
            for month, rate in sorted(months.items(), key=lambda row: int(row[0]))
        ],
        "gap": number(stored(data, "monitoring.gap"), 100),
    }
