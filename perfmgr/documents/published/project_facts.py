"""Reads who carries a project out, in which period, and what money the year's budget gives it."""

import datetime as dt
import re

from perfmgr.documents.published.figures import AMOUNT, Reading, agreed, amount
from perfmgr.documents.published.identity import is_name
from perfmgr.documents.published.text import Fact
from perfmgr.rules.dates import parse_day

Span = tuple[int, int]

_DAY = "([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:月|[-./])([0-9]{1,2})日?"
_LATER_DAY = "(?:([0-9]{4})(?:年|[-./]))?([0-9]{1,2})(?:月|[-./])([0-9]{1,2})(?![0-9.月-])日?"
_PERIOD = re.compile(f"(?<![0-9]){_DAY}(?:起|开始)?(?:到|至|—{{1,2}}|-{{1,2}}|–|~){_LATER_DAY}")

_BODY = re.compile(
    "(?:部门|单位|主体|机构)(?:为|是|:)([^,。;:]{2,60})(?=[,。;]|$)"
    "|由([^,。;:]{2,40}?)(?:负责|牵头|承担|组织实施|具体(?:组织|负责|实施)|统一(?:组织|实施))"
)
_ACTS = re.compile("负责|组织实施|由|为|是|的")

_AMOUNT = re.compile(AMOUNT)
_LONGEST = 2000  # a statement of one amount is a sentence or two
_OF_WHICH = re.compile("其中|分别用于|包括|用于")
_NOT_THIS_BUDGET = re.compile("总投资|项目总|概算|累计|已安排|已下达|已拨付|上年|结转|结余|单价|[人每]均|每")
_THIS_YEAR = re.compile("本年度?|今年|当年")
_YEAR = re.compile("([0-9]{4})年")
_SOURCE = re.compile(
    "(?<!无)(?<!不涉及)(一般公共预算|政府性基金预算|政府性基金|国有资本经营预算|财政专户管理资金|自有资金)"
)


def period(reading: Reading, span: Span) -> tuple[Fact | None, Fact | None]:
    """Return first and last day as ISO dates where exactly one period is printed day by day."""
    matches = list(_PERIOD.finditer(reading.flow.key, *span))
    if len(matches) != 1:
        return None, None
    year, month, day, last_year, last_month, last_day = matches[0].groups()
    first = parse_day(f"{year}-{month}-{day}")
    last = parse_day(f"{last_year or year}-{last_month}-{last_day}")
    return _date(reading, first, matches[0].start(1)), _date(reading, last, matches[0].start(4 if last_year else 5))


def _date(reading: Reading, day: dt.date | None, offset: int) -> Fact | None:
    return reading.flow.valued(day.isoformat(), offset) if day else None


def implementing_body(reading: Reading, span: Span) -> Fact | None:
    """Return who carries the project out: named after 部门为 or 由, or the only words of the part."""
    flow = reading.flow
    start, end = flow.trimmed(*span)
    named = [
        fact
        for match in _BODY.finditer(flow.key, start, end)
        if (fact := flow.fact(*match.span(1 if match[1] else 2))) and is_name(fact["value"])
    ]
    if named:
        return agreed(named)
    if flow.key[start:end].endswith("。"):
        end -= 1
    alone = flow.fact(start, end)
    return alone if alone and is_name(alone["value"]) and not _ACTS.search(alone["value"]) else None


def budget(reading: Reading, span: Span) -> Fact | None:
    """Return this year's amount in 万元; None where several amounts leave open which one it is."""
    if span[1] - span[0] > _LONGEST:
        return None
    found = _amounts(reading, span)
    this_year = [fact for fact, clause, _ in found if _is_this_year(reading, clause)]
    undated = [fact for fact, _, years in found if years <= {reading.year}]
    return agreed(this_year or undated)


def _amounts(reading: Reading, span: Span) -> list[tuple[Fact, str, set[int | None]]]:
    """Return each amount that can be the budget, with its clause and the years its sentence names before it."""
    key, found = reading.flow.key, []
    for start, end in _heads(key, span):
        for match in _AMOUNT.finditer(key, start, end):
            before = key[start : match.start()]
            clause = re.split("[,;]", before)[-1]
            if not _NOT_THIS_BUDGET.search(clause):
                years: set[int | None] = {int(year) for year in _YEAR.findall(before)}
                found.append((amount(reading.flow, match), clause, years))
    return found


def _heads(key: str, span: Span) -> list[Span]:
    """Return the sentences of the span, each up to the words that begin its breakdown."""
    found, start = [], span[0]
    while start < span[1]:
        end = key.find("。", start, span[1])
        end = span[1] if end < 0 else end
        stop = _OF_WHICH.search(key, start, end)
        found.append((start, stop.start() if stop else end))
        start = end + 1
    return found


def _is_this_year(reading: Reading, clause: str) -> bool:
    years = {int(year) for year in _YEAR.findall(clause)}
    return years == {reading.year} or (not years and bool(_THIS_YEAR.search(clause)))


def fund_source(reading: Reading, span: Span) -> Fact | None:
    """Return the kind of budget the money comes from where the part names exactly one."""
    flow = reading.flow
    if span[1] - span[0] > _LONGEST:
        return None
    found = [match for start, end in _heads(flow.key, span) for match in _SOURCE.finditer(flow.key, start, end)]
    return agreed(flow.valued(match[1], match.start(1)) for match in found)
