"""A sound target sheet for the tests of the checker, and what the checker says when one thing in it is changed."""

import dataclasses
import datetime as dt
from typing import Any

from perfmgr.queries.quality import rule_book
from perfmgr.rules.findings import Finding
from perfmgr.rules.quality import TargetLine, TargetSheet, examine
from perfmgr.rules.scheme_fit import placed
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.target_values import read_target
from tests.rules.sheets import SCHEME, D

BOOK = rule_book()
day = dt.date

PLACES = {
    "数量": ("产出指标", "数量指标"),
    "质量": ("产出指标", "质量指标"),
    "时效": ("产出指标", "时效指标"),
    "成本": ("产出指标", "成本指标"),
    "经济": ("效益指标", "经济效益指标"),
    "社会": ("效益指标", "社会效益指标"),
    "生态": ("效益指标", "生态效益指标"),
    "持续": ("效益指标", "可持续影响指标"),
    "满意": ("满意度指标", "服务对象满意度指标"),
}


def line(place: str, name: str, target: str, weight: object = 10, **rest: Any) -> TargetLine:
    """An indicator as people write it: its place in one word, and sign, value and unit in one cell."""
    category, below = PLACES[place]
    read = read_target(target, unit=str(rest.pop("unit", "")))
    parts = (read.sign, read.value, read.text, read.unit)
    return TargetLine(category, name, *parts, D(str(weight)), below, written=read.written, **rest)


LINES = (
    line("数量", "巡查河道公里数", "≥120公里"),
    line("数量", "清理漂浮物吨数", "≥900吨"),
    line("质量", "水面保洁抽查合格率", "≥95%"),
    line("时效", "举报处置按时办结率", "≥96%"),
    line("成本", "项目总成本", "≤200万元"),
    line("生态", "断面水质达Ⅲ类月份数", "≥10个", 15),
    line("社会", "沿河投诉下降率", "≥20%", 15),
    line("满意", "沿河住户满意度", "≥88%", evidence="入户问卷 300 份"),
)
SHEET = TargetSheet(
    year=2026,
    overview="对辖区河道实行常态保洁和巡查。",
    bases=["《河道管理条例》"],
    body="区水务局",
    plan="按季度排定巡查路线，逐月抽查。",
    goals="全年巡查河道 120 公里，清理漂浮物 900 吨，断面水质达Ⅲ类不少于 10 个月。",
    step_spans=[(day(2026, 1, 1), day(2026, 12, 31))],
    start_on=day(2026, 1, 1),
    end_on=day(2026, 12, 31),
    annual_amount=D(2_000_000),
    total_amount=D(2_000_000),
    lines=LINES,
    name="河道保洁与巡查",
    unit_name="区水务局",
    goals_total="",
    funds=[("一般公共预算", D(2_000_000))],
    rationale="",
)


def found(sheet: TargetSheet, scheme: Scheme | None = SCHEME) -> list[Finding]:
    """Every finding on a sheet whose categories are given by name."""
    if scheme:
        sheet = dataclasses.replace(sheet, lines=placed(sheet.lines, scheme))
    return list(examine(sheet, scheme, BOOK).findings)


def codes(*changed: TargetLine, **sheet: Any) -> set[str]:
    """The codes on the sound sheet when these lines stand in the places of its own of the same kind."""
    lines = list(LINES)
    for new in changed:
        n = next(
            (n for n, old in enumerate(lines) if old.subcategory == new.subcategory and old in LINES),
            next((n for n, old in enumerate(lines) if old.category == new.category and old in LINES), 0),
        )
        lines[n] = dataclasses.replace(new, weight=lines[n].weight)
    return {finding.code for finding in found(dataclasses.replace(SHEET, **{"lines": lines, **sheet}))}
