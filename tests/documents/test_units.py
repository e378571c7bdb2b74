"""The table of units: the template is read back, and every bad row says what is wrong with it."""

import io
from typing import Any

import pytest
import xlsxwriter

from perfmgr.documents import units
from perfmgr.documents.workbooks import read_rows
from perfmgr.rules.refusals import Refused


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """Return a workbook with these rows on its first sheet."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return buffer.getvalue()


def test_the_template_has_the_head_and_nothing_to_import() -> None:
    assert tuple(read_rows(units.template(), "单位.xlsx")[0]) == units.HEAD
    with pytest.raises(Refused, match="表格里没有单位，请从第 2 行起填写。"):
        units.read(units.template(), "单位.xlsx")


def test_rows_keep_their_numbers_and_blank_rows_are_passed_over() -> None:
    data = workbook(
        units.HEAD, ("", "部门", 219, " 甲部门 ", "行政单位"), ("",) * 5, ("219", "单位", "２１９００１", "甲本级", "")
    )
    found = [(r.number, r.parent_code, *vars_of(r)) for r in units.read(data, "单位.xlsx")]
    assert found == [
        (2, "", "department", "219", "甲部门", "administrative", ()),
        (4, "219", "unit", "219001", "甲本级", "other", ()),
    ]


def vars_of(row: Any) -> tuple[Any, ...]:
    """Return a row's draft and findings as plain values."""
    return row.draft.kind, row.draft.code, row.draft.name, row.draft.nature, row.findings


def test_a_row_with_words_of_its_own_says_so() -> None:
    data = workbook(units.HEAD, ("", "科室", "219", "甲", "企业"), ("", "部门", "220", "乙", "其他"))
    rows = units.read(data, "单位.xlsx")
    assert [[finding.sentence() for finding in row.findings] for row in rows] == [
        [
            "第 2 行“类型”填的是“科室”，应为 行政区划、部门、单位 之一。",
            "第 2 行“性质”填的是“企业”，应为 行政单位、事业单位、其他 之一。",
        ],
        [],
    ]


def test_a_table_without_the_head_is_told_which_titles_it_lacks() -> None:
    with pytest.raises(Refused, match="缺少“性质”，请使用下载的模板"):
        units.read(workbook(units.HEAD[:-1], ("", "部门", "219", "甲")), "单位.xlsx")
