"""Forms: pausing a person's reminders."""

from perfmgr.web.forms.fields import AtMost, BaseForm, DayField, LineField, Required
from perfmgr.web.language import lazy_gettext as _l


class AbsenceForm(BaseForm):
    """Until when nothing is sent to a person, and why."""

    until = DayField(_l("暂停到"), [Required()])
    note = LineField(_l("原因"), [Required(), AtMost(200)])
