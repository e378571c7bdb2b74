"""The block ``inflation`` of a scheme: limits of the watch on inflated self-evaluations, and weights of its signals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perfmgr.rules.reviews import Reader

# Marks of risk for each signal; what a sheet gathers is cut off at 100.
_WEIGHTS = {
    "Q23": 5,
    "Q25": 20,
    "Q27": 35,
    "GAP": 15,
    "Q28": 10,
    "Q29": 5,
    "Q31": 5,
    "EXACT": 10,
    "JUMP": 10,
    "FORECAST": 10,
    "PEERS": 10,
    "COPIED": 15,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The block ``inflation`` of a scheme. Shares are between 0 and 1, ``jump`` is in marks.

    ``gap`` is the most by which the share of indicator marks may exceed that of execution marks, relative to the
    former; ``unspent`` the most of the budget that may be left; ``forecast`` the most above the monitoring forecast;
    ``recomputed`` the most by which marks given may differ from those computed (Q25); ``peers`` the share of like
    projects that must be overtaken, of at least ``fewest_peers``.
    """

    gap: Decimal = Decimal("0.05")
    unspent: Decimal = Decimal("0.2")
    jump: Decimal = Decimal(10)
    forecast: Decimal = Decimal("0.1")
    recomputed: Decimal = Decimal("0.05")
    peers: Decimal = Decimal("0.9")
    fewest_peers: Decimal = Decimal(5)
    weights: Mapping[str, Decimal] = field(default_factory=lambda: {k: Decimal(v) for k, v in _WEIGHTS.items()})


def read_inflation(reader: Reader, data: Mapping[str, Any]) -> Limits:
    """Return the block ``inflation`` of a scheme; what is left out is as in the built-in one."""
    usual = Limits()
    block = reader.mapping(data.get("inflation"), "inflation")
    weights = reader.mapping(block.get("weights"), "inflation.weights")
    names = ("gap", "unspent", "jump", "forecast", "recomputed", "peers", "fewest_peers")
    return Limits(
        **{n: reader.number(block, n, f"inflation.{n}", str(getattr(usual, n))) for n in names},
        weights={
            code: reader.number(weights, code, f"inflation.weights.{code}", str(usual.weights[code]))
            for code in _WEIGHTS
        },
    )
