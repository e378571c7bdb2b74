"""Forms: a draft of a scoring scheme."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField

from perfmgr.rules import scheme_parameters
from perfmgr.rules.numbers import parse_number, plain
from perfmgr.rules.parameters import HUNDRED, Parameter, changed, shown, stored, value_of
from perfmgr.web.forms._scheme_lists import ListsForm, list_values
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, LongField, NumberField, Required, RowList
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l

REVERSE_CHOICES = (("ratio", _l("目标值 ÷ 实际值")), ("linear", _l("按超出比例扣减")))
EQUAL_CHOICES = (("forward", _l("按完成比例")), ("exact", _l("必须正好相等")))
EXECUTION_CHOICES = (("linear", _l("按执行率")), ("band", _l("按执行率分档")))
EMPTY_CHOICES = (("not_applicable", _l("分值分摊到其余各项")), ("zero", _l("记 0 分")))


class CategoryForm(BaseForm):
    """One first-level category."""

    code = LineField(_l("代码"), [Required(), AtMost(24)])
    name = LineField(_l("类别名称"), [Required(), AtMost(50)])
    name_en = LineField(_l("英文名称"), [AtMost(50)])
    weight = NumberField(_l("分值"), [Required()], places=2, limit=101)
    children = LineField(_l("二级指标"), [AtMost(400)])
    unused_to = LineField(_l("不设时分值转给"), [AtMost(100)])


class BandForm(BaseForm):
    """One band of the budget-execution marks, in percent."""

    low = NumberField(_l("执行率不低于"), places=2, limit=101)
    share = NumberField(_l("得分比例"), places=2, limit=101)


class TierForm(BaseForm):
    """One qualitative tier, in percent of the marks."""

    code = LineField(_l("代码"), [Required(), AtMost(24)])
    name = LineField(_l("简称"), [Required(), AtMost(20)])
    label = LineField(_l("全称"), [Required(), AtMost(60)])
    low = NumberField(_l("下限"), [Required()], places=2, limit=101)
    high = NumberField(_l("上限"), [Required()], places=2, limit=101)
    default = NumberField(_l("默认"), places=2, limit=101)


class GradeForm(BaseForm):
    """One grade and its lower bound."""

    name = LineField(_l("等级"), [Required(), AtMost(10)])
    low = NumberField(_l("不低于"), [Required()], places=2, limit=101)


class SchemeForm(ListsForm):
    """Everything an administrator may change in a draft."""

    name = LineField(_l("方案名称"), [Required(), AtMost(100)])
    name_en = LineField(_l("英文名称"), [AtMost(100)])
    basis = LongField(_l("依据说明"), [AtMost(2000)])
    execution_weight = NumberField(_l("预算执行分值"), [Required()], places=2, limit=101)
    execution_mode = ChoiceField(_l("预算执行计分方式"), [Required()], choices=EXECUTION_CHOICES)
    execution_cap = BooleanField(_l("执行率超过 100%% 时按满分封顶"))
    when_empty = ChoiceField(_l("预算数为 0 时"), [Required()], choices=EMPTY_CHOICES)
    bands = RowList(BandForm, _l("执行率分档"), 10)
    categories = RowList(CategoryForm, _l("指标类别"), 12)
    reverse = ChoiceField(_l("反向指标未达标时"), [Required()], choices=REVERSE_CHOICES)
    equal = ChoiceField(_l("“＝”指标"), [Required()], choices=EQUAL_CHOICES)
    over_flag = NumberField(_l("超额提示（目标的倍数）"), [Required()], places=2, limit=100)
    over_explain = NumberField(_l("超额须说明（目标的倍数）"), [Required()], places=2, limit=100)
    reason_below = NumberField(_l("执行率低于多少须说明（%%）"), [Required()], places=2, limit=101)
    tiers = RowList(TierForm, _l("定性档次"), 10)
    grades = RowList(GradeForm, _l("等级"), 10)

    def scheme_data(self, before: dict[str, Any]) -> dict[str, Any]:
        """Return the stored scheme with what was typed over it, as plain data; the action checks it as a whole."""
        typed = {**self._parameters(), **self.lists(before)}
        return changed(scheme_parameters.merged(before, self._typed()), typed)

    def parameter_blocks(self) -> list[tuple[str, list[tuple[Any, str, str]]]]:
        """Return the other parameters by block, as (field, unit, default in words)."""
        return [
            (_(title), [(self[p.field], _(p.unit) if p.unit else "", default_text(p)) for p in block])
            for title, block in scheme_parameters.BLOCKS
        ]

    def _parameters(self) -> dict[str, str | bool | None]:
        return {p.path: _leaf(p, self[p.field].data) for p in scheme_parameters.PARAMETERS}

    def _typed(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "name_en": self.name_en.data,
            "basis": self.basis.data,
            "execution": {
                "weight": _text(self.execution_weight.data),
                "mode": self.execution_mode.data,
                "cap": bool(self.execution_cap.data),
                "when_empty": self.when_empty.data,
                "bands": [
                    {"from": _share(row.form.low.data), "share": _share(row.form.share.data)}
                    for row in self.bands
                    if row.form.low.data is not None and row.form.share.data is not None
                ],
            },
            "categories": [_category(row.form) for row in self.categories],
            "reverse": self.reverse.data,
            "equal": self.equal.data,
            "over_flag": _text(self.over_flag.data),
            "over_explain": _text(self.over_explain.data),
            "reason_below": _share(self.reason_below.data),
            "tiers": [_tier(row.form) for row in self.tiers],
            "grades": [{"name": row.form.name.data, "low": _text(row.form.low.data)} for row in self.grades],
        }


YES_NO = (("yes", _l("是")), ("no", _l("否")))


def _field(parameter: Parameter) -> Any:
    """Return the form field of a parameter; its sentences about bounds come from the rules."""
    label = _l(parameter.label)
    if parameter.kind == "yes_no":
        return ChoiceField(label, choices=YES_NO)
    if parameter.kind == "choice":
        return ChoiceField(label, choices=[(value, _l(name)) for value, name in parameter.choices])
    if parameter.kind == "text":
        return LineField(label, [AtMost(200)])
    return NumberField(label, places=parameter.places)


for _parameter in scheme_parameters.PARAMETERS:
    setattr(SchemeForm, _parameter.field, _field(_parameter))


def default_text(parameter: Parameter) -> str:
    """Return the default of a parameter in the words of the page."""
    return _(shown(parameter, parameter.default))


def shown_blocks(data: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the other parameters by block, as (label, value in force with its unit)."""
    return [
        (_(title), [(_(p.label), _(shown(p, value_of(data, p))) + (_(p.unit) if p.unit else "")) for p in block])
        for title, block in scheme_parameters.BLOCKS
    ]


def _leaf(parameter: Parameter, typed: Any) -> str | bool | None:
    """Return a typed value as it is stored; None, which takes the default, when nothing was typed."""
    if typed in (None, ""):
        return None
    if parameter.kind == "yes_no":
        return bool(typed == "yes")
    return plain(typed / HUNDRED if parameter.kind == "percent" else typed) if isinstance(typed, Decimal) else typed


def _parameter_value(data: dict[str, Any], parameter: Parameter) -> Any:
    """Return a stored leaf under the name of its field; None when the default applies."""
    value = stored(data, parameter.path)
    if value in (None, "") or parameter.kind in ("choice", "text"):
        return value
    if parameter.kind == "yes_no":
        return "yes" if value else "no"
    return parse_number(shown(parameter, str(value)))


def _text(value: Any) -> str | None:
    return None if value is None else plain(value)


def _share(value: Any) -> str | None:
    return None if value is None else plain(value / 100)


def _category(form: CategoryForm) -> dict[str, Any]:
    """Return one category; ``unused_to`` is typed as ``benefit:10 output:10``."""
    moved = {}
    for part in (form.unused_to.data or "").replace("，", " ").replace(",", " ").replace("：", ":").split():
        code, _mark, amount = part.partition(":")
        number = parse_number(amount)
        moved[code] = plain(number) if number is not None and number >= 0 else "0"
    return {
        "code": form.code.data,
        "name": form.name.data,
        "name_en": form.name_en.data,
        "weight": _text(form.weight.data),
        "children": (form.children.data or "").replace("，", "、").replace(",", "、").split("、"),
        "unused_to": moved,
    }


def _tier(form: TierForm) -> dict[str, Any]:
    return {
        "code": form.code.data,
        "name": form.name.data,
        "label": form.label.data,
        "low": _share(form.low.data),
        "high": _share(form.high.data),
        "default": _share(form.default.data),
    }


def scheme_values(data: dict[str, Any]) -> dict[str, Any]:
    """Return stored scheme data under the names of the form's fields."""

    def number(value: Any, factor: int = 1) -> Decimal | None:
        return None if value in (None, "") else Decimal(str(value)) * factor

    execution = data["execution"]
    return {
        **{name: data.get(name, "") for name in ("name", "name_en", "basis", "reverse", "equal")},
        "execution_weight": number(execution["weight"]),
        "execution_mode": execution.get("mode", "linear"),
        "execution_cap": execution.get("cap", True),
        "when_empty": execution.get("when_empty", "not_applicable"),
        "bands": [
            {"low": number(b["from"], 100), "share": number(b["share"], 100)} for b in execution.get("bands") or ()
        ],
        "over_flag": number(data.get("over_flag", "1.2")),
        "over_explain": number(data.get("over_explain", "1.3")),
        "reason_below": number(data.get("reason_below", "0.9"), 100),
        "categories": [
            {
                **{name: row.get(name, "") for name in ("code", "name", "name_en")},
                "weight": number(row["weight"]),
                "children": "、".join(row.get("children") or ()),
                "unused_to": " ".join(f"{k}:{v}" for k, v in (row.get("unused_to") or {}).items()),
            }
            for row in data["categories"]
        ],
        "tiers": [
            {
                **{name: row.get(name, "") for name in ("code", "name", "label")},
                **{name: number(row.get(name), 100) for name in ("low", "high", "default")},
            }
            for row in data["tiers"]
        ],
        "grades": [{"name": row["name"], "low": number(row["low"])} for row in data["grades"]],
        **list_values(data, number),
        **{p.field: _parameter_value(data, p) for p in scheme_parameters.PARAMETERS},
    }
