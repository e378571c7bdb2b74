"""Reading an uploaded workbook of target forms, project by project."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from perfmgr.documents.target_forms.forms import FormReader
from perfmgr.documents.target_forms.grid import Grid
from perfmgr.documents.target_forms.lists import ASKED, ListReader
from perfmgr.documents.workbooks import lines
from perfmgr.rules.findings import WARNING
from perfmgr.rules.import_checks import FISCAL
from perfmgr.rules.import_fields import Fields, days, text_of, year_in
from perfmgr.rules.import_targets import read_term
from perfmgr.rules.imports import Draft, Line, Source, Spots, at_cell
from perfmgr.rules.money import WAN
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean, clean_line

MOST_FORM_ROWS = 3000
EXPECTED = N_(
    "在“%(name)s”里没有找到项目支出绩效目标申报表：工作表上应有“项目名称”，以及绩效指标表头（一级指标、二级指标、三级指标、指标值），请使用下载的模板并填写后再上传。"
)


def drafts(data: bytes, name: str) -> Iterator[Draft]:
    """Yield every project of the workbook as it is read, in the order of its sheets and rows.

    Raises Refused with one sentence for a file that is no workbook, dangerous, too large or no target form.
    """
    records = lines(data, name, {**ASKED, "rows": MOST_FORM_ROWS + 1})
    found = False
    first = next(records, None)
    if first and "tables" in first:
        for draft in _listed(first["tables"], records, name):
            found = True
            yield draft
    elif first:
        for draft in _forms(first, records):
            found = True
            yield draft
    if not found:
        raise Refused(EXPECTED, field="file", name=clean_line(name)[:80])


def _listed(tables: dict[str, Any], records: Iterable[dict[str, Any]], name: str) -> Iterator[Draft]:
    reader = ListReader(tables, name)
    for record in records:
        for number, cells, rows in record.get("projects", ()):
            draft = reader.project(number, cells, rows)
            if any(reader.formulas.values()):
                _note_formulas(draft, reader.formulas)
            yield draft
        yield from reader.strays(record.get("strays", []))


def _forms(first: dict[str, Any], records: Iterator[dict[str, Any]]) -> Iterator[Draft]:
    """Yield the form of every sheet that is one; explanations and lists of choices are passed over."""
    about, rows = first, list[list[str]]()
    for record in records:
        if "cells" in record:
            if len(rows) <= MOST_FORM_ROWS:
                rows += record["cells"]
            continue
        yield from _form(about, rows)
        about, rows = record, []
    yield from _form(about, rows)


def _form(about: dict[str, Any], rows: list[list[str]]) -> Iterator[Draft]:
    draft = FormReader(Grid(about["sheet"], rows[:MOST_FORM_ROWS], about["merged"])).read()
    if draft is None or not _begun(draft):
        return
    if len(rows) > MOST_FORM_ROWS:
        sentence = N_("这张申报表超过 %(rows)s 行，请删除多余的行。")
        draft.findings.append(at_cell(f"{draft.sheet}!A{MOST_FORM_ROWS + 1}", sentence, rows=MOST_FORM_ROWS))
    if draft.indicators is None:
        sentence = N_("这张申报表没有绩效指标表头（一级指标、二级指标、三级指标、指标值），请使用下载的模板。")
        draft.findings.append(at_cell(f"{draft.sheet}!A1", sentence))
    if about["formulas"]:
        _note_formulas(draft, {draft.sheet: about["formulas"]})
    yield draft


def _begun(draft: Draft) -> bool:
    """Tell whether anything that belongs to one project was filled in; a spare copy of the template was not."""
    head = any(draft.head.text(name).strip() for name in ("name", "code", "goals", "goals_total", "overview", "plan"))
    return head or any(_filled(line) for line in draft.indicators or ())


def _sources(draft: Draft) -> Iterator[tuple[Source, Iterable[str]]]:
    head = draft.head
    yield head, (head.cells if isinstance(head, Spots) else head.places if isinstance(head, Line) else ())
    tables = (draft.bases, draft.steps, draft.indicators)
    for line in (line for table in tables for line in table or ()):
        yield line, line.places
    for _source, where, name in draft.funds or ():
        if isinstance(where, Line):
            yield where, (name,)


def _note_formulas(draft: Draft, formulas: dict[str, dict[str, bool]]) -> None:
    """Note cells with formulas: they are never computed here; what they last showed is taken as text."""
    for source, names in _sources(draft):
        for name in names:
            sheet, _mark, cell = source.at(name).rpartition("!")
            stored = formulas.get(sheet, {}).get(cell)
            if stored is True:
                sentence = N_("单元格是公式，按它上次显示的结果“%(text)s”导入，请核对。")
                draft.findings.append(
                    at_cell(source.at(name), sentence, level=WARNING, text=clean_line(source.text(name))[:40])
                )
            elif stored is False:
                sentence = N_("单元格是公式而没有保存计算结果，请改填数值或文字。")
                draft.findings.append(at_cell(source.at(name), sentence))


def read(data: bytes, name: str) -> list[Draft]:
    """Return every project of the workbook; see :func:`drafts`."""
    return list(drafts(data, name))


# --- for the checker ---------------------------------------------------------------------------

# Key of the checker, and the field of the form.
TEXTS = {
    "name": "name",
    "unit": "unit_name",
    "goals_total": "goals_total",
    "goals_year": "goals",
    "overview": "overview",
    "rationale": "rationale",
    "body": "body",
    "plan": "plan",
}
AMOUNTS = {"annual_amount_wan": "annual", "total_amount_wan": "total_amount"}
INDICATOR = {"category": "category", "subcategory": "subcategory", "name": "name", "sign": "sign", "value": "target"}
INDICATOR |= {"unit": "unit", "weight": "weight", "evidence": "evidence"}


def sheets_as_targets(data: bytes, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return, sheet by sheet, what the target checker takes: ``project`` and ``indicators``.

    What the form has no place for is left out; what is left empty is an empty text, or None for an
    amount or day. Amounts are text in 万元; one that cannot be read stays as it was written. For a
    workbook of lists the name of the sheet is followed by the number of the project's row.
    """
    found = (draft for draft in drafts(data, name) if not draft.stray)
    return [(f"{d.sheet} {d.row}" if d.row else d.sheet, _as_targets(d)) for d in found]


def _as_targets(draft: Draft) -> dict[str, Any]:
    head, fields = draft.head, Fields()
    project: dict[str, Any] = {key: clean(head.text(name)) for key, name in TEXTS.items() if head.has(name)}
    if year := year_in(head.text("year")):
        project["year"] = year
    span = days(read_term(head.text("term")))
    for key, names, of_term in (
        ("start_on", ("period_start", "start_on"), span[0]),
        ("end_on", ("period_end", "end_on"), span[1]),
    ):
        if any(head.has(name) for name in (*names, "term")):
            project[key] = next((day for name in names if (day := fields.day(head, name))), of_term)
    for key, name in AMOUNTS.items():
        if head.has(name):
            project[key] = _wan(fields, draft, head, name)
    if draft.funds is not None:
        project["funds"] = list(_funds(fields, draft))
    if draft.bases is not None:
        project["bases"] = [title for line in draft.bases if (title := clean_line(line.text("title")))]
    return {"project": project, "indicators": [_indicator(line) for line in draft.indicators or () if _filled(line)]}


def _funds(fields: Fields, draft: Draft) -> Iterator[dict[str, str | None]]:
    """Yield the year's money by source; 财政拨款 only where it is not broken down, or it would count twice."""
    filled = [(source, where, name) for source, where, name in draft.funds or () if where.text(name).strip()]
    parts = any(source in FISCAL for source, _where, _name in filled)
    for source, where, name in filled:
        if source != "fiscal" or not parts:
            yield {"source": FUND_SOURCES.get(source, "财政拨款"), "amount_wan": _wan(fields, draft, where, name)}


def _wan(fields: Fields, draft: Draft, where: Source, name: str) -> str | None:
    amount = fields.amount(where, name, draft.wan)
    return clean_line(where.text(name)) or None if amount is None else text_of(Decimal(amount) / WAN)


def _filled(line: Line) -> bool:
    return any(line.text(name).strip() for name in ("name", "target", "weight"))


def _indicator(line: Line) -> dict[str, str]:
    """Return one indicator as it is written; the checker takes a target in one cell apart itself."""
    return {key: clean_line(line.text(name)) for key, name in INDICATOR.items() if line.has(name)}
