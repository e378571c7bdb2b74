"""Reads the totals of a budget or accounts: income, expenditure and its parts, functions, completion."""

import re
from decimal import Decimal

from perfmgr.documents.published.figures import (
    AMOUNT,
    LINK,
    PERCENT,
    Reading,
    agreed,
    amount,
    sentence_start,
    share,
    speaks_of_department,
    subject,
)
from perfmgr.documents.published.text import Fact

# Sections and sentences about a part of the money; a total found there is the part's total.
_PART_OF_MONEY = re.compile("财政拨款|政府性基金|国有资本|三公|机关运行|采购|名词解释|一般公共预算")
_COMPARED = re.compile("增加|减少|相比|比上年|比[0-9]{4}年|较上年|较[0-9]{4}年")
_OF_WHICH = re.compile("其中|包括")
_BOTH = "收入支出|收、支|收支"

# Patterns in the order of preference: totals with what is carried over come before this year's sums.
INCOME = (
    rf"(?:收入|{_BOTH})(?:总计|总预算|总决算){{1,2}}{LINK}",
    f"(?:收入|{_BOTH})(?:预算|决算){LINK}",
    f"收入合计{LINK}",
)
EXPENDITURE = (
    rf"(?:支出|{_BOTH})(?:总计|总预算|总决算){{1,2}}{LINK}",
    f"(?:支出|{_BOTH})(?:预算|决算){LINK}",
    f"支出合计{LINK}",
)
BASIC = (f"基本支出(?:预算|决算)?{LINK}",)
PROJECT = (f"项目支出(?:预算|决算)?{LINK}",)
SPECIAL = (f"专项(?:资金)?支出(?:预算|决算)?{LINK}",)

_COMPLETED = re.compile(
    rf"(?:财政拨款|一般公共预算财政拨款|本年|总)?支出(?:决算)?(?:合计|总计)?完成(?:了)?(?:年初|全年|调整)?预算数?的{PERCENT}"
)
_SPENT_OF_BUDGET = re.compile(
    rf"(?<!经费)财政拨款支出年初预算数?为{AMOUNT},支出决算数?为{AMOUNT},完成(?:年初|全年|调整)?预算数?的{PERCENT}"
)


def statements(reading: Reading, patterns: tuple[str, ...]) -> list[Fact]:
    """Return every statement of a total of the whole department, by the first pattern that has any."""
    whole = _is_total if patterns in (INCOME, EXPENDITURE) else _is_part_of_total
    for pattern in patterns:
        found = [
            amount(reading.flow, match)
            for match in re.finditer(pattern + AMOUNT, reading.flow.key)
            if whole(reading, match.start())
        ]
        if found:
            return found
    return []


def total(reading: Reading, patterns: tuple[str, ...]) -> Fact | None:
    """Return the total in 万元 that all statements of it agree on, else None."""
    return agreed(statements(reading, patterns), Decimal)


def _is_total(reading: Reading, offset: int) -> bool:
    """Return whether the name of a total at ``offset`` stands for the whole department, not listed under another."""
    before = reading.flow.key[sentence_start(reading, offset) : offset]
    return (
        not _OF_WHICH.search(before)
        and not _PART_OF_MONEY.search(before)
        and not _in_section_of_part(reading, offset)
        and _speaks_of_it(reading, offset)
    )


def _is_part_of_total(reading: Reading, offset: int) -> bool:
    """Return the same for 基本支出, 项目支出, 专项支出, which may stand in a list of a total's parts."""
    before = reading.flow.key[sentence_start(reading, offset) : offset]
    return (
        not _PART_OF_MONEY.search(before)
        and not _COMPARED.search(before)
        and not _in_section_of_part(reading, offset)
        and _speaks_of_it(reading, offset)
    )


def _speaks_of_it(reading: Reading, offset: int) -> bool:
    return speaks_of_department(reading, subject(reading, offset))


def _in_section_of_part(reading: Reading, offset: int) -> bool:
    outline = reading.outline
    return any(
        _PART_OF_MONEY.search(outline.titles[index]) and outline.markers[index].body < offset
        for index in outline.path(offset)
        if not outline.markers[index].body <= offset < outline.title_span(index)[1]
    )


def completion(reading: Reading) -> Fact | None:
    """Return the percentage of the year's budget that expenditure as a whole reached, as printed."""
    plain = [
        share(reading.flow, match)
        for match in _COMPLETED.finditer(reading.flow.key)
        if speaks_of_department(reading, subject(reading, match.start()))
    ]
    by_amounts = [share(reading.flow, match, 5) for match in _SPENT_OF_BUDGET.finditer(reading.flow.key)]
    return agreed(plain, Decimal) or agreed(by_amounts, Decimal)
