"""Reading what spreadsheets put on the clipboard, and sharing out marks: the scripts' pure modules in the browser."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

import config
from perfmgr.rules.indicators import SYMBOLS, parse_sign
from perfmgr.rules.numbers import parse_number, plain
from perfmgr.rules.schemes import parse_scheme
from tests.e2e.scripts import call, page_of_scripts

SCHEMES = sorted((config.ROOT / "perfmgr" / "data" / "schemes").glob("*.yaml"))
CATEGORIES = [
    {"code": "output", "names": ["产出指标", "Outputs"], "children": ["数量指标", "质量指标", "时效指标", "成本指标"]},
    {"code": "benefit", "names": ["效益指标", "Benefits"], "children": ["经济效益指标", "社会效益指标"]},
    {"code": "satisfaction", "names": ["满意度指标", "Satisfaction"], "children": ["服务对象满意度指标"]},
]
SPELLINGS = ">= => ≧ ⩾ 不低于 不少于 > 大于 = == 等于 < 小于 <= =< ≦ ⩽ 不高于 不超过 定性"
FIELDS = ("category", "subcategory", "name", "sign", "target", "unit", "weight", "evidence")
CONTEXT = {
    "categories": CATEGORIES,
    "limits": {"subcategory": 100, "name": 200, "target": 200, "unit": 24, "evidence": 200},
    "category": "",
    "fresh": True,
}


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """A page that can import the scripts."""
    page = page_of_scripts(browser)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\tb\rc\td\r", [["a", "b"], ["c", "d"]]),
        ('"一行\n二行"\tb\r\n', [["一行\n二行", "b"]]),
        ('"他说""好"""\tb\n', [['他说"好"', "b"]]),
        ('他说"好"\tb\n', [['他说"好"', "b"]]),
        ('"十四五"规划\tb\nc\td', [['"十四五"规划', "b"], ["c", "d"]]),
        ('"没有结尾\tb\nc\td', [['"没有结尾', "b"], ["c", "d"]]),
        ('"a\tb"\tc\n', [["a\tb", "c"]]),
        ("a\t\t\n\t\tb\n\t\t\n\n", [["a", "", ""], ["", "", "b"]]),
        ("", []),
        ("\r\n", []),
        ("a\x00\tb", [["a", "b"]]),
    ],
)
def test_rows_and_cells(scripts: Page, text: str, rows: list[list[str]]) -> None:
    assert call(scripts, "clipboard.js", "m.parseBlock(x)", text) == rows


@given(
    st.lists(
        st.lists(st.text(alphabet='甲a1"\n\t ，', max_size=6), min_size=2, max_size=4), min_size=1, max_size=4
    ).map(lambda rows: [*rows, ["末", "行"]])
)
@settings(max_examples=60, deadline=None)
def test_what_a_spreadsheet_writes_is_read_back(scripts: Page, rows: list[list[str]]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in '"\n\t') else cell

    text = "".join("\t".join(map(quoted, row)) + "\r\n" for row in rows)
    assert call(scripts, "clipboard.js", "m.parseBlock(x)", text) == rows


@pytest.mark.parametrize(
    ("text", "html", "block"),
    [
        ("95%", "", False),
        ("95%\r\n", "<table><tr><td>95%</td></tr></table>", False),
        ('"一\n二"\r\n', "<table>…</table>", False),
        ("a\tb", "", True),
        ("a\r\nb\r\n", "<table>…</table>", True),
        ("第一段\n第二段", "<p>第一段</p><p>第二段</p>", False),
        ("甲\n乙", "", True),
    ],
)
def test_a_block_is_told_from_a_text(scripts: Page, text: str, html: str, block: bool) -> None:
    assert call(scripts, "clipboard.js", "m.isBlock(x[0], x[1])", [text, html]) is block


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("≥95%", ("ge", "95", "%")),
        ("≥９５％", ("ge", "95", "%")),
        (">= 95 %", ("ge", "95", "%")),
        ("＞1,200人次", ("gt", "1200", "人次")),
        ("≤５７０．５万元", ("le", "570.5", "万元")),
        ("＝1次/年", ("eq", "1", "次/年")),
        ("不少于38个", ("ge", "38", "个")),
        ("不超过10天", ("le", "10", "天")),
        ("小于等于3‰", ("le", "3", "‰")),
        ("95%以上", ("ge", "95", "%")),
        ("10次及以下", ("le", "10", "次")),
        ("30日以内", ("le", "30", "日")),
        ("100", ("", "100", "")),
        ("-5%", ("", "-5", "%")),
        ("12月底前", None),
        ("2025年12月31日", None),
        ("90%-95%", None),
        ("有效提升", None),
        ("≥九成", None),
        ("1,23", None),
        ("", None),
    ],
)
def test_targets_are_taken_apart(scripts: Page, text: str, read: tuple[str, str, str] | None) -> None:
    found = call(scripts, "targets.js", "m.readTarget(x)", text)
    assert found == (read and dict(zip(("sign", "value", "unit"), read, strict=True)))


def test_signs_and_numbers_are_read_as_the_server_reads_them(scripts: Page) -> None:
    words = [*SYMBOLS.values(), *SPELLINGS.split(), "约", "?"]
    assert call(scripts, "targets.js", "x.map(m.readSign)", words) == [parse_sign(word) for word in words]


@given(st.lists(st.text(alphabet="0123456789１２，,.．、。+-%e_ 万٣", max_size=9), max_size=60))
@settings(max_examples=40, deadline=None)
def test_numbers_are_the_servers(scripts: Page, texts: list[str]) -> None:
    found = call(scripts, "numbers.js", "x.map(m.plainNumber)", texts)
    for text, digits in zip(texts, found, strict=True):
        value = parse_number(text)
        assert (None if digits is None else parse_number(digits)) == value, (text, digits)
        assert digits is None or set(digits) <= set("0123456789.-")


# --- columns ----------------------------------------------------------------------------------

HEAD = ["一级指标", "二级指标", "三级指标", "指标值", "计量单位", "分值", "备注"]
BLOCK = [
    ["产出\n指标", "数量指标", "覆盖社区数", "≥３８", "个", "10分", "签到表\n影像"],
    ["", "", "惠及居民\n人次", "≥60,000", "人次", "15", ""],
    ["", "质量", "验收合格率", "≥95％", "", "１５", ""],
    ["效益指标（30分）", "社会效益指标", "群众获得感", "有效提升", "", "30", ""],
    ["合计", "", "", "", "", "70", ""],
]


def pasted(scripts: Page, grid: list[list[str]], start: str = "category", **context: Any) -> list[dict[str, Any]]:
    """Return the rows that a block becomes."""
    guess = call(
        scripts,
        "columns.js",
        "m.guessColumns(x[0], x[1], x[2], new Map())",
        [grid, start, context.get("categories", CATEGORIES)],
    )
    read = call(scripts, "pasted.js", "m.readBlock(x[0], x[1], x[2])", [grid, guess, CONTEXT | context])
    rows: list[dict[str, Any]] = read["rows"]
    return rows


def test_a_block_of_an_official_form_becomes_rows(scripts: Page) -> None:
    for grid in ([HEAD, *BLOCK], [["绩效指标表", *[""] * 6], HEAD, *BLOCK], BLOCK):
        rows = pasted(scripts, grid)
        assert [row["problems"] for row in rows] == [[]] * 4, grid[0]
        assert [tuple(row["values"][field] for field in FIELDS) for row in rows] == [
            ("output", "数量指标", "覆盖社区数", "ge", "38", "个", "10", "签到表；影像"),
            ("output", "数量指标", "惠及居民 人次", "ge", "60000", "人次", "15", ""),
            ("output", "质量指标", "验收合格率", "ge", "95", "%", "15", ""),
            ("benefit", "社会效益指标", "群众获得感", "qualitative", "有效提升", "", "30", ""),
        ]


@pytest.mark.parametrize(
    ("grid", "start", "fields"),
    [
        ([HEAD, BLOCK[0]], "weight", ["category", "subcategory", "name", "target", "unit", "weight", "evidence"]),
        (
            [["指标类别", "指标名称", "指标性质", "年度指标值", "度量单位", "权重", "佐证材料"], BLOCK[0]],
            "category",
            ["category", "name", "sign", "target", "unit", "weight", "evidence"],
        ),
        (
            [["三级指标", "绩效指标", "", "分值"], ["", "符号", "数值", ""], ["合格率", "≥", "95", "10"]],
            "name",
            ["name", "sign", "target", "weight"],
        ),
        (
            [["二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"], ["a", "b", "1", "c", "d", "2"]],
            "category",
            ["", "", "", "subcategory", "name", "target"],
        ),
        (
            [["产出指标", "数量指标", "覆盖社区数", "≥", "38", "个", "10"]],
            "category",
            ["category", "subcategory", "name", "sign", "target", "unit", "weight"],
        ),
        (
            [["产出指标", "数量指标", "覆盖社区数", "≥", "38", "个", "10"]],
            "evidence",
            ["category", "subcategory", "name", "sign", "target", "unit", "weight"],
        ),
        ([["覆盖社区数", "≥38个", "10"]], "name", ["name", "target", "weight"]),
        ([["10"], ["20"]], "weight", ["weight"]),
        ([["签到表"], ["验收单"]], "evidence", ["evidence"]),
        ([["≥", "95"], ["≤", "3"]], "sign", ["sign", "target"]),
    ],
)
def test_columns_are_recognised(scripts: Page, grid: list[list[str]], start: str, fields: list[str]) -> None:
    guess = call(scripts, "columns.js", "m.guessColumns(x[0], x[1], x[2], new Map())", [grid, start, CATEGORIES])
    assert guess["fields"] == fields


@pytest.mark.parametrize(
    ("cells", "problem", "kept"),
    [
        ({"category": "投入指标"}, ("category", "category_unknown"), "投入指标"),
        ({"category": ""}, ("category", "category_missing"), ""),
        ({"sign": "约"}, ("sign", "sign_unknown"), "约"),
        ({"sign": ""}, ("sign", "sign_missing"), ""),
        ({"target": "九十五"}, ("target", "value"), "九十五"),
        ({"target": "0.1234567"}, ("target", "value"), "0.1234567"),
        ({"target": "≤95"}, ("sign", "sign_twice"), "ge"),
        ({"target": "95%", "unit": "个"}, ("unit", "unit_twice"), "个"),
        ({"weight": "十分"}, ("weight", "weight"), "十分"),
        ({"weight": "-5"}, ("weight", "weight"), "-5"),
        ({"weight": "5.125"}, ("weight", "weight"), "5.125"),
        ({"name": ""}, ("name", "name_missing"), ""),
        ({"name": "𠮷" * 201}, ("name", "long"), "𠮷" * 201),
    ],
)
def test_bad_cells_are_named_and_kept(
    scripts: Page, cells: dict[str, str], problem: tuple[str, str], kept: str
) -> None:
    good = {"category": "产出指标", "name": "覆盖社区数", "sign": "≥", "target": "38", "unit": "%", "weight": "10"}
    row = good | cells
    guess = {"fields": list(row), "skip": 0}
    read = call(scripts, "pasted.js", "m.readBlock(x[0], x[1], x[2])", [[list(row.values())], guess, CONTEXT])["rows"][
        0
    ]
    assert [(p["field"], p["code"]) for p in read["problems"]] == [problem]
    assert read["values"][problem[0]] == kept


def test_names_that_are_exactly_as_long_as_allowed_are_not_marked(scripts: Page) -> None:
    grid = [["产出指标", "数量指标", "𠮷" * 200, "≥", "1", "个", "10"]]
    assert pasted(scripts, grid)[0]["problems"] == []


def test_a_second_level_name_of_one_category_is_enough(scripts: Page) -> None:
    grid = [["成本", "", "项目总成本", "≤570万元"], ["", "服务对象满意度指标", "居民满意度", "≥90%"]]
    guess = {"fields": ["category", "subcategory", "name", "target"], "skip": 0}
    rows = call(scripts, "pasted.js", "m.readBlock(x[0], x[1], x[2]).rows", [grid, guess, CONTEXT])
    assert [row["values"]["category"] for row in rows] == ["output", "output"]
    guess["fields"][0] = ""
    rows = call(scripts, "pasted.js", "m.readBlock(x[0], x[1], x[2]).rows", [grid[1:], guess, CONTEXT])
    assert [row["values"]["category"] for row in rows] == ["satisfaction"]


# --- marks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_what_categories_owe_is_what_the_server_says(scripts: Page, path: Any) -> None:
    scheme = parse_scheme(yaml.safe_load(path.read_text(encoding="utf-8")))
    codes = [category.code for category in scheme.categories]
    subsets = [used for size in range(len(codes) + 1) for used in combinations(codes, size)]
    categories = [
        {
            "code": c.code,
            "weight": int(c.weight * 100),
            "unused": [[code, int(amount * 100)] for code, amount in c.unused_to],
        }
        for c in scheme.categories
    ]
    found = call(
        scripts,
        "weights.js",
        "x[1].map((used) => Object.fromEntries(m.expected(x[0], new Set(used))))",
        [categories, subsets],
    )
    assert found == [{code: int(w * 100) for code, w in scheme.expected_weights(used).items()} for used in subsets]


@pytest.mark.parametrize(
    ("typed", "want", "given_out"),
    [
        ((None, None, None), 50, (16, 17, 17)),
        ((None, None), 50, (25, 25)),
        ((20, None, 0), 50, (20, 15, 15)),
        ((None,) * 4, 10, (2, 2, 3, 3)),
        ((None,) * 12, 10, (0.5, 0.5, 0.5, 0.5, *[1] * 8)),
        ((None, None, None), 7.5, (2.5, 2.5, 2.5)),
        ((None, None), 10.25, (5, 5.25)),
        ((None, None, None), 0.02, (0, 0.01, 0.01)),
        ((10, 10), 50, (25, 25)),
        ((30, 30), 50, (25, 25)),
        ((60, 0.5), 50, (50, 0)),
        ((30, 20), 50, None),
        ((60, None), 50, None),
        ((), 50, None),
    ],
)
def test_the_rest_is_shared_out(
    scripts: Page, typed: tuple[float | None, ...], want: float, given_out: tuple[float, ...] | None
) -> None:
    values = [None if value is None else round(value * 100) for value in typed]
    found = call(scripts, "weights.js", "m.distributed(x[0], x[1])", [values, round(want * 100)])
    assert found == (given_out and [round(value * 100) for value in given_out])


@given(st.lists(st.one_of(st.none(), st.integers(0, 10000)), min_size=1, max_size=40), st.integers(0, 10000))
@settings(max_examples=150, deadline=None)
def test_shared_out_marks_always_add_up(scripts: Page, values: list[int | None], want: int) -> None:
    found = call(scripts, "weights.js", "m.distributed(x[0], x[1])", [values, want])
    total = sum(value or 0 for value in values)
    if found is None:
        assert total == want or (total > want and not all(values))
        return
    assert sum(found) == want
    assert min(found) >= 0
    if not all(values):
        assert [new for old, new in zip(values, found, strict=True) if old] == [old for old in values if old]


@pytest.mark.parametrize(
    "text", ["10", "１０", "10%", "1,000", "10.25", "10.255", "-1", "", " ", "十", "1e1", "999.99"]
)
def test_marks_are_read_as_the_server_reads_them(scripts: Page, text: str) -> None:
    found = call(scripts, "weights.js", "String(m.marks(x))", text)
    number = parse_number(text.rstrip("%"))
    usable = number is not None and 0 <= number < 1000 and number == round(number, 2)
    expected = "null" if not text.strip() else plain(number * 100) if usable and number is not None else "NaN"
    assert found == expected
