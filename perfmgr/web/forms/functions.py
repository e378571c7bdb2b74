"""Forms: an entry of the functional classification."""

from wtforms import BooleanField

from perfmgr.web.forms.fields import AtMost, BaseForm, LineField, Required
from perfmgr.web.language import lazy_gettext as _l


class FunctionForm(BaseForm):
    """Code and name of an entry."""

    code = LineField(_l("科目编码"), [Required(), AtMost(7)])
    name = LineField(_l("科目名称"), [Required(), AtMost(100)])
    active = BooleanField(_l("启用"))
