"""The official self-evaluation form as an Excel and as a Word file; texts and numbers are those of the grid."""

import datetime as dt
import io
from typing import Any

import xlsxwriter
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table

from perfmgr.documents.evaluation_forms import COLUMNS, WIDTHS, OfficialForm, Part
from perfmgr.documents.form_cells import Cell
from perfmgr.documents.target_forms.styles import Styles, join, put_number
from perfmgr.rules.numbers import parse_number

SONG, HEI = "宋体", "黑体"
_A4 = 9
_REPEATED = 1  # the part of the indicators
_LINE_POINTS, _CHARACTERS = 15, 1.75  # height of a line of text, and how many column units a character takes
_WIDTH_CM = 25.7  # A4 across, without its margins


# --- Excel ------------------------------------------------------------------------------------


def form_workbook(form: OfficialForm, made_at: dt.datetime) -> bytes:
    """Return the form as an Excel file on A4 across; the heads of the indicators repeat on every page."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": form.title, "created": made_at.replace(tzinfo=None)})
        styles, sheet = Styles(book), book.add_worksheet("自评表")
        marks = {2: book.add_format({**_BOX, "num_format": "#,##0.00"}), 0: styles.number}
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.merge_range(0, 0, 0, COLUMNS - 1, form.title, styles.title)
        sheet.merge_range(1, 0, 1, COLUMNS - 1, form.year, styles.year)
        row = 2
        for number, part in enumerate(form.parts):
            if number == _REPEATED:  # a sheet has one range of rows that are repeated
                sheet.repeat_rows(row, row + part.heads - 1)
            row = _write_part(sheet, row, part, styles, marks)
        for n, text in enumerate(form.signatures):
            sheet.merge_range(row + 1, n * 3, row + 1, n * 3 + 2, text, styles.note if n == 2 else None)
        _paper(sheet)
    return buffer.getvalue()


_BOX = {"font_name": SONG, "font_size": 10, "valign": "vcenter", "align": "center", "border": 1}


def _paper(sheet: Any) -> None:
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_part(sheet: Any, row: int, part: Part, styles: Styles, marks: dict[int, Any]) -> int:
    for cells in part.rows:
        sheet.set_row(row, _LINE_POINTS * max(_lines(cell) for cell in cells) + 5)
        for cell in cells:
            _write_cell(sheet, row, cell, styles, marks)
        row += 1
    return row


def _lines(cell: Cell) -> int:
    """Return how many lines of its columns a text takes; one that covers several rows asks for a share of each."""
    room = max(1, int(sum(WIDTHS[cell.column : cell.column + cell.width]) / _CHARACTERS))
    lines = sum(max(1, -(-len(line) // room)) for line in cell.text.split("\n"))
    return max(1, -(-lines // cell.height))


def _write_cell(sheet: Any, row: int, cell: Cell, styles: Styles, marks: dict[int, Any]) -> None:
    number = parse_number(cell.text) if cell.kind == "number" else None
    if number is not None and cell.width == cell.height == 1:
        put_number(sheet, row, cell.column, number, marks[2 if "." in cell.text else 0], styles.centre)
        return
    style = {"label": styles.label, "text": styles.text}.get(cell.kind, styles.centre)
    join(sheet, (row, cell.column, row + cell.height - 1, cell.column + cell.width - 1), cell.text, style)


# --- Word -------------------------------------------------------------------------------------


def form_document(form: OfficialForm, made_at: dt.datetime) -> bytes:
    """Return the form as a Word file on A4 across; the heads of the indicators repeat on every page."""
    document = Document()
    document.core_properties.created = document.core_properties.modified = made_at.replace(tzinfo=None)
    document.core_properties.title = form.title
    document.core_properties.author = ""
    _page(document)
    _paragraph(document, form.title, HEI, 16, WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(document, form.year, SONG, 12, WD_ALIGN_PARAGRAPH.CENTER)
    for n, part in enumerate(form.parts):
        if n:
            _paragraph(document, "", SONG, 1, WD_ALIGN_PARAGRAPH.LEFT)  # without it Word joins the two tables
        _table(document, part)
    _paragraph(document, "\u3000" * 12, SONG, 6, WD_ALIGN_PARAGRAPH.LEFT)
    _paragraph(document, ("\u3000" * 12).join(form.signatures), SONG, 12, WD_ALIGN_PARAGRAPH.LEFT)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)


def _paragraph(place: Any, text: str, font: str, size: int, align: Any) -> None:
    paragraph = place.add_paragraph()
    _fill(paragraph, text, font, size, align)


def _fill(paragraph: Any, text: str, font: str, size: int, align: Any, bold: bool = False) -> None:
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.bold = font, Pt(size), bold
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _table(document: WordDocument, part: Part) -> None:
    table = document.add_table(len(part.rows), COLUMNS, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = Cm(_WIDTH_CM * width / sum(WIDTHS))
    for row, cells in enumerate(part.rows):
        for cell in cells:
            _word_cell(table, row, cell)
        properties = table.rows[row]._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if row < part.heads:
            properties.append(OxmlElement("w:tblHeader"))


def _word_cell(table: Table, row: int, cell: Cell) -> None:
    place = table.cell(row, cell.column)
    if (cell.width, cell.height) != (1, 1):
        place = place.merge(table.cell(row + cell.height - 1, cell.column + cell.width - 1))
    align = WD_ALIGN_PARAGRAPH.LEFT if cell.kind == "text" else WD_ALIGN_PARAGRAPH.CENTER
    for n, line in enumerate(cell.text.split("\n")):
        paragraph = place.paragraphs[0] if n == 0 else place.add_paragraph()
        _fill(paragraph, line, SONG, 10, align, bold=cell.kind == "label")
