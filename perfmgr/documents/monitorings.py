"""Monitoring as workbooks: the official form 项目支出绩效目标执行监控表, and the year's list."""

import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import xlsxwriter

from perfmgr.documents.target_forms.styles import Styles, join, put, put_number
from perfmgr.models.monitoring import Monitoring, MonitoringLine
from perfmgr.rules.indicators import QUALITATIVE, target_text
from perfmgr.rules.money import WAN, wan
from perfmgr.rules.monitorings import CAUSES, LIGHTS, LIKELIHOODS, TIERS
from perfmgr.rules.numbers import percent, quantity
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.workflow import STATES

TITLE = "项目支出绩效目标执行监控表"
LAST = 15  # the last column of the form
WIDTHS = (10, 12, 20, 12, 13, 13, 5, 5, 5, 6.5, 5, 18, 6, 6, 7, 12)
LIST_HEAD = (
    *("项目代码", "项目名称", "单位", "截止月份", "全年预算数（万元）", "执行数（万元）", "执行率（%）"),
    *("全年预计执行数（万元）", "预算执行", "总体", "待整改问题", "状态", "截止日期"),
)


def form_xlsx(monitoring: Monitoring, scheme: Scheme) -> bytes:
    """Return one sheet in the layout of the official form, in 万元."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    _Form(book, monitoring, scheme).write()
    book.close()
    return buffer.getvalue()


class _Form:
    """Writes the form from top to bottom; ``row`` is the next one."""

    def __init__(self, book: xlsxwriter.Workbook, monitoring: Monitoring, scheme: Scheme) -> None:
        self.monitoring, self.scheme, self.row = monitoring, scheme, 0
        self.styles = Styles(book)
        self.sheet = book.add_worksheet("执行监控表")
        self.until = f"1-{monitoring.cut_off}月"

    def write(self) -> None:
        """Write the whole form and set it up for print."""
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)
        self._head()
        self._money()
        self._goal()
        self._indicators()
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.5, right=0.5)

    def _line(self, height: float, *cells: tuple[int, int, str, Any]) -> None:
        """Write one row of texts: first column, last column, text, format."""
        for left, right, text, style in cells:
            join(self.sheet, (self.row, left, self.row, right), text, style)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _head(self) -> None:
        m, s = self.monitoring, self.styles
        self._line(28, (0, LAST, TITLE, s.title))
        self._line(18, (0, LAST, f"（{m.year}年度）", s.year))
        self._line(20, (0, 1, "项目名称", s.label), (2, LAST, m.project.name, s.text))
        department = f"{m.department.name} {m.department.code}".strip()
        self._line(
            20,
            (0, 1, "主管部门及代码", s.label),
            (2, 5, department, s.text),
            (6, 10, "实施单位", s.label),
            (11, LAST, m.unit.name, s.text),
        )

    def _money(self) -> None:
        m, s = self.monitoring, self.styles
        first = self.row
        heads = ("年初预算数", f"{self.until}执行数", f"{self.until}执行率", "全年预计执行数")
        places = ((3, 4), (5, 8), (9, 11), (12, LAST))
        self._line(20, (2, 2, "", s.label), *((*p, h, s.label) for p, h in zip(places, heads, strict=True)))
        general = (m.general_initial, m.general_executed, m.general_forecast)
        other = m.other_money
        for label, (initial, executed, forecast), whole in (
            ("年度资金总额", (m.initial, m.executed, m.forecast), m.adjusted),
            ("其中：本年一般公共预算拨款", general, m.general_initial),
            ("其他资金", other, other[0]),
        ):
            join(self.sheet, (self.row, 2, self.row, 2), label, s.part)
            rate = None if executed is None or not whole else percent(executed, whole)
            for place, value, style in zip(
                places,
                (initial, executed, rate, forecast),
                (s.wan, s.wan, s.number, s.wan),
                strict=True,
            ):
                self._number(place, value, style, wan_of=style is s.wan)
            self.sheet.set_row(self.row, 20)
            self.row += 1
        join(self.sheet, (first, 0, self.row - 1, 1), "项目资金（万元）", s.label)
        if m.adjusted != m.initial:
            note = f"全年预算数调整为 {wan(m.adjusted)} 万元，资金总额的执行率按调整后的预算数计算。"
            self._line(18, (0, LAST, note, s.note))

    def _number(self, place: tuple[int, int], value: Decimal | None, style: Any, wan_of: bool) -> None:
        left, right = place
        if left != right:
            self.sheet.merge_range(self.row, left, self.row, right, "", style)
        if value is not None and not wan_of:
            put(self.sheet, self.row, left, f"{value}%", self.styles.centre)
            return
        put_number(self.sheet, self.row, left, None if value is None else value / WAN, style, self.styles.text)

    def _goal(self) -> None:
        m, s = self.monitoring, self.styles
        for label, text in (("年度总体目标", m.goal_expected), (f"{self.until}目标进展", m.goal_progress)):
            self._line(_height(text, 100), (0, 1, label, s.label), (2, LAST, text, s.long))

    def _indicators(self) -> None:
        s, top = self.styles, self.row
        singles = (
            *((0, "一级指标"), (1, "二级指标"), (2, "三级指标"), (3, "年度指标值")),
            *((4, f"{self.until}执行情况"), (5, "全年预计完成情况"), (LAST, "备注")),
        )
        for column, text in singles:
            join(self.sheet, (top, column, top + 1, column), text, s.label)
        join(self.sheet, (top, 6, top, 11), "偏差原因分析", s.label)
        join(self.sheet, (top, 12, top, 14), "完成目标可能性", s.label)
        for column, text in enumerate((*CAUSES.values(), "原因说明"), 6):
            put(self.sheet, top + 1, column, text, s.label)
        for column, text in enumerate(LIKELIHOODS.values(), 12):
            put(self.sheet, top + 1, column, text, s.label)
        self.sheet.set_row(top, 18)
        self.sheet.set_row(top + 1, 40)
        self.sheet.repeat_rows(top, top + 1)
        self.row = top + 2
        for line in self.monitoring.lines:
            self._indicator(line)

    def _indicator(self, line: MonitoringLine) -> None:
        s = self.styles
        category = self.scheme.category(line.category)
        target = target_text(line.sign, line.target_value, line.target_text, line.unit)
        explanation = _explanation(self.monitoring, line)
        texts = (category.name if category else line.category, line.subcategory, line.name, target)
        for column, text in enumerate((*texts, actual_text(line), forecast_text(line))):
            put(self.sheet, self.row, column, text, s.centre if column in (3, 4, 5) else s.text)
        for column, cause in enumerate(CAUSES, 6):
            put(self.sheet, self.row, column, "√" if cause in line.causes else "", s.centre)
        put(self.sheet, self.row, 11, explanation, s.text)
        for column, likelihood in enumerate(LIKELIHOODS, 12):
            put(self.sheet, self.row, column, "√" if likelihood == line.likelihood else "", s.centre)
        put(self.sheet, self.row, LAST, line.remark, s.text)
        self.sheet.set_row(self.row, max(_height(explanation, 11), _height(line.name, 11)))
        self.row += 1


def _explanation(monitoring: Monitoring, line: MonitoringLine) -> str:
    item = monitoring.item_at(line.position)
    if item is None:
        return line.explanation
    until = f"（{item.owner} {item.due_on:%Y-%m-%d}）" if item.due_on else f"（{item.owner}）"
    return "\n".join(filter(None, (line.explanation, f"整改措施：{item.measure}{until}")))


def _height(text: str, per_line: int) -> float:
    """Return the height that a text needs in a cell that holds so many characters in a line."""
    lines = sum(max(1, -(-len(part) // per_line)) for part in (text or "").split("\n"))
    return min(400.0, max(20.0, 15.0 * lines + 5))


def _value(value: Decimal | None, unit: str, text: str) -> str:
    return " ".join(filter(None, ("" if value is None else f"{quantity(value)}{unit}", text)))


def actual_text(line: MonitoringLine) -> str:
    """Return what is reached by the cut-off as the form prints it."""
    if line.sign == QUALITATIVE:
        return " ".join(filter(None, (TIERS.get(line.tier, ""), line.actual_text)))
    return _value(line.actual_value, line.unit, line.actual_text)


def forecast_text(line: MonitoringLine) -> str:
    """Return what the whole year is expected to bring as the form prints it."""
    return _value(line.forecast_value, line.unit, line.forecast_text)


def list_xlsx(rows: Iterable[Any]) -> bytes:
    """Return the list as a workbook; rows as in ``queries.monitorings.stream``, lights in words."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    styles, sheet = Styles(book), book.add_worksheet("运行监控")
    for column, (name, width) in enumerate(zip(LIST_HEAD, (24, 36, 24, *(14,) * 10), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, styles.head)
    sheet.freeze_panes(1, 2)
    for number, row in enumerate(rows, 1):
        for column, text in enumerate((row.code, row.name, row.unit_name, f"1-{row.cut_off}月")):
            put(sheet, number, column, text, styles.cell)
        rate = None if row.executed is None else percent(row.executed, row.adjusted)
        amounts = (_wan(row.adjusted), _wan(row.executed), rate, _wan(row.forecast))
        for column, value in enumerate(amounts, 4):
            put_number(sheet, number, column, value, styles.cell_money, styles.cell)
        for column, text in enumerate((LIGHTS[row.budget_light], LIGHTS[row.light]), 8):
            put(sheet, number, column, text, styles.cell)
        sheet.write_number(number, 10, row.open_items)
        put(sheet, number, 11, STATES["monitoring"][row.state], styles.cell)
        put(sheet, number, 12, row.due_on.isoformat(), styles.cell)
    book.close()
    return buffer.getvalue()


def _wan(yuan: Decimal | None) -> Decimal | None:
    return None if yuan is None else yuan / WAN
