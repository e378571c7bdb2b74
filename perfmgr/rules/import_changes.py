"""What an import would change: the stored values of a project beside those of the workbook."""

from collections.abc import Mapping
from typing import Any

from perfmgr.rules.import_fields import LABELS
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, FUND_SOURCES
from perfmgr.rules.texts import N_

Change = list[str]  # name of the field, number in its table (or empty), old, new
TABLES = {"bases": N_("立项依据"), "steps": N_("步骤和计划"), "indicators": N_("绩效目标")}
MOST, LONGEST = 40, 160
_NAMES = {"category": CATEGORIES, "attribute": ATTRIBUTES}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every difference; what the new values do not have counts as unchanged."""
    found: list[Change] = []
    for group in ("project", "texts", "period"):
        for name, value in (new.get(group) or {}).items():
            before = old[group].get(name)
            if (before or "") != (value or "") and not (name == "code" and not value):
                found.append([LABELS[name], "", _short(name, before), _short(name, value)])
    if "funds" in new:
        found += [
            [FUND_SOURCES[source], "", old["funds"].get(source, "0"), new["funds"].get(source, "0")]
            for source in FUND_SOURCES
            if old["funds"].get(source, "0") != new["funds"].get(source, "0")
        ]
    for table, label in TABLES.items():
        if table in new:
            found += _of_table(label, old[table], new[table])
    return found


def _of_table(label: str, old: list[list[Any]], new: list[list[Any]]) -> list[Change]:
    return [
        [label, str(n + 1), _line(old[n]) if n < len(old) else "", _line(new[n]) if n < len(new) else ""]
        for n in range(max(len(old), len(new)))
        if (old[n] if n < len(old) else None) != (new[n] if n < len(new) else None)
    ]


def _line(line: list[Any]) -> str:
    if len(line) == 10:
        _category, _sub, name, sign, value, words, unit, weight, _rule, evidence = line
        target = words if sign == QUALITATIVE else f"{SYMBOLS[sign]}{value or ''}{unit}"
        line = [name, target, weight, evidence]
    return " · ".join(str(part) for part in line if part)[:LONGEST]


def _short(name: str, value: str | None) -> str:
    text = _NAMES[name].get(value or "", "") if name in _NAMES else value or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
