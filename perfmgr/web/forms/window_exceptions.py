"""Forms: other days of a window for one unit."""

from perfmgr.rules.cycles import WINDOWS
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, DayField, LongField, Required, named
from perfmgr.web.language import lazy_gettext as _l


class WindowExceptionForm(BaseForm):
    """Which unit, which window, from when to when, and why."""

    unit_id = ChoiceField(_l("部门或单位"), [Required()])
    kind = ChoiceField(_l("工作"), [Required()], choices=lambda: named(WINDOWS))
    opens_on = DayField(_l("开始日期"), [Required()])
    closes_on = DayField(_l("截止日期"), [Required()])
    reason = LongField(_l("原因"), [Required(), AtMost(500)])
