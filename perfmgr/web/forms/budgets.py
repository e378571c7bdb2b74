"""Forms: amounts of a budget line."""

from flask_babel import lazy_gettext as _l

from perfmgr.web.forms.fields import BaseForm, Required, WanField


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
