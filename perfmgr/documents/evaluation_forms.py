"""The official self-evaluation form as a grid of cells, from which page, Excel and Word are made alike.

Layout: 项目支出绩效自评表, §1.2 of the field's rules; its labels are printed exactly so, in every language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from perfmgr.documents._review_rows import review_rows
from perfmgr.documents.form_cells import NO_MARKS, Cell, marks
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.review import Review
from perfmgr.rules.evaluation_funds import SOURCES, FundEntry
from perfmgr.rules.indicators import QUALITATIVE, target_text
from perfmgr.rules.money import wan
from perfmgr.rules.numbers import percent, plain, quantity
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import LineScore, SheetScore

COLUMNS = 9
# Relative widths of the nine columns; all three outputs share them.
WIDTHS = (7, 10, 11, 20, 14, 14, 8, 9, 22)
SIGNATURES = ("填报人：", "负责人：", "日期：")
_TITLES = {"project": "项目支出绩效自评表", "department": "部门整体支出绩效自评表"}
_HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong together; the first ``heads`` of them are repeated on every page."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0


@dataclass(frozen=True, slots=True)
class OfficialForm:
    """The whole form. Cells that another one covers from above are left out of their row."""

    title: str
    year: str
    parts: tuple[Part, ...]
    signatures: tuple[str, ...] = SIGNATURES


def official_form(
    evaluation: Evaluation,
    scheme: Scheme,
    score: SheetScore,
    funds: Sequence[FundEntry],
    tiers: Sequence[Review] = (),
) -> OfficialForm:
    """Return a self-evaluation on the official form; money in 万元, marks with two decimals.

    ``tiers`` are the re-checks that were submitted: their marks follow in a table of their own, so that the form
    above stays the official one.
    """
    top = (*_subject(evaluation), *_funds(evaluation, score.execution, funds), *_goals(evaluation))
    parts = [Part(top), Part(tuple(_indicators(evaluation, scheme, score)), heads=1)]
    if tiers:
        parts.append(Part(tuple(review_rows(evaluation, scheme, score, tiers)), heads=1))
    return OfficialForm(_TITLES[evaluation.kind], f"（{evaluation.year} 年度）", tuple(parts))


def _subject(evaluation: Evaluation) -> Iterator[tuple[Cell, ...]]:
    if evaluation.kind == "department":
        yield Cell("部门名称", 0, 2, kind="label"), Cell(evaluation.title, 2, 7)
        return
    yield Cell("项目名称", 0, 2, kind="label"), Cell(evaluation.title, 2, 7)
    yield (
        Cell("主管部门", 0, 2, kind="label"),
        Cell(evaluation.department.name, 2, 3),
        Cell("实施单位", 5, kind="label"),
        Cell(evaluation.unit.name, 6, 3),
    )


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else wan(amount)


def _funds(evaluation: Evaluation, execution: LineScore, funds: Sequence[FundEntry]) -> Iterator[tuple[Cell, ...]]:
    heads = ("年初预算数", "全年预算数(A)", "全年执行数(B)", "分值", "执行率(B/A)", "得分")
    yield (
        Cell("项目资金(万元)" if evaluation.kind == "project" else "资金(万元)", 0, 1, 2 + len(funds), "label"),
        Cell("", 1, 2, kind="label"),
        *(Cell(head, 3 + n, kind="label") for n, head in enumerate(heads)),
    )
    rate = None
    if evaluation.adjusted is not None and evaluation.executed is not None:
        rate = percent(evaluation.executed, evaluation.adjusted)
    total = [_money(amount) for amount in evaluation.amounts.values()]
    total += [plain(execution.weight), "" if rate is None else f"{rate}%", marks(execution.score)]
    yield Cell("年度资金总额", 1, 2, kind="label"), *_numbers(total)
    for n, fund in enumerate(funds):
        name = f"{'其中：' if n == 0 else ''}{SOURCES[fund.source]}"
        amounts = [_money(amount) for amount in (fund.initial, fund.adjusted, fund.executed)]
        yield Cell(name, 1, 2, kind="label"), *_numbers([*amounts, NO_MARKS, "", NO_MARKS])
    if evaluation.execution_reason:
        yield Cell("执行率偏低的原因", 0, 2, kind="label"), Cell(evaluation.execution_reason, 2, 7)


def _numbers(texts: Sequence[str]) -> Iterator[Cell]:
    return (Cell(text, 3 + n, kind="number") for n, text in enumerate(texts))


def _goals(evaluation: Evaluation) -> Iterator[tuple[Cell, ...]]:
    yield (
        Cell("年度总体目标", 0, 1, 2, "label"),
        Cell("预期目标", 1, 4, kind="label"),
        Cell("实际完成情况", 5, 4, kind="label"),
    )
    yield Cell(evaluation.goal_expected, 1, 4), Cell(evaluation.goal_actual, 5, 4)


# --- the indicators ---------------------------------------------------------------------------


def _indicators(evaluation: Evaluation, scheme: Scheme, score: SheetScore) -> Iterator[tuple[Cell, ...]]:
    yield Cell("绩效指标", 0, kind="label"), *(Cell(head, n, kind="label") for n, head in enumerate(_HEADS, 1))
    lines = list(zip(evaluation.lines, score.lines, strict=True))
    first = [Cell("", 0, 1, len(lines), "label")]
    for category, rows in groupby(lines, lambda pair: pair[0].category):
        members = list(rows)
        known = scheme.category(category)
        left = [*first, Cell(known.name if known else category, 1, 1, len(members), "label")]
        for name, inner in groupby(members, lambda pair: pair[0].subcategory):
            same = list(inner)
            left.append(Cell(name, 2, 1, len(same), "centre"))
            for line, scored in same:
                yield *left, *_line(scheme, line, scored)
                first = left = []
    yield (
        Cell("总分", 0, 6, kind="label"),
        Cell("100", 6, kind="number"),
        Cell(marks(score.total), 7, kind="number"),
        Cell("", 8),
    )
    if evaluation.kind == "department":
        for label, text in (("存在的主要问题", evaluation.problems), ("下一步改进措施", evaluation.measures)):
            yield Cell(label, 0, 2, kind="label"), Cell(text, 2, 7)


def _line(scheme: Scheme, line: EvaluationLine, scored: LineScore) -> Iterator[Cell]:
    yield Cell(line.name, 3)
    yield Cell(target_text(line.sign, line.target_value, line.target_text, line.unit), 4, kind="centre")
    yield Cell(_actual(scheme, line), 5, kind="centre")
    yield Cell(NO_MARKS if line.not_applicable else plain(scored.weight), 6, kind="number")
    yield Cell(NO_MARKS if line.not_applicable else marks(scored.score), 7, kind="number")
    why = [line.na_reason] if line.not_applicable else []
    proofs = [proof.text for proof in line.proofs if proof.counts] + ([line.proof] if line.proof else [])
    shown = f"佐证：{'；'.join(proofs)}" if proofs else ""
    yield Cell("\n".join(text for text in (*why, line.reason, line.measure, shown) if text), 8)


def _actual(scheme: Scheme, line: EvaluationLine) -> str:
    if line.not_applicable:
        return "不适用"
    if line.sign == QUALITATIVE:
        tier = scheme.tier(line.tier) if line.tier else None
        share = "" if line.share is None else f"{plain(line.share * 100)}%"
        parts = [tier.label if tier else "", share]
    else:
        parts = ["" if line.actual_value is None else f"{quantity(line.actual_value)}{line.unit}"]
    return "\n".join(text for text in (*parts, line.actual_text) if text)
