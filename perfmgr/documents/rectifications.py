"""The ledger of rectifications as a workbook."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from perfmgr.documents.plain_tables import workbook
from perfmgr.rules.rectifications import TYPES, overdue
from perfmgr.rules.workflow import STATES

COLUMNS = (
    ("年度", 8),
    ("项目代码", 24),
    ("整改对象", 36),
    ("责任单位", 30),
    ("整改类型", 12),
    ("存在问题", 44),
    ("整改要求", 44),
    ("整改期限", 14),
    ("状态", 12),
    ("是否逾期", 10),
    ("是否完成整改", 14),
    ("整改措施和完成情况", 44),
    ("佐证", 30),
)


def ledger(rows: Iterable[Any], today: dt.date) -> bytes:
    """Return the ledger as .xlsx; rows as in ``queries.rectifications.stream``."""
    return workbook(
        "整改台账",
        COLUMNS,
        (
            (
                row.year,
                row.code,
                row.name or "部门整体支出",
                row.unit_name,
                TYPES[row.kind],
                row.problem,
                row.demand,
                row.due_on,
                STATES["rectification"][row.state],
                "是" if overdue(row.due_on, row.state, today) else "否",
                "是" if row.state == "accepted" else "否",
                row.measures,
                row.evidence,
            )
            for row in rows
        ),
    )
