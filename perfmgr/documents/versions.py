"""One frozen version of a declaration as a Word document, adjusted targets beside those approved first."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from perfmgr.documents.disclosures import add_text, new_document, saved
from perfmgr.models.version import DeclarationVersion
from perfmgr.queries import schemes
from perfmgr.rules.dates import chinese
from perfmgr.rules.money import wan
from perfmgr.rules.numbers import quantity
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, FUND_SOURCES
from perfmgr.rules.versions import REMOVED, TWICE, Difference, RowDifference, SectionDifference, compare

BEIJING = dt.timezone(dt.timedelta(hours=8))
_NAMES: dict[str, dict[str, str]] = {"source": FUND_SOURCES, "project_category": CATEGORIES, "attribute": ATTRIBUTES}
_LEFT_OUT = ("rule",)  # how a line is scored is no column of the official form


def word(version: DeclarationVersion, initial: DeclarationVersion | None = None) -> bytes:
    """Return the version as a Word document; with ``initial`` its targets and amounts stand beside the new ones."""
    content = version.content
    title = f"{content['year']}年度项目绩效目标"
    document = new_document(title, content["project"]["unit"], version.at)
    add_text(document, title, font="黑体", size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    when = version.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    facts = [f"第{version.number}版", when, version.person.name, *([version.receipt] if version.receipt else [])]
    add_text(document, "　".join(facts), size=12, align=WD_ALIGN_PARAGRAPH.CENTER)
    for section in compare((initial or version).content, content):
        _section(document, section, content["scheme_id"], twice=initial is not None)
    return saved(document)


def _section(document: WordDocument, section: SectionDifference, scheme_id: int, *, twice: bool) -> None:
    fields = [field for field in section.fields if field.after or (twice and field.before)]
    if not fields and not section.rows:
        return
    add_text(document, section.title, font="黑体", indent=True, level=1)
    for field in fields:
        lines = _printed(field.kind, field.after, scheme_id).split("\n")
        lead = "" if len(section.fields) == 1 and field.kind == "text" else f"{field.label}："
        add_text(document, lead + lines[0], indent=True)
        for line in lines[1:]:
            add_text(document, line, indent=True)
    if section.rows:
        _table(document, section.rows, scheme_id, twice=twice)


def _table(document: WordDocument, rows: Sequence[RowDifference], scheme_id: int, *, twice: bool) -> None:
    doubled = TWICE.get(rows[0].kind) if twice else None
    columns = [field.name for field in rows[0].fields if field.name not in _LEFT_OUT]
    labels = {field.name: field.label for field in rows[0].fields}
    heads = [
        head
        for name in columns
        for head in ((f"年初{labels[name]}", f"调整{labels[name]}") if name == doubled else (labels[name],))
    ]
    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    _fill(table.rows[0].cells, heads)
    for row in rows:
        fields = {field.name: field for field in row.fields}
        shown = [cell for name in columns for cell in _cells(row, fields.get(name), name == doubled, scheme_id)]
        _fill(table.add_row().cells, shown)


def _cells(row: RowDifference, field: Difference | None, doubled: bool, scheme_id: int) -> list[str]:
    """Return one cell of a row, or two where an adjustment shows both values."""
    if field is None:
        return [""]
    before, after = _printed(field.kind, field.before, scheme_id), _printed(field.kind, field.after, scheme_id)
    gone = row.status == REMOVED
    if doubled:
        return [before or "—", "取消" if gone else after or "—"]
    return [before if gone else after]


def _fill(cells: Sequence[Any], texts: Sequence[str]) -> None:
    for cell, text in zip(cells, texts, strict=True):
        cell.paragraphs[0].paragraph_format.line_spacing = Pt(18)
        add_text(cell, text, size=10.5, paragraph=cell.paragraphs[0])


def _printed(kind: str, value: Any, scheme_id: int) -> str:
    if value in ("", None):
        return ""
    if kind == "amount":
        return f"{wan(Decimal(value))} 万元"
    if kind == "number":
        return quantity(Decimal(value))
    if kind == "date":
        return chinese(dt.date.fromisoformat(value))
    if kind == "category":
        category = schemes.by_id(scheme_id).category(value)
        return category.name if category else value
    return _NAMES[kind].get(value, value) if kind in _NAMES else str(value)
