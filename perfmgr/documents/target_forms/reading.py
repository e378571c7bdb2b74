"""Reading an uploaded workbook of target forms, project by project."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from perfmgr.documents.target_forms.forms import FormReader
from perfmgr.documents.target_forms.grid import Grid
from perfmgr.documents.target_forms.lists import ASKED, ListReader
from perfmgr.documents.workbooks import lines
from perfmgr.rules.findings import WARNING
from perfmgr.rules.import_fields import Fields, days, text_of
from perfmgr.rules.imports import Draft, Line, Source, Spots, at_cell
from perfmgr.rules.money import WAN
from perfmgr.rules.refusals import Refused
from perfmgr.rules.targets import read_target, read_term
from perfmgr.rules.texts import N_, clean, clean_line

MOST_FORM_ROWS = 3000
EXPECTED = N_(
    "在“%(name)s”里没有找到项目支出绩效目标申报表：工作表上应有“项目名称”，以及绩效指标表头（一级指标、二级指标、三级指标、指标值），请使用下载的模板并填写后再上传。"
)


def drafts(data: bytes, name: str) -> Iterator[Draft]:
    """Yield every project of the workbook as it is read, in the order of its sheets and rows.

    Raises Refused with one sentence for a file that is no workbook, dangerous, too large or no target form.
    """
    records = lines(data, name, ASKED)
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


def sheets_as_targets(data: bytes, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return, sheet by sheet, what the target checker takes: ``project`` and ``indicators``.

    Amounts are text in 万元; what cannot be read as such stays as it was written, for the checker to judge.
    For a workbook of lists the name of the sheet is followed by the number of the project's row.
    """
    return [(f"{d.sheet} {d.row}" if d.row else d.sheet, _as_targets(d)) for d in drafts(data, name)]


def _as_targets(draft: Draft) -> dict[str, Any]:
    head, fields = draft.head, Fields()
    start, end = days(read_term(head.text("term")))
    project: dict[str, Any] = {
        "name": clean_line(head.text("name")),
        "year": next((int(y) for y in [_year(head.text("year"))] if y), None),
        "start_on": fields.day(head, "period_start") or fields.day(head, "start_on") or start,
        "end_on": fields.day(head, "period_end") or fields.day(head, "end_on") or end,
        "annual_amount_wan": _wan(fields, draft, head, "annual"),
        "total_amount_wan": _wan(fields, draft, head, "total_amount"),
        "goals_total": clean(head.text("goals_total")),
        "goals_year": clean(head.text("goals")),
        "funds": [
            {"source": source, "amount_wan": _wan(fields, draft, where, field)}
            for source, where, field in draft.funds or ()
            if where.text(field).strip()
        ],
    }
    return {
        "project": {key: value for key, value in project.items() if value not in (None, "", [])},
        "indicators": [_indicator(line) for line in draft.indicators or () if _filled(line)],
    }


def _year(text: str) -> str:
    digits = "".join(c for c in text if c.isdigit() and c.isascii())
    return digits if len(digits) == 4 else ""


def _wan(fields: Fields, draft: Draft, where: Source, name: str) -> str | None:
    amount = fields.amount(where, name, draft.wan)
    return clean_line(where.text(name)) or None if amount is None else text_of(Decimal(amount) / WAN)


def _filled(line: Line) -> bool:
    return any(line.text(name).strip() for name in ("name", "target", "weight"))


def _indicator(line: Line) -> dict[str, str]:
    """Return one indicator as written; a target in one cell is taken apart."""
    found = {name: clean_line(line.text(name)) for name in ("category", "subcategory", "name", "unit", "weight")}
    sign, value = clean_line(line.text("sign")), clean_line(line.text("target"))
    if not sign and value:
        target = read_target(value)
        sign = "" if target.guessed else target.sign
        value = value if target.value is None else str(target.value)
        found["unit"] = found["unit"] or target.unit
    return {key: text for key, text in {**found, "sign": sign, "value": value}.items() if text}
