"""What it would take, in sentences: the value a line needs, the way to the next grade, the room that words leave."""

from dataclasses import dataclass
from decimal import Decimal

from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.queries import schemes
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS
from perfmgr.rules.numbers import plain, quantity
from perfmgr.rules.scoring import Row, SheetScore
from perfmgr.rules.what_if import EXECUTION, Loss, Reach, full_marks, outlook
from perfmgr.web.language import gettext as _

MOST_LOSSES = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """One line that cost marks: its name, how many, and what would earn them."""

    name: str
    lost: str
    full: str
    step: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """The panel “what is missing, and how to reach the next grade”."""

    summary: list[str]
    costs: list[Cost]


def _value(reach: Reach, line: EvaluationLine | None) -> str:
    """Write a value as the line counts it: ``≥500人次``, ``80%（达成年度指标）``, ``≥ 900.00 万元``."""
    if reach.tier is not None or (line is not None and line.sign == QUALITATIVE):
        share = plain(reach.value * 100)
        return _("“%(tier)s”档 %(share)s%%", tier=reach.tier.name, share=share) if reach.tier else f"{share}%"
    sign = SYMBOLS[reach.relation]
    if line is None:
        return _("执行数 %(sign)s%(value)s 万元", sign=sign, value=quantity(reach.value))
    return f"{sign}{quantity(reach.value)}{line.unit}"


def hints(evaluation: Evaluation, rows: list[Row], score: SheetScore) -> list[str]:
    """Return for every line what it needs for all its marks, or nothing when it has them."""
    scheme = schemes.by_id(evaluation.scheme_id)
    found = []
    for line, row, scored in zip(evaluation.lines, rows, score.lines, strict=True):
        reach = full_marks(scheme, row, scored.weight)
        if reach is None or scored.score == scored.weight:
            found.append("")
        elif reach.marks >= scored.weight:
            found.append(_("得满分需：%(value)s", value=_value(reach, line)))
        else:
            found.append(_("最多可得 %(marks)s 分，需：%(value)s", marks=reach.marks, value=_value(reach, line)))
    return found


def prospect(
    evaluation: Evaluation, rows: list[Row], score: SheetScore, given: list[Decimal | None] | None = None
) -> Prospect:
    """Return the panel for a sheet as it is scored now, or with the marks a reviewer gave."""
    look = outlook(schemes.by_id(evaluation.scheme_id), rows, score, given)
    summary = []
    if look.next_grade and look.gap is not None:
        summary.append(_("还差 %(gap)s 分到“%(grade)s”。", gap=look.gap, grade=look.next_grade))
        summary.append(
            _("下列标有“单项可达”的任一项达到所列数值，就能升到这一等级。")
            if look.alone
            else _("没有哪一项单独改善就能升到这一等级，需要几项一起改善。")
        )
    if look.lowest is not None and look.highest is not None and look.lowest != look.highest:
        summary.append(
            _(
                "定性指标在所选档次内由评审人掌握：总分最低 %(low)s，最高 %(high)s。",
                low=f"{look.lowest:.2f}",
                high=f"{look.highest:.2f}",
            )
        )
    return Prospect(summary, [_cost(evaluation, loss) for loss in look.losses[:MOST_LOSSES]])


def _cost(evaluation: Evaluation, loss: Loss) -> Cost:
    line = None if loss.index == EXECUTION else evaluation.lines[loss.index]
    return Cost(
        name=_("预算执行") if line is None else line.name,
        lost=f"{loss.lost:.2f}",
        full=_("满分：%(value)s", value=_value(loss.full, line)) if loss.full else "",
        step=_("单项可达：%(value)s", value=_value(loss.step, line)) if loss.step else "",
    )
