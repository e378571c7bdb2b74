"""How the forms look, and the one way in which a value is written: texts are never formulas, numbers are numbers."""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

import xlsxwriter

from perfmgr.rules.import_checks import ATTRIBUTE_NAMES
from perfmgr.rules.import_indicators import RULE_NAMES, SIGN_NAMES
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, OWING_CATEGORIES
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import clean

CHOICES = "选项"
SONG, FANG = "宋体", "仿宋"
YUAN, WAN, DAY = "#,##0.00", "#,##0.00####", "yyyy-mm-dd"
# What stands in the hidden sheet of choices: the scheme's names are often too long for a list in the cell itself.
LISTS = ("category", "attribute", "nature", "first", "second", "sign", "rule", "source")
NATURES = ("一次性项目", "阶段性项目", "经常性项目")


class Styles:
    """The cell formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": SONG, "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
        text = {**base, "num_format": "@", "quote_prefix": True}
        self.title = book.add_format({"font_name": SONG, "font_size": 16, "bold": True, "align": "center"})
        self.year = book.add_format({"font_name": FANG, "font_size": 12, "align": "center"})
        self.note = book.add_format({"font_name": SONG, "font_size": 10, "align": "right"})
        self.label = book.add_format({**base, "align": "center", "bold": True, "bg_color": "#F2F5FA"})
        self.part = book.add_format({**base, "align": "left", "indent": 1, "bg_color": "#F2F5FA"})
        self.heading = book.add_format({**base, "align": "center", "bold": True, "font_size": 12})
        self.text = book.add_format({**text, "align": "left", "indent": 1})
        self.centre = book.add_format({**text, "align": "center"})
        self.long = book.add_format(
            {**text, "align": "left", "indent": 1, "valign": "top", "font_name": FANG, "font_size": 11}
        )
        self.money = book.add_format({**base, "num_format": YUAN, "align": "right"})
        self.wan = book.add_format({**base, "num_format": WAN, "align": "right"})
        self.number = book.add_format({**base, "num_format": "General", "align": "center"})
        self.day = book.add_format({**base, "num_format": DAY, "align": "center"})
        # Lists are written with as little as a cell needs.
        self.head = book.add_format({"font_name": SONG, "bold": True, "bg_color": "#E8EEF7", "border": 1})
        self.cell = book.add_format({"quote_prefix": True, "num_format": "@"})
        self.cell_money = book.add_format({"num_format": YUAN})
        self.cell_day = book.add_format({"num_format": DAY})


class Choices(NamedTuple):
    """The drop-downs of a workbook: for each list the range of the sheet that holds it."""

    ranges: dict[str, str]

    def validation(self, name: str) -> dict[str, Any]:
        """Return the drop-down for a field; other entries are allowed and judged when the form is read."""
        return {"validate": "list", "source": self.ranges[name], "error_type": "information"}


def add_choices(book: xlsxwriter.Workbook, scheme: Scheme, sources: tuple[str, ...]) -> Choices:
    """Add the hidden sheet with the choices of this year's scheme. It must come after the forms."""
    sheet = book.add_worksheet(CHOICES)
    columns = {
        "category": [CATEGORIES[code] for code in OWING_CATEGORIES],
        "attribute": list(ATTRIBUTES.values()),
        "nature": list(NATURES),
        "first": [category.name for category in scheme.categories],
        "second": list(dict.fromkeys(child for category in scheme.categories for child in category.children)),
        "sign": list(SIGN_NAMES),
        "rule": list(RULE_NAMES.values()),
        "source": list(sources),
    }
    for column, name in enumerate(LISTS):
        for row, text in enumerate(columns[name] or [""]):
            put(sheet, row, column, text, None)
    sheet.hide()
    return choices({name: len(columns[name]) for name in LISTS})


def choices(lengths: dict[str, int]) -> Choices:
    """Return the ranges of the lists, given how long each is."""
    return Choices(
        {
            name: f"={CHOICES}!${chr(65 + column)}$1:${chr(65 + column)}${max(1, lengths[name])}"
            for column, name in enumerate(LISTS)
        }
    )


def put(sheet: Any, row: int, column: int, text: str | None, style: Any) -> None:
    """Write text as text, whatever it begins with; nothing for an empty one but its format."""
    text = text if not text or text.isprintable() else clean(text)
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def put_number(sheet: Any, row: int, column: int, value: Decimal | str | None, style: Any, plain: Any) -> None:
    """Write a number as a number; one with more digits than a cell holds is written as text with ``plain``."""
    if value is None:
        sheet.write_blank(row, column, None, style)
        return
    number = float(value)
    if Decimal(f"{number:.15g}") == Decimal(value):
        sheet.write_number(row, column, number, style)
    else:
        sheet.write_string(row, column, format(Decimal(value), "f"), plain)


def put_day(sheet: Any, row: int, column: int, day: str | None, style: Any) -> None:
    """Write a day given as 2025-01-31 as a date."""
    if day:
        sheet.write_datetime(row, column, dt.datetime.fromisoformat(day), style)
    else:
        sheet.write_blank(row, column, None, style)


def join(sheet: Any, place: tuple[int, int, int, int], text: str | None, style: Any) -> None:
    """Write text into a merged area (first row, first column, last row, last column), or into one cell."""
    top, left, bottom, right = place
    if (top, left) != (bottom, right):
        sheet.merge_range(top, left, bottom, right, "", style)
    put(sheet, top, left, text, style)


def attribute_name(code: str) -> str:
    """Return 新增项目 or 延续项目."""
    return ATTRIBUTES.get(code, "")


__all__ = ["ATTRIBUTE_NAMES", "Choices", "Styles", "add_choices", "choices", "join", "put", "put_day", "put_number"]
