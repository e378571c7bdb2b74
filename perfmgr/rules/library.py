"""The indicator library: what an entry says, where it belongs in a scheme, and how its name sounds."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE, SIGNS
from perfmgr.rules.library_fields import FIELDS, GENERAL
from perfmgr.rules.numbers import decimals, parse_number
from perfmgr.rules.refusals import Conflict, Invalid
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, Term, clean, clean_line, half_width, same_name

COMMON, OF_FIELD, OWN = "common", "field", "own"
SCOPES = {COMMON: N_("通用指标"), OF_FIELD: N_("分领域指标"), OWN: N_("自建指标")}
STATES = {"active": N_("可用"), "proposed": N_("待入库"), "retired": N_("已停用")}
BASES = {
    "plan": N_("计划标准"),
    "trade": N_("行业标准"),
    "history": N_("历史标准"),
    "budget": N_("预算支出标准"),
    "other": N_("其他"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an indicator measures, whatever a scheme calls it; ``places`` are words of level names, best first."""

    name: str
    group: str
    places: tuple[str, ...]


MEANINGS = {
    "quantity": Meaning(N_("数量"), "quantity", ("数量", "重点工作", "产出")),
    "quality": Meaning(N_("质量"), "quality", ("质量", "整体工作", "产出")),
    "timeliness": Meaning(N_("时效"), "timeliness", ("时效", "整体工作", "产出")),
    "cost": Meaning(N_("成本"), "cost", ("经济成本", "成本", "公用经费")),
    "economic": Meaning(N_("经济效益"), "benefit", ("经济效益", "效益", "效果")),
    "social": Meaning(N_("社会效益"), "benefit", ("社会效益", "效益", "效果")),
    "ecological": Meaning(N_("生态效益"), "benefit", ("生态效益", "社会效益", "效益", "效果")),
    "sustained": Meaning(N_("可持续影响"), "benefit", ("可持续", "社会效益", "效益", "效果")),
    "satisfaction": Meaning(N_("满意度"), "satisfaction", ("满意度",)),
    "input": Meaning(N_("投入"), "timeliness", ("资金到位", "投入", "预算执行", "时效")),
    "efficiency": Meaning(N_("效率"), "cost", ("单位成本", "效率", "经济成本", "成本")),
    "outcome": Meaning(N_("成果"), "benefit", ("可持续", "成果", "社会效益", "效益")),
}
# A complete set of indicators has one of each of these.
GROUPS = {
    "quantity": N_("数量指标"),
    "quality": N_("质量指标"),
    "timeliness": N_("时效指标"),
    "cost": N_("成本指标"),
    "benefit": N_("效益指标"),
    "satisfaction": N_("满意度指标"),
}


def place(scheme: Scheme, meaning: str) -> tuple[str, str] | None:
    """Return category code and second level under which this scheme keeps what is meant, or None."""
    for word in MEANINGS[meaning].places:
        for category in scheme.categories:
            for child in category.children:
                if word in child:
                    return category.code, child
        for category in scheme.categories:
            if word in category.name:
                return category.code, category.children[0] if category.children else ""
    return None


_TELLING = {
    "满意": "satisfaction",
    "时效": "timeliness",
    "资金到位": "timeliness",
    "成本": "cost",
    "公用经费": "cost",
    "数量": "quantity",
    "质量": "quality",
    "效益": "benefit",
    "效果": "benefit",
    "可持续": "benefit",
    "及时": "timeliness",
    "按期": "timeliness",
    "合格率": "quality",
}


def group_of(scheme: Scheme, category: str, subcategory: str, name: str) -> str:
    """Return the group of ``GROUPS`` an indicator of a sheet belongs to; empty when nothing tells."""
    known = scheme.category(category)
    for text in (subcategory, known.name if known else "", name):
        for word, group in _TELLING.items():
            if word in text:
                return group
    return ""


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical target value and the situation in which it is one."""

    value: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What an entry of the library says."""

    name: str
    meaning: str
    sign: str
    field: str = GENERAL
    unit: str = ""
    definition: str = ""
    formula: str = ""
    evidence: str = ""
    survey: str = ""
    words: str = ""
    basis: str = "plan"
    typical: tuple[Typical, ...] = ()

    @property
    def starting_value(self) -> str:
        """The value a new target starts from: the middle one of the typical values."""
        return self.typical[len(self.typical) // 2].value if self.typical else ""


def entry_of(data: Mapping[str, Any], field: str) -> EntryDraft:
    """Return one entry of the built-in files; raises Invalid when it is no usable entry.

    Typical values are written as ``90 一般水平``: the value and the situation.
    """
    pairs = (str(text).partition(" ") for text in data.get("typical") or ())
    draft = EntryDraft(
        name=str(data["name"]),
        meaning=str(data["meaning"]),
        sign=str(data["sign"]),
        field=field,
        unit=str(data.get("unit", "")),
        definition=str(data.get("definition", "")),
        formula=str(data.get("formula", "")),
        evidence=str(data.get("evidence", "")),
        survey=str(data.get("survey", "")),
        words=str(data.get("words", "")),
        basis=str(data.get("basis", "plan")),
        typical=tuple(Typical(value, when) for value, _blank, when in pairs),
    )
    require_entry(draft)
    return draft


def tidied(draft: EntryDraft) -> EntryDraft:
    """Return the draft as it is stored: lines cleaned, empty typical values left out."""
    cleaned = _cleaned(draft)
    return replace(cleaned, typical=tuple(t for t in cleaned.typical if t.value))


def _cleaned(draft: EntryDraft) -> EntryDraft:
    typical = tuple(Typical(half_width(clean_line(t.value)), clean_line(t.when)) for t in draft.typical)
    return EntryDraft(
        name=clean_line(draft.name),
        meaning=draft.meaning,
        sign=draft.sign,
        field=draft.field or GENERAL,
        unit=clean_line(draft.unit),
        definition=clean(draft.definition),
        formula=clean(draft.formula),
        evidence=clean_line(draft.evidence),
        survey=clean(draft.survey),
        words=" ".join(clean_line(draft.words).replace("、", " ").replace("，", " ").split()),
        basis=draft.basis,
        typical=typical,
    )


def require_entry(draft: EntryDraft) -> None:
    """Raise Invalid with everything that keeps the draft from being an entry, at the rows as they were given."""
    findings = list(_check_entry(_cleaned(draft)))
    if findings:
        raise Invalid(findings)


def _check_entry(draft: EntryDraft) -> Iterable[Finding]:
    if not draft.name:
        yield Finding("LIBRARY", N_("指标没有名称，请填写。"), "name")
    if draft.meaning not in MEANINGS:
        yield Finding("LIBRARY", N_("请选择指标考核的是什么（数量、质量、时效……）。"), "meaning")
    if draft.sign not in SIGNS:
        yield Finding("LIBRARY", N_("请选择符号：越大越好选 ≥，越小越好选 ≤。"), "sign")
    if draft.field not in FIELDS:
        yield Finding("LIBRARY", N_("请选择指标所属的领域。"), "field")
    if draft.basis not in BASES:
        yield Finding("LIBRARY", N_("请选择指标值的设定依据。"), "basis")
    if not draft.definition:
        yield Finding("LIBRARY", N_("请写明指标解释：考核什么、怎样算达到。"), "definition")
    if not draft.unit and draft.sign != QUALITATIVE:
        yield Finding("LIBRARY", N_("定量指标没有计量单位，请填写，例如 %%、个、万元。"), "unit")
    if draft.sign != QUALITATIVE:
        for n, typical in enumerate(draft.typical):
            value = parse_number(typical.value) if typical.value else Decimal(0)
            if value is None or decimals(value) > 6 or abs(value) >= Decimal(10) ** 12:
                yield Finding(
                    "LIBRARY",
                    N_("参考值“%(value)s”不是数字；定量指标的参考值请填数字，单位另填。"),
                    f"typical.{n}.value",
                    params={"value": typical.value[:40]},
                )


def justified(text: str) -> str:
    """Return the reason why no entry of the library fits; raises Invalid when it says nothing."""
    text = clean(text)
    if len(text) < 5:
        raise Invalid([Finding("LIBRARY", N_("请说明为什么指标库里没有合适的指标（至少 5 个字）。"), "justification")])
    return text


# --- searching ----------------------------------------------------------------------------------

_ASCII = re.compile("[a-z0-9]+")
_MOST_READINGS = 24
_MOST_SYLLABLES = 8  # of full pinyin; nobody types more before looking


def search_text(draft: EntryDraft) -> str:
    """Return everything words are looked for in, folded: name, key words, field and definition."""
    field = FIELDS[draft.field].name if draft.field in FIELDS else ""
    return " ".join(half_width(part) for part in (draft.name, draft.words, field, draft.definition)).casefold()


def search_words(text: str) -> list[str]:
    """Return the words somebody searches for; all of them must be found."""
    return half_width(clean_line(text)).casefold().split()[:8]


def by_sound(word: str) -> bool:
    """Tell whether this word may be typed pinyin."""
    return bool(_ASCII.fullmatch(word))


def sound_text(readings: Sequence[Sequence[str]]) -> str:
    """Return what typed pinyin is looked for in: initials and full pinyin from every syllable on.

    ``readings`` gives for each character its readings, the likely one first. Words stand between
    blanks, so that ``" myd"`` finds 满意度 wherever in the name it begins. Besides the likely
    reading each other reading of one character is kept (polyphones).
    """
    syllables = [[part for part in map(_spelled, options) if part] for options in readings]
    syllables = [options for options in syllables if options]
    found: dict[str, None] = {}
    for reading in _readings(syllables):
        for start in range(len(reading)):
            found.setdefault("".join(part[0] if part.isalpha() else part for part in reading[start:]))
        for start in range(len(reading)):
            found.setdefault("".join(reading[start : start + _MOST_SYLLABLES]))
    return "".join(f" {word}" for word in found)


def _spelled(text: str) -> str:
    return "".join(_ASCII.findall(half_width(text).casefold().replace("ü", "v")))


def _readings(syllables: Sequence[Sequence[str]]) -> Iterable[list[str]]:
    likely = [options[0] for options in syllables]
    yield likely
    left = _MOST_READINGS
    for position, options in enumerate(syllables):
        for other in options[1:]:
            if left and other != likely[position]:
                left -= 1
                yield [*likely[:position], other, *likely[position + 1 :]]


# --- comparing names ----------------------------------------------------------------------------

_NEAR, _WITHIN = 0.6, 0.75


def pairs_of(name: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a name, for comparing it with others."""
    key = same_name(name)
    return frozenset(key[n : n + 2] for n in range(len(key) - 1)) or frozenset((key,))


def near(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two names, given as pairs of characters, say nearly the same, or one is the other made longer."""
    common, shorter = len(one & other), min(len(one), len(other))
    return common >= _NEAR * (len(one) + len(other) - common) or (shorter > 2 and common >= _WITHIN * shorter)


def known_near(name: frozenset[str], names: Collection[frozenset[str]]) -> bool:
    """Tell whether a name is nearly one of these."""
    return any(near(name, other) for other in names)


# --- steps --------------------------------------------------------------------------------------

# Which state each step starts from and leads to. Approval also takes the entry over to the common library.
STEPS = {
    "propose": ("active", "proposed"),
    "take_back": ("proposed", "active"),
    "approve": ("proposed", "active"),
    "decline": ("proposed", "active"),
    "retire": ("active", "retired"),
    "restore": ("retired", "active"),
}


def state_after(step: str, state: str) -> str:
    """Return the state a step leads to; raises Conflict when the entry is in another one."""
    start, end = STEPS[step]
    if state != start:
        raise Conflict(
            N_("这项指标当前为“%(state)s”，不能再进行此项操作，请刷新页面查看最新情况。"), state=Term(STATES[state])
        )
    return end
