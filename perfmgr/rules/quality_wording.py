"""Rules about wording: two questions in one, forms' own hints left in, lengths (Q13, Q32, Q33)."""

import re
from collections.abc import Iterator

from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.quality_case import Case, Outcome, Read
from perfmgr.rules.texts import N_, Term, half_width, same_name

_AND = re.compile("以及|并且|[和及并、与且]")
_VALUES = re.compile(r"\d+(?:\.\d+)?\s*[^\d\s、,;/.%％]{0,3}[%％]?\s*[、,;/]\s*[≥≤><=]?\s*\d")
_TEXTS = {
    "name": N_("项目名称"),
    "overview": N_("项目概述"),
    "rationale": N_("立项理由"),
    "body": N_("实施主体"),
    "plan": N_("实施方案"),
    "goals": N_("年度目标"),
    "goals_total": N_("总目标"),
    "budget_note": N_("年度预算安排"),
}
_LONGEST = 20_000


def check_single(case: Case) -> Outcome:
    """Q13: one indicator asks one question."""
    for read in case.lines:
        parts = two_questions(case, read)
        if parts:
            yield case.say(
                "Q13",
                N_("指标“%(name)s”一项问了两件事：“%(first)s”和“%(second)s”。"),
                read.at("name"),
                N_("拆成两项，各写自己的目标值，分值分开。"),
                name=read.line.name,
                first=parts[0],
                second=parts[1],
            )
        elif read.line.sign != QUALITATIVE and _VALUES.search(half_width(read.line.written or read.line.text)[:200]):
            yield case.say(
                "Q13",
                N_("指标“%(name)s”的目标“%(target)s”里有两个数值。"),
                read.at("target"),
                N_("拆成两项，各写自己的目标值，分值分开。"),
                name=read.line.name,
                target=read.target[:60],
            )


def two_questions(case: Case, read: Read) -> tuple[str, str] | None:
    """Return the two questions of an indicator's name, or None.

    ``养老和医疗保险参保率`` is one: the parts share one measure. Two are asked when the first part has a measure
    of its own, or when both parts are actions with an object of their own.
    """
    name = case.words("fixed_pairs").without(read.name, "＿＿")
    for found in _AND.finditer(name):
        first, second = name[: found.start()], name[found.end() :]
        if len(first) < 2 or len(second) < 2:
            continue
        if _ends_in_measure(case, first) and _measured(case, second):
            return _shown(read, found.start(), found.end())
        if _acts_on(case, first) and _acts_on(case, second):
            return _shown(read, found.start(), found.end())
    return None


def _shown(read: Read, start: int, end: int) -> tuple[str, str]:
    return read.name[:start], read.name[end:]


def _ends_in_measure(case: Case, part: str) -> bool:
    return part.endswith(case.words("measures").items)


def _measured(case: Case, part: str) -> bool:
    return bool(case.words("measures").find(part)) and not part.startswith(("其", "占"))


def _acts_on(case: Case, part: str) -> bool:
    """Tell whether a part names an action and what is acted on, before or after it."""
    word = case.words("actions").find(part)
    if not word:
        return False
    before, _word, after = part.partition(word)
    after = case.words("measures").without(after).replace("完成", "").replace("及时", "")
    before = before.replace("完成", "").replace("按要求", "")
    return len(before) >= 2 or len(after) >= 2


# --- left-over hints and lengths ------------------------------------------------------------------


def texts(case: Case) -> Iterator[tuple[str, object, str]]:
    """Yield path, name and content of every text of a sheet."""
    for name, label in _TEXTS.items():
        content = getattr(case.sheet, name)
        if content:
            yield name, Term(label), content
    for read in case.lines:
        line = read.line
        for part, content in (("name", line.name), ("target", line.text), ("evidence", line.evidence or "")):
            if content:
                yield read.at(part), line.name[:30], content


def check_placeholders(case: Case) -> Outcome:
    """Q32: the form's own hints have been replaced."""
    for at, label, content in texts(case):
        word = case.words("placeholder").find(content[:_LONGEST])
        if word:
            yield case.say(
                "Q32",
                N_("“%(field)s”里还留着模板的提示文字“%(word)s”。"),
                at,
                N_("删去提示文字，写上实际内容；没有内容的留空。"),
                field=label,
                word=word,
            )


def check_lengths(case: Case) -> Outcome:
    """Q33: texts are as long as the form allows, and long enough to say something."""
    for name in ("goals", "goals_total"):
        content = same_name(getattr(case.sheet, name) or "")
        if len(content) > case.limit(name):
            yield _too_long(case, name, Term(_TEXTS[name]), len(content), int(case.limit(name)))
        elif 0 < len(content) < case.limit("shortest_goals"):
            yield case.say(
                "Q33",
                N_("“%(field)s”只有 %(count)s 个字，说不清要达到什么。"),
                name,
                N_("写明对象、数量和结果，例如“全年培训 1,500 人次，测评合格率不低于 95%%”。"),
                field=Term(_TEXTS[name]),
                count=len(content),
            )
    for read in case.lines:
        for part, content, limit in (
            ("name", read.line.name, "indicator_name"),
            ("target", read.line.text, "target_text"),
        ):
            if len(content) > case.limit(limit):
                yield _too_long(case, read.at(part), read.line.name[:30], len(content), int(case.limit(limit)))


def _too_long(case: Case, at: str, label: object, count: int, limit: int) -> Finding:
    return case.say(
        "Q33",
        N_("“%(field)s”有 %(count)s 个字，超过 %(limit)s 个字。"),
        at,
        N_("至少删去 %(over)s 个字，只留结果和数字，过程写到实施方案里。"),
        field=label,
        count=count,
        limit=limit,
        over=count - limit,
    )
