"""Forms: an entry of the indicator library."""

from decimal import Decimal
from typing import Any

from perfmgr.models.declaration import Indicator
from perfmgr.models.library import LibraryEntry
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS
from perfmgr.rules.library import BASES, GROUPS, MEANINGS, EntryDraft, Typical, group_of, place
from perfmgr.rules.library_fields import FIELDS, GENERAL, fields_of
from perfmgr.rules.numbers import plain
from perfmgr.rules.schemes import Scheme
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, LongField, Required, RowList, named
from perfmgr.web.language import lazy_gettext as _l

TYPICAL_ROWS = 3
MEANING_CHOICES = named({code: meaning.name for code, meaning in MEANINGS.items()})
FIELD_CHOICES = named({code: field.name for code, field in FIELDS.items()})


class TypicalForm(BaseForm):
    """One typical value and its situation."""

    value = LineField(_l("参考值"), [AtMost(40)])
    when = LineField(_l("适用情形"), [AtMost(60)])


class EntryForm(BaseForm):
    """Everything an entry says; ``owner_id`` and ``justification`` are asked for own entries."""

    owner_id = ChoiceField(_l("归哪个单位使用"))
    name = LineField(_l("指标名称"), [Required(), AtMost(60)])
    meaning = ChoiceField(_l("考核内容"), [Required()], choices=MEANING_CHOICES)
    field = ChoiceField(_l("领域"), [Required()], choices=FIELD_CHOICES)
    definition = LongField(_l("指标解释"), [Required(), AtMost(1000)])
    formula = LongField(_l("计算公式"), [AtMost(500)])
    sign = ChoiceField(_l("符号"), [Required()], choices=named(SYMBOLS))
    unit = LineField(_l("计量单位"), [AtMost(24)])
    typical = RowList(TypicalForm, _l("参考值"), 5)
    basis = ChoiceField(_l("指标值设定依据"), [Required()], choices=named(BASES))
    evidence = LineField(_l("佐证资料"), [AtMost(200)])
    survey = LongField(_l("调查要求"), [AtMost(500)])
    words = LineField(_l("关键词"), [AtMost(200)])
    justification = LongField(_l("自建理由"), [AtMost(1000)])

    def draft(self) -> EntryDraft:
        """Return what was typed, for the action."""
        names = ("name", "meaning", "sign", "field", "unit", "definition", "formula", "evidence", "survey", "words")
        return EntryDraft(
            **{name: self[name].data or "" for name in names},
            basis=self.basis.data or "",
            typical=tuple(Typical(row.form.value.data or "", row.form.when.data or "") for row in self.typical),
        )


def entry_values(entry: LibraryEntry) -> dict[str, Any]:
    """Return a stored entry under the names of the form's fields."""
    names = [field.name for field in EntryForm() if field.name not in ("owner_id", "typical")]
    typical = [*entry.typical, *({} for _n in range(TYPICAL_ROWS - len(entry.typical)))]
    return {**{name: getattr(entry, name) for name in names}, "typical": typical}


def blank_values() -> dict[str, Any]:
    """Return what the form for a new entry shows."""
    return {"sign": "ge", "basis": "plan", "field": GENERAL, "typical": [{}] * TYPICAL_ROWS}


def indicator_entry_values(indicator: Indicator, scheme: Scheme, project: str, function: str) -> dict[str, Any]:
    """Return an indicator of a declaration under the names of the form's fields."""
    group = group_of(scheme, indicator.category, indicator.subcategory, indicator.name)
    at = (indicator.category, indicator.subcategory)
    meanings = [code for code in MEANINGS if place(scheme, code) == at] or [
        code for code, meaning in MEANINGS.items() if meaning.group == group
    ]
    qualitative = indicator.sign == QUALITATIVE
    value = indicator.target_text if qualitative else plain(indicator.target_value or Decimal(0))
    return {
        **blank_values(),
        "name": indicator.name,
        "meaning": meanings[0] if meanings and group in GROUPS else "",
        "field": next(iter(fields_of(project, function)), GENERAL),
        "sign": indicator.sign,
        "unit": indicator.unit,
        "evidence": indicator.evidence,
        "typical": [{"value": value}, *([{}] * (TYPICAL_ROWS - 1))],
    }
