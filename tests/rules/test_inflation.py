"""The watch on inflated self-evaluations: limits at their edges, what cannot be told, and the risk."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.inflation import GREEN, RED, YELLOW, Watched, WatchedLine, watch
from perfmgr.rules.inflation_limits import Limits

D = Decimal
LIMITS = Limits()
PEERS = [(D(80), D("0.95"))] * 5


def sheet(score: str = "85", execution: str = "9.5", spent: str = "95", **more: Any) -> Watched:
    """Return a sheet of one line of 90 marks and 10 for execution; 100 to spend."""
    base = Watched(
        [WatchedLine("办结率", D(90), D(score), D(95), D(94))], D(execution), D(10), D(100), D(spent), D(94), copies=0
    )
    return replace(base, **more)


def codes(watched: Watched) -> list[str]:
    """Return the codes of all signals."""
    return [finding.code for finding in watch(watched, LIMITS).findings]


@pytest.mark.parametrize(
    ("watched", "found", "light"),
    [
        (sheet(), [], GREEN),
        (sheet("72", "7.6"), [], GREEN),  # (0.8 - 0.76) / 0.8 is 5 %: not above
        (sheet("72", "7.59"), ["Q27"], RED),
        (sheet("0", "0"), [], GREEN),
        (sheet(spent="80"), [], GREEN),
        (sheet(spent="79.99"), ["GAP"], YELLOW),
        (sheet(budget=D(0)), ["GAP"], YELLOW),
        (sheet("90", "9.49"), ["Q27", "Q28"], RED),
        (sheet("90", "10"), ["Q28"], YELLOW),
        (sheet(spent="101"), ["Q29"], YELLOW),
        (sheet(spent="101", execution_reason="上级追加"), [], GREEN),
        (sheet(last_total=D(84)), [], GREEN),
        (sheet(last_total=D("83.99")), ["JUMP"], YELLOW),
        (sheet(copies=2), ["COPIED"], YELLOW),
        (sheet(spent="94", peers=PEERS), ["PEERS"], YELLOW),
        (sheet(spent="95", peers=PEERS), [], GREEN),
        (sheet(spent="94", peers=PEERS[:4]), [], GREEN),
        (
            sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(9)), WatchedLine("乙", D(0), D(0), D(1), D(1))]),
            ["EXACT"],
            YELLOW,
        ),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), "完成")]), ["Q23"], YELLOW),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), forecast=D(7))]), ["FORECAST"], YELLOW),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D("7.7"), forecast=D(7))]), [], GREEN),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), forecast=D(9), sign="le")]), ["FORECAST"], YELLOW),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), "≥ 266米")]), ["Q23"], YELLOW),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), given=D("85.05"))]), [], GREEN),
        (sheet(lines=[WatchedLine("甲", D(90), D(85), D(9), D(8), given=D("85.06"))]), ["Q25"], YELLOW),
        (sheet(texts={"goal_actual": "自评得分98.62分。"}), ["Q25"], YELLOW),
        (sheet(texts={"goal_actual": "自评得分94分，指标得分90分。"}), [], GREEN),
        (sheet(texts={"goal_actual": "执行率 18.5/43.2=100%。"}), ["Q25"], YELLOW),
        (sheet(texts={"goal_actual": "执行率 314,076.90/320,409.02=98.0%。"}), [], GREEN),
        (sheet(texts={"goal_actual": "0 个项目，0 万元，目标覆盖率 100%。"}), ["Q31"], YELLOW),
        (sheet(texts={"problems": "编报目标 9 个，金额 6,183.25 万元，覆盖率达到100%。"}), ["Q31"], YELLOW),
        (sheet(texts={"goal_actual": "2025年应编 247 个，已编 247 个，绩效目标全覆盖。"}), [], GREEN),
        (sheet(texts={"goal_actual": "资金 314,076.90 万元，共 320,409.02 万元，覆盖率98.0%。"}), [], GREEN),
        (sheet(lines=[WatchedLine("目标覆盖率", D(90), D(85), D(99), D(98), unit="%")]), ["Q31"], YELLOW),
        (sheet(lines=[WatchedLine("目标覆盖率", D(90), D(85), D(99), D(98), "50个中49个", unit="%")]), [], GREEN),
        (sheet(lines=[WatchedLine("目标覆盖率", D(90), D(85), D(99), D(98), unit="%", evidenced=True)]), [], GREEN),
    ],
)
def test_each_signal_speaks_above_its_limit_only(watched: Watched, found: list[str], light: str) -> None:
    assert (codes(watched), watch(watched, LIMITS).light) == (found, light)


def test_what_is_not_known_is_said_and_not_held_against_anybody() -> None:
    nothing = Watched([WatchedLine("甲", D(90), None)], None, D(10), None, None, None)
    report = watch(nothing, LIMITS)
    assert (report.findings, report.risk) == ((), 0)
    assert [rule.code for rule in report.undetermined] == ["Q27", "GAP", "JUMP", "FORECAST", "PEERS", "COPIED"]


def test_the_risk_is_the_sum_of_the_weights_and_never_above_100() -> None:
    assert watch(sheet("90", "7", "70"), LIMITS).risk == 35 + 15 + 10
    heavy = Limits(weights={code: D(90) for code in LIMITS.weights})
    assert watch(sheet("90", "7", "70"), heavy).risk == 100


@given(st.decimals(0, 90, places=2), st.decimals(0, 10, places=2), st.decimals(0, 10, places=2))
def test_more_execution_never_makes_a_sheet_more_suspicious(score: Decimal, one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))
    low, high = (watch(sheet(str(score), str(marks)), LIMITS).risk for marks in (less, more))
    assert high <= low
