"""The list of all projects with their targets as csv: one line for every indicator."""

from collections.abc import Iterable, Iterator
from typing import Any

from perfmgr.documents.csv_text import lines, safe_cell
from perfmgr.rules.indicators import target_text
from perfmgr.rules.money import wan_plain
from perfmgr.rules.numbers import plain
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.workflow import STATES

HEAD = (
    *("项目代码", "项目名称", "部门", "单位", "项目类别", "年度预算（万元）", "状态"),
    *("一级指标", "二级指标", "三级指标", "指标值", "分值", "数据来源与佐证"),
)


def csv_lines(rows: Iterable[Any], categories: dict[tuple[int, str], str]) -> Iterator[str]:
    """Yield csv text; rows as in ``queries.imports.stream``, ``categories`` the names by scheme and code."""
    states = STATES["declaration"]
    return lines(
        HEAD,
        (
            (
                row.code,
                safe_cell(row.name),
                safe_cell(row.department_name),
                safe_cell(row.unit_name),
                CATEGORIES[row.category],
                wan_plain(row.annual_amount),
                states[row.state],
                *_indicator(row, categories),
            )
            for row in rows
        ),
    )


def _indicator(row: Any, categories: dict[tuple[int, str], str]) -> tuple[str, ...]:
    if row.sign is None:  # a project without indicators
        return ("",) * 6
    return (
        safe_cell(categories.get((row.scheme_id, row.indicator_category), row.indicator_category)),
        safe_cell(row.subcategory),
        safe_cell(row.indicator_name),
        safe_cell(target_text(row.sign, row.target_value, row.target_text, row.unit)),
        plain(row.weight),
        safe_cell(row.evidence),
    )
