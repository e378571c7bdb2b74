"""When approved targets may be adjusted, and what must be said about it."""

import datetime as dt

import pytest

from perfmgr.rules.adjustments import check_grounds, why_not_now
from perfmgr.rules.cycles import Span

SPAN = Span(dt.date(2028, 1, 1), dt.date(2028, 5, 31))
BEFORE, BEGUN = dt.date(2027, 12, 31), dt.date(2028, 1, 1)


@pytest.mark.parametrize(
    ("closed", "span", "evaluated", "today", "sentence"),
    [
        (False, SPAN, False, BEFORE, ""),
        (False, None, False, BEGUN, ""),
        (False, SPAN, False, BEGUN, "2027 年度绩效自评已于 2028年1月1日 开始，绩效目标不能再调整。"),
        (False, SPAN, True, BEFORE, "2027 年度绩效自评已经建立，绩效目标不能再调整。"),
        (True, SPAN, False, BEFORE, "2027 年度已经结束，绩效目标不能再调整。"),
    ],
)
def test_until_the_self_evaluation_begins(
    closed: bool, span: Span | None, evaluated: bool, today: dt.date, sentence: str
) -> None:
    finding = why_not_now(year=2027, closed=closed, self_evaluation=span, evaluated=evaluated, today=today)
    assert (finding.sentence() if finding else "") == sentence


@pytest.mark.parametrize(
    ("reason", "basis", "fields"), [("政策变化", "1号", []), ("", "1号", ["reason"]), ("", "", ["reason", "basis"])]
)
def test_reason_and_basis_are_both_needed(reason: str, basis: str, fields: list[str]) -> None:
    assert [finding.field for finding in check_grounds(reason, basis)] == fields
