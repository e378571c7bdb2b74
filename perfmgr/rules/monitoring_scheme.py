"""The thresholds of monitoring: a block of the scoring scheme, with the field's usual values where it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from perfmgr.rules.texts import N_

OF_YEAR, OF_ELAPSED = "year", "elapsed"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a light is red, yellow, green or blue; all shares, intervals half-open.

    ``blue_of``: whether 120 % is of the whole year's target or of what is due by now.
    ``percent_of``: whether an indicator counted in % is due in full at any time (``year``) or
    grows with the months like every other (``elapsed``). ``execution``: the least execution rate
    by cut-off month; ``gap``: how far goal progress and execution rate may lie apart. Both only
    warn, and an empty one says nothing. Defaults: §4 of the field's rules.
    """

    red_below: Decimal = Decimal("0.6")
    green_from: Decimal = Decimal("0.8")
    blue_from: Decimal = Decimal("1.2")
    blue_of: str = OF_YEAR
    percent_of: str = OF_ELAPSED
    execution: tuple[tuple[int, Decimal], ...] = ()
    gap: Decimal | None = None


USUAL = Thresholds()


class Reader(Protocol):
    """What reads the numbers and words of a scheme and collects what is wrong with them."""

    def refuse(self, message: str, at: str, /, **params: Any) -> None: ...

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]: ...

    def number(self, data: Mapping[str, Any], key: str, path: str, default: str | None = None) -> Decimal: ...

    def choice(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...], path: str) -> str: ...


def read_thresholds(reader: Reader, value: Any) -> Thresholds:
    """Return the thresholds of a scheme's ``monitoring`` block; what it leaves out is as usual."""
    data = reader.mapping(value, "monitoring")
    found = Thresholds(
        red_below=reader.number(data, "red_below", "monitoring.red_below", "0.6"),
        green_from=reader.number(data, "green_from", "monitoring.green_from", "0.8"),
        blue_from=reader.number(data, "blue_from", "monitoring.blue_from", "1.2"),
        blue_of=reader.choice(data, "blue_of", (OF_YEAR, OF_ELAPSED), "monitoring.blue_of"),
        percent_of=reader.choice(data, "percent_of", (OF_ELAPSED, OF_YEAR), "monitoring.percent_of"),
        execution=_table(reader, data),
        gap=reader.number(data, "gap", "monitoring.gap") if data.get("gap") is not None else None,
    )
    if not found.red_below <= found.green_from <= found.blue_from:
        reader.refuse(N_("运行监控的红灯、绿灯、蓝灯界限应从低到高排列。"), "monitoring")
    return found


def _table(reader: Reader, data: Mapping[str, Any]) -> tuple[tuple[int, Decimal], ...]:
    table = reader.mapping(data.get("execution"), "monitoring.execution")
    rows: dict[int, Decimal] = {}
    for key in table:
        at = f"monitoring.execution.{key}"
        text = str(key)
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= 12):
            reader.refuse(N_("运行监控的预警月份应在 1 到 12 之间，现在是“%(value)s”。"), at, value=text[:20])
            continue
        rows[int(text)] = reader.number(table, key, at)
    return tuple(sorted(rows.items()))
