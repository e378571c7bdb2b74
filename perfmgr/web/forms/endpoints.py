"""Forms: a group robot or webhook."""

from wtforms import BooleanField, PasswordField

from perfmgr.rules.messages import ROBOTS
from perfmgr.rules.reminders import DUTIES
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, Required, named
from perfmgr.web.language import lazy_gettext as _l


class EndpointForm(BaseForm):
    """Unit, kind, name, address, secret, and of which duties it is told."""

    unit_id = ChoiceField(_l("单位"), [Required()])
    kind = ChoiceField(_l("类型"), [Required()], choices=named(ROBOTS))
    name = LineField(_l("名称"), [Required(), AtMost(100)])
    address = LineField(_l("地址"), [Required(), AtMost(1000)])
    secret = PasswordField(_l("密钥"), [AtMost(200)])
    active = BooleanField(_l("启用"))

    def duties(self) -> list[BooleanField]:
        """Return the check boxes of the duties, in their usual order."""
        return [self[f"duty_{duty}"] for duty in DUTIES]

    def chosen(self) -> tuple[str, ...]:
        """Return the duties that are ticked."""
        return tuple(duty for duty in DUTIES if self[f"duty_{duty}"].data)


for _duty, _name in DUTIES.items():
    setattr(EndpointForm, f"duty_{_duty}", BooleanField(_l(_name)))
