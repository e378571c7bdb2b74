"""Reading single fields of an uploaded form: texts, amounts, days, choices; each says at which cell it fails."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from perfmgr.rules.dates import parse_day
from perfmgr.rules.findings import ERROR, Finding
from perfmgr.rules.imports import Source, at_cell
from perfmgr.rules.money import AmountError, parse_wan
from perfmgr.rules.numbers import decimals, parse_number, plain
from perfmgr.rules.texts import N_, Term, clean, clean_line, half_width, same_name

# As many characters as the pages allow in each field.
MOST = {
    "code": 40,
    "name": 200,
    "goals_total": 4000,
    "overview": 10000,
    "rationale": 10000,
    "body": 4000,
    "plan": 20000,
    "goals": 10000,
    "title": 400,
    "number": 100,
    "content": 4000,
    "responsible": 200,
    "subcategory": 100,
    "unit": 24,
    "target": 200,
    "evidence": 200,
}
LABELS = {
    "code": N_("项目代码"),
    "name": N_("项目名称"),
    "category": N_("项目类别"),
    "attribute": N_("项目属性"),
    "function_code": N_("功能分类"),
    "start_on": N_("开始日期"),
    "end_on": N_("结束日期"),
    "term": N_("项目期"),
    "total_amount": N_("项目总额"),
    "goals_total": N_("项目总目标"),
    "overview": N_("项目概述"),
    "rationale": N_("立项理由"),
    "body": N_("实施主体"),
    "plan": N_("实施方案"),
    "goals": N_("主要目标"),
    "title": N_("文件名称"),
    "number": N_("文号"),
    "content": N_("内容"),
    "responsible": N_("责任人"),
    "amount": N_("金额"),
    "annual": N_("年度资金总额"),
    "source": N_("资金来源"),
    "subcategory": N_("二级指标"),
    "unit": N_("计量单位"),
    "target": N_("目标值"),
    "weight": N_("分值"),
    "evidence": N_("数据来源与佐证"),
    "period_start": N_("开始日期"),
    "period_end": N_("结束日期"),
}
_UNIT_OF_MONEY = re.compile("[元万亿]")


class Fields:
    """Reads fields and collects what is wrong with them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def refuse(
        self, source: Source, name: str, message: str, /, level: str = ERROR, code: str = "IMPORT", **params: Any
    ) -> None:
        """Note what is wrong at the place of a field."""
        self.findings.append(at_cell(source.at(name), message, level=level, code=code, **params))

    def line(self, source: Source, name: str, most: str = "") -> str:
        """Return one line of text, cleaned."""
        text = source.text(name)
        if not text:
            return ""
        # Printable text has nothing to clean but blanks: most cells are done here.
        text = " ".join(text.split()) if text.isprintable() else clean_line(text)
        return self._fitting(source, name, text, most or name)

    def long(self, source: Source, name: str) -> str:
        """Return long text with line breaks, cleaned."""
        text = source.text(name)
        if not text:
            return ""
        text = text.strip(" ") if text.isprintable() else clean(text)
        return self._fitting(source, name, text, name)

    def _fitting(self, source: Source, name: str, text: str, most: str) -> str:
        limit = MOST[most]
        if len(text) > limit:
            self.refuse(
                source,
                name,
                N_("“%(label)s”超出 %(over)s 字，最多 %(limit)s 字，请删减。"),
                label=Term(LABELS[most]),
                over=len(text) - limit,
                limit=limit,
            )
            return ""
        return text

    def day(self, source: Source, name: str) -> str | None:
        """Return a day as 2025-01-31, None for an empty cell or one that is no day."""
        text = source.text(name).strip()
        if not text:
            return None
        day = parse_day(text)
        if day is None:
            self.refuse(
                source,
                name,
                N_("“%(label)s”填的“%(text)s”不是真实存在的日期，请按 2025-01-31 的样子填写。"),
                label=Term(LABELS[name]),
                text=clean_line(text)[:40],
            )
            return None
        return day.isoformat()

    def order(self, source: Source, start: str | None, end: str | None, name: str) -> None:
        """Refuse an end before its start."""
        if start and end and end < start:
            self.refuse(
                source,
                name,
                N_("结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
                start=start,
                end=end,
            )

    def amount(self, source: Source, name: str, wan: bool, label: str = "amount") -> Decimal | None:
        """Return yuan, None for an empty cell or one that is no amount."""
        text = source.text(name).strip()
        if not text or text in ("-", "—", "/", "－"):
            return None
        if not wan and not _UNIT_OF_MONEY.search(text):
            text += "元"
        elif wan and text[-1:].isdigit() and "." in text and len(text) - text.index(".") > 7:
            text = _rounded(text)
        try:
            return parse_wan(text, LABELS[label])
        except AmountError as error:
            finding = error.finding
            self.refuse(
                source, name, finding.message, **{**finding.params, "label": Term(LABELS[label]), "text": text[:40]}
            )
            return None

    def number(self, source: Source, name: str, places: int, limit: int) -> Decimal | None:
        """Return a number that is not negative and not too fine, None when empty or none."""
        text = source.text(name).strip()
        if not text:
            return None
        value = parse_number(text.rstrip("%％分"))
        if value is not None and 0 <= value < limit and decimals(value) <= places:
            return value
        label = Term(LABELS[name])
        if value is None:
            sentence = N_("“%(label)s”填的“%(text)s”不是数字，请填写数字，例如 95 或 1,200。")
            self.refuse(source, name, sentence, label=label, text=clean_line(text)[:40])
        elif value < 0:
            self.refuse(source, name, N_("“%(label)s”不能是负数。"), label=label)
        elif decimals(value) > places:
            self.refuse(source, name, N_("“%(label)s”最多保留 %(places)s 位小数。"), label=label, places=places)
        else:
            self.refuse(source, name, N_("“%(label)s”填的数字过大，请核对单位。"), label=label)
        return None

    def choice(self, source: Source, name: str, names: Mapping[str, str], allowed: str) -> str:
        """Return the code of a name (``names`` are keyed as by ``same_name``), empty when empty or unknown."""
        text = source.text(name).strip()
        if not text:
            return ""
        code = names.get(text) or names.get(same_name(text), "")
        if not code:
            self.refuse(
                source,
                name,
                N_("“%(label)s”填的是“%(text)s”，应为 %(allowed)s 之一。"),
                label=Term(LABELS[name]),
                text=clean_line(text)[:40],
                allowed=allowed,
            )
        return code


def _rounded(text: str) -> str:
    """Return an amount without the noise that sums of a spreadsheet leave behind the sixth decimal."""
    value = parse_number(text)
    if value is None:
        return text
    near = round(value, 6)
    return plain(near) if abs(value - near) < Decimal("1e-8") else text


def text_of(value: Decimal | None) -> str | None:
    """Return a number as it is kept: without trailing zeros."""
    return None if value is None else plain(value)


def year_in(text: str) -> int | None:
    """Return the year in a heading such as （2026年度）."""
    found = re.search(r"(?<!\d)(\d{4})(?!\d)", half_width(text))
    return int(found[1]) if found else None


def days(span: tuple[dt.date | None, dt.date | None] | None) -> tuple[str | None, str | None]:
    """Return first and last day of a term as text."""
    start, end = span or (None, None)
    return start.isoformat() if start else None, end.isoformat() if end else None
