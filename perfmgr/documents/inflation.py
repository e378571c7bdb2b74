"""The year's ranking of sheets by the risk of inflated scores as a workbook."""

from collections.abc import Iterable
from typing import Any

from perfmgr.documents.plain_tables import workbook
from perfmgr.rules.inflation import LIGHTS, TITLES
from perfmgr.rules.numbers import plain
from perfmgr.rules.workflow import STATES

UNCHECKED = "尚未检查"
KINDS = {"project": "项目自评", "department": "部门整体自评"}
COLUMNS = (
    ("序号", 8),
    ("项目代码", 24),
    ("自评对象", 36),
    ("单位", 30),
    ("自评类型", 16),
    ("风险分", 10),
    ("灯号", 10),
    ("提示", 60),
    ("自评分", 10),
    ("最终得分", 10),
    ("等级", 10),
    ("全年预算数（万元）", 18),
    ("全年执行数（万元）", 18),
    ("状态", 12),
)


def ranking(rows: Iterable[Any]) -> bytes:
    """Return the ranking as .xlsx; rows as in ``queries.inflation.stream``."""
    return workbook("虚高排查", COLUMNS, (_line(n, row) for n, row in enumerate(rows, 1)))


def _line(number: int, row: Any) -> tuple[Any, ...]:
    return (
        number,
        row.code or "",
        row.name or "部门整体支出自评",
        row.unit_name,
        KINDS[row.kind],
        "" if row.risk is None else plain(row.risk),
        LIGHTS[row.light] if row.light else UNCHECKED,
        "、".join(TITLES[code] for code in row.signals or ()),
        "" if row.self_total is None else f"{row.self_total:.2f}",
        f"{row.total:.2f}" if row.state == "confirmed" and row.total is not None else "",
        row.grade or "",
        row.adjusted,
        row.executed,
        STATES[f"{row.kind}_evaluation"][row.state],
    )
