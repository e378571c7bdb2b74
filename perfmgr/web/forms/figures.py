"""Forms: the figures a department enters for the named formulas."""

from decimal import Decimal
from typing import Any

from perfmgr.web.forms.fields import AtMost, BaseForm, FixedRows, LineField, NumberField
from perfmgr.web.language import lazy_gettext as _l


class FigureForm(BaseForm):
    """One figure and where it was taken from."""

    value = NumberField(_l("数值"), places=6, limit=10**12, negative=False)
    source = LineField(_l("数据来源"), [AtMost(200)])


class FiguresForm(BaseForm):
    """The figures in the order of ``rules.department_formulas``."""

    rows = FixedRows(FigureForm, _l("填报数据"), 100)

    def typed(self) -> list[tuple[Decimal | None, str]]:
        """Return value and source of every row."""
        return [(row.form.value.data, row.form.source.data or "") for row in self.rows]


def figure_values(stored: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    """Return the stored figures under the names of the form's fields, one row for each key."""
    return [
        {"value": stored[key].value, "source": stored[key].source} if key in stored else {"value": None, "source": ""}
        for key in keys
    ]
