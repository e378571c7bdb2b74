"""The trial of a scheme as a workbook: every sheet before and after, and the counts by grade."""

import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from perfmgr.rules.reviews import whose
from perfmgr.rules.texts import N_
from perfmgr.rules.trials import Summary, Trial

HEAD = (
    *(N_("项目代码"), N_("名称"), N_("单位"), N_("原方案版本"), N_("原得分"), N_("原等级")),
    *(N_("原得分来源"), N_("试算得分"), N_("试算等级"), N_("变动"), N_("不能计分的原因")),
)
WIDTHS = (22, 40, 30, 12, 10, 10, 14, 10, 10, 10, 60)


def _number(value: Decimal | None) -> float | str:
    return "" if value is None else float(value)


def workbook(
    trials: Sequence[Trial], named: Mapping[int, Any], summary: Summary, kind: str, translate: Callable[[str], str]
) -> bytes:
    """Return the list in the order given and a second sheet with the counts; head lines in the reader's language.

    ``kind`` is that of the scheme: it says what the tiers of re-check are called.
    """
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
    marks = book.add_format({"num_format": "0.00"})
    sheet = book.add_worksheet(translate(N_("逐表对照")))
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [translate(title) for title in HEAD], head)
    for n, trial in enumerate(trials, 1):
        place = named[trial.sheet_id]
        name = place.project_name or place.unit_name
        sheet.write_row(n, 0, (place.project_code or "", name, place.unit_name, f"v{place.number}"))
        sheet.write(n, 4, _number(trial.before), marks)
        sheet.write(n, 5, trial.grade_before or "")
        sheet.write(n, 6, translate(whose(kind, trial.tier)))
        sheet.write(n, 7, _number(trial.after), marks)
        sheet.write(n, 8, trial.grade_after or "")
        sheet.write(n, 9, _number(trial.change), marks)
        sheet.write(n, 10, trial.obstacle.sentence(translate) if trial.obstacle else "")
    _counts(book.add_worksheet(translate(N_("等级变动"))), summary, head, translate)
    book.close()
    return buffer.getvalue()


def _counts(sheet: Any, summary: Summary, head: Any, translate: Callable[[str], str]) -> None:
    columns = (*summary.columns, None)
    titles = [name or translate(N_("不能计分")) for name in columns]
    sheet.set_column(0, 0, 24)
    sheet.write_row(0, 0, [translate(N_("原等级＼试算等级")), *titles], head)
    for n, before in enumerate(summary.rows, 1):
        sheet.write_row(n, 0, [before, *(summary.moves.get((before, after), 0) for after in columns)])
