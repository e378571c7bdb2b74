"""Parameters: single settings of a scheme, each described by path, label, kind, unit and default.

A rules module that reads a block of the scheme describes its leaves in a tuple ``PARAMETERS``; the editor
shows and checks whatever is described there. A leaf the stored scheme does not have takes its default.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import decimals, parse_number, plain
from perfmgr.rules.texts import N_, Term

# percent is stored as a share (0.6) and shown in percent (60); count is a whole number.
KINDS = ("number", "percent", "count", "yes_no", "choice", "text")
_NUMBERS = ("number", "percent", "count")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One leaf: ``path`` with dots (``monitoring.red``), default and bounds as stored; ``choices`` are (value, label)."""

    path: str
    label: str
    kind: str
    unit: str
    default: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1_000_000)
    choices: tuple[tuple[str, str], ...] = ()
    places: int = 4

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return "parameter_" + self.path.replace(".", "__")


def stored(data: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path, None when nothing does."""
    here: Any = data
    for part in path.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here


def value_of(data: Mapping[str, Any], parameter: Parameter) -> str:
    """Return the value in force as text: the stored one, or the default."""
    value = stored(data, parameter.path)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return parameter.default if value in (None, "") else str(value)


def changed(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy with these leaves set by path; None takes a leaf away, and a block that is empty then."""
    result = copy.deepcopy(dict(data))
    for path, value in values.items():
        *way, leaf = path.split(".")
        blocks = [result]
        for part in way:
            block = blocks[-1].get(part)
            if not isinstance(block, dict):
                block = {}
                if value is not None:
                    blocks[-1][part] = block
            blocks.append(block)
        if value is not None:
            blocks[-1][leaf] = value
            continue
        blocks[-1].pop(leaf, None)
        for part, outer, block in zip(reversed(way), reversed(blocks[:-1]), reversed(blocks[1:]), strict=True):
            if not block:
                outer.pop(part, None)
    return result


def leaves(data: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every leaf below; a list counts as one leaf."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif path:
        yield path


def check(data: Mapping[str, Any], parameters: Iterable[Parameter]) -> list[Finding]:
    """Return a finding for every stored leaf that is not what its parameter says."""
    found = (_wrong(value_of(data, parameter), parameter) for parameter in parameters)
    return [finding for finding in found if finding]


def _wrong(text: str, parameter: Parameter) -> Finding | None:
    label = Term(parameter.label)
    if parameter.kind in _NUMBERS:
        return _wrong_number(text, parameter)
    allowed = ("yes", "no") if parameter.kind == "yes_no" else tuple(value for value, _name in parameter.choices)
    if parameter.kind != "text" and text not in allowed:
        return Finding(
            "SCHEME", N_("“%(label)s”请从列表中选择。"), parameter.field, params={"label": label, "value": text[:40]}
        )
    return None


def _wrong_number(text: str, parameter: Parameter) -> Finding | None:
    label = Term(parameter.label)
    factor = HUNDRED if parameter.kind == "percent" else Decimal(1)
    value = parse_number(text)
    if value is None:
        return Finding("SCHEME", N_("“%(label)s”应为数字。"), parameter.field, params={"label": label})
    places = 0 if parameter.kind == "count" else parameter.places
    if decimals(value) > places:
        words = {"label": label, "places": places - 2 if parameter.kind == "percent" else places}
        return Finding("SCHEME", N_("“%(label)s”最多保留 %(places)s 位小数。"), parameter.field, params=words)
    if not parameter.least <= value <= parameter.most:
        words = {"label": label, "low": plain(parameter.least * factor), "high": plain(parameter.most * factor)}
        message = N_("“%(label)s”应在 %(low)s 到 %(high)s 之间。")
        return Finding("SCHEME", message, parameter.field, params=words)
    return None


def shown(parameter: Parameter, value: str) -> str:
    """Return a stored value as people read it, without unit: a share in percent, a choice by its label."""
    if parameter.kind in _NUMBERS:
        number = parse_number(value)
        if number is None:
            return value
        return plain(number * HUNDRED) if parameter.kind == "percent" else plain(number)
    names = dict(parameter.choices) | {"yes": N_("是"), "no": N_("否")}
    return names.get(value, value)
