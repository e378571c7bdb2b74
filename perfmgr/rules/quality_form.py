"""Rules about the form itself: what must be filled in, periods, weights and counts (Q01, Q02, Q04–Q07)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.quality_case import OUTPUT_KINDS, Case, Outcome, Undetermined, say
from perfmgr.rules.schemes import FULL_MARKS, Category, Scheme
from perfmgr.rules.target_values import misread
from perfmgr.rules.targets import TargetLine, TargetSheet
from perfmgr.rules.texts import N_, Named, Term

_REQUIRED = (
    (
        "name",
        N_("“项目名称”还没有填写，请填写项目全称。"),
        N_("项目名称应能看出做什么，例如“社区党组织服务群众经费”。"),
    ),
    ("unit_name", N_("“实施单位”还没有填写，请填写承担项目的预算单位。"), ""),
    (
        "overview",
        N_("“项目概述”还没有填写，请写明项目做什么、为什么做。"),
        N_("用两三句话写清对象、内容和范围，例如“对全区 38 个社区……”。"),
    ),
    (
        "bases",
        N_("“立项依据”还没有填写，请至少列出一项依据的文件名称和文号。"),
        N_("例如《……管理办法》（大组〔2022〕101号）。"),
    ),
    ("body", N_("“实施主体”还没有填写，请写明具体组织实施的部门或单位。"), ""),
    ("plan", N_("“实施方案”还没有填写，请写明怎样实施。"), N_("按先后写明由谁、在什么时候、做哪几步。")),
    (
        "goals",
        N_("“主要目标”还没有填写，请写明本年度要达到的结果。"),
        N_("写结果和数量，例如“全年举办培训 12 期，参训 1,500 人次，测评合格率不低于 95%%”。"),
    ),
    ("step_spans", N_("“步骤和计划”还没有填写，请至少列出一个步骤。"), ""),
    ("start_on", N_("“实施周期”还没有填写，请填写开始日期。"), ""),
    ("end_on", N_("“实施周期”还没有填写，请填写结束日期。"), ""),
)


def check_required(sheet: TargetSheet) -> Outcome:
    """Q01: everything the form asks for is there."""
    for name, message, suggestion in _REQUIRED:
        value = getattr(sheet, name)
        if name in sheet.unknown or (value is None and name in ("name", "unit_name")):
            yield Undetermined("Q01", _UNKNOWN[name])
        elif not value:
            yield say("Q01", message, name, suggestion)
    if "annual_amount" in sheet.unknown:
        yield Undetermined("Q01", N_("表中没有年度资金总额。"))
    elif sheet.annual_amount <= 0 and not any(amount > 0 for _source, amount in sheet.funds or ()):
        yield say("Q01", N_("“年度预算安排”还没有填写，请按资金来源填写本年度金额。"), "funds")


_UNKNOWN = {
    "name": N_("表中没有项目名称。"),
    "unit_name": N_("表中没有实施单位。"),
    "overview": N_("表中没有项目概述。"),
    "bases": N_("表中没有立项依据。"),
    "body": N_("表中没有实施主体。"),
    "plan": N_("表中没有实施方案。"),
    "goals": N_("表中没有年度目标。"),
    "step_spans": N_("表中没有步骤和计划。"),
    "start_on": N_("表中没有开始日期。"),
    "end_on": N_("表中没有结束日期。"),
}


def check_period(sheet: TargetSheet) -> Outcome:
    """Q01: the period is possible and holds the year."""
    start, end = sheet.start_on, sheet.end_on
    if start and end:
        if end < start:
            yield say(
                "Q01",
                N_("“实施周期”的结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
                "end_on",
                start=start.isoformat(),
                end=end.isoformat(),
            )
        elif "year" not in sheet.unknown and (end.year < sheet.year or start.year > sheet.year):
            yield say(
                "Q01",
                N_("“实施周期” %(start)s 至 %(end)s 不包含申报年度 %(year)s 年，请核对日期。"),
                "start_on",
                N_("本年度的周期通常是 %(year)s-01-01 至 %(year)s-12-31。"),
                start=start.isoformat(),
                end=end.isoformat(),
                year=sheet.year,
            )
    for n, (first, last) in enumerate(sheet.step_spans, 1):
        if first and last and last < first:
            yield say("Q01", N_("步骤 %(number)s 的结束日期早于开始日期，请调整其中一个。"), "step_spans", number=n)


def check_lines(lines: Sequence[TargetLine], scheme: Scheme | None) -> Outcome:
    """Q01, Q02, Q05: each indicator has category, name, sign, value, unit and marks."""
    unweighted = all(line.weight is None for line in lines)
    for n, line in enumerate(lines):
        yield from _check_place(n, line, scheme)
        if not line.name:
            yield say(
                "Q01",
                N_("第 %(number)s 项指标没有名称。"),
                f"indicators.{n}.name",
                N_("写明考核什么，例如“培训人次”“验收合格率”；不用的空行请删除。"),
                number=n + 1,
            )
        yield from _check_target(n, line)
        if not unweighted and (line.weight or 0) <= 0:
            yield say(
                "Q05",
                N_("指标“%(name)s”没有分值，请填写大于 0 的分值。"),
                f"indicators.{n}.weight",
                N_("从同类其他指标中匀出分值；不打算考核的指标请删除。"),
                name=line.name,
            )


def _check_place(n: int, line: TargetLine, scheme: Scheme | None) -> Outcome:
    if line.category is None:
        yield Undetermined("Q01", N_("表中没有指标类别。"))
    elif not line.category and not line.subcategory:
        yield say("Q01", N_("第 %(number)s 项指标没有选择指标类别。"), f"indicators.{n}.category", number=n + 1)
    elif scheme and scheme.category(line.category) is None:
        if line.category:
            yield say(
                "Q01",
                N_("第 %(number)s 项指标的类别“%(category)s”不在评分方案“%(scheme)s”里，请改选。"),
                f"indicators.{n}.category",
                N_("可选的类别：%(known)s。"),
                number=n + 1,
                category=line.category,
                scheme=Named(scheme.name, scheme.name_en),
                known="、".join(category.name for category in scheme.categories),
            )
        else:
            yield say("Q01", N_("第 %(number)s 项指标没有选择指标类别。"), f"indicators.{n}.category", number=n + 1)


def _check_target(n: int, line: TargetLine) -> Outcome:
    if line.sign == QUALITATIVE:
        if not line.text:
            yield say(
                "Q02",
                N_("定性指标“%(name)s”没有写明达到什么程度才算达成，请在目标值中写清标准。"),
                f"indicators.{n}.target",
                N_("例如“……全部完成并通过验收为达成”；能用数字的请改为定量指标。"),
                name=line.name,
            )
        return
    if line.value is None:
        yield say(
            "Q02",
            N_("指标“%(name)s”没有目标值，请填一个数字。"),
            f"indicators.{n}.target",
            N_("写“符号 + 数值 + 单位”，例如“%(name)s ≥ 95%%”。"),
            name=line.name,
        )
    elif not line.sign and misread(line.value, line.unit) is None:
        yield say(
            "Q02",
            N_("指标“%(name)s”的目标“%(target)s”没有符号，看不出是不少于还是不超过。"),
            f"indicators.{n}.sign",
            N_("越多越好的写“≥%(target)s”，越少越好的写“≤%(target)s”，必须正好的写“＝%(target)s”。"),
            name=line.name,
            target=f"{plain(line.value)}{line.unit}",
        )
    if not line.unit:
        yield say(
            "Q02",
            N_("指标“%(name)s”没有计量单位，请填写，例如 %%、个、万元。"),
            f"indicators.{n}.unit",
            N_("比率用 %%，人用“人”或“人次”，金额用“万元”或“元”。"),
            name=line.name,
        )


def check_weights(lines: Sequence[TargetLine], scheme: Scheme) -> Iterator[Finding]:
    """Yield Q01 for compulsory categories without indicator and Q05 for sums that do not fit the scheme."""
    by_category: dict[str, list[TargetLine]] = defaultdict(list)
    for line in lines:
        by_category[line.category or ""].append(line)
    weighted = not lines or any(line.weight is not None for line in lines)
    expected = scheme.expected_weights(by_category.keys())
    for category in scheme.categories:
        found = by_category.get(category.code)
        if not found:
            if expected[category.code] > 0:
                yield say(
                    "Q01",
                    N_("“%(category)s”还没有指标，请至少设置一项。"),
                    "indicators",
                    N_("“%(category)s”应有 %(expected)s 分，可从指标库中选取相近的指标。"),
                    category=Named(category.name, category.name_en),
                    expected=plain(expected[category.code]),
                )
        elif weighted:
            yield from _check_sum(category, found, expected[category.code])


def _check_sum(category: Category, lines: Sequence[TargetLine], expected: Decimal) -> Iterator[Finding]:
    total = sum((line.weight or Decimal(0) for line in lines), Decimal(0))
    if total == expected:
        return
    largest = max(lines, key=lambda line: line.weight or Decimal(0))
    moved = (largest.weight or Decimal(0)) + expected - total
    if moved > 0:
        suggestion = N_("%(category)s差 %(gap)s 分：例如把“%(name)s”改为 %(moved)s 分，或分摊到几项。")
        if total > expected:
            suggestion = N_("%(category)s多 %(gap)s 分：例如把“%(name)s”改为 %(moved)s 分，或分摊到几项。")
    else:
        suggestion = N_("%(category)s多 %(gap)s 分：请逐项减少，或合并相近的指标。")
    yield say(
        "Q05",
        N_("“%(category)s”的分值合计为 %(sum)s 分，应为 %(expected)s 分，请调整。"),
        "indicators",
        suggestion,
        category=Named(category.name, category.name_en),
        sum=plain(total),
        expected=plain(expected),
        gap=plain(abs(expected - total)),
        name=largest.name,
        moved=plain(moved),
    )


def check_all_weights(sheet: TargetSheet, scheme: Scheme | None) -> Outcome:
    """Q01, Q05: marks of the categories; not determined without scheme or without any marks."""
    if scheme is None:
        yield Undetermined("Q05", N_("没有评分方案，无法核对分值。"))
        return
    if sheet.lines and all(line.weight is None for line in sheet.lines):
        yield Undetermined("Q05", N_("表中没有分值。"))
    if any(line.category is None for line in sheet.lines):
        yield Undetermined("Q05", N_("有的指标没有类别，无法按类别核对。"))
        return
    yield from check_weights(sheet.lines, scheme)


# --- with the rule book ---------------------------------------------------------------------------


def check_share_of_qualitative(case: Case) -> Outcome:
    """Q04: not too many qualitative indicators."""
    texts = [read for read in case.lines if read.qualitative]
    limit = case.limit("qualitative_share")
    if len(case.lines) >= 2 and len(texts) > limit * len(case.lines):
        most = int(limit * len(case.lines))
        yield case.say(
            "Q04",
            N_("%(all)s 项指标中有 %(count)s 项是定性指标，占 %(share)s%%，超过 %(limit)s%%。"),
            "indicators",
            N_("至少把 %(change)s 项改为定量，例如“%(name)s”：写出数字、单位和上年水平。"),
            all=len(case.lines),
            count=len(texts),
            share=plain(half_up(Decimal(len(texts) * 100) / len(case.lines), 0)),
            limit=plain(limit * 100),
            change=len(texts) - most,
            name=texts[0].line.name,
        )


def check_heaviest(case: Case) -> Outcome:
    """Q06: no single indicator decides alone."""
    weights = [read.line.weight for read in case.lines]
    if weights and all(weight is None for weight in weights):
        yield Undetermined("Q06", N_("表中没有分值。"))
    limit = case.limit("leaf_share") * FULL_MARKS
    for read in case.lines:
        weight = read.line.weight or Decimal(0)
        if weight > limit:
            yield case.say(
                "Q06",
                N_("指标“%(name)s”一项占 %(weight)s 分，超过总分的 %(share)s%%。"),
                read.at("weight"),
                N_("把它拆成两三项分别考核，或增加同类指标，使单项不超过 %(limit)s 分。"),
                name=read.line.name,
                weight=plain(weight),
                share=plain(case.limit("leaf_share") * 100),
                limit=plain(limit),
            )


def check_counts(case: Case) -> Outcome:
    """Q07: enough indicators on the whole, of outputs and of benefits; Q01 when the scheme cannot tell."""
    count, least = len(case.lines), int(case.limit("lines"))
    if 0 < count < least:
        yield case.say(
            "Q07",
            N_("只有 %(count)s 项指标，一般不少于 %(least)s 项。"),
            "indicators",
            N_("还要增加 %(more)s 项：检查数量、质量、时效、成本和效益是否都有。"),
            count=count,
            least=least,
            more=least - count,
        )
    if not count:
        if case.scheme is None:
            yield case.say("Q01", N_("还没有绩效指标，产出和效益至少各设置一项。"), "indicators")
        return
    if any(not read.place for read in case.lines):
        yield Undetermined("Q07", N_("有的指标看不出属于产出还是效益。"))
        return
    if any(read.place & OUTPUT_KINDS and "benefit" in read.place for read in case.lines):
        yield Undetermined("Q07", N_("指标没有写明二级类别，分不清产出和效益。"))
        return
    outputs, benefits = _count_heads(case)
    for name, found, limit in (
        (Term(N_("产出指标")), outputs, int(case.limit("outputs"))),
        (Term(N_("效益指标")), benefits, int(case.limit("benefits"))),
    ):
        if found == 0 and (case.scheme is None or any(read.placed for read in case.lines)):
            # A scheme with a category of its own for them has said so already.
            if case.scheme is None or not _own_category(case, name):
                yield case.say("Q01", N_("没有%(head)s，请至少设置一项。"), "indicators", head=name)
        elif 0 < found < limit:
            yield case.say(
                "Q07",
                N_("%(head)s只有 %(count)s 项，一般不少于 %(least)s 项。"),
                "indicators",
                N_("还要增加 %(more)s 项%(head)s，例如缺少的数量、质量或时效。"),
                head=name,
                count=found,
                least=limit,
                more=limit - found,
            )


def _count_heads(case: Case) -> tuple[int, int]:
    outputs = benefits = 0
    for read in case.lines:
        category = case.category_kinds(read.line.category or "")
        outputs += bool(read.place & OUTPUT_KINDS or (read.place == {"cost"} and category & OUTPUT_KINDS))
        benefits += "benefit" in read.place
    return outputs, benefits


def _own_category(case: Case, name: str) -> bool:
    kind: Iterable[str] = OUTPUT_KINDS if name == "产出指标" else ("benefit",)
    return (
        any(
            category.weight and set(kind) & case.category_kinds(category.code)
            for category in (case.scheme.categories if case.scheme else ())
        )
        and len(case.scheme.categories if case.scheme else ()) > 1
    )
