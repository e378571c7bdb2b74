"""Target forms: written as printed, texts never as formulas, and read back cell by cell from anybody's layout."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from perfmgr.documents.target_forms import annotated, books, read, sheets_as_targets
from perfmgr.rules.import_checks import Setting, check
from perfmgr.rules.refusals import Refused
from tests import target_books as given
from tests.cast import YEAR

SETTING = Setting(YEAR, given.SCHEME, frozenset({"2013202"}))


def found(data: bytes) -> list[tuple[dict[str, Any], list[str]]]:
    """Return values and sentences of every project of a workbook."""
    checked = [check(draft, SETTING) for draft in read(data, "表.xlsx")]
    return [(values, [f"{f.field} {f.sentence()}" for f in findings]) for values, findings in checked]


@pytest.mark.parametrize("layout", ["national", "yuan", "list"])
def test_two_hundred_projects_with_hostile_texts_come_back_without_a_difference(layout: str, tmp_path: Path) -> None:
    wanted = [given.values(seed) for seed in range(200)]
    parts = [wanted] if layout == "list" else [wanted[at : at + 50] for at in range(0, 200, 50)]
    back = [each for part in parts for each in found(given.book(layout, [given.form(v) for v in part], tmp_path))]
    differences = [
        (values, said) for (values, said), before in zip(back, wanted, strict=True) if values != before or said
    ]
    assert differences == []


@pytest.mark.parametrize("layout", ["national", "yuan", "list"])
def test_no_text_becomes_a_formula_or_link_and_numbers_stay_numbers(layout: str, tmp_path: Path) -> None:
    data = given.book(layout, [given.form(given.values(seed)) for seed in range(20)], tmp_path)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        styles = package.read("xl/styles.xml")
        rels = [name for name in package.namelist() if name.startswith("xl/worksheets/_rels")]
    assert [part for part in sheets if b"<f>" in part or b"<f " in part or b"<hyperlink" in part] == []
    assert rels == []
    assert b'quotePrefix="1"' in styles
    plain = given.book(layout, [given.form(given.plain())], tmp_path)
    cells = [c for s in CalamineWorkbook.from_filelike(io.BytesIO(plain)).sheet_names for c in _cells(plain, s)]
    assert {c for c in cells if c == (570.0 if layout == "national" else 5_700_000.0)}


def _cells(data: bytes, sheet: str) -> list[Any]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [cell for row in book.get_sheet_by_name(sheet).to_python() for cell in row]


@pytest.mark.parametrize("layout", ["national", "yuan", "list"])
def test_a_template_has_drop_downs_of_the_scheme_and_nothing_to_import(layout: str) -> None:
    data = books.template(YEAR, given.SCHEME, layout, "甲部门（本级）", "甲部门", "219")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        text = b"".join(package.read(n) for n in package.namelist() if n.startswith("xl/worksheets/sheet")).decode()
    assert text.count('type="list"') >= 5
    choices = _cells(data, "选项")
    for name in ("产出指标", "数量指标", "服务对象满意度指标", "特定目标类", "延续项目", "≥", "定性", "分档计分"):
        assert name in choices
    with pytest.raises(Refused, match="请使用下载的模板并填写后再上传"):
        read(data, "模板.xlsx")


def test_a_filled_in_template_states_its_year_and_unit_of_money() -> None:
    texts = [cell for cell in _cells(books.template(2026, given.SCHEME, "yuan"), "申报表") if cell]
    assert texts[:3] == ["财政项目支出绩效目标申报表", "（2026年度）", "金额单位：元"]
    assert "金额单位：万元" in _cells(books.template(2026, given.SCHEME, "national"), "申报表")


# --- forms of others ----------------------------------------------------------------------------

SHANGHAI = [
    ["财政项目支出绩效目标申报表"],
    [f"（{YEAR}年度）"],
    ["项目名称", None, "拆违经费"],
    ["项目性质", None, "阶段性项目", None, "项目类别", None, "特定目标类"],
    ["主管部门", None, "某区城市管理行政执法局执法大队", None, "实施单位", None, "某区城市管理行政执法局执法大队"],
    ["计划开始日期", None, "2024-01-01", None, "计划完成日期", None, "2026-12-31"],
    ["项目资金\n（元）", None, "项目资金总额", "10,308,000.00", None, "年度资金申请总额", "3,498,000.00"],
    [None, None, "其中：财政资金", "10,308,000.00", None, "其中：当年财政拨款", "3,498,000.00"],
    [None, None, "其他资金", "0.00", None, "上年结转资金", "0.00"],
    [None, None, None, None, None, "其他资金", "0.00"],
    ["项目\n绩效\n目标", None, "项目总体目标\n(2024 年-2026 年)", None, None, "年度总体目标"],
    [None, None, "1.三年完成拆违任务。\n2.违建零增长。", None, None, "1.完成年度拆违任务。"],
    ["绩效\n指标", None, "一级指标", "二级指标", "三级指标", None, "年度(/项目)指标值"],
    [None, None, "产出指标", "数量指标", "完成年度拆违计划", None, "=100.00(%)"],
    [None, None, None, "质量指标", "违法建筑销项正确率", None, "=100.00(%)"],
    [None, None, None, "时效指标", "新增违建处置率", None, "＝１００．００（％）"],
    [None, None, "效益指标", "社会效益指标", "群众政策知晓度", None, "≥90.00(%)"],
    [None, None, None, "生态效益指标", "提升城市环境美化指数", None, "提高"],
    [None, None, "满意度指标", "服务对象满意度指标", "群众满意度", None, "≥90.00(%)"],
    ["填报人", None, "某某"],
]


def test_the_published_form_in_yuan_is_read_as_it_is() -> None:
    [(values, said)] = found(given.sheet(SHANGHAI, merged=("A14:A19",)))
    assert said == []
    assert values["project"] == {
        "code": "",
        "name": "拆违经费",
        "category": "specific",
        "start_on": "2024-01-01",
        "end_on": "2026-12-31",
        "total_amount": "10308000",
        "goals_total": "1.三年完成拆违任务。\n2.违建零增长。",
    }
    assert values["texts"] == {"goals": "1.完成年度拆违任务。"}
    assert values["funds"] == {"general_public": "3498000"}
    assert [line[:7] for line in values["indicators"]] == [
        ["output", "数量指标", "完成年度拆违计划", "eq", "100", "", "%"],
        ["output", "质量指标", "违法建筑销项正确率", "eq", "100", "", "%"],
        ["output", "时效指标", "新增违建处置率", "eq", "100", "", "%"],
        ["benefit", "社会效益指标", "群众政策知晓度", "ge", "90", "", "%"],
        ["benefit", "生态效益指标", "提升城市环境美化指数", "qualitative", None, "提高", ""],
        ["satisfaction", "服务对象满意度指标", "群众满意度", "ge", "90", "", "%"],
    ]
    assert {"bases", "steps", "period"} & set(values) == set()


NATIONAL = [
    ["项目支出绩效目标申报表"],
    [f"({YEAR}年度)"],
    ["项目名称", "价格认定", None, "项目属性", "延续"],
    ["主管部门及代码", "发改局 219", None, "项目期", "2024年-2026年"],
    ["项目资金（万元）", "中期资金总额", "90", "年度资金总额", "30.5"],
    [None, "其中：财政拨款", "90", "其中：财政拨款", "30.5"],
    [None, "其他资金", "", "其他资金", ""],
    ["总体目标", "中期目标（2024年—2026年）", None, "年度目标"],
    [None, "完成认定三百六十件", None, "按期完成一百二十件"],
    ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"],
    [None, "产出", "数量指标", "三年件数", "≥360件", "数量指标", "年度件数", "≥120件"],
    [None, None, "时效", "按期率", "100%", "时效", "按期率", "290%"],
    [None, "满意度", None, None, None, "服务对象满意度", "申请人满意度", "不低于90％"],
]


def test_the_national_form_gives_its_annual_block_and_says_what_was_guessed() -> None:
    [(values, said)] = found(given.sheet(NATIONAL))
    assert said == ["申报表!H12 目标值“290%”可能是“≥90%”被误识别而成，请核对。"]
    assert [line[:7] for line in values["indicators"]] == [
        ["output", "数量指标", "年度件数", "ge", "120", "", "件"],
        ["output", "时效", "按期率", "eq", "290", "", "%"],
        ["satisfaction", "服务对象满意度", "申请人满意度", "ge", "90", "", "%"],
    ]
    project = values["project"]
    assert (project["attribute"], project["start_on"], project["end_on"]) == ("continuing", "2024-01-01", "2026-12-31")
    assert (project["total_amount"], project["goals_total"]) == ("900000", "完成认定三百六十件")
    assert (values["funds"], values["texts"]) == ({"general_public": "305000"}, {"goals": "按期完成一百二十件"})


@pytest.mark.parametrize(("layout", "labels"), [("national", ["项目期"]), ("yuan", ["计划开始日期", "计划完成日期"])])
def test_a_form_without_a_term_shows_the_period_and_does_not_take_it_back(layout: str, labels: list[str]) -> None:
    without = given.plain()
    without["project"] |= {"start_on": None, "end_on": None}
    data = given.book(layout, [given.form(without)], Path())
    cells = [cell for cell in _cells(data, "申报表") if cell]
    period = [f"{YEAR}-01-01", f"{YEAR}-12-31"]
    printed = ["至".join(period)] if layout == "national" else period
    assert [cells[cells.index(label) + 1] for label in labels] == [f"{text}（按实施周期）" for text in printed]
    assert found(data) == [(without, [])]
    [(_name, targets)] = sheets_as_targets(data, "表.xlsx")
    assert (targets["project"]["start_on"], targets["project"]["end_on"]) == tuple(period)


def test_a_term_typed_over_the_period_is_taken() -> None:
    rows = [list(row) for row in SHANGHAI]
    rows[5][2], rows[5][6] = "2024-01-01", "2026-12-31 (按实施周期)"
    [(values, said)] = found(given.sheet(rows))
    assert (values["project"]["start_on"], values["project"]["end_on"], said) == ("2024-01-01", None, [])


def test_every_field_says_from_which_cell_it_came() -> None:
    [draft] = read(given.sheet(SHANGHAI), "表.xlsx")
    assert {name: draft.head.at(name) for name in ("name", "annual", "goals", "total_amount", "end_on")} == {
        "name": "申报表!C3",
        "annual": "申报表!G7",
        "goals": "申报表!F12",
        "total_amount": "申报表!D7",
        "end_on": "申报表!G6",
    }
    assert [line.at("target") for line in draft.indicators or ()] == [f"申报表!G{n}" for n in range(14, 20)]


def test_all_faults_of_a_form_are_told_at_once_with_cell_and_remedy() -> None:
    rows = [list(row) for row in SHANGHAI]
    rows[1], rows[3][6], rows[5][2], rows[6][6] = ["（2019年度）"], "专项类", "2024-02-30", "3,498,001.00"
    rows[13][2], rows[14][4], rows[15][6] = "过程指标", "", ""
    [(_values, said)] = found(given.sheet(rows))
    assert [re.split("[，。；]", sentence)[0] for sentence in said] == [
        "申报表!A2 表上的年度是 2019",
        "申报表!G4 “项目类别”填的是“专项类”",
        "申报表!C6 “开始日期”填的“2024-02-30”不是真实存在的日期",
        "申报表!G7 年度资金总额 3498001 元与各来源合计 3498000 元不一致",
        "申报表!C14 “一级指标”填的是“过程指标”",
        "申报表!C15 “一级指标”填的是“过程指标”",
        "申报表!E15 “三级指标”不能为空",
        "申报表!C16 “一级指标”填的是“过程指标”",
        "申报表!G16 指标没有目标值",
    ]


def test_too_long_texts_are_refused_and_rare_characters_kept() -> None:
    data = given.plain(name="𠮷野家改造")
    data["texts"]["overview"] = "长" * 10_001
    [(values, said)] = found(given.book("national", [given.form(data)], Path()))
    assert values["project"]["name"] == "𠮷野家改造"
    assert [sentence.split(" ", 1)[1] for sentence in said] == ["“项目概述”超出 1 字，最多 10000 字，请删减。"]


def test_a_percentage_typed_into_a_number_cell_is_not_a_hundred_times_less() -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, share = book.add_worksheet(), book.add_format({"num_format": "0.00%"})
        for n, row in enumerate(SHANGHAI):
            for column, cell in enumerate(row):
                sheet.write_string(n, column, cell) if cell else None
        sheet.write_number("G14", 0.955, share)
        sheet.write_formula("G15", "=1/2", share, 0.5)
        sheet.write_formula("G7", "=SUM(G8:G10)", None, 3498000)
        sheet.write_formula("G16", "=A1", None, "")
    [(values, said)] = found(buffer.getvalue())
    assert [line[4:7] for line in values["indicators"][:2]] == [["95.5", "", "%"], ["50", "", "%"]]
    assert said[:3] == [
        "Sheet1!G7 单元格是公式，按它上次显示的结果“3498000”导入，请核对。",
        "Sheet1!G15 单元格是公式，按它上次显示的结果“50%”导入，请核对。",
        "Sheet1!G16 单元格是公式而没有保存计算结果，请改填数值或文字。",
    ]


def test_lines_of_a_list_that_belong_nowhere_are_told() -> None:
    import xlsxwriter

    from perfmgr.documents.target_forms.lists import COLUMNS

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for table, titles in COLUMNS.items():
            book.add_worksheet(table).write_row(0, 0, list(titles))
        book.get_worksheet_by_name("项目").write_row(1, 0, ["1", "", "甲项目"])
        book.get_worksheet_by_name("指标").write_row(1, 0, ["7", "产出指标", "", "件数", "≥", "3"])
        book.get_worksheet_by_name("指标").write_row(2, 0, ["", "产出指标", "", "件数", "≥", "3"])
        book.get_worksheet_by_name("资金").write_row(1, 0, ["1", "借款", "3"])
    assert [said for _values, said in found(buffer.getvalue())] == [
        ["资金!B2 “资金来源”填的是“借款”，应为 一般公共预算、政府性基金、国有资本经营、上年结转、其他 之一。"],
        ["指标!A2 “项目”表里没有序号或代码为“7”的项目，请核对这一行属于哪个项目。"],
        ["指标!A3 没有写明这一行属于哪个项目，请在“项目序号”列填写“项目”表里的序号。"],
    ]


def test_sheets_are_handed_to_the_checker_as_targets() -> None:
    [(name, targets)] = sheets_as_targets(given.sheet(SHANGHAI), "表.xlsx")
    assert name == "申报表"
    assert targets["project"] == {
        "name": "拆违经费",
        "unit": "某区城市管理行政执法局执法大队",
        "year": YEAR,
        "start_on": "2024-01-01",
        "end_on": "2026-12-31",
        "annual_amount_wan": "349.8",
        "total_amount_wan": "1030.8",
        "goals_total": "1.三年完成拆违任务。\n2.违建零增长。",
        "goals_year": "1.完成年度拆违任务。",
        "funds": [
            {"source": "财政拨款", "amount_wan": "349.8"},
            {"source": "上年结转", "amount_wan": "0"},
            {"source": "其他", "amount_wan": "0"},
        ],
    }
    assert targets["indicators"][3] == {
        "category": "效益指标",
        "subcategory": "社会效益指标",
        "name": "群众政策知晓度",
        "value": "≥90.00(%)",
    }


def test_what_our_form_leaves_empty_is_known_to_be_empty() -> None:
    data = given.plain()
    data["texts"]["overview"], data["funds"] = "", {"general_public": "1000000", "other": "0.5"}
    [(_name, targets)] = sheets_as_targets(given.book("national", [given.form(data)], Path()), "表.xlsx")
    project = targets["project"]
    assert (project["overview"], project["plan"], project["bases"]) == ("", "分季度实施。", ["经费管理办法"])
    assert project["funds"] == [
        {"source": "一般公共预算", "amount_wan": "100"},
        {"source": "其他", "amount_wan": "0.00005"},
    ]
    assert targets["indicators"][0]["sign"] == "≥"


def test_the_annotated_copy_marks_the_cell_and_can_be_uploaded_again() -> None:
    data = given.sheet(SHANGHAI, merged=("A14:A19",))
    remarks = [
        annotated.Remark("申报表", "G14", "拆违经费", True, "=不是公式"),
        annotated.Remark("申报表", "Z30", "拆违经费", False, "在表外"),
    ]
    copy = annotated.annotated(data, "表.xlsx", remarks, ["工作表", "单元格", "项目", "检查结果"])
    assert list(CalamineWorkbook.from_filelike(io.BytesIO(copy)).sheet_names) == ["检查结果", "申报表"]
    assert _cells(copy, "检查结果")[4:8] == ["申报表", "G14", "拆违经费", "=不是公式"]
    with zipfile.ZipFile(io.BytesIO(copy)) as package:
        assert "=不是公式" in package.read("xl/comments1.xml").decode()
        assert not any(b"<f>" in package.read(name) for name in package.namelist())
    assert found(copy) == found(data)
