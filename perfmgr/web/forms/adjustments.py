"""Forms: why and on what basis approved targets are adjusted."""

from perfmgr.web.forms.fields import AtMost, BaseForm, LongField, Required
from perfmgr.web.language import lazy_gettext as _l


class GroundsForm(BaseForm):
    """调整理由 and 调整依据."""

    reason = LongField(_l("调整理由"), [Required(), AtMost(4000)])
    basis = LongField(_l("调整依据"), [Required(), AtMost(2000)])
