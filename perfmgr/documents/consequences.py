"""The year's advice for the next budget as a workbook."""

from collections.abc import Callable, Iterable
from typing import Any

from perfmgr.documents.plain_tables import workbook
from perfmgr.rules.consequences import RENEWALS, Consequence

COLUMNS = (
    ("项目代码", 24),
    ("项目名称", 36),
    ("单位", 30),
    ("得分", 10),
    ("等级", 10),
    ("是否复核", 10),
    ("结果应用建议", 18),
    ("下年申报", 20),
    ("全年预算数（万元）", 18),
    ("参考变动（%）", 14),
    ("参考金额（万元）", 18),
)


def advice_list(rows: Iterable[Any], consequence: Callable[[int, str], Consequence]) -> bytes:
    """Return the list as .xlsx; rows as in ``queries.consequences.stream``."""
    return workbook("结果应用", COLUMNS, (_line(row, consequence(row.scheme_id, row.grade)) for row in rows))


def _line(row: Any, follows: Consequence) -> tuple[Any, ...]:
    return (
        row.code,
        row.name,
        row.unit_name,
        "" if row.total is None else f"{row.total:.2f}",
        follows.grade or "未完成自评",
        "是" if row.state == "confirmed" else "否",
        follows.advice,
        RENEWALS[follows.renewal],
        row.adjusted,
        follows.change,
        follows.hint(row.adjusted),
    )
