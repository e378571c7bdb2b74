"""Forms: a fiscal year's windows and schemes."""

from wtforms.validators import ValidationError

from perfmgr.models.cycle import Cycle
from perfmgr.rules.cycles import WINDOWS, Span
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
    monitoring_opens_on = DayField(_l("运行监控开始"), [Required()])
    monitoring_closes_on = DayField(_l("运行监控截止"), [Required()])
    self_evaluation_opens_on = DayField(_l("绩效自评开始"), [Required()])
    self_evaluation_closes_on = DayField(_l("绩效自评截止"), [Required()])
    review_opens_on = DayField(_l("复核评审开始"), [Required()])
    review_closes_on = DayField(_l("复核评审截止"), [Required()])

    cut_offs = LineField(_l("监控截止月份"), [Required()])

    def validate_cut_offs(self, field: LineField) -> None:
        """Refuse what are no months."""
        try:
            parse_cut_offs(field.data or "")
        except Refused as refusal:
            raise ValidationError(refusal.findings[0].sentence(_)) from refusal

    def windows(self) -> dict[str, Span]:
        """Return the typed windows; only valid after the form was."""
        return {kind: Span(self[f"{kind}_opens_on"].data, self[f"{kind}_closes_on"].data) for kind in WINDOWS}


def window_values(windows: dict[str, Span]) -> dict[str, object]:
    """Return windows under the names of the form's fields."""
    values: dict[str, object] = {}
    for kind, span in windows.items():
        values |= {f"{kind}_opens_on": span.opens_on, f"{kind}_closes_on": span.closes_on}
    return values


def cycle_values(cycle: Cycle) -> dict[str, object]:
    """Return the stored values of a cycle under the names of the form's fields."""
    windows = {window.kind: Span(window.opens_on, window.closes_on) for window in cycle.windows}
    return {
        **window_values(windows),
        "cut_offs": "、".join(str(month) for month in cycle.cut_offs),
        "project_scheme_id": str(cycle.project_scheme_id),
        "department_scheme_id": str(cycle.department_scheme_id),
    }
