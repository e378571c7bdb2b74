"""Whole workbooks: empty templates, and exports of one project or of many."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from perfmgr.documents.target_forms.list_writing import write_lists
from perfmgr.documents.target_forms.styles import LISTS, Styles, add_choices, choices, put
from perfmgr.documents.target_forms.writing import Form, FormWriter
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.schemes import Scheme

MOST_FORMS = 200  # projects with a sheet each; more are written as lists
OPTIONS: dict[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NOTES = (
    "一张工作表填一个项目；要填多个项目，请把“申报表”工作表整张复制，每个项目一张。",
    "已有项目请保留项目代码：系统按代码找到原来的项目，没有代码时按本单位、本年度的项目名称查找。",
    "金额单位以表上注明的为准（全国样式为万元，元样式为元）。各资金来源之和应等于年度资金总额。",
    "一级指标、二级指标、符号、评分规则请从下拉列表选择；定性指标的符号选“定性”，指标值写要达到的程度。",
    "评分规则一般留空（按符号计分）。按差距扣分的参数写“步长/扣分”，如 5/1；分档计分写“界限:比例”，如 90:100 80:80 60:50。",
    "没有内容的行留空即可，不必删除；行数不够时在表中间插入行。",
    "导入前系统先检查，列出每一处问题所在的工作表和单元格；确认之前不写入任何内容。",
)
LIST_NOTES = (
    "批量表：每个项目在“项目”表占一行；资金、步骤、依据、指标各在自己的表，用“项目序号”注明属于哪个项目。",
    "“项目序号”可填“项目”表里的序号，也可填项目代码。金额单位为元。",
    *NOTES[1:2],
    *NOTES[3:],
)


def template(year: int, scheme: Scheme, layout: str, unit: str = "", department: str = "", code: str = "") -> bytes:
    """Return an empty form (``national``, ``yuan``) or empty lists (``list``) with drop-downs and explanations."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        if layout == "list":
            write_lists(book, (), scheme)
        else:
            _write_forms(book, [Form(year, scheme, {}, unit, department, code)], layout)
        _notes(book, LIST_NOTES if layout == "list" else NOTES)
    return buffer.getvalue()


def forms(wanted: Sequence[Form], layout: str) -> bytes:
    """Return the projects as official forms, a sheet each."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        _write_forms(book, wanted, layout)
    return buffer.getvalue()


def lists(path: Path, wanted: Iterable[Form], scheme: Scheme) -> int:
    """Write the projects as lists into a file and return how many there were; memory does not grow with them."""
    options = {**OPTIONS, "constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        return write_lists(book, wanted, scheme)


def _write_forms(book: xlsxwriter.Workbook, wanted: Sequence[Form], layout: str) -> None:
    styles = Styles(book)
    for number, form in enumerate(wanted, 1):
        sheet = book.add_worksheet(_sheet_name(form, number if len(wanted) > 1 else 0))
        FormWriter(sheet, styles, choices(dict.fromkeys(LISTS, 50)), form, layout).write()
    add_choices(book, wanted[0].scheme, tuple(FUND_SOURCES.values()))


def _sheet_name(form: Form, number: int) -> str:
    if not number:
        return "申报表"
    name = form.part("project").get("name", "")
    # Excel allows 31 characters, some signs not at all, and no apostrophe at either end.
    kept = "".join(c for c in name if c.isprintable() and c not in "[]:*?/\\'" and ord(c) < 0x10000)
    return f"{number} {kept[:20]}".strip()


def _notes(book: xlsxwriter.Workbook, notes: Sequence[str]) -> None:
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(notes):
        put(sheet, row, 0, line, None)
