"""Charts on pages: what the templates need to draw the composition of a score, in the page's language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import schemes
from perfmgr.rules import charts, monitorings
from perfmgr.rules.appraisals import Consolidation
from perfmgr.rules.charts import Bars, Part, Spread
from perfmgr.rules.numbers import quantity
from perfmgr.rules.scoring import SheetScore
from perfmgr.web.language import english
from perfmgr.web.language import gettext as _


def composition(evaluation: Evaluation, score: SheetScore) -> list[Part]:
    """Return where the marks of the sheet are, by category."""
    return charts.composition(
        score,
        [line.category for line in evaluation.lines],
        [line.weight for line in evaluation.lines],
        schemes.by_id(evaluation.scheme_id).execution.weight,
    )


def _name(evaluation: Evaluation, part: Part) -> str:
    if part.code is None:
        return _("预算执行")
    category = schemes.by_id(evaluation.scheme_id).category(part.code)
    if category is None:
        return part.code
    return category.name_en if english() else category.name


def composition_bars(evaluation: Evaluation, parts: Sequence[Part]) -> Bars:
    """Return the bars of a composition."""
    return charts.stacked([(_name(evaluation, part), part.pieces) for part in parts])


def composition_values(parts: Sequence[Part]) -> list[str]:
    """Return what stands at the end of each bar: earned of full marks."""
    return [f"{part.earned:.2f} / {quantity(part.full)}" for part in parts]


def composition_words(evaluation: Evaluation, parts: Sequence[Part]) -> str:
    """Return the bars as one line of text, for those who do not see them."""
    values = composition_values(parts)
    return "; ".join(f"{_name(evaluation, part)} {value}" for part, value in zip(parts, values, strict=True))


def light_piece(code: str) -> str:
    """Return the look of a light in a bar: what is not decided yet is open."""
    return "open" if code == monitorings.NONE else code


def light_bar(counts: Mapping[str, int]) -> Bars:
    """Return how many sheets have each light, as one bar."""
    return charts.stacked([("", [(light_piece(code), Decimal(counts.get(code, 0))) for code in monitorings.LIGHTS])])


def light_words(counts: Mapping[str, int]) -> str:
    """Return the same in words, for those who do not see it."""
    return "; ".join(f"{_(name)} {counts.get(code, 0)}" for code, name in monitorings.LIGHTS.items())


def panel_charts(consolidation: Consolidation) -> list[tuple[str, Spread, str]]:
    """Return the experts' totals and, by heading, their marks in percent: title, dots, and the same in words."""
    rows = [(_("总分"), [(_("总分"), list(consolidation.values))])]
    for part in consolidation.parts:
        name = part.group.name_en if english() else part.group.name
        rows.append((name, [(line.item.name, line.rates) for line in part.lines]))
    return [(title, charts.spread(lines, Decimal(100)), _dots_words(title, lines)) for title, lines in rows]


def _dots_words(title: str, lines: Sequence[tuple[str, Sequence[Decimal]]]) -> str:
    return f"{title}: " + "; ".join(f"{name} {', '.join(quantity(v) for v in values)}" for name, values in lines)


NAMES: dict[str, Any] = {
    "composition": composition,
    "composition_bars": composition_bars,
    "composition_values": composition_values,
    "composition_words": composition_words,
    "flow": charts.flow,
    "light_bar": light_bar,
    "light_piece": light_piece,
    "light_words": light_words,
    "panel_charts": panel_charts,
    "spread": charts.spread,
    "stacked": charts.stacked,
}
