"""The list of projects as csv."""

from collections.abc import Iterable, Iterator
from typing import Any

from perfmgr.documents.csv_text import lines, safe_cell
from perfmgr.rules.money import wan_plain
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.workflow import STATES

HEAD = ("项目代码", "项目名称", "单位", "项目类别", "年度预算（万元）", "状态")


def csv_lines(rows: Iterable[Any]) -> Iterator[str]:
    """Yield the list as csv text; rows as in ``queries.declarations.stream``, amounts in 万元."""
    states = STATES["declaration"]
    return lines(
        HEAD,
        (
            (
                row.code,
                safe_cell(row.name),
                safe_cell(row.unit_name),
                CATEGORIES[row.category],
                wan_plain(row.annual_amount),
                states[row.state],
            )
            for row in rows
        ),
    )
