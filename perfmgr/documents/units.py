"""The table of units: a template to fill in, and reading it back."""

import io

import xlsxwriter

from perfmgr.documents.workbooks import read_rows
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean_line
from perfmgr.rules.units import UnitRow, tidied

HEAD = ("上级代码", "类型", "代码", "名称", "性质")
KINDS = {"行政区划": "area", "部门": "department", "单位": "unit"}
NATURES = {"行政单位": "administrative", "事业单位": "public_institution", "其他": "other", "": "other"}
HELP = (
    "每行一个部门或单位。上级代码填上级的代码，留空表示放在所选上级之下；",
    "上级要排在下级之前。类型填 部门 或 单位（也可填 行政区划）；性质填 行政单位、事业单位 或 其他。",
)


def template() -> bytes:
    """Return an empty workbook with the head row, drop-downs and a sheet of explanations."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet("单位")
    head = workbook.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    text = workbook.add_format({"num_format": "@"})
    sheet.write_row(0, 0, HEAD, head)
    sheet.set_column(0, 0, 14, text)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 14, text)
    sheet.set_column(3, 3, 44)
    sheet.set_column(4, 4, 12)
    sheet.data_validation(1, 1, 5000, 1, {"validate": "list", "source": list(KINDS)})
    sheet.data_validation(1, 4, 5000, 4, {"validate": "list", "source": [n for n in NATURES if n]})
    sheet.freeze_panes(1, 0)
    notes = workbook.add_worksheet("填写说明")
    notes.set_column(0, 0, 100)
    for row, line in enumerate(HELP):
        notes.write_string(row, 0, line)
    workbook.close()
    return buffer.getvalue()


def read(data: bytes, name: str) -> list[UnitRow]:
    """Return the rows of a filled-in table, each with what is wrong with it; raises Refused for no such table."""
    rows = read_rows(data, name)
    head = [clean_line(cell) for cell in rows[0]]
    missing = [title for title in HEAD if title not in head]
    if missing:
        raise Refused(
            N_("第 1 行应有表头“%(head)s”，缺少“%(missing)s”，请使用下载的模板。"),
            field="file",
            head="、".join(HEAD),
            missing="、".join(missing),
        )
    at = {title: head.index(title) for title in HEAD}
    found: list[UnitRow] = []
    for number, cells in enumerate(rows[1:], 2):
        values = {title: clean_line(cells[at[title]]) if at[title] < len(cells) else "" for title in HEAD}
        if not any(values.values()):
            continue
        kind, nature = values["类型"], values["性质"]
        draft = tidied(KINDS.get(kind, kind), NATURES.get(nature, nature), values["代码"], values["名称"])
        found.append(UnitRow(draft, values["上级代码"], number, _check(values, number)))
    if not found:
        raise Refused(N_("表格里没有单位，请从第 2 行起填写。"), field="file")
    return found


def _check(values: dict[str, str], number: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "UNIT",
            N_("第 %(row)s 行“%(title)s”填的是“%(value)s”，应为 %(allowed)s 之一。"),
            f"rows.{number}",
            params={
                "row": number,
                "title": title,
                "value": values[title][:20],
                "allowed": "、".join(word for word in allowed if word),
            },
        )
        for title, allowed in (("类型", KINDS), ("性质", NATURES))
        if values[title] not in allowed
    )
