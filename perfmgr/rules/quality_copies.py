"""Rules about repetition: the same thing twice in a sheet, and texts of other projects (Q14)."""

from itertools import combinations

from perfmgr.rules.likeness import as_alike, pairs
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.quality_case import Case, Outcome, Read, Undetermined
from perfmgr.rules.texts import N_, Term

_HEAD = 4  # characters two names must begin with to be about the same thing
_TAIL = 4
_FIELDS = {"goals": N_("年度目标"), "goals_total": N_("总目标"), "overview": N_("项目概述"), "plan": N_("实施方案")}


def check_duplicates(case: Case) -> Outcome:
    """Q14: no indicator stands twice, under the same name or nearly the same one."""
    seen: dict[str, int] = {}
    single: list[Read] = []
    for read in case.lines:
        if read.name and read.name in seen:
            yield case.say(
                "Q14",
                N_("第 %(number)s 项指标“%(name)s”与第 %(first)s 项重名，请删除一项或改写名称。"),
                read.at("name"),
                N_("考核的是同一件事就删去一项并把分值并入另一项；不是同一件事就写明区别。"),
                number=read.n + 1,
                name=read.line.name,
                first=seen[read.name] + 1,
            )
        elif read.name:
            seen[read.name] = read.n
            single.append(read)
    sets = {read.n: pairs(read.name) for read in single}
    near, least = case.limit("near_duplicate"), case.limit("same_head_duplicate")
    for first, second in combinations(single, 2):
        a, b = sets[first.n], sets[second.n]
        # Nearly all pairs of indicators have nothing in common.
        if as_alike(a, b, least) and _alike(case, first, second, as_alike(a, b, near)):
            yield case.say(
                "Q14",
                N_("第 %(number)s 项指标“%(name)s”与第 %(first)s 项“%(other)s”考核的几乎是同一件事。"),
                second.at("name"),
                N_("合并成一项，分值相加；确是两件事的，各写清对象和不同的目标值。"),
                number=second.n + 1,
                name=second.line.name,
                first=first.n + 1,
                other=first.line.name,
            )


def _alike(case: Case, first: Read, second: Read, near: bool) -> bool:
    if _meanings_differ(case, first.name, second.name) or _numbered_apart(first.name, second.name):
        return False
    if near:
        return True
    a, b = first.line, second.line
    if a.value is None or (a.sign, a.value, a.unit) != (b.sign, b.value, b.unit) or first.place != second.place:
        return False
    head = _common_head(first.name, second.name)
    return head >= _HEAD and max(len(first.name), len(second.name)) - head <= _TAIL


def _common_head(first: str, second: str) -> int:
    head = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        head += 1
    return head


def _meanings_differ(case: Case, first: str, second: str) -> bool:
    """Tell whether the names ask for different things about the same: how good, how soon, how many, how dear."""
    asked = [
        {kind for kind in ("quality", "timeliness", "cost", "satisfaction", "quantity") if case.words(kind).find(name)}
        for name in (first, second)
    ]
    if asked[0] and asked[1] and not asked[0] & asked[1]:
        return True
    measures = [[word for word in case.words("measures").items if name.endswith(word)] for name in (first, second)]
    return bool(measures[0] and measures[1] and measures[0] != measures[1])


def _numbered_apart(first: str, second: str) -> bool:
    """Tell whether only a number or one letter of an enumeration differs: 一季度, 二季度; A线, B线."""
    head = _common_head(first, second)
    tail = _common_head(first[head:][::-1], second[head:][::-1])
    rests = (first[head : len(first) - tail], second[head : len(second) - tail])
    return all(rests) and all(
        set(rest) <= set("0123456789abcdefgh一二三四五六七八九十上下东南西北男女新旧大中小内外进出") for rest in rests
    )


def check_copies(case: Case) -> Outcome:
    """Q14: the texts were written for this project."""
    if case.sheet.alike is None:
        yield Undetermined("Q14", N_("没有其他项目的文字可以比较。"))
        return
    for found in case.sheet.alike:
        if found.field == "indicators":
            yield case.say(
                "Q14",
                N_("绩效指标有 %(share)s%% 与项目“%(project)s”相同：名称相近，目标值一样。"),
                "indicators",
                N_("按本项目自己的任务和规模重新核定指标和目标值；确属同一类项目的，至少换成本项目的数字。"),
                project=found.project,
                share=plain(half_up(found.share * 100, 0)),
            )
        elif found.field in _FIELDS:
            yield case.say(
                "Q14",
                N_("“%(field)s”与项目“%(project)s”的文字有 %(share)s%% 相同。"),
                found.field,
                N_("写明本项目自己的对象、数量和结果；确属同类项目的，至少换成本项目的数字。"),
                field=Term(_FIELDS[found.field]),
                project=found.project,
                share=plain(half_up(found.share * 100, 0)),
            )
