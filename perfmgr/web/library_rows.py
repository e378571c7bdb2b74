"""Entries of the indicator library as rows of a declaration's table: their values, and the reasons for each."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from perfmgr.actions._sections import INDICATOR_FIELDS, IndicatorDraft
from perfmgr.models.declaration import Indicator
from perfmgr.models.library import LibraryEntry
from perfmgr.rules.indicators import QUALITATIVE, parse_value, target_text
from perfmgr.rules.library import MEANINGS, place
from perfmgr.rules.library_ranking import Suggestion
from perfmgr.rules.schemes import Scheme
from perfmgr.web.language import english
from perfmgr.web.language import gettext as _


def row_values(entry: LibraryEntry, scheme: Scheme) -> dict[str, str]:
    """Return what an entry fills into a row, under the names of the row's fields."""
    category, subcategory = place(scheme, entry.meaning) or ("", "")
    return {
        "category": category,
        "subcategory": subcategory,
        "name": entry.name,
        "sign": entry.sign,
        "target": entry.as_draft().starting_value,
        "unit": entry.unit,
        "evidence": entry.evidence,
        "library_id": str(entry.id),
    }


def new_draft(entry: LibraryEntry, scheme: Scheme) -> IndicatorDraft:
    """Return an entry as a new row, without weight: that is for the filler to share out."""
    values = row_values(entry, scheme)
    qualitative = entry.sign == QUALITATIVE
    return IndicatorDraft(
        category=values["category"],
        subcategory=values["subcategory"],
        name=entry.name,
        sign=entry.sign,
        target_value=None if qualitative else parse_value(values["target"]),
        target_text=values["target"] if qualitative else "",
        unit=entry.unit,
        weight=Decimal(0),
        evidence=entry.evidence,
        library_id=entry.id,
    )


def drafts_of(indicators: Iterable[Indicator]) -> list[IndicatorDraft]:
    """Return stored indicators as they would be saved again."""
    return [IndicatorDraft(**{name: getattr(i, name) for name in INDICATOR_FIELDS}) for i in indicators]


def offers(rows: Iterable[tuple[Suggestion | None, LibraryEntry]], scheme: Scheme) -> list[dict[str, Any]]:
    """Return entries with what a page needs to show them: target in print, reasons, typical values, values of the row."""
    return [_offer(suggestion, entry, scheme) for suggestion, entry in rows]


def _offer(suggestion: Suggestion | None, entry: LibraryEntry, scheme: Scheme) -> dict[str, Any]:
    values = row_values(entry, scheme)
    category = scheme.category(values["category"])
    name = (category.name_en if english() else category.name) if category else ""
    draft = new_draft(entry, scheme)
    return {
        "id": entry.id,
        "name": entry.name,
        "category": name,
        "meaning": _(MEANINGS[entry.meaning].name),
        "definition": entry.definition,
        "target": target_text(entry.sign, draft.target_value, draft.target_text, entry.unit),
        "typical": "  ".join(f"{t['value']}{entry.unit} {t.get('when', '')}".strip() for t in entry.typical),
        "reason": _("；").join(reason.sentence(_) for reason in suggestion.reasons) if suggestion else "",
        "uses": entry.uses,
        "values": values,
    }
