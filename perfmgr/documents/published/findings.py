"""Says what does not fit in a published document: coverage claims, sums, missing units, text left from a form."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from perfmgr.documents.published.agreement import contradictions
from perfmgr.documents.published.figures import NUMBER, Reading
from perfmgr.documents.published.functions import Function
from perfmgr.documents.published.sums import sum_findings
from perfmgr.rules.findings import WARNING, Finding
from perfmgr.rules.numbers import decimals, grouped, half_up, percent
from perfmgr.rules.texts import N_

_NO_UNIT = re.compile(
    rf"(?:支出|收入|经费|费|补助|拨款|预算数?|资金|金额)(?:增加|减少|为|共计|合计|共)?:?({NUMBER})(?=[,;。、)])"
)
_LIKE_A_YEAR = re.compile("(?:19|20)[0-9]{2}")
_WORDS_BEFORE = re.compile("[\u4e00-\u9fff“”]{1,20}$")
_PLACEHOLDER = re.compile(
    "以及(?:…|\\.{3})|…以及|\\(…{1,4}\\)|(?<![A-Za-z])(?:[Xx]{2,12}|×{1,12})(?![A-Za-z])|_{3,40}"
    "|(?:100|200)字以内|对照年度目标,|此处填写|请填写|(?:总计|合计|共计|总额|资金|金额|收入|支出)(?:为|共)?万元"
)


def findings(reading: Reading, facts: dict[str, Any], functions: Sequence[Function]) -> list[dict[str, str]]:
    """Return what does not fit, each with its code of the rule list (Q31, Q32) or SUM, UNIT."""
    found = [
        *_share_of_targets(facts),
        *_coverage(facts),
        *contradictions(reading),
        *sum_findings(reading, functions),
        *_missing_units(reading),
        *_left_over(reading),
    ]
    return [{"code": finding.code, "message": finding.sentence()} for finding in found]


def _share_of_targets(facts: dict[str, Any]) -> Iterator[Finding]:
    """Q31: the stated share of the money that has targets must follow from the stated amounts."""
    stated, part = facts["targets_share_percent"], facts["targets_amount_wan"]
    whole = facts["project_expenditure_wan"] or facts["special_expenditure_wan"]
    if not (stated and part and whole):
        return
    computed = percent(Decimal(part["value"]), Decimal(whole["value"]))
    if computed is None or _same_share(stated["value"], Decimal(part["value"]), Decimal(whole["value"])):
        return
    yield Finding(
        "Q31",
        N_(
            "第%(line)s行写明绩效目标项目的预算占%(stated)s%%，但%(part)s万元只相当于第%(base)s行"
            "%(name)s%(whole)s万元的%(computed)s%%，应写明按什么口径计算。"
        ),
        level=WARNING,
        params={
            "line": stated["line"],
            "stated": stated["value"],
            "part": grouped(Decimal(part["value"])),
            "base": whole["line"],
            "name": N_("项目支出") if facts["project_expenditure_wan"] else N_("专项支出"),
            "whole": grouped(Decimal(whole["value"])),
            "computed": computed,
        },
    )


def _coverage(facts: dict[str, Any]) -> Iterator[Finding]:
    """Q31: a coverage of self-evaluation that holds by number of units need not hold by money."""
    stated, part = facts["coverage_percent"], facts["self_evaluation_amount_wan"]
    whole, projects = facts["project_expenditure_wan"], facts["self_evaluation_project_count"]
    if not (stated and part and whole) or not Decimal(whole["value"]):
        return
    if _same_share(stated["value"], Decimal(part["value"]), Decimal(whole["value"])):
        return
    yield Finding(
        "Q31",
        N_(
            "第%(line)s行写明覆盖率%(stated)s%%%(by_unit)s，但按资金计，自评%(projects)s涉及%(part)s万元，"
            "只占项目支出%(whole)s万元的%(computed)s%%，应写明分子和分母。"
        ),
        level=WARNING,
        params={
            "line": stated["line"],
            "stated": stated["value"],
            "by_unit": _by_unit(facts),
            "projects": N_("项目%d个、") % projects["value"] if projects else "",
            "part": grouped(Decimal(part["value"])),
            "whole": grouped(Decimal(whole["value"])),
            "computed": percent(Decimal(part["value"]), Decimal(whole["value"])),
        },
    )


def _by_unit(facts: dict[str, Any]) -> str:
    """Return by which count of whole-department evaluations the stated coverage holds, if it is stated."""
    whole = facts["whole_evaluation_count"]
    if not whole:
        return ""
    # A department that states to have no subordinate unit consists of its head office alone.
    units = len(facts["units"]) or 1 if facts["units"] is not None else None
    if units is None:
        return N_("（整体自评%d个）") % whole["value"]
    return N_("（按单位计为%d/%d，整体自评%d个）") % (whole["value"], units, whole["value"])


def _same_share(stated: str, part: Decimal, whole: Decimal) -> bool:
    """Return whether the stated percentage is the computed one, rounded as it is printed."""
    if not whole:
        return False
    printed = Decimal(stated)
    return half_up(part * 100 / whole, decimals(printed)) == printed


def _missing_units(reading: Reading) -> Iterator[Finding]:
    """An amount that ends without 万元 or 元 leaves open what it is."""
    flow = reading.flow
    for match in _NO_UNIT.finditer(flow.key):
        if not _LIKE_A_YEAR.fullmatch(match[1]):
            words = _WORDS_BEFORE.search(flow.key, max(0, match.start(1) - 20), match.start(1))
            yield Finding(
                "UNIT",
                N_("第%(line)s行“%(words)s%(number)s”没有写计量单位，请补上“万元”或“元”。"),
                level=WARNING,
                params={
                    "line": flow.line(match.start(1)),
                    "words": words[0] if words else "",
                    "number": match[1],
                },
            )


def _left_over(reading: Reading) -> Iterator[Finding]:
    """Q32: places of the form that were to be filled in or removed, told once with their number."""
    matches = list(_PLACEHOLDER.finditer(reading.flow.key))
    if matches:
        first = matches[0]
        yield Finding(
            "Q32",
            N_("第%(line)s行起有%(count)s处还留着模板里待填写的文字（如“%(text)s”一行），请填写或删除。"),
            level=WARNING,
            params={
                "line": reading.flow.line(first.start()),
                "count": len(matches),
                "text": reading.flow.rows[reading.flow.row_at(first.start())].text[:20],
            },
        )
