"""The official self-evaluation form: its layout, and the same texts and numbers on paper, in Excel and in Word."""

import datetime as dt
import html
import io
import re
from decimal import Decimal

import pytest
import python_calamine
from docx import Document
from flask import Flask

from perfmgr.documents import schemes
from perfmgr.documents.evaluation_files import form_document, form_workbook
from perfmgr.documents.evaluation_forms import official_form
from perfmgr.models.attachment import Attachment
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.person import Person
from perfmgr.models.review import Review, ReviewLine
from perfmgr.models.unit import Unit
from perfmgr.rules.evaluation_funds import FundEntry
from perfmgr.rules.scoring import score_sheet
from tests.documents.test_evaluations import filled

MADE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
WAN = Decimal(10_000)
FUNDS = [
    FundEntry("fiscal", 500 * WAN, 500 * WAN, Decimal("4923456.78")),
    FundEntry("carry_over", 70 * WAN, 70 * WAN, 20 * WAN),
    FundEntry("other"),
]


@pytest.fixture
def form():
    """A filled sheet with every kind of line."""
    scheme = schemes.by_code("10-50-30-10")
    sheet = filled(scheme)
    sheet.unit, sheet.department = Unit(name="党群工作部（本级）"), Unit(name="党群工作部")
    sheet.initial, sheet.goal_expected, sheet.goal_actual = sheet.adjusted, "办好实事。\n第二行", "=1+1 都办了"
    for line in sheet.lines:
        line.subcategory, line.unit, line.target_text, line.actual_text = "数量指标", "个", "", ""
        line.na_reason, line.reason, line.measure = "政策取消", "延期", "提前安排"
        line.not_applicable = bool(line.not_applicable)
    score = score_sheet(scheme, [line.as_row() for line in sheet.lines], Decimal(570), Decimal("512.345678"))
    return official_form(sheet, scheme, score, FUNDS)


def grid(form):
    """The texts of the grid, one list for each row."""
    return [[cell.text for cell in cells] for part in form.parts for cells in part.rows]


def test_the_layout_is_that_of_the_official_form(form):
    rows = grid(form)
    assert (form.title, form.year, form.signatures) == (
        "项目支出绩效自评表",
        "（2025 年度）",
        ("填报人：", "负责人：", "日期："),
    )
    assert rows[:9] == [
        ["项目名称", "社区党组织服务群众经费"],
        ["主管部门", "党群工作部", "实施单位", "党群工作部（本级）"],
        ["项目资金(万元)", "", "年初预算数", "全年预算数(A)", "全年执行数(B)", "分值", "执行率(B/A)", "得分"],
        ["年度资金总额", "570.00", "570.00", "512.35", "11.11", "89.89%", "9.99"],
        ["其中：当年财政拨款", "500.00", "500.00", "492.35", "—", "", "—"],
        ["上年结转资金", "70.00", "70.00", "20.00", "—", "", "—"],
        ["其他资金", "", "", "", "—", "", "—"],
        ["年度总体目标", "预期目标", "实际完成情况"],
        ["办好实事。\n第二行", "=1+1 都办了"],
    ]
    assert rows[9] == ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
                       "偏差原因分析及改进措施"]  # fmt: skip
    assert rows[10][:7] == ["", "产出指标", "数量指标", "覆盖社区数", "≥12个", "11.5个", "37.04"]
    assert rows[13][1:] == ["≥90个", "不适用", "—", "—", "政策取消\n延期\n提前安排"]
    assert rows[-1] == ["总分", "100", "88.14", ""]


def test_a_whole_department_has_no_sources_and_says_problems_and_measures():
    scheme = schemes.by_code("department-six")
    sheet = Evaluation(kind="department", year=2025, department=Unit(name="党群工作部"), lines=[], problems="难量化")
    sheet.goal_expected, sheet.goal_actual, sheet.measures = "", "办了", "建库"
    rows = grid(official_form(sheet, scheme, score_sheet(scheme, [], None, None), []))
    assert (rows[0], rows[1][0], rows[2][0], rows[-2:]) == (
        ["部门名称", "党群工作部"],
        "资金(万元)",
        "年度资金总额",
        [["存在的主要问题", "难量化"], ["下一步改进措施", "建库"]],
    )
    assert form_document(official_form(sheet, scheme, score_sheet(scheme, [], None, None), []), MADE)


def test_every_row_covers_the_nine_columns_once(form):
    for part in form.parts:
        covered = [(row + down, cell.column + right) for row, cells in enumerate(part.rows) for cell in cells
                   for down in range(cell.height) for right in range(cell.width)]  # fmt: skip
        assert sorted(covered) == [(row, column) for row in range(len(part.rows)) for column in range(9)]


def as_text(value):
    """A number as it is compared: without what the format of a cell adds."""
    text = str(value).replace(",", "").strip()
    return (
        f"{Decimal(text):f}".rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+(\.\d+)?", text) and "." in text else text
    )


def test_page_excel_and_word_hold_the_same_texts_and_numbers(app: Flask, form):
    wanted = [as_text(text) for row in grid(form) for text in row if text]
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(form_workbook(form, MADE)))
    cells = [cell for row in workbook.get_sheet_by_index(0).to_python() for cell in row if cell != ""]
    assert [as_text(cell) for cell in cells] == [form.title, form.year, *wanted, *form.signatures]
    document = Document(io.BytesIO(form_document(form, MADE)))
    seen, texts = set(), []
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                if cell._tc not in seen and cell.text:
                    texts.append(as_text(cell.text))
                seen.add(cell._tc)
    assert texts == wanted
    assert [row._tr.trPr is not None and "tblHeader" in row._tr.xml for row in document.tables[1].rows[:2]] == [
        True,
        False,
    ]
    with app.test_request_context():
        page = app.jinja_env.get_template("evaluation_forms/_official.html").render(official=form)
    printed = [html.unescape(text) for text in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page)]
    assert [as_text(text) for text in printed if text] == wanted
    assert page.count("<thead>") == len(form.parts) - 1


def test_evidence_and_the_reason_for_little_spending_stand_on_the_form_and_the_re_checks_below_it(app: Flask):
    scheme = schemes.by_code("10-50-30-10")
    sheet = filled(scheme)
    sheet.unit, sheet.department = Unit(name="党群工作部（本级）"), Unit(name="党群工作部")
    sheet.initial, sheet.goal_expected, sheet.goal_actual = sheet.adjusted, "办好实事。", "都办了"
    sheet.execution_reason, sheet.self_total, sheet.self_grade = "第四季度付款", Decimal("88.14"), "良"
    for n, line in enumerate(sheet.lines, 1):
        line.id, line.subcategory, line.unit, line.target_text, line.actual_text = n, "数量指标", "个", "", ""
        line.na_reason = line.reason = line.measure = line.proof = ""
        line.not_applicable, line.self_score = bool(line.not_applicable), Decimal(n)
    report = Attachment(name="验收报告.pdf")
    sheet.lines[0].proofs = [EvaluationProof(attachment=report, pages="3-5,8")]
    sheet.lines[0].proof = "签到册"
    first = Review(
        tier=1, total=Decimal("87.14"), grade="良", opinion="基本属实", conclusion="pass", by=Person(name="周审核")
    )
    first.submitted_at = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    first.lines = [ReviewLine(line_id=1, score=Decimal("0.5"), reason_code="evidence", reason="缺少签到册")]
    second = Review(tier=2, total=Decimal("87.14"), grade="良", opinion="", conclusion="", lines=[])
    score = score_sheet(scheme, [line.as_row() for line in sheet.lines], Decimal(570), Decimal("512.345678"))
    form = official_form(sheet, scheme, score, FUNDS, [first, second])
    rows = grid(form)
    assert ["执行率偏低的原因", "第四季度付款"] in rows
    assert rows[11][-1] == "佐证：验收报告.pdf 第 3-5、8 页；签到册"
    checked = [[cell.text for cell in cells] for cells in form.parts[2].rows]
    assert checked[0] == ["复核情况", "分值", "自评得分", "部门复核", "财政抽查", "差异原因和意见"]
    assert checked[2][2:] == ["1.00", "0.50", "1.00", "部门复核：佐证不足 缺少签到册"]
    assert checked[-3:] == [
        ["总分", "100", "88.14 良", "87.14 良", "87.14 良", ""],
        ["部门复核意见", "通过\n基本属实\n周审核 2026-04-01"],
        ["财政抽查意见", ""],
    ]
    test_every_row_covers_the_nine_columns_once(form)
    test_page_excel_and_word_hold_the_same_texts_and_numbers(app, form)
