"""The report of an evaluation by experts as a Word document, with the table of means and spread."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt
from docx.table import Table

from perfmgr.documents.disclosures import add_text, new_document, saved
from perfmgr.models.appraisal import Appraisal, AppraisalQuestion
from perfmgr.rules.appraisals import KINDS, Consolidation
from perfmgr.rules.dates import chinese
from perfmgr.rules.money import wan
from perfmgr.rules.numbers import plain

HEADS = ("一级指标", "二级指标", "三级指标", "分值", "平均得分", "最低", "最高", "标准差")
WIDTHS_CM = (1.7, 2.3, 3.6, 1.4, 1.9, 1.5, 1.5, 1.7)
_SMALL = 10.5


def report_document(
    appraisal: Appraisal,
    consolidation: Consolidation,
    questions: Sequence[AppraisalQuestion],
    concluded_on: dt.date,
    made_at: dt.datetime,
) -> bytes:
    """Return the concluded report as .docx. Marks of single experts are in it without names."""
    title = f"{appraisal.title}{appraisal.year}年度绩效评价报告"
    document = new_document(title, "", made_at)
    add_text(document, title, font="黑体", size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    add_text(document, f"（{KINDS[appraisal.kind]}）", align=WD_ALIGN_PARAGRAPH.CENTER)
    _section(document, "一、基本情况", _facts(appraisal))
    _section(document, "二、评价组织", _organisation(appraisal, consolidation, concluded_on))
    _section(document, "三、评价结论", _result(appraisal, consolidation))
    _marks_table(document, consolidation)
    notes = [
        f"{line.item.name}（专家评分{plain(line.spread.low)}至{plain(line.spread.high)}分）：{appraisal.notes[line.item.code]}"
        for line in consolidation.differing
    ]
    rest = [
        ("专家意见分歧及处理", notes),
        ("发现的问题", appraisal.problems.split("\n")),
        ("改进建议", appraisal.suggestions.split("\n")),
        ("提问与答复", _dialogue(questions)),
    ]
    for number, (heading, lines) in zip("四五六七", [part for part in rest if part[1]], strict=False):
        _section(document, f"{number}、{heading}", lines)
    return saved(document)


def _section(document: WordDocument, heading: str, lines: Sequence[str]) -> None:
    add_text(document, heading, font="黑体", indent=True, level=1)
    for line in lines:
        if line.strip():
            add_text(document, line, indent=True)


def _facts(appraisal: Appraisal) -> list[str]:
    sheet = appraisal.evaluation
    lines = [
        f"项目名称：{appraisal.title}（{appraisal.project.code}）。",
        f"主管部门：{appraisal.department.name}；实施单位：{appraisal.unit.name}。",
    ]
    if sheet.adjusted is not None and sheet.executed is not None:
        lines.append(f"全年预算数{wan(sheet.adjusted)}万元，全年执行数{wan(sheet.executed)}万元。")
    if sheet.goal_expected:
        lines.append(f"年度目标：{sheet.goal_expected}")
    if sheet.goal_actual:
        lines.append(f"实际完成情况：{sheet.goal_actual}")
    return lines


def _organisation(appraisal: Appraisal, consolidation: Consolidation, concluded_on: dt.date) -> list[str]:
    names = "、".join(expert.person.name for expert in appraisal.experts if expert.state == "submitted")
    excluded = sum(expert.state == "excluded" for expert in appraisal.experts)
    lines = [
        f"评价依据：{appraisal.rubric['name']}（第{appraisal.rubric['number']}版）。",
        f"评价专家：{names}，共{consolidation.totals.count}人。各位专家声明与项目无利益冲突，独立评分。",
    ]
    if excluded:
        lines.append(f"另有{excluded}位专家因利益关系回避。")
    return [*lines, f"报告形成日期：{chinese(concluded_on)}。"]


def _result(appraisal: Appraisal, consolidation: Consolidation) -> list[str]:
    totals = consolidation.totals
    parts = "、".join(
        f"{part.group.name}{part.mean:.2f}分（满分{plain(part.group.marks)}分）" for part in consolidation.parts
    )
    return [
        f"评价得分{consolidation.total:.2f}分，等级为“{appraisal.grade}”。其中：{parts}。",
        f"专家总分最低{totals.low:.2f}分，最高{totals.high:.2f}分，标准差{totals.deviation:.2f}分。",
        "各项得分为专家评分的平均数，四舍五入到两位小数；总分为各项得分之和，与专家总分的平均数可能因取整略有差别。标准差按全体专家计算。",
    ]


def _dialogue(questions: Sequence[AppraisalQuestion]) -> list[str]:
    lines = []
    for number, row in enumerate(questions, 1):
        lines += [f"问题{number}：{row.question}", f"答复：{row.answer or '未答复。'}"]
    return lines


# --- the table --------------------------------------------------------------------------------


def _marks_table(document: WordDocument, consolidation: Consolidation) -> None:
    table = document.add_table(1, len(HEADS), style="Table Grid")
    table.autofit = False
    _fill(table, 0, HEADS, head=True)
    for part in consolidation.parts:
        first = len(table.rows)
        for line in part.lines:
            spread = line.spread
            numbers = (spread.mean, spread.low, spread.high, spread.deviation)
            cells = ("", line.item.level, line.item.name, plain(line.item.marks), *(f"{n:.2f}" for n in numbers))
            table.add_row()
            _fill(table, len(table.rows) - 1, cells)
        head = table.cell(first, 0).merge(table.cell(len(table.rows) - 1, 0))
        _write(head, part.group.name, WD_ALIGN_PARAGRAPH.CENTER)
    totals = consolidation.totals
    table.add_row()
    numbers = (consolidation.total, totals.low, totals.high, totals.deviation)
    _fill(table, len(table.rows) - 1, ("合计", "", "", "100", *(f"{number:.2f}" for number in numbers)))
    for column, width in enumerate(WIDTHS_CM):
        table.columns[column].width = Cm(width)
        for cell in table.columns[column].cells:
            cell.width = Cm(width)


def _fill(table: Table, row: int, texts: Sequence[str], head: bool = False) -> None:
    for column, text in enumerate(texts):
        if text:
            left = not head and column in (1, 2)
            _write(table.cell(row, column), text, WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER)
    properties = table.rows[row]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _write(cell: Any, text: str, align: Any) -> None:
    paragraph = cell.paragraphs[0]
    add_text(cell, text, size=_SMALL, align=align, paragraph=paragraph)
    paragraph.paragraph_format.line_spacing = Pt(16)
