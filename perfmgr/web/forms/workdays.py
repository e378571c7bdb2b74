"""Forms: the work-day table of a year."""

from perfmgr.web.forms.fields import AtMost, BaseForm, LineField, LongField, Required
from perfmgr.web.language import lazy_gettext as _l


class WorkdaysForm(BaseForm):
    """The notice as pasted text, or one day a line, and where it is from."""

    source = LineField(_l("文号或来源"), [AtMost(200)])
    days = LongField(_l("放假和调休安排"), [Required(), AtMost(20000)])
