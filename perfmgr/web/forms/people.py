"""Forms: a person and their appointments."""

from wtforms import BooleanField

from perfmgr.rules.roles import ROLES
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, Required, RowList, named
from perfmgr.web.language import lazy_gettext as _l


class PostingForm(BaseForm):
    """One appointment: a role over a unit."""

    role = ChoiceField(_l("岗位"), choices=named(ROLES))
    unit_id = ChoiceField(_l("单位"))


class PersonForm(BaseForm):
    """Name, user name and appointments."""

    name = LineField(_l("姓名"), [Required(), AtMost(50)])
    username = LineField(_l("用户名"), [AtMost(64)])
    email = LineField(_l("邮箱"), [AtMost(200)])
    active = BooleanField(_l("启用"))
    postings = RowList(PostingForm, _l("岗位"), 50)

    def prepare(self, units: list[tuple[str, str]]) -> None:
        """Give every row the units to choose from."""
        for row in self.postings:
            row.form.unit_id.choices = units

    def chosen(self) -> list[tuple[int, str]]:
        """Return the appointments typed, as (unit id, role); rows without role or unit are left out."""
        found = []
        for row in self.postings:
            unit_id = row.form.unit_id.id_value()
            if unit_id and row.form.role.data:
                found.append((unit_id, row.form.role.data))
        return found
