"""Forms: amounts of a budget line."""

from perfmgr.web.forms.fields import BaseForm, Required, WanField
from perfmgr.web.language import lazy_gettext as _l


class InitialForm(BaseForm):
    """A new budget line."""

    initial = WanField(_l("年初预算数"), [Required()])


class AmountsForm(BaseForm):
    """Initial and adjusted budget."""

    initial = WanField(_l("年初预算数"), [Required()])
    adjusted = WanField(_l("全年预算数"), [Required()])


class ExecutionForm(BaseForm):
    """The year's spending so far."""

    executed = WanField(_l("全年执行数"), [Required()])
