"""Rules about target values: vague, contradictory, too easy, too absolute (Q03, Q10, Q15, Q16, Q34)."""

import re
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import REVERSE, target_text
from perfmgr.rules.money import wan_exact
from perfmgr.rules.numbers import plain
from perfmgr.rules.quality_case import Case, Outcome, Read, Undetermined
from perfmgr.rules.target_values import misread
from perfmgr.rules.texts import N_, same_name

_HUNDRED = Decimal(100)
_MEASURED = re.compile(
    r"\d|[一二两三四五六七八九十百千万]{1,8}(?:个|项|次|人|名|场|期|件|份|户|家|台|套|级|等|成|倍|篇|年|月|日|天|小时|分钟|％|%)|百分之"
)
_WRITTEN_UNIT = re.compile(r"\d\s?\(?([^\d\s().,]{1,6})\)?$")


def check_vague(case: Case) -> Outcome:
    """Q03: a target says what will be measured, not that it will be good."""
    for read in case.lines:
        text = same_name(read.line.text)
        if not read.qualitative or not text or _MEASURED.search(text) or case.words("standard").find(text):
            continue
        word = case.words("vague").find(text)
        if word:
            yield _vague(case, read, text, word)


def _vague(case: Case, read: Read, text: str, word: str) -> Finding:
    suggestion, params = _instead(case, read, text)
    return case.say(
        "Q03",
        N_("指标“%(name)s”的目标值“%(target)s”笼统（“%(word)s”没有标准），年末无法判断是否达成。"),
        read.at("target"),
        suggestion,
        name=read.line.name,
        target=read.line.text,
        word=word,
        **params,
    )


def _instead(case: Case, read: Read, text: str) -> tuple[str, dict[str, object]]:
    """Return a measurable target for this very indicator, from what the sheet knows."""
    last = (case.sheet.last or {}).get(read.name)
    if last and last.actual:
        return N_("写出比上年的实际高多少，例如“≥ %(last)s%(unit)s”（上年实际 %(last)s%(unit)s）。"), {
            "last": plain(last.actual),
            "unit": last.unit or read.line.unit,
        }
    if ("cost" in read.place and len(read.place) == 1) or case.words("cost").find(read.name):
        if case.sheet.annual_amount > 0:
            return N_("改为“项目总成本 ≤ %(annual)s 万元”。"), {"annual": wan_exact(case.sheet.annual_amount)}
        return N_("改为“项目总成本 ≤ 预算金额（万元）”。"), {}
    if read.place == {"satisfaction"} or case.words("satisfaction").find(read.name + text):
        return N_("改为“%(name)s ≥ 90%%”，并写明问卷份数。"), {}
    if read.place == {"timeliness"} or case.words("timeliness").find(read.name):
        if case.sheet.end_on:
            return N_("写出日期或比率，例如“%(end)s 前完成”，或“按期完成率 ≥ 95%%”。"), {"end": case.sheet.end_on}
        return N_("写出日期或比率，例如“12 月底前完成”，或“按期完成率 ≥ 95%%”。"), {}
    if read.place == {"quality"}:
        return N_("改为比率，例如“验收合格率 ≥ 95%%”。"), {}
    what = read.line.name
    for verb in (*case.words("up").items, *case.words("down").items):
        what = what.removeprefix(verb)
    if case.words("down").find(text + read.name):
        return N_("写出数字，例如“%(what)s较上年下降 ≥ 10%%”，或“≤ 3 起”，并注明上年实际。"), {"what": what}
    return N_("写出数字，例如“%(what)s较上年提高 ≥ 10%%”，并注明上年实际；不能量化的写明达到什么程度为达成。"), {
        "what": what
    }


# --- unit and value -------------------------------------------------------------------------------


def check_units(case: Case) -> Outcome:
    """Q10, Q34: unit, value and name do not contradict each other."""
    for read in case.lines:
        line = read.line
        if read.qualitative:
            continue
        damaged = _damaged(case, read)
        if damaged:
            yield damaged
        if line.unit in case.book.units["percent_in_words"]:
            yield case.say(
                "Q10",
                N_("指标“%(name)s”的单位写成了“%(unit)s”，“%(target)s”读不通。"),
                read.at("unit"),
                N_("单位改为 %%，目标写成“%(right)s”。"),
                name=line.name,
                unit=line.unit,
                target=read.target,
                right=target_text(line.sign or "eq", line.value, "", "%"),
            )
            continue
        yield from _two_units(case, read)
        if not (damaged and not line.sign):
            yield from _share(case, read)
        yield from _no_share(case, read)


def _damaged(case: Case, read: Read) -> Finding | None:
    """Q34: ``290%`` for ``≥90%``."""
    rest = misread(read.line.value, read.line.unit)
    if rest is None or not _is_share(case, read):
        return None
    return case.say(
        "Q34",
        N_("指标“%(name)s”的目标“%(target)s”像是“≥%(rest)s%%”识别错了。"),
        read.at("target"),
        N_("请对照原件；如是识别错误，改为“≥%(rest)s%%”。"),
        name=read.line.name,
        target=read.target,
        rest=plain(rest),
    )


def _is_share(case: Case, read: Read) -> bool:
    return bool(case.words("share_name").find(read.name)) and not case.words("not_share").find(read.name)


def _two_units(case: Case, read: Read) -> Outcome:
    found = _WRITTEN_UNIT.search(read.line.written)
    if found and read.line.unit and found.group(1) != read.line.unit:
        yield case.say(
            "Q10",
            N_("指标“%(name)s”的目标写的是“%(written)s”，单位栏却是“%(unit)s”。"),
            read.at("unit"),
            N_("数值栏只填数字，单位栏填“%(right)s”；请核对哪一个对。"),
            name=read.line.name,
            written=read.line.written,
            unit=read.line.unit,
            right=found.group(1),
        )


def _share(case: Case, read: Read) -> Outcome:
    """Q10: a share is at most 100 %, and has no unit of money or things."""
    line = read.line
    if not _is_share(case, read) or line.value is None:
        return
    if line.unit == "%" and line.value > _HUNDRED and not case.words("over_hundred").find(read.name):
        yield case.say(
            "Q10",
            N_("“%(name)s”是部分占全部的比率，不能超过 100%%，现在是“%(target)s”。"),
            read.at("target"),
            N_("改为不高于 100%% 的目标；考核增长的，名称请写“……增长率”。"),
            name=line.name,
            target=read.target,
        )
    elif line.unit in case.book.units["money"] or line.unit in case.book.units["count"]:
        yield case.say(
            "Q10",
            N_("“%(name)s”是比率，单位却是“%(unit)s”。"),
            read.at("unit"),
            N_("单位改为 %%，写成“%(name)s %(right)s”；考核数量的，名称请改为“……数”。"),
            name=line.name,
            unit=line.unit,
            right=target_text(line.sign or "ge", min(line.value, _HUNDRED), "", "%"),
        )


def _no_share(case: Case, read: Read) -> Outcome:
    """Q10: an amount or a number of things has no percent sign."""
    word = case.words("amount_name").find(read.name) or case.words("count_name").find(read.name)
    if word and read.line.unit == "%" and not case.words("not_percent").find(read.name):
        money = bool(case.words("amount_name").find(read.name))
        yield case.say(
            "Q10",
            N_("“%(name)s”是%(what)s，单位却是 %%。"),
            read.at("unit"),
            N_("单位改为“%(unit)s”；考核比率的，名称请写“……率”。"),
            name=read.line.name,
            what=word,
            unit="万元" if money else "个（人、次、件）",
        )


# --- how high the target is -----------------------------------------------------------------------


def check_easy(case: Case) -> Outcome:
    """Q15: the target is not below what was reached last year."""
    if case.sheet.last is None:
        yield Undetermined("Q15", N_("没有上年的实际完成值。"))
        return
    share = case.limit("easy_share")
    for read in case.lines:
        line, last = read.line, case.sheet.last.get(read.name)
        if not last or last.actual is None or line.value is None or last.actual <= 0:
            continue
        if last.unit and last.unit != line.unit:
            continue
        usual = "satisfaction" in read.place and line.unit == "%" and line.value >= case.limit("satisfaction_usual")
        easy_forward = line.sign not in REVERSE and line.value <= last.actual * share
        easy_reverse = line.sign in REVERSE and line.value * share >= last.actual
        if (easy_forward or easy_reverse) and not usual:
            yield case.say(
                "Q15",
                N_("指标“%(name)s”的目标是“%(target)s”，上年实际已做到 %(last)s%(unit)s，目标偏低。"),
                read.at("target"),
                N_("改为“%(right)s”，确有原因不能保持的请写明。"),
                name=line.name,
                target=read.target,
                last=plain(last.actual),
                unit=line.unit,
                right=target_text(line.sign or "ge", last.actual, "", line.unit),
            )


def check_absolute(case: Case) -> Outcome:
    """Q16: not everything is 100 % or nothing at all."""
    full = [
        read
        for read in case.lines
        if read.line.unit == "%" and read.line.value == _HUNDRED and read.line.sign not in REVERSE
    ]
    if len(full) >= case.limit("absolute_lines") and len(full) > case.limit("absolute_share") * len(case.lines):
        yield case.say(
            "Q16",
            N_("%(all)s 项指标中有 %(count)s 项是 100%%，缺少测算。"),
            "indicators",
            N_("只有法定必须全部做到的保留 100%%；其余按上年实际设定，例如把“%(name)s”改为“≥95%%”。"),
            all=len(case.lines),
            count=len(full),
            name=full[-1].line.name,
        )
    allowed = case.words("zero_allowed")
    for read in case.lines:
        word = case.words("zero").find(f"{read.name} {read.line.text}")
        if word and not allowed.find(read.name):
            yield _zero(case, word, read.at("target"))
    for sentence in re.split("[。；;\n]", case.sheet.goals):
        word = case.words("zero").find(sentence)
        if word and not allowed.find(sentence):
            yield _zero(case, word, "goals")
            break


def _zero(case: Case, word: str, at: str) -> Finding:
    return case.say(
        "Q16",
        N_("“%(word)s”过于绝对，出现一例就算没有完成。"),
        at,
        N_("按上年实际设一个做得到的数，例如“≤ 3 起”，或“及时处置率 ≥ 95%%”。"),
        word=word,
    )
