"""The checks of a year's targets as csv."""

from collections.abc import Iterable, Iterator
from typing import Any

from perfmgr.documents.csv_text import lines, safe_cell
from perfmgr.rules.workflow import STATES

HEAD = ("项目代码", "项目名称", "单位", "状态", "质量分", "须改正", "须说明")


def csv_lines(rows: Iterable[Any]) -> Iterator[str]:
    """Yield the list as csv text; rows as in ``queries.quality.stream``. What was never checked has no numbers."""
    states = STATES["declaration"]
    return lines(
        HEAD,
        (
            (
                row.code,
                safe_cell(row.name),
                safe_cell(row.unit_name),
                states[row.state],
                *("" if number is None else str(number) for number in (row.score, row.errors, row.warnings)),
            )
            for row in rows
        ),
    )
