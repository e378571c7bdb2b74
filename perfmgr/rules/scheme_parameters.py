"""All parameters of a scheme beyond its weights, formulas, tiers and grades, by block; the editor is built from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfmgr.rules import inflation_parameters, monitoring_parameters, review_parameters, trial_parameters
from perfmgr.rules.parameters import Parameter, leaves
from perfmgr.rules.texts import N_

# One line for each block: its title, and the PARAMETERS of the rules module that reads it.
BLOCKS: tuple[tuple[str, tuple[Parameter, ...]], ...] = (
    (N_("运行监控"), monitoring_parameters.PARAMETERS),
    (N_("虚高排查"), inflation_parameters.PARAMETERS),
    (N_("复核"), review_parameters.PARAMETERS),
    (N_("试算"), trial_parameters.PARAMETERS),
)

PARAMETERS = tuple(parameter for _title, block in BLOCKS for parameter in block)

# What the other sections of the editor write, with the fields of their rows.
_ROW_FIELDS = {
    "categories": "code",
    "tiers": "code",
    "grades": "name",
}
_WRITTEN = {
    *("code", "kind", "name", "name_en", "basis", "execution", "categories", "tiers", "grades"),
    *("reverse", "equal", "over_flag", "over_explain", "reason_below"),
}
_LISTS = (
    *("consequences.grades", "consequences.rectify_days", "consequences.not_evaluated."),
    *("review.codes.", "monitoring.execution.", "monitoring.gap"),
)


def unknown(data: Mapping[str, Any]) -> list[str]:
    """Return the paths of stored leaves the editor has no field for; an edit leaves them as they are."""
    known = {parameter.path for parameter in PARAMETERS}
    rest = {key: value for key, value in data.items() if key not in _WRITTEN}
    return [path for path in leaves(rest) if path not in known and not path.startswith(_LISTS)]


def merged(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored data with what was typed over it; what the editor does not know stays untouched.

    Rows are the same row when code (of a grade: name) is the same; a row that was not sent is gone.
    """
    result = {**stored, **typed}
    if isinstance(stored.get("execution"), Mapping) and isinstance(typed.get("execution"), Mapping):
        result["execution"] = {**stored["execution"], **typed["execution"]}
    for name, key in _ROW_FIELDS.items():
        if name in typed:
            result[name] = kept_rows(stored.get(name) or (), typed[name], key)
    return result


def kept_rows(stored: Sequence[Any], typed: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return the typed rows, each over what is stored of the row with the same key."""
    before = {row.get(key): row for row in stored if isinstance(row, Mapping)}
    return [{**before.get(row.get(key), {}), **row} for row in typed]
