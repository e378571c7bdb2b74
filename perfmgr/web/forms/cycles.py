"""Forms: a fiscal year's windows and schemes."""

from collections.abc import Mapping
from typing import Any

from wtforms.validators import ValidationError

from perfmgr.models.cycle import Cycle
from perfmgr.rules.cycles import REQUIRED, WINDOWS, Span
from perfmgr.rules.monitorings import parse_cut_offs
from perfmgr.rules.refusals import Refused
from perfmgr.web.forms.fields import BaseForm, ChoiceField, DayField, LineField, NumberField, Required
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l


class CycleForm(BaseForm):
    """Area, year, the two schemes, and first and last day of each window."""

    unit_id = ChoiceField(_l("适用范围"))
    year = NumberField(_l("年度"), places=0, limit=10000)
    project_scheme_id = ChoiceField(_l("项目评分方案"), [Required()])
    department_scheme_id = ChoiceField(_l("部门整体评分方案"), [Required()])
    declaration_opens_on = DayField(_l("目标申报开始"), [Required()])
    declaration_closes_on = DayField(_l("目标申报截止"), [Required()])
    approval_opens_on = DayField(_l("审核批复开始"))
    approval_closes_on = DayField(_l("审核批复截止"))
    monitoring_opens_on = DayField(_l("运行监控开始"), [Required()])
    monitoring_closes_on = DayField(_l("运行监控截止"), [Required()])
    self_evaluation_opens_on = DayField(_l("绩效自评开始"), [Required()])
    self_evaluation_closes_on = DayField(_l("绩效自评截止"), [Required()])
    review_opens_on = DayField(_l("复核评审开始"), [Required()])
    review_closes_on = DayField(_l("复核评审截止"), [Required()])
    rectification_opens_on = DayField(_l("整改开始"))
    rectification_closes_on = DayField(_l("整改截止"))
    disclosure_opens_on = DayField(_l("信息公开开始"))
    disclosure_closes_on = DayField(_l("信息公开截止"))

    cut_offs = LineField(_l("监控截止月份"), [Required()])

    def validate_cut_offs(self, field: LineField) -> None:
        """Refuse what are no months."""
        try:
            parse_cut_offs(field.data or "")
        except Refused as refusal:
            raise ValidationError(refusal.findings[0].sentence(_)) from refusal

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that no window has one day only."""
        valid = super().validate(extra_validators)
        for kind in WINDOWS:
            opens, closes = self[f"{kind}_opens_on"], self[f"{kind}_closes_on"]
            if (
                kind not in REQUIRED
                and not opens.errors
                and not closes.errors
                and bool(opens.data) != bool(closes.data)
            ):
                field, valid = (closes if opens.data else opens), False
                field.errors = [_("请填写“%(label)s”，或把这一项的两个日期都清空。", label=field.label.text)]
        return valid

    def windows(self) -> dict[str, Span]:
        """Return the typed windows; only valid after the form was."""
        days = {kind: (self[f"{kind}_opens_on"].data, self[f"{kind}_closes_on"].data) for kind in WINDOWS}
        return {kind: Span(opens_on, closes_on) for kind, (opens_on, closes_on) in days.items() if opens_on}


def window_values(windows: Mapping[str, Span]) -> dict[str, object]:
    """Return windows under the names of the form's fields."""
    values: dict[str, object] = {}
    for kind, span in windows.items():
        values |= {f"{kind}_opens_on": span.opens_on, f"{kind}_closes_on": span.closes_on}
    return values


def cycle_values(cycle: Cycle, offered: Mapping[str, Span] | None = None) -> dict[str, object]:
    """Return the stored values of a cycle under the names of the form's fields; ``offered`` windows where it has none."""
    windows = {**(offered or {}), **{w.kind: Span(w.opens_on, w.closes_on) for w in cycle.windows}}
    return {
        **window_values(windows),
        "cut_offs": "、".join(str(month) for month in cycle.cut_offs),
        "project_scheme_id": str(cycle.project_scheme_id),
        "department_scheme_id": str(cycle.department_scheme_id),
    }
