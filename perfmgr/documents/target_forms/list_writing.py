"""Writing many projects as lists: one sheet of projects and one each for what belongs to them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import xlsxwriter

from perfmgr.documents.target_forms.lists import BASES, COLUMNS, FUNDS, INDICATORS, MONEY, PROJECTS, STEPS
from perfmgr.documents.target_forms.styles import (
    LISTS,
    Choices,
    Styles,
    add_choices,
    attribute_name,
    choices,
    put,
    put_day,
    put_number,
)
from perfmgr.documents.target_forms.writing import Form, write_indicator
from perfmgr.rules.projects import CATEGORIES, FUND_SOURCES
from perfmgr.rules.schemes import Scheme

WIDTHS = {"项目名称": 36, "项目代码": 24, "三级指标": 32, "步骤内容": 40, "文件名称": 40, "数据来源与佐证": 28}
LONG = ("项目总目标", "年度总体目标", "项目概述", "立项理由", "实施主体", "实施方案")
DROPS = {"项目类别": "category", "项目属性": "attribute", "资金来源": "source", "一级指标": "first"}
DROPS |= {"二级指标": "second", "符号": "sign", "评分规则": "rule"}
LAST_DROP = 20_000


def write_lists(book: xlsxwriter.Workbook, forms: Iterable[Form], scheme: Scheme) -> int:
    """Write the projects, each with its rows of every table, and return how many there were.

    Rows are written in order, so that a workbook with ``constant_memory`` needs no more for many.
    """
    styles = Styles(book)
    lengths = dict.fromkeys(LISTS, 50)
    sheets = {table: _sheet(book, table, styles, choices(lengths)) for table in COLUMNS}
    writer = ListWriter(sheets, styles)
    for form in forms:
        writer.add(form)
    add_choices(book, scheme, tuple(FUND_SOURCES.values()))
    return writer.count


def _sheet(book: xlsxwriter.Workbook, table: str, styles: Styles, drops: Choices) -> Any:
    sheet = book.add_worksheet(table)
    for column, title in enumerate(COLUMNS[table]):
        width = WIDTHS.get(title, 40 if title in LONG else 14)
        sheet.set_column(column, column, width, None if title in MONEY or "期" in title else styles.cell)
        if title in DROPS:
            sheet.data_validation(1, column, LAST_DROP, column, drops.validation(DROPS[title]))
    for column, title in enumerate(COLUMNS[table]):
        put(sheet, 0, column, f"{title}（元）" if title in MONEY else title, styles.head)
    sheet.freeze_panes(1, 3 if table == PROJECTS else 1)
    return sheet


class ListWriter:
    """Keeps the next row of every sheet."""

    def __init__(self, sheets: dict[str, Any], styles: Styles) -> None:
        self.sheets, self.styles = sheets, styles
        self.rows = dict.fromkeys(sheets, 1)
        self.count = 0

    def _next(self, table: str) -> tuple[Any, int]:
        row = self.rows[table]
        self.rows[table] += 1
        self.sheets[table].write_number(row, 0, self.count)
        return self.sheets[table], row

    def add(self, form: Form) -> None:
        """Write one project."""
        self.count += 1
        styles = self.styles
        self._project(form)
        for source, amount in form.part("funds").items():
            sheet, row = self._next(FUNDS)
            put(sheet, row, 1, FUND_SOURCES[source], styles.cell)
            put_number(sheet, row, 2, Decimal(amount), styles.cell_money, styles.cell)
        for content, start, end, responsible in form.rows("steps"):
            sheet, row = self._next(STEPS)
            put(sheet, row, 1, content, styles.cell)
            put_day(sheet, row, 2, start, styles.cell_day)
            put_day(sheet, row, 3, end, styles.cell_day)
            put(sheet, row, 4, responsible, styles.cell)
        for title, number in form.rows("bases"):
            sheet, row = self._next(BASES)
            put(sheet, row, 1, title, styles.cell)
            put(sheet, row, 2, number, styles.cell)
        for line in form.rows("indicators"):
            sheet, row = self._next(INDICATORS)
            write_indicator(sheet, row, 1, line, form.scheme, styles, plain=True)

    def _project(self, form: Form) -> None:
        sheet, row = self._next(PROJECTS)
        project, texts, period, styles = form.part("project"), form.part("texts"), form.part("period"), self.styles
        lines = (
            project.get("code"),
            project.get("name"),
            form.unit,
            str(form.year),
            CATEGORIES.get(project.get("category", ""), ""),
            attribute_name(project.get("attribute", "")),
            project.get("function_code"),
        )
        for column, text in enumerate(lines, 1):
            put(sheet, row, column, text, styles.cell)
        put_day(sheet, row, 8, project.get("start_on"), styles.cell_day)
        put_day(sheet, row, 9, project.get("end_on"), styles.cell_day)
        put_number(sheet, row, 10, project.get("total_amount"), styles.cell_money, styles.cell)
        put(sheet, row, 11, project.get("goals_total"), styles.cell)
        for column, name in enumerate(("goals", "overview", "rationale", "body", "plan"), 12):
            put(sheet, row, column, texts.get(name), styles.cell)
        put_day(sheet, row, 17, period.get("start_on"), styles.cell_day)
        put_day(sheet, row, 18, period.get("end_on"), styles.cell_day)
