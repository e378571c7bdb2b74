"""The sheets of a sample as a workbook, with everything needed to repeat the draw."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from perfmgr.documents.plain_tables import workbook
from perfmgr.models.sample import Sample
from perfmgr.rules.inflation import LIGHTS
from perfmgr.rules.numbers import plain
from perfmgr.rules.parameters import HUNDRED

COLUMNS = (
    ("序号", 8),
    ("自评编号", 12),
    ("项目代码", 24),
    ("项目名称", 40),
    ("单位", 30),
    ("抽取时灯号", 12),
    ("自评分", 10),
    ("部门复核得分", 14),
    ("指派给", 14),
    ("状态", 10),
    ("抽查得分", 10),
    ("抽查等级", 10),
    ("抽查人", 14),
    ("抽查日期", 14),
    ("抽取参数", 60),
)


def parameters(sample: Sample) -> str:
    """Return the parameters of the draw in one line."""
    share, factor = plain(sample.share * HUNDRED), plain(sample.factor)
    return f"种子 {sample.seed}；比例 {share}%；红灯权重 {factor}；总体 {sample.size} 份；算法 {sample.algorithm}"


def sheets(sample: Sample, rows: Iterable[Any], day: Callable[[dt.datetime], dt.date]) -> bytes:
    """Return the list as .xlsx; rows as in ``queries.samples.stream``, ``day`` says on which day an instant lies."""
    how = parameters(sample)
    return workbook(
        f"{sample.year}年度抽查样本{sample.number}",
        COLUMNS,
        (
            (
                row.position,
                row.id,
                row.code,
                row.name,
                row.unit_name,
                LIGHTS[row.light] if row.light else "未检查",
                _marks(row.self_total),
                _marks(row.first_total),
                row.assigned_to or "",
                "已抽查" if row.checked_at else "待抽查",
                _marks(row.second_total),
                row.second_grade or "",
                row.checked_by or "",
                day(row.checked_at) if row.checked_at else None,
                how,
            )
            for row in rows
        ),
    )


def _marks(value: Any) -> str:
    """Return marks as text: a number of this table would be an amount of money."""
    return "" if value is None else f"{value:.2f}"
