"""Files of target sheets in JSON: read as the rules see them, checked, and reported.

The format is ``{"project": {...}, "indicators": [{...}]}`` or a list of such objects; amounts are in 万元.
Any key may be missing: what a file does not say is not known, which is something else than left empty
(``null`` or ``""``).
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from perfmgr.documents.score_files import read_number
from perfmgr.rules.dates import parse_day
from perfmgr.rules.money import WAN
from perfmgr.rules.refusals import Refused
from perfmgr.rules.target_values import read_target
from perfmgr.rules.targets import LastYear, TargetLine, TargetSheet
from perfmgr.rules.texts import N_, clean, clean_line, same_name

LARGEST_FILE = 20 * 1024 * 1024
MOST_SHEETS, MOST_LINES = 10_000, 1_000
_TEXTS = {
    "overview": "overview",
    "body": "body",
    "plan": "plan",
    "goals": "goals_year",
    "rationale": "rationale",
    "budget_note": "budget_note",
}


@dataclass(frozen=True, slots=True)
class FiledSheet:
    """A sheet of a file, and the scheme it names (empty when it names none)."""

    sheet: TargetSheet
    scheme: str = ""


def read(data: bytes, name: str) -> list[FiledSheet]:
    """Return the sheets of a JSON file; ``name`` is what refusals call the file.

    Raises Refused with one sentence when it is no such file or a value in it cannot be read.
    """
    if len(data) > LARGEST_FILE:
        raise Refused(N_("文件“%(name)s”超过 20 MB，请分成几个文件。"), name=name)
    try:
        content = json.loads(
            data.decode("utf-8-sig"), parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant
        )
    except (ValueError, RecursionError, InvalidOperation) as error:
        # Undecodable bytes, broken JSON, lists nested too deep, and exponents that Decimal cannot hold.
        raise Refused(N_("文件“%(name)s”不是 UTF-8 编码的 JSON 文件，请核对文件内容。"), name=name) from error
    entries = content if isinstance(content, list) else [content]
    if not entries or not all(isinstance(e, dict) and ("project" in e or "indicators" in e) for e in entries):
        raise Refused(N_("文件“%(name)s”里没有绩效目标表（应有 project 和 indicators）。"), name=name)
    return of_entries(entries, name)


def of_entries(entries: Sequence[Mapping[str, Any]], name: str) -> list[FiledSheet]:
    """Return the sheets of entries in the format of the file, wherever they come from."""
    if len(entries) > MOST_SHEETS:
        raise Refused(N_("文件“%(name)s”里的表超过 %(most)s 张，请分成几个文件。"), name=name, most=MOST_SHEETS)
    return [_filed(entry) for entry in entries]


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _filed(entry: Mapping[str, Any]) -> FiledSheet:
    return FiledSheet(_sheet(entry), clean_line(_text(entry.get("scheme"), "scheme")))


def _sheet(entry: Mapping[str, Any]) -> TargetSheet:
    project = _object(entry.get("project") or {}, "project")
    rows = _list(entry.get("indicators"), "indicators")
    if len(rows) > MOST_LINES:
        raise Refused(N_("一张表最多 %(most)s 项指标，请核对文件内容。"), field="indicators", most=MOST_LINES)
    texts = {name: _text(project.get(key), key) for name, key in _TEXTS.items()}
    unknown = {name for name, key in _TEXTS.items() if key not in project}
    unknown |= {name for name in ("bases", "start_on", "end_on", "year") if name not in project} | {"step_spans"}
    funds = _funds(project)
    annual = _amount(project.get("annual_amount_wan"), "annual_amount_wan")
    if annual is None and funds and "annual_amount_wan" not in project:
        annual = sum((amount for _source, amount in funds), Decimal(0))
    elif annual is None and "annual_amount_wan" not in project:
        unknown.add("annual_amount")
    start, end = _day(project.get("start_on"), "start_on"), _day(project.get("end_on"), "end_on")
    return TargetSheet(
        overview=texts["overview"],
        body=texts["body"],
        plan=texts["plan"],
        goals=texts["goals"],
        year=_year(project.get("year")),
        bases=[_text(basis, "bases") for basis in _list(project.get("bases"), "bases")],
        step_spans=(),
        start_on=start,
        end_on=end,
        annual_amount=annual or Decimal(0),
        total_amount=_amount(project.get("total_amount_wan"), "total_amount_wan"),
        lines=[_line(row, n) for n, row in enumerate(rows, 1)],
        unknown=frozenset(unknown),
        name=_optional(project, "name"),
        unit_name=_optional(project, "unit"),
        rationale=texts["rationale"],
        term_start_on=start,
        term_end_on=end,
        goals_total=_optional(project, "goals_total"),
        funds=funds,
        budget_note=texts["budget_note"] if "budget_note" in project else None,
        last=_last(rows),
        duties=[_text(d, "duties") for d in _list(project["duties"], "duties")] if "duties" in project else None,
        last_grade=_optional(project, "last_grade"),
    )


def _line(data: Any, number: int) -> TargetLine:
    row = _object(data, f"indicators.{number - 1}")
    sign, unit = (_text(row.get(key), key) for key in ("sign", "unit"))
    target = read_target(_text(row.get("value"), "value"), sign, unit)
    weight = read_number(row.get("weight"), f"第 {number} 项指标的分值")
    return TargetLine(
        category=_optional(row, "category"),
        subcategory=_optional(row, "subcategory"),
        name=clean_line(_text(row.get("name"), "name")),
        sign=target.sign,
        value=target.value,
        text=target.text,
        unit=target.unit,
        written=target.written,
        weight=weight,
        evidence=_optional(row, "evidence"),
        definition=_optional(row, "definition"),
    )


def _last(rows: list[Any]) -> dict[str, LastYear] | None:
    """Return last year's figures where the file gives any."""
    found = {}
    for row in rows:
        if isinstance(row, Mapping) and ("last_actual" in row or "last_target" in row):
            actual, target = (read_number(row.get(key), key) for key in ("last_actual", "last_target"))
            found[same_name(_text(row.get("name"), "name"))] = LastYear(target, actual)
    return found or None


def _funds(project: Mapping[str, Any]) -> list[tuple[str, Decimal]] | None:
    if "funds" not in project:
        return None
    rows = [_object(row, "funds") for row in _list(project["funds"], "funds")]
    return [
        (_text(row.get("source"), "source"), _amount(row.get("amount_wan"), "amount_wan") or Decimal(0)) for row in rows
    ]


# --- single values --------------------------------------------------------------------------------


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Refused(N_("“%(what)s”应为一组“名称: 值”，请核对文件内容。"), field=what, what=what)


def _list(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise Refused(N_("“%(what)s”应为一个列表，请核对文件内容。"), field=what, what=what)


def _text(value: Any, what: str) -> str:
    """Return a text; numbers are written out, lists of texts are lines."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "\n".join(value)
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 30:
            raise Refused(
                N_("“%(what)s”的值“%(value)s”不是数字，请核对。"), field=what, what=what, value=str(value)[:40]
            )
        return format(value, "f")
    if isinstance(value, str):
        return clean(value)
    raise Refused(N_("“%(what)s”应为文字，请核对文件内容。"), field=what, what=what)


def _optional(data: Mapping[str, Any], key: str) -> str | None:
    return clean_line(_text(data[key], key)) if key in data else None


def _amount(value: Any, what: str) -> Decimal | None:
    """Return 万元 as yuan."""
    number = read_number(value, what)
    if number is not None and number < 0:
        raise Refused(N_("“%(what)s”不能是负数，现在是“%(value)s”。"), field=what, what=what, value=str(value)[:40])
    return None if number is None else number * WAN


def _day(value: Any, what: str) -> dt.date | None:
    text = _text(value, what)
    day = parse_day(text) if text else None
    if text and day is None:
        raise Refused(
            N_("“%(what)s”的值“%(value)s”不是日期，请写成 2025-12-31 的样子。"), field=what, what=what, value=text[:40]
        )
    return day


def _year(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)  # as a JSON file gives it
    text = _text(value, "year").removesuffix("年度").removesuffix("年")
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) == 4:
        return int(text)
    raise Refused(N_("“year”的值“%(value)s”不是年度，请写成 2025 的样子。"), field="year", value=text[:40])
