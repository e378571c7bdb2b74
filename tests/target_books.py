"""Workbooks of target forms for tests: projects with hostile texts, forms of others, and packages of raw bytes."""

import io
import random
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from perfmgr.documents.schemes import by_code
from perfmgr.documents.target_forms import books
from perfmgr.documents.target_forms.writing import Form
from perfmgr.rules.texts import clean, clean_line
from tests.cast import YEAR

SCHEME = by_code("10-50-30-10")
HOSTILE = (
    *("=1+1", "+1", "-1+1", "@SUM(1)", "＝1+1", '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A1", "'=1", "#REF!"),
    *("项目名称", "绩效指标", "年度目标", "其他", "一级指标", "三级指标", "立项依据", "步骤内容", "填报人", "实施方案"),
    *(
        "_x0041_",
        "_x000D_",
        "&lt;b&gt;",
        "]]>",
        "<!DOCTYPE x>",
        "{{7*7}}",
        "${7*7}",
        "𠮷野家",
        "龘靐齉",
        "a\u0301",
        "1e5",
    ),
    *(
        "0012",
        "１２３",
        "2025-01-01",
        "90%",
        "≥95%",
        "TRUE",
        "true",
        "(空)",
        "—",
        "/",
        "《》",
        '"',
        "''",
        "%(name)s",
        "%s",
    ),
)
LONG = ("第一段\n第二段", "\t缩进\n\n结尾", "项目概述\n项目名称", "=1+1\n+2", "长" * 3000, "𠮷" * 300)


def line(chance: random.Random) -> str:
    """Return a short text, often a hostile one."""
    return clean_line(
        chance.choice(HOSTILE)
        + chance.choice(("", "", f"（{chance.randrange(10**6)}）", " 与 " + chance.choice(HOSTILE)))
    )


def long(chance: random.Random) -> str:
    """Return a longer text."""
    return clean(chance.choice((*LONG, *HOSTILE, "")))


def day(chance: random.Random, first: int, last: int) -> str:
    """Return a day in these years."""
    return f"{chance.randint(first, last)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"


def indicator(chance: random.Random) -> list[Any]:
    """Return one indicator."""
    category = chance.choice(SCHEME.categories)
    sign = chance.choice(("ge", "gt", "eq", "lt", "le", "qualitative"))
    places = chance.randint(0, 6)
    number = Decimal(chance.randrange(10 ** (chance.randint(1, 12) + places))).scaleb(-places)
    value = None if sign == "qualitative" or chance.random() < 0.1 else format(number.normalize(), "f")
    rule = chance.choice(
        (
            None,
            None,
            {"type": "direct"},
            {"type": "steps", "start": None, "step": "5", "deduct": "0.5"},
            {
                "type": "bands",
                "bands": [{"bound": "90", "share": "1"}, {"bound": "60", "share": "0.5"}],
                "absolute": True,
            },
        )
    )
    return [
        category.code,
        chance.choice((*category.children, "")),
        line(chance)[:200],
        sign,
        value,
        line(chance)[:200] if sign == "qualitative" else "",
        chance.choice(("", "%", "个", "万元", "人次")),
        chance.choice(("0", "10", "12.5", "33.33")),
        rule,
        chance.choice(("", line(chance)))[:200],
    ]


def values(seed: int) -> dict[str, Any]:
    """Return a whole project as plain values, the same for the same seed."""
    chance = random.Random(seed)
    start, end = day(chance, 2020, 2024), day(chance, 2025, 2030)
    sources = chance.sample(
        ("general_public", "government_fund", "state_capital", "carry_over", "other"), chance.randint(0, 5)
    )
    return {
        "project": {
            "code": f"21029125T{seed:012d}" if chance.random() < 0.7 else "",
            "name": (line(chance) or "项目")[:180] + f" {seed}",
            "category": "specific",
            "attribute": chance.choice(("new", "continuing")),
            "function_code": "",
            "start_on": chance.choice((start, None)),
            "end_on": chance.choice((end, None)),
            "total_amount": chance.choice((None, "0", "10308000", "3498000.01", "99999999999.99")),
            "goals_total": long(chance),
        },
        "texts": {name: long(chance) for name in ("overview", "rationale", "body", "plan", "goals")},
        "period": {"start_on": chance.choice((start, None)), "end_on": chance.choice((end, None))},
        "bases": [
            [line(chance).strip("《》 ") or "办法", chance.choice(("", "大组〔2022〕101号"))]
            for _n in range(chance.randint(0, 4))
        ],
        "steps": [
            [long(chance) or "步骤", chance.choice((start, None)), chance.choice((end, None)), line(chance)]
            for _n in range(chance.randint(0, 5))
        ],
        "funds": {s: format((Decimal(chance.randrange(1, 10**12)) / 100).normalize(), "f") for s in sources},
        "indicators": [indicator(chance) for _n in range(chance.randint(0, 12))],
    }


def form(data: dict[str, Any], unit: str = "", year: int = YEAR) -> Form:
    """Return values as a form to be written."""
    return Form(year, SCHEME, data, unit)


def book(layout: str, forms: list[Form], folder: Path) -> bytes:
    """Return the projects as a workbook in one of the layouts."""
    if layout != "list":
        return books.forms(forms, layout)
    path = folder / "lists.xlsx"
    books.lists(path, forms, SCHEME)
    return path.read_bytes()


def plain(seed: int = 1, name: str = "社区服务经费", code: str = "") -> dict[str, Any]:
    """Return a complete project as a filler would have it."""
    return {
        "project": {
            "code": code,
            "name": name,
            "category": "specific",
            "attribute": "new",
            "function_code": "",
            "start_on": f"{YEAR}-01-01",
            "end_on": f"{YEAR}-12-31",
            "total_amount": "5700000",
            "goals_total": "三年办成实事。",
        },
        "texts": {
            "overview": "为居民办实事。",
            "rationale": "",
            "body": "甲部门",
            "plan": "分季度实施。",
            "goals": "办成实事。",
        },
        "period": {"start_on": f"{YEAR}-01-01", "end_on": f"{YEAR}-12-31"},
        "bases": [["经费管理办法", "大组〔2022〕101号"]],
        "steps": [["制定计划", f"{YEAR}-01-01", f"{YEAR}-03-31", "科室"]],
        "funds": {"general_public": "5700000"},
        "indicators": [
            ["output", "数量指标", "办理服务项目数", "ge", str(190 + seed), "", "个", "20", None, "台账"],
            ["output", "质量指标", "验收合格率", "ge", "95", "", "%", "15", None, "台账"],
            ["output", "成本指标", "项目总成本", "le", "570", "", "万元", "15", None, "台账"],
            ["benefit", "社会效益指标", "惠及居民人次", "ge", "60000", "", "人次", "30", None, "台账"],
            ["satisfaction", "服务对象满意度指标", "居民满意度", "ge", "90", "", "%", "10", None, "居民问卷 200 份"],
        ],
    }


def sheet(rows: list[list[Any]], name: str = "申报表", merged: tuple[str, ...] = ()) -> bytes:
    """Return a workbook with one sheet of these rows, as somebody else's program would write it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as made:
        written = made.add_worksheet(name)
        for place in merged:
            written.merge_range(place, "")
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    written.write(n, column, cell)
    return buffer.getvalue()


def package(data: bytes, **parts: bytes | None) -> bytes:
    """Return a workbook with parts added, replaced or (None) left out; ``__`` in a name stands for a slash."""
    changed = {name.replace("__", "/"): content for name, content in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in changed:
                new.writestr(entry.filename, old.read(entry))
        for name, content in changed.items():
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()
