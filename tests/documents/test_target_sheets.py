"""Files of target sheets: reading them, and what the checker says about published forms and hand-made sheets."""

import json
import re

import pytest

import config
from perfmgr.documents import target_reports, target_sheets
from perfmgr.rules.findings import ERROR
from perfmgr.rules.quality_goals import duties_without_target
from perfmgr.rules.refusals import Refused
from tests.rules.sheets import D

FOLDER = config.ROOT / "tests" / "data" / "targets"
# Written from the rules' text before the checker had seen the sheets.
EXPECTED: dict[str, list[str]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def checked(content, **rest):
    """What the checker says about one sheet, given as data."""
    data = json.dumps(content, ensure_ascii=False).encode()
    (one,) = target_reports.check(target_sheets.read(data, "表.json"), **rest)
    return one


def told(content, *codes):
    """Code and field of the findings with these codes, or of all."""
    return [(f.code, f.field) for f in checked(content).report.findings if not codes or f.code in codes]


def row(place, name, value, **rest):
    category, _slash, below = place.partition("/")
    return {"category": f"{category}指标", "subcategory": f"{below}指标", "name": name, "value": value, **rest}


# --- sixty sheets ---------------------------------------------------------------------------------


def found_in(name):
    (one,) = target_reports.check(target_sheets.read((FOLDER / f"{name}.json").read_bytes(), name))
    return one.report.findings


def test_there_are_thirty_good_sheets_and_thirty_bad_ones():
    files = {path.stem for path in FOLDER.glob("*-*.json")}
    assert files == EXPECTED.keys()
    assert (sum(n.startswith("good") for n in files), sum(n.startswith("bad") for n in files)) == (30, 30)
    assert all(bool(codes) is name.startswith("bad") for name, codes in EXPECTED.items())


def test_precision_and_recall_stay_above_the_floor():
    right = wrong = missed = 0
    for name, codes in EXPECTED.items():
        found, wanted = {finding.code for finding in found_in(name)}, set(codes)
        right, wrong, missed = right + len(found & wanted), wrong + len(found - wanted), missed + len(wanted - found)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if name.startswith("good")))
def test_a_good_sheet_has_no_error(name):
    assert [f.sentence() for f in found_in(name) if f.level == ERROR] == []


# --- published forms (§10 and §9.2 of the field's rules) -------------------------------------------

GOALS = "1.完成市、区相关部门下达的年度拆违任务。2.新增违建“零增长”，坚决做到“无增减存”。3.开展存量违建专项治理，快速降低违建点位数。"
DEMOLITION = {
    "project": {
        "name": "拆违经费",
        "year": 2026,
        "start_on": "2024-01-01",
        "end_on": "2026-12-31",
        "annual_amount_wan": "349.80",
        "total_amount_wan": 1030.8,
        "goals_total": GOALS,
        "goals_year": GOALS,
        "overview": "本年度拆违经费预算金额为349.80万元，分别用于拆违现场安全秩序维护第三方服务、无人机巡查等。",
        "funds": [{"source": "当年财政拨款", "amount_wan": 349.8}, {"source": "上年结转资金", "amount_wan": 0}],
    },
    "indicators": [
        row("成本/经济成本", "成本控制合理性", "合理"),
        row("产出/数量", "完成年度拆违计划", "=100.00(%)"),
        row("产出/质量", "违法建筑销项正确率", "=100.00(%)"),
        row("产出/时效", "新增违建处置率", "=100.00(%)"),
        row("效益/社会效益", "群众政策知晓度", "≥90.00(%)"),
        row("效益/生态效益", "提升城市环境美化指数", "提高"),
        row("效益/可持续影响", "新增违建发生数", "降低"),
        row("满意度/服务对象满意度", "群众满意度", "≥90.00(%)"),
    ],
}


def test_the_complete_form_has_no_error_and_its_known_faults_are_found():
    assert told(DEMOLITION) == [
        ("Q21", "goals"),
        ("Q03", "indicators.0.target"),
        ("Q03", "indicators.5.target"),
        ("Q03", "indicators.6.target"),
        ("Q16", "goals"),
    ]


def test_the_form_with_a_total_of_nought():
    content = {
        "project": {
            "name": "委托业务项目",
            "annual_amount_wan": 0,
            "funds": [{"source": "本年财政拨款", "amount_wan": 90}],
        },
        "indicators": [
            row("产出/数量", "委托业务项目数量", "≥50个", weight=8),
            row("产出/质量", "委托业务报告合格率", "≥100百分比", weight=8),
            row("产出/质量", "经费支出合规性", "严格执行相关制度规定", weight=8),
            row("产出/时效", "提交报告及时性", "在项目计划完成时间内完成", weight=8),
            row("产出/成本", "项目总成本", "≤90万元", weight=8),
            row("产出/成本", "单项业务成本", "符合相关规定", weight=10),
            row("效益/社会效益", "对维护基建市场公平的影响程度", "效果明显", weight=30),
            row("满意度/服务对象满意度", "公众满意度", "≥90%", weight=10),
        ],
    }
    found = told(content)
    assert {("Q18", "funds"), ("Q10", "indicators.1.unit"), ("Q04", "indicators")} <= set(found)
    assert [field for code, field in found if code == "Q03"] == [f"indicators.{n}.target" for n in (2, 3, 5, 6)]


def test_the_form_printed_as_a_hundred_that_adds_up_to_a_hundred_and_ten():
    (one,) = target_reports.check(target_sheets.read((FOLDER / "bad-04-weights-110.json").read_bytes(), ""))
    assert [f.sentence() for f in one.report.findings if f.code == "Q05"] == [
        "“产出指标”的分值合计为 70 分，应为 50 分，请调整。",
        "“效益指标”的分值合计为 20 分，应为 30 分，请调整。",
    ]


def test_the_form_of_one_indicator_with_ninety_marks():
    content = {"indicators": [row("产出/成本", "成本控制数", "≤30万元", weight=90)]}
    assert {"Q01", "Q05", "Q06", "Q07"} <= {code for code, _field in told(content)}


def test_the_form_of_salaries_with_one_indicator_of_sixty_marks():
    content = {
        "indicators": [
            row("产出/质量", "发放覆盖率", "=100%", weight=60),
            row("产出/数量", "足额保障率", "=100%", weight=30),
        ]
    }
    assert ("Q06", "indicators.0.weight") in told(content)


def test_the_price_bureaus_form():
    content = {
        "project": {"name": "价格认定", "goals_year": "做好涉案、价格认定工作。"},
        "indicators": [
            {**row("产出/数量", "业务工作支出安排金额", "28.8万元"), "unit": "%"},
            row("产出/质量", "业务工作支出到位率", "100%"),
            row("产出/时效", "工作安排时间", "按月安排"),
        ],
    }
    assert {("Q22", "goals"), ("Q09", "indicators.0.name"), ("Q10", "indicators.0.unit")} <= set(told(content))


def test_the_form_with_empty_indicators():
    content = {"indicators": [row("产出/数量", "", value) for value in ("88100", "68100", "20100")]}
    assert [field for code, field in told(content, "Q01") if field.endswith("name")] == [
        f"indicators.{n}.name" for n in range(3)
    ]


def test_the_published_project_of_the_2025_budget():
    """Its text has the year's amount and no indicator, and says what the money is for instead of a result."""
    content = {
        "project": {
            "name": "社区党组织服务群众经费（区级配套）",
            "year": 2025,
            "start_on": "2025年1月1日",
            "end_on": "2025年12月31日",
            "annual_amount_wan": 570,
            "goals_year": "主要用于环境治理、矛盾化解、便民设施投入维护及关爱帮扶特殊困难群体等。"
            "全年经费的拨付有利于进一步增强基层党组织的战斗力、凝聚力和向心力。",
            "budget_note": "区财政 2025 年拟安排该项目一般公共预算 570 万元。",
        },
        "indicators": [],
    }
    assert told(content) == [("Q22", "goals"), ("Q01", "indicators")]


def test_amounts_in_yuan_and_in_wan_are_the_same_amount():
    project = {"name": "中心建设", "year": 2026, "annual_amount_wan": "22,614.51", "total_amount_wan": 77132.58}
    texts = {"overview": "总投资771,325,800元。本年度预算金额226,145,100.00元。"}
    assert told({"project": project | texts, "indicators": []}, "Q19") == []


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["name", "year", "start_on", "end_on", "annual_amount_wan", "goals_year", "goals_total", "funds"]
)
def test_any_key_of_the_project_may_be_missing(key):
    project = {name: value for name, value in DEMOLITION["project"].items() if name != key}
    assert [f for f in checked(DEMOLITION | {"project": project}).report.findings if f.level == ERROR] == []


@pytest.mark.parametrize("key", ["category", "subcategory", "name", "sign", "value", "unit", "weight"])
def test_any_key_of_an_indicator_may_be_missing(key):
    rows = [{name: value for name, value in each.items() if name != key} for each in DEMOLITION["indicators"]]
    assert checked(DEMOLITION | {"indicators": rows}).sheet.lines


def test_what_is_left_empty_is_an_error_and_what_is_missing_is_not_known():
    empty = {"project": {"name": None, "goals_year": "", "annual_amount_wan": None}, "indicators": []}
    assert ("Q01", "goals") in told(empty)
    assert ("Q01", "name") in told(empty)
    assert ("Q01", "funds") in told(empty)
    assert [field for _code, field in told({"project": {}, "indicators": []}, "Q01")] == ["indicators"]


def test_categories_by_code_and_signs_in_words():
    content = {
        "scheme": "10-50-30-10",
        "indicators": [{"category": "output", "name": "培训人数", "sign": "不少于", "value": "1,500", "unit": "人次"}],
    }
    one = checked(content)
    line = one.sheet.lines[0]
    assert (one.scheme.code, line.category, line.sign, line.value, line.unit) == (
        "10-50-30-10",
        "output",
        "ge",
        D(1500),
        "人次",
    )


def test_sheets_of_one_file_are_compared_with_each_other():
    goals = "全年巡查河道 120 公里，清理漂浮物 900 吨，断面水质达标。"
    sheets = [{"project": {"name": name, "goals_year": goals}, "indicators": []} for name in ("甲河保洁", "乙河保洁")]
    checked_both = target_reports.check(target_sheets.read(json.dumps(sheets).encode(), ""))
    assert [[f.sentence() for f in one.report.findings if f.code == "Q14"] for one in checked_both] == [
        ["“年度目标”与项目“乙河保洁”的文字有 100% 相同。"],
        ["“年度目标”与项目“甲河保洁”的文字有 100% 相同。"],
    ]
    assert {entry["project"] for entry in target_reports.as_data(checked_both)} == {"甲河保洁", "乙河保洁"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"[1]",
        b'"text"',
        b"\xff\xfe",
        b'{"project": 1, "indicators": []}',
        b'{"project": [], "indicators": {}}',
        b'{"indicators": 5}',
        b'{"indicators": [5]}',
        b'{"indicators": [{"name": {"a": 1}}]}',
        b'{"indicators": [{"weight": "ten"}]}',
        b'{"indicators": [{"weight": NaN}]}',
        b'{"indicators": [{"value": 1e999999}]}',
        b'{"project": {"annual_amount_wan": -1}}',
        b'{"project": {"annual_amount_wan": true}}',
        b'{"project": {"year": "soon"}}',
        b'{"project": {"start_on": "soon"}}',
        b'{"project": {"funds": [{"amount_wan": "much"}]}}',
        b"[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_refused_with_one_sentence(data):
    with pytest.raises(Refused) as refused:
        target_sheets.read(data, "表.json")
    assert len(refused.value.findings) == 1
    assert str(refused.value).endswith("。")


def test_most_duties_of_the_2025_budget_have_no_project_of_their_own():
    """21 duties are published and one project is described: it serves its own duty, and not every other one."""
    text = "".join(
        (config.ROOT / "tests" / "data" / "published" / "2025-department-budget.txt").read_text("utf-8").split()
    )
    duties = re.split("（[一二三四五六七八九十]{1,3}）", text.split("主要职责：")[1].split("二、部门预算单位构成")[0])[
        1:
    ]
    sheet = checked({"project": {"name": "社区党组织服务群众经费（区级配套）"}, "indicators": []}).sheet
    alone = duties_without_target(duties, [sheet])
    assert len(duties) == 21
    assert not any("贯彻执行党组织建设的方针" in duty for duty in alone)
    assert any("侨务工作" in duty for duty in alone)
    assert len(alone) >= 10
