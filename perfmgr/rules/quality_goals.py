"""Rules about goals and what stands behind them (Q21, Q22, Q35–Q37)."""

import re
from collections.abc import Iterable, Sequence

from perfmgr.rules.likeness import likeness, pairs
from perfmgr.rules.quality_case import Case, Outcome, Undetermined
from perfmgr.rules.targets import TargetSheet
from perfmgr.rules.texts import N_, same_name

_CLAUSE = re.compile("[。；;\n]")
_NUMBERING = re.compile(r"^[\s“\"]*(?:[（(]?[\d一二三四五六七八九十]{1,2}[)）.、．]|目标\d{0,2}[:：])\s*")
# A number with something counted behind it; a year or the number of a document is no result.
_RESULT_NUMBER = re.compile(
    r"\d[\d,]{0,20}(?:\.\d{1,10})?\s{0,3}(?:%|％|‰|万?(?:个|项|次|人|名|场|期|件|份|户|家|台|套|辆|条|篇|处|座|批|册|本|公里|平方米|米|吨|亩|万元|元|小时|天|分钟|倍|起|所|株|棵|间|张))"
)
_YEARS_APART = 366
_TAIL = 2


def multi_year(sheet: TargetSheet) -> bool | None:
    """Tell whether the project lasts longer than a year; None when its term is not known."""
    start, end = sheet.term_start_on or sheet.start_on, sheet.term_end_on or sheet.end_on
    if not start or not end:
        return None
    return (end - start).days > _YEARS_APART


def check_terms(case: Case) -> Outcome:
    """Q21: a project of several years has a goal for all of them and another one for this year."""
    sheet = case.sheet
    longer = multi_year(sheet)
    if longer is None or not sheet.knows("goals_total"):
        yield Undetermined("Q21", N_("没有项目起止日期或总目标。"))
        return
    total, year = same_name(sheet.goals_total or ""), same_name(sheet.goals)
    if not longer or not year:
        return
    if not total:
        yield case.say(
            "Q21",
            N_("项目跨年实施，还没有填写总目标。"),
            "goals_total",
            N_("总目标写整个周期的结果，年度目标写 %(year)s 年完成其中多少。"),
            year=sheet.year,
        )
    elif total == year or likeness(total, year) >= case.limit("same_goals"):
        yield case.say(
            "Q21",
            N_("总目标与年度目标相同（“%(goals)s……”），没有分解到本年。"),
            "goals",
            N_("年度目标只写 %(year)s 年的一份，并带上数量，例如“完成总量的三分之一”。"),
            goals=sheet.goals.strip()[:20],
            year=sheet.year,
        )


def check_results(case: Case) -> Outcome:
    """Q22: goals say what will have been reached, not only what will be done."""
    for name in ("goals", "goals_total"):
        text = getattr(case.sheet, name) or ""
        clauses = [_NUMBERING.sub("", clause).strip() for clause in _CLAUSE.split(text[:20_000])]
        clauses = [clause for clause in clauses if clause]
        done = [clause for clause in clauses if case.words("activity").find(clause)]
        if not done or any(_has_result(case, clause) for clause in clauses):
            continue
        yield case.say(
            "Q22",
            N_("“%(clause)s”只写了要做的工作（“%(word)s”），没有写做完达到什么结果。"),
            name,
            N_("补上数量和结果，例如“按期完成……不少于 120 件，合格率不低于 95%%”。"),
            clause=done[0][:40],
            word=case.words("activity").find(done[0]),
        )


def _has_result(case: Case, clause: str) -> bool:
    return bool(_RESULT_NUMBER.search(clause) or case.words("result").find(clause))


# --- duties, last year's grade, the approved goal -------------------------------------------------


def check_background(case: Case) -> Outcome:
    """Q35, Q36, Q37: the project follows from a duty, last year was good enough, and the goal came before the money."""
    yield from _check_duty(case)
    yield from _check_grade(case)
    sheet = case.sheet
    if sheet.budgeted is None or sheet.approved is None:
        yield Undetermined("Q37", N_("不知道目标是否批复、预算是否安排。"))
    elif sheet.budgeted and not sheet.approved:
        yield case.say(
            "Q37",
            N_("绩效目标还没有批复，项目已经安排了预算。"),
            "funds",
            N_("先送审绩效目标，批复后再安排预算。"),
        )


def _check_duty(case: Case) -> Outcome:
    sheet = case.sheet
    if not sheet.duties or not sheet.name:
        yield Undetermined("Q35", N_("没有部门职责可以对照。"))
    elif not any(serves(duty, sheet) for duty in sheet.duties):
        yield case.say(
            "Q35",
            N_("项目“%(name)s”与部门的 %(count)s 项职责都对不上。"),
            "name",
            N_("在项目概述中写明依据哪一项职责，或核对项目是否应由本部门承担。"),
            name=sheet.name,
            count=len(sheet.duties),
        )


def serves(duty: str, sheet: TargetSheet) -> bool:
    """Tell whether a sheet has to do with a duty: its name, or its overview and goals share enough words with it."""
    return _served(duty, _words_of(sheet.name or "", sheet.overview, sheet.goals))


def _words_of(name: str, overview: str, goals: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(pairs(name)), frozenset(pairs(overview) | pairs(goals))


def _served(duty: str, words: tuple[frozenset[str], frozenset[str]]) -> bool:
    wanted = pairs(duty)
    in_name, in_text = words
    return len(in_name & wanted) >= _TAIL or len(in_text & wanted) >= 2 * _TAIL


def duties_without_target(duties: Sequence[str], sheets: Sequence[TargetSheet]) -> list[str]:
    """Return the duties of a department that none of its sheets serves (Q35 for a whole department)."""
    return unserved(duties, [(sheet.name or "", sheet.overview, sheet.goals) for sheet in sheets])


def unserved(duties: Sequence[str], texts: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the duties that none of these projects serves, each given as name, overview and goals."""
    words = [_words_of(*text) for text in texts]
    return [duty for duty in duties if not any(_served(duty, of_one) for of_one in words)]


def _check_grade(case: Case) -> Outcome:
    sheet = case.sheet
    if sheet.last_evaluated is False:
        yield case.say(
            "Q36",
            N_("项目上年没有完成绩效自评，不能直接申请本年资金。"),
            "funds",
            N_("先补做上年自评，再送审本年目标。"),
        )
    elif not sheet.last_grade:
        yield Undetermined("Q36", N_("没有上年的评价等级。"))
    elif sheet.last_grade in case.words("poor_grade").items:
        yield case.say(
            "Q36",
            N_("项目上年评价等级为“%(grade)s”，原则上不再安排。"),
            "funds",
            N_("写明整改结果和继续安排的理由，或撤销项目、核减金额。"),
            grade=sheet.last_grade,
        )
    elif sheet.last_grade in case.words("weak_grade").items:
        yield case.say(
            "Q36",
            N_("项目上年评价等级为“%(grade)s”，需要先整改。"),
            "funds",
            N_("写明上年问题怎样整改，并据此调整今年的目标和金额。"),
            grade=sheet.last_grade,
        )
