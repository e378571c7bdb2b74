"""The ledger of reminders, and what is to come, as workbooks."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from perfmgr.documents.plain_tables import workbook
from perfmgr.rules.reminder_steps import number_of
from perfmgr.rules.reminders import DUTIES, STATES

COLUMNS = (
    ("年度", 8),
    ("提醒对象", 14),
    ("单位", 30),
    ("事项", 18),
    ("项目或材料", 40),
    ("办理期限", 14),
    ("应发时间", 18),
    ("第几次发送", 12),
    ("状态", 10),
    ("是否晚发", 10),
    ("发送时间", 18),
    ("失败时间", 18),
    ("知悉时间", 18),
    ("未发原因", 44),
)
Local = Callable[[dt.datetime], dt.datetime]


def _moment(value: dt.datetime | None, local: Local) -> str:
    return "" if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def ledger(rows: Iterable[Any], reason: Callable[[Any], str], local: Local) -> bytes:
    """Return the ledger as .xlsx; rows as in the ledger's ``stream``, ``reason`` says why one was not sent.

    ``local`` turns an instant to the wall clock of the place.
    """
    return workbook(
        "提醒台账",
        COLUMNS,
        (
            (
                row.year,
                row.person_name,
                row.unit_name,
                DUTIES[row.duty],
                str(row.params.get("title") or ""),
                row.due_on,
                _moment(row.due_at, local),
                number_of(row.occurrence),
                STATES[row.state],
                "是" if row.late else "否",
                _moment(row.sent_at, local),
                _moment(row.failed_at, local),
                _moment(row.acknowledged_at, local),
                reason(row),
            )
            for row in rows
        ),
    )


COMING = (("日期", 14), ("收件人", 14), ("岗位", 18), ("事项", 20), ("件数", 8), ("其中逾期", 10), ("备注", 40))


def coming(lines: Iterable[Any], audience: Callable[[Any], str]) -> bytes:
    """Return what is to be sent in the days to come as .xlsx; ``audience`` says to which post a line goes."""
    return workbook(
        "未来60天提醒",
        COMING,
        (
            (
                line.day,
                line.person,
                audience(line),
                DUTIES[line.duty],
                line.count,
                line.late,
                _remark(line),
            )
            for line in lines
        ),
    )


def _remark(line: Any) -> str:
    said = [f"收件人暂停接收到{line.held_until.isoformat()}，恢复后补发"] if line.held_until else []
    if not line.certain:
        said.append("有年度的放假安排尚未录入，日期按周一至周五推算")
    return "；".join(said)
