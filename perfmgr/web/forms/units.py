"""Forms: a unit of the organisation."""

from wtforms import BooleanField

from perfmgr.rules.units import UnitDraft, tidied
from perfmgr.web.filters import KIND_NAMES, NATURE_NAMES
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, LongField, Required, named
from perfmgr.web.language import lazy_gettext as _l


class UnitForm(BaseForm):
    """Type, code, name and nature of a unit, and what it is there for."""

    parent_id = ChoiceField(_l("上级"))
    kind = ChoiceField(_l("节点类型"), [Required()], choices=named(KIND_NAMES))
    nature = ChoiceField(_l("单位性质"), [Required()], choices=named(NATURE_NAMES))
    code = LineField(_l("代码"), [Required(), AtMost(24)])
    name = LineField(_l("单位名称"), [Required(), AtMost(200)])
    duties = LongField(_l("主要职责"), [AtMost(4000)])
    key_tasks = LongField(_l("重点任务"), [AtMost(4000)])
    active = BooleanField(_l("启用"))

    def draft(self) -> UnitDraft:
        """Return what was typed, for the action."""
        return tidied(self.kind.data or "", self.nature.data or "", self.code.data or "", self.name.data or "")
