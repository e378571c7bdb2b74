"""Forms: a draft of a rubric for experts."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField

from perfmgr.rules.numbers import parse_number, plain
from perfmgr.rules.rubrics import MOST_EXPERTS, USUAL_FLOOR, PanelRules
from perfmgr.web.forms.fields import AtMost, BaseForm, LineField, LongField, NumberField, Required, RowList
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l

HUNDRED = Decimal(100)
ROWS = ("groups", "items", "grades")


class GroupForm(BaseForm):
    """One first-level heading."""

    code = LineField(_l("代码"), [Required(), AtMost(24)])
    name = LineField(_l("一级指标"), [Required(), AtMost(50)])
    name_en = LineField(_l("英文名称"), [AtMost(50)])
    results = BooleanField(_l("属于产出和效益"))


class ItemForm(BaseForm):
    """One question an expert marks; ``group`` is the code of its heading."""

    group = LineField(_l("一级指标代码"), [Required(), AtMost(24)])
    level = LineField(_l("二级指标"), [AtMost(50)])
    code = LineField(_l("代码"), [Required(), AtMost(24)])
    name = LineField(_l("三级指标"), [Required(), AtMost(50)])
    marks = NumberField(_l("分值"), [Required()], places=2, limit=101)
    question = LongField(_l("评价要点"), [AtMost(500)])


class RubricGradeForm(BaseForm):
    """One grade and its lower bound."""

    name = LineField(_l("等级"), [Required(), AtMost(10)])
    low = NumberField(_l("不低于"), [Required()], places=2, limit=101)


class RubricForm(BaseForm):
    """Everything an administrator may change in a draft."""

    name = LineField(_l("指标表名称"), [Required(), AtMost(100)])
    name_en = LineField(_l("英文名称"), [AtMost(100)])
    basis = LongField(_l("依据说明"), [AtMost(2000)])
    results_at_least = NumberField(_l("产出和效益原则上不低于（%%）"), [Required()], places=2, limit=101)
    least = NumberField(_l("至少几位专家提交才能汇总"), [Required()], places=0, limit=MOST_EXPERTS + 1)
    differ_above = NumberField(_l("最高与最低相差超过分值的多少须说明（%%）"), [Required()], places=2, limit=101)
    groups = RowList(GroupForm, _l("一级指标"), 12)
    items = RowList(ItemForm, _l("评价指标"), 80)
    grades = RowList(RubricGradeForm, _l("等级"), 10)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that each item names a heading there is."""
        valid = super().validate(extra_validators)
        codes = {row.form.code.data for row in self.groups}
        for row in self.items:
            if row.form.group.data and row.form.group.data not in codes:
                row.form.group.errors = [*row.form.group.errors, _("上表没有这个一级指标代码，请改为上表中的代码。")]
                valid = False
        return valid

    def rubric_data(self) -> dict[str, Any]:
        """Return what was typed as stored data. An item of an unknown heading becomes a heading without name."""
        groups = [
            {
                "code": row.form.code.data,
                "name": row.form.name.data,
                "name_en": row.form.name_en.data,
                "results": bool(row.form.results.data),
                "items": [],
            }
            for row in self.groups
        ]
        by_code = {group["code"]: group for group in groups}
        for row in self.items:
            code = row.form.group.data
            if code not in by_code:
                by_code[code] = {"code": code, "name": "", "items": []}
                groups.append(by_code[code])
            by_code[code]["items"].append(_item(row.form))
        return {
            "name": self.name.data,
            "name_en": self.name_en.data,
            "basis": self.basis.data,
            "results_at_least": plain((self.results_at_least.data or Decimal(0)) / HUNDRED),
            "panel": {
                "least": plain(self.least.data or Decimal(0)),
                "differ_above": plain((self.differ_above.data or Decimal(0)) / HUNDRED),
            },
            "groups": groups,
            "grades": [{"name": row.form.name.data, "low": plain(row.form.low.data)} for row in self.grades],
        }


def _item(form: ItemForm) -> dict[str, Any]:
    return {
        "code": form.code.data,
        "level": form.level.data,
        "name": form.name.data,
        "marks": plain(form.marks.data or Decimal(0)),
        "question": form.question.data,
    }


def rubric_values(data: dict[str, Any]) -> dict[str, Any]:
    """Return stored data under the names of the form's fields."""
    usual, panel = PanelRules(), data.get("panel") or {}
    groups = data.get("groups") or ()
    return {
        **{name: data.get(name, "") for name in ("name", "name_en", "basis")},
        "results_at_least": _percent(data.get("results_at_least", USUAL_FLOOR)),
        "least": parse_number(str(panel.get("least", usual.least))),
        "differ_above": _percent(panel.get("differ_above", usual.differ_above)),
        "groups": [{name: group.get(name, "") for name in ("code", "name", "name_en", "results")} for group in groups],
        "items": [
            {**item, "group": group.get("code", ""), "marks": parse_number(str(item.get("marks", "")))}
            for group in groups
            for item in group.get("items") or ()
        ],
        "grades": [{"name": g["name"], "low": parse_number(str(g["low"]))} for g in data.get("grades") or ()],
    }


def _percent(share: Any) -> Decimal | None:
    number = parse_number(str(share))
    return None if number is None else number * HUNDRED
