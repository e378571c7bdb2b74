"""Reads what a document reports on performance management: targets, self-evaluation, problems, measures."""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfmgr.documents.published.figures import (
    AMOUNT,
    COUNT,
    LINK,
    NUMBER,
    PERCENT,
    Reading,
    agreed,
    amount,
    count,
    sentences,
    share,
    subject,
)
from perfmgr.documents.published.text import Fact

_YEARS = "(?:的)?(?:[0-9]{4}年度?)?(?:的)?"
_TARGETS = re.compile(
    rf"(?:(?:编制|编报|申报|设置|填报|批复|设定)[^,。;:0-9]{{0,8}}绩效目标{_YEARS}(?:预算)?项目|"
    rf"(?:编制|编报|申报|设置|填报|批复|设定)(?:预算)?项目(?:支出)?绩效目标|"
    rf"(?:实行|实施|纳入)(?:预算)?绩效目标管理{_YEARS}(?:预算)?项目)"
    rf"(?:数量|总数|数)?(?:共计|合计|共有|共|为)?{COUNT}[个项]"
)
_TARGETS_REVERSED = re.compile(
    rf"{COUNT}[个项](?:预算)?项目[^,。;:0-9]{{0,8}}(?:编制|编报|申报|设置|填报)[^,。;:0-9]{{0,6}}绩效目标"
)
_MONEY = re.compile(rf",[^,。;:0-9]{{0,16}}(?:金额|资金|拨款|预算){LINK}{AMOUNT}")
_SHARE = re.compile(rf",占[^,。;:%]{{0,40}}?(?:比重|比例|总额|总数|支出|预算|比)的?(?:为|达到|达)?:?{PERCENT}")

_EVALUATED = re.compile(
    rf"(?:涉及(?:预算)?(?:支出)?项目(?:支出)?|绩效自评{_YEARS}(?:预算)?(?:支出)?项目|自评项目)"
    rf"(?:共计|合计|共|数量为|为)?{COUNT}[个项]"
)
_EVALUATED_REVERSED = re.compile(
    rf"对{COUNT}[个项](?:预算)?(?:支出)?项目(?:支出)?[^,。;:0-9]{{0,8}}(?:开展|进行|实施)[^,。;:0-9]{{0,8}}自评"
)
_EVALUATED_MONEY = re.compile(rf"(?:涉及)?(?:预算|项目|支出|财政){{0,3}}(?:资金|金额){LINK}{AMOUNT}")
# Words that may precede these figures without making them figures of something else.
_IN_ALL = re.compile("(?:[本我](?:部门|单位|局|部|委))?(?:共计|共|合计|累计|总计)?(?:组织)?")
_WHOLE = re.compile(rf"整体(?:支出)?(?:绩效)?自评(?:价)?(?:项目|部门|单位)?(?:共计|合计|共|为)?{COUNT}[个项家]")
_COVERAGE = re.compile(rf"(?<!目标)(?<!目标管理)覆盖率(?:达到了?|达|为|是)?:?{PERCENT}")
_SCORE = re.compile(rf"自评(?:综合|总)?(?:得分|分数|总分|分)(?:为|是)?:?({NUMBER})分")
# A score of one project or an average is not the score of the department's own evaluation.
_WHOLE_SCORE = re.compile("(?:[本我]?(?:部门|单位))?(?:整体)?(?:支出)?(?:绩效)?(?:评价)?")


def targets(reading: Reading) -> tuple[Fact | None, Fact | None, Fact | None]:
    """Return how many projects have targets, their amount in 万元 and the stated share in percent."""
    flow = reading.flow
    found = [*_TARGETS.finditer(flow.key), *_TARGETS_REVERSED.finditer(flow.key)]
    projects = agreed([count(flow, match) for match in found])
    moneys = [money for match in found if (money := _MONEY.match(flow.key, match.end()))]
    parts = [part for money in moneys if (part := _SHARE.match(flow.key, money.end()))]
    return (
        projects,
        agreed([amount(flow, money) for money in moneys], Decimal) if projects else None,
        agreed([share(flow, part) for part in parts], Decimal) if projects else None,
    )


def self_evaluation(reading: Reading) -> dict[str, Fact | None]:
    """Return the figures of the sentences on self-evaluation; one that is stated twice differently is None."""
    flow, spans = reading.flow, list(sentences(reading, "自评"))

    def all_of(pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for span in spans:
            yield from pattern.finditer(flow.key, *span)

    counted = [match for pattern in (_EVALUATED, _EVALUATED_REVERSED) for match in all_of(pattern)]
    moneys = [match for match in all_of(_EVALUATED_MONEY) if _follows(reading, match.start(), _IN_ALL)]
    return {
        "self_evaluation_project_count": agreed(
            [count(flow, match) for match in counted if _follows(reading, match.start(), _IN_ALL)]
        ),
        "self_evaluation_amount_wan": agreed([amount(flow, match) for match in moneys], Decimal),
        "whole_evaluation_count": agreed([count(flow, match) for match in all_of(_WHOLE)]),
        "coverage_percent": agreed([share(flow, match) for match in all_of(_COVERAGE)], Decimal),
        "self_score": agreed(
            [share(flow, match) for match in all_of(_SCORE) if _follows(reading, match.start(), _WHOLE_SCORE)], Decimal
        ),
    }


def _follows(reading: Reading, offset: int, words: re.Pattern[str]) -> bool:
    """Return whether nothing but ``words`` leads to ``offset`` since the last stop."""
    before = subject(reading, offset)
    return before is not None and bool(words.fullmatch(before))
