"""Monitoring in the demonstration department: lights of every colour, problems open and closed."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from perfmgr.actions import monitorings
from perfmgr.extensions import db
from perfmgr.models.monitoring import Monitoring
from perfmgr.models.project import Project
from perfmgr.queries import monitorings as queries
from perfmgr.queries import schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.money import WAN
from perfmgr.rules.monitoring_entries import LineEntry, SheetEntry
from perfmgr.rules.monitorings import Entry, judge_line

# Money spent and values reached by the end of July, and how far the sheet is carried.
_REACHED: dict[str, tuple[str, tuple[str, ...], str]] = {
    "社区党组织服务群众经费（区级配套）": ("331.5", ("38", "118", "96", "100", "8.7", "36800", "93", "92"), "approve"),
    "企业引才补助（示例）": ("960", ("95", "0.5", "100", "4", "240", "92"), "approve"),
    "党员教育培训（示例）": ("50.2", ("5", "760", "96", "365", "partly", "93"), "submit"),
    "非公党建工作经费（示例）": ("54.3", ("201", "0", "100", "83", "91"), "approve"),
    "网络舆情监测服务（示例）": ("156.8", ("141", "0", "45", "96", "92"), "approve"),
    "党群服务中心运行维护（示例）": ("214.6", ("182", "98.6", "176", "97200", "93"), "submit"),
    "宣传与精神文明建设（示例）": ("176.2", ("15", "24", "96", "86", "92"), "return"),
    "群团活动经费（示例）": ("120.4", ("47", "96", "165", "4800", "94"), "approve"),
}
_BEHIND = {
    "新建示范阵地数": Entry(
        ("funds", "hardware"), "两处场地的产权手续尚未办结。", "与街道签订场地协议，逐处验收。", "周立"
    ),
    "理论宣讲场次": Entry(("staff",), "宣讲员缺编三人。", "增聘兼职宣讲员，下半年每月不少于 10 场。", "孙敏"),
    "参与人次": Entry(("other",), "上半年场馆维修，活动改到下半年。", "三季度集中安排 30 场活动。", "吴涛"),
}
_MONEY_BEHIND = Entry(
    ("rules",), "示范阵地建设款按进度支付，合同尚未签订。", "场地落实后一个月内签订合同并支付首款。", "周立"
)
_PROGRESS = "截至 7 月底，各项工作按年度计划推进，主要指标的完成情况见下表。"


def build(tianbao: Viewer, shenhe: Viewer, today: dt.date, submitted: dt.datetime) -> None:
    """Fill the sheets of 2025 that the clock has made; one stays to be filled in."""
    rows = db.session.execute(
        select(Monitoring.id, Project.name).join(Monitoring.project).where(Monitoring.year == 2025)
    ).all()
    for row in rows:
        monitoring = queries.find(row.id, tianbao)
        if monitoring is None or row.name not in _REACHED:
            continue
        spent, values, until = _REACHED[row.name]
        monitorings.save(monitoring, _sheet(monitoring, Decimal(spent) * WAN, values, today), tianbao)
        monitorings.take(monitoring, "submit", tianbao, now=submitted)
        if until == "approve":
            monitorings.take(monitoring, "approve", shenhe, now=submitted + dt.timedelta(days=5))
        elif until == "return":
            comment = "“理论宣讲场次”请写明下半年分月计划，并附兼职宣讲员的安排。"
            monitorings.take(monitoring, "return", shenhe, comment=comment, now=submitted + dt.timedelta(days=5))
        for item in monitoring.items:
            if item.position == 0:
                note = "合同已于 9 月签订，首款已支付。"
                monitorings.close_item(item, note, tianbao, submitted + dt.timedelta(days=40))


def _sheet(monitoring: Monitoring, spent: Decimal, values: tuple[str, ...], today: dt.date) -> SheetEntry:
    lines = []
    for line, stored, value in zip(monitoring.as_lines(), monitoring.lines, values, strict=True):
        if line.sign == QUALITATIVE:
            text = "预计年底前完成八成以上"
            lines.append(LineEntry(tier=value, forecast_text=text, likelihood="sure"))
            continue
        reached = replace(line, actual=Decimal(value))
        thresholds = schemes.by_id(monitoring.scheme_id).monitoring
        red = judge_line(thresholds, reached, monitoring.cut_off).light == "red"
        lines.append(
            LineEntry(
                actual=reached.actual,
                forecast=line.target,
                likelihood="maybe" if red else "sure",
                entry=_due(_BEHIND[stored.name], today - dt.timedelta(days=12)) if red else Entry(),
            )
        )
    behind = spent * 12 < Decimal("0.6") * monitoring.adjusted * monitoring.cut_off
    return SheetEntry(
        lines=lines,
        executed=spent,
        forecast=max(monitoring.adjusted, spent),
        general_executed=spent,
        general_forecast=max(monitoring.adjusted, spent),
        goal_progress=_PROGRESS,
        entry=_due(_MONEY_BEHIND, today + dt.timedelta(days=20)) if behind else Entry(),
    )


def _due(entry: Entry, day: dt.date) -> Entry:
    return replace(entry, due_on=day)
