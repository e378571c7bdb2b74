"""Forms: opening a rectification, and answering it."""

from perfmgr.rules.rectifications import TYPES
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, DayField, LongField, Required, named
from perfmgr.web.language import lazy_gettext as _l


class DemandForm(BaseForm):
    """What is wrong, what is demanded, and until when."""

    kind = ChoiceField(_l("整改类型"), [Required()], choices=named(TYPES))
    problem = LongField(_l("存在问题"), [Required(), AtMost(4000)])
    demand = LongField(_l("整改要求"), [Required(), AtMost(4000)])
    due_on = DayField(_l("整改期限"), [Required()])


class AnswerForm(BaseForm):
    """What was done, and what shows it."""

    measures = LongField(_l("整改措施和完成情况"), [AtMost(4000)])
    evidence = LongField(_l("佐证"), [AtMost(2000)])
