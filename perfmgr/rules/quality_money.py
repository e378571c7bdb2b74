"""Rules about money: targets of cost, sums of funds, and amounts in the texts (Q17–Q20)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.money import WAN, wan_exact
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.quality_case import Case, Outcome, Read, Undetermined, say
from perfmgr.rules.targets import TargetSheet
from perfmgr.rules.texts import N_, Term, half_width

_FACTORS = {"亿元": WAN * WAN, "万元": WAN, "千元": Decimal(1000), "元": Decimal(1)}
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)(亿元|万元|元)(?!/)")
# What may stand between the year and its amount; anything else (宣传经费, 其中 …) makes it a part of the whole.
_BETWEEN = re.compile(
    "年度|年|度|拟|计划|共计|合计|总计|共|区|市|县|省|本级|级|财政|投入|安排|申请|核定|批复|下达|编制|该|本|此|项目|预算|资金|经费|"
    "专项|金额|总额|支出|需要|需求|需|一般公共|拨款|为|约|是|的|由|:|,"
)
_THIS_YEAR = "(?:本年度|本年|当年|今年|{year}年)"
_YEAR = re.compile(r"(20\d{2})年")
_SENTENCE = re.compile(r"[。；;\n]")
_NARRATIVES = ("overview", "plan", "goals", "budget_note")
_NAMES = {
    "overview": N_("项目概述"),
    "plan": N_("实施方案"),
    "goals": N_("年度目标"),
    "budget_note": N_("年度预算安排"),
}
_LONGEST = 20_000  # characters of a text that are searched


@dataclass(frozen=True, slots=True)
class _Amount:
    yuan: Decimal
    shown: str


def check_amounts(sheet: TargetSheet) -> Outcome:
    """Q18, Q19: the year's funds add up to the year's amount, which is not above the total."""
    known = "annual_amount" not in sheet.unknown
    if sheet.funds is None or not known:
        yield Undetermined("Q18", N_("表中没有分来源的资金或年度资金总额。"))
    elif sheet.funds:
        total = sum((amount for _source, amount in sheet.funds), Decimal(0))
        if total != sheet.annual_amount:
            gap = total - sheet.annual_amount
            yield say(
                "Q18",
                N_("各来源资金合计 %(sum)s 万元，年度资金总额为 %(annual)s 万元，两者应相等。"),
                "funds",
                N_("合计多出 %(gap)s 万元：把年度资金总额改为 %(sum)s 万元，或核减其中一项。")
                if gap > 0
                else N_("合计还差 %(gap)s 万元：补上漏填的来源，或把年度资金总额改为 %(sum)s 万元。"),
                sum=wan_exact(total),
                annual=wan_exact(sheet.annual_amount),
                gap=wan_exact(abs(gap)),
            )
    if sheet.total_amount is None or not known:
        yield Undetermined("Q19", N_("表中没有项目总额。"))
    elif sheet.annual_amount > sheet.total_amount:
        yield say(
            "Q19",
            N_("本年度预算 %(annual)s 万元超过项目总额 %(total)s 万元，请核对其中一个。"),
            "funds",
            N_("一年完成的项目两者相等；跨年项目的总额应包含各年，请核对单位是万元还是元。"),
            # With every digit: rounded to two decimals the two could look equal.
            annual=wan_exact(sheet.annual_amount),
            total=wan_exact(sheet.total_amount),
        )


def amounts(text: str) -> Iterator[_Amount]:
    """Yield every amount of a text in yuan, with the words in which it stands there."""
    for number, unit in _AMOUNT.findall(text):
        yield _Amount(Decimal(number.replace(",", "")) * _FACTORS[unit], f"{number}{unit}")


def _tight(text: str) -> str:
    return "".join(half_width(text[:_LONGEST]).split(" ")).replace("，", ",")


def check_narratives(case: Case) -> Outcome:
    """Q19, Q20: the year's amount in the texts is that of the form, after conversion of units."""
    sheet = case.sheet
    if "annual_amount" in sheet.unknown or sheet.annual_amount <= 0 or "year" in sheet.unknown:
        for code in ("Q19", "Q20"):
            yield Undetermined(code, N_("没有年度或年度资金总额，无法与文字核对。"))
        return
    for name in _NARRATIVES:
        text = _tight(getattr(sheet, name) or "")
        for amount in _annual_amounts(text, sheet):
            if amount.yuan != sheet.annual_amount:
                yield case.say(
                    "Q19",
                    N_("“%(field)s”里写的本年度金额是“%(written)s”，表内年度资金总额是 %(annual)s 万元。"),
                    name if name != "budget_note" else "funds",
                    N_("把文字改为 %(annual)s 万元（%(yuan)s 元），或更正表内金额；不要把总额写成年度金额。"),
                    field=Term(_NAMES[name]),
                    written=amount.shown,
                    annual=wan_exact(sheet.annual_amount),
                    yuan=f"{half_up(sheet.annual_amount):,}",
                )
    yield from _check_note(case)


def _annual_amounts(text: str, sheet: TargetSheet) -> Iterator[_Amount]:
    """Yield the amounts that a text calls those of the whole year, one a sentence at most."""
    cue = re.compile(_THIS_YEAR.format(year=sheet.year))
    own_name = _tight(sheet.name or "")
    for sentence in _SENTENCE.split(text):
        found = list(amounts(sentence))
        # A sentence with several amounts lists parts, other years or a total: it is right when one of them fits.
        if not found or any(amount.yuan == sheet.annual_amount for amount in found):
            continue
        if len(found) > 1 and sum(amount.yuan for amount in found) == sheet.annual_amount:
            continue
        if own_name:
            sentence = sentence.replace(own_name, "项目")
        start = cue.search(sentence)
        number = _AMOUNT.search(sentence, start.end()) if start else None
        if start and number and not _BETWEEN.sub("", sentence[start.end() : number.start()]):
            yield next(amounts(number.group()))


def _check_note(case: Case) -> Outcome:
    note = case.sheet.budget_note
    if note is None:
        yield Undetermined("Q20", N_("表中没有“年度预算安排”的文字。"))
        return
    text = _tight(note)
    years = {int(year) for year in _YEAR.findall(text)}
    this_year = re.search(_THIS_YEAR.format(year=case.sheet.year), text)
    if note and (not list(amounts(text)) or (years and not this_year)):
        if any(amount.yuan == case.sheet.annual_amount for amount in amounts(text)):
            return
        yield case.say(
            "Q20",
            N_("“年度预算安排”没有写 %(year)s 年安排多少，只见“%(note)s”。"),
            "funds",
            N_("补一句“%(year)s 年安排 %(annual)s 万元”，总额和往年金额另写。"),
            year=case.sheet.year,
            note=note[:40],
            annual=wan_exact(case.sheet.annual_amount),
        )


# --- targets of cost ------------------------------------------------------------------------------


def check_costs(case: Case) -> Outcome:
    """Q17: targets of cost fit the year's amount, and unit cost times quantity does."""
    if "annual_amount" in case.sheet.unknown or case.sheet.annual_amount <= 0:
        yield Undetermined("Q17", N_("没有年度资金总额，无法与成本指标核对。"))
        return
    costs = [(read, yuan) for read in case.lines if (yuan := _cost(case, read)) is not None]
    totals = [(read, yuan) for read, yuan in costs if case.words("total_cost").find(read.name)]
    units = [(read, yuan) for read, yuan in costs if case.words("unit_cost").find(read.name) or "/" in read.line.unit]
    for read, yuan in totals:
        yield from _compare_total(case, read, yuan)
    parts = [(read, yuan) for read, yuan in costs if (read, yuan) not in totals and (read, yuan) not in units]
    whole = sum((yuan for _read, yuan in parts), Decimal(0))
    if len(parts) > 1 and whole > max(case.sheet.annual_amount, case.sheet.total_amount or 0):
        yield case.say(
            "Q17",
            N_("各项成本指标合计 %(sum)s 万元，超过年度资金总额 %(annual)s 万元。"),
            parts[0][0].at("target"),
            N_("核减 %(gap)s 万元，或说明由其他资金承担。"),
            sum=wan_exact(whole),
            annual=wan_exact(case.sheet.annual_amount),
            gap=wan_exact(whole - case.sheet.annual_amount),
        )
    if len(units) == 1:
        yield from _compare_unit(case, *units[0], only=len(costs) == 1)


def _cost(case: Case, read: Read) -> Decimal | None:
    """Return the yuan of a target of cost, or None when the indicator is none."""
    unit = read.line.unit.split("/")[0]
    if read.line.value is None or unit not in _FACTORS or read.line.value <= 0:
        return None
    is_cost = "cost" in read.place and len(read.place) < len(case.book.places)
    if not (is_cost and read.place <= {"cost", "input"}) and not case.words("cost").find(read.name):
        return None
    return read.line.value * _FACTORS[unit]


def _compare_total(case: Case, read: Read, yuan: Decimal) -> Outcome:
    annual = case.sheet.annual_amount
    tolerance = case.limit("money_tolerance")
    if yuan > annual and yuan <= (case.sheet.total_amount or 0):
        return  # the cost of the whole term
    if yuan > annual or yuan < annual * (1 - tolerance):
        yield case.say(
            "Q17",
            N_("指标“%(name)s”的目标 %(target)s 与年度资金总额 %(annual)s 万元对不上。"),
            read.at("target"),
            N_("改为“%(name)s ≤ %(annual)s 万元”，或相应调整申请的金额。"),
            name=read.line.name,
            target=read.target,
            annual=wan_exact(annual),
        )


def _compare_unit(case: Case, read: Read, yuan: Decimal, *, only: bool) -> Outcome:
    """Compare unit cost times quantity with the budget, where it is plain which quantity is meant."""
    counted = _counted(case, read)
    if counted is None or case.words("per_time").find(read.name + read.line.unit):
        return
    quantity = counted.line.value or Decimal(0)
    product, annual, tolerance = yuan * quantity, case.sheet.annual_amount, case.limit("money_tolerance")
    if product > annual * (1 + tolerance) or (only and product < annual * (1 - tolerance)):
        fitting = half_up(annual / quantity / _FACTORS[read.line.unit.split("/")[0]])
        yield case.say(
            "Q17",
            N_(
                "“%(name)s”%(target)s 乘以“%(counted)s”%(count)s 等于 %(product)s 万元，与年度资金总额 %(annual)s 万元相差超过 %(limit)s%%。"
            ),
            read.at("target"),
            N_("按这个数量，“%(name)s”约为 %(fitting)s %(unit)s；否则请核对数量或金额。"),
            name=read.line.name,
            target=read.target,
            counted=counted.line.name,
            count=counted.target,
            product=wan_exact(half_up(product)),
            annual=wan_exact(annual),
            limit=plain(tolerance * 100),
            fitting=plain(fitting),
            unit=read.line.unit,
        )


def _counted(case: Case, cost: Read) -> Read | None:
    """Return the one quantity that a unit cost is meant for, or None when that is not plain."""
    counts = [
        read
        for read in case.lines
        if read is not cost
        and "quantity" in read.place
        and read.line.value
        and read.line.value > 0
        and read.line.unit not in case.book.units["percent"]
    ]
    wanted = _DENOMINATORS.get(cost.line.unit.partition("/")[2]) or next(
        (units for word, units in _PER.items() if word in cost.name), None
    )
    if wanted:
        counts = [read for read in counts if read.line.unit in wanted]
    return counts[0] if len(counts) == 1 else None


_PEOPLE = ("人", "名", "人次")
_DENOMINATORS = {
    "人": _PEOPLE,
    "人次": _PEOPLE,
    "个": ("个",),
    "台": ("台", "套"),
    "套": ("套", "台"),
    "户": ("户",),
    "次": ("次", "场"),
    "场": ("场", "次", "场次"),
    "期": ("期", "班次"),
    "份": ("份",),
    "公里": ("公里",),
    "平方米": ("平方米",),
    "册": ("册", "本"),
}
_PER = {
    "人均": _PEOPLE,
    "每人": _PEOPLE,
    "每名": _PEOPLE,
    "每户": ("户",),
    "户均": ("户",),
    "每台": ("台", "套"),
    "每套": ("套", "台"),
    "每场": ("场", "次", "场次"),
    "每期": ("期", "班次"),
    "每次": ("次", "场"),
    "每平方米": ("平方米",),
    "每公里": ("公里",),
    "每份": ("份",),
    "每册": ("册", "本"),
    "每家": ("家",),
    "每辆": ("辆",),
}
