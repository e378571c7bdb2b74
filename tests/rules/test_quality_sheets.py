"""Whole sheets: weights, counts, money, goals, repetition and background; each rule with what it must and must not say."""

import dataclasses
import datetime as dt

import pytest

from perfmgr.rules.quality import Alike, LastYear, TargetSheet, examine
from perfmgr.rules.quality_goals import duties_without_target
from perfmgr.rules.texts import same_name
from tests.rules.sheets import SCHEME, D
from tests.rules.targets import BOOK, LINES, SHEET, codes, found, line

day = dt.date
WAN = 10_000
GOALS = "完成市、区下达的年度拆违任务 120 处，新增违建不超过 3 起。"


def on(code: str, **sheet: object) -> list[tuple[str, str]]:
    """Field and sentence of every finding with this code."""
    return [(f.field, f.sentence()) for f in found(dataclasses.replace(SHEET, **sheet)) if f.code == code]


def rows(*wanted: tuple[str, str, str, object]) -> list[object]:
    return [line(place, name, target, weight) for place, name, target, weight in wanted]


# --- weights and counts ---------------------------------------------------------------------------


def test_wrong_weights_say_by_how_much_and_where_to_change_it():
    lines = [dataclasses.replace(LINES[0], weight=D(30)), *LINES[1:]]
    (finding,) = [f for f in found(dataclasses.replace(SHEET, lines=lines)) if f.code == "Q05"]
    assert finding.sentence() == "“产出指标”的分值合计为 70 分，应为 50 分，请调整。"
    assert finding.remedy() == "产出指标多 20 分：例如把“巡查河道公里数”改为 10 分，或分摊到几项。"


def test_one_heavy_indicator():
    lines = rows(
        ("数量", "巡查公里数", "≥20公里", 50),
        ("社会", "沿河投诉下降率", "≥20%", "30"),
        ("满意", "住户满意度", "≥90%", 10),
    )
    assert on("Q06", lines=lines) == [("indicators.0.weight", "指标“巡查公里数”一项占 50 分，超过总分的 30%。")]


def test_few_indicators():
    lines = rows(("数量", "巡查公里数", "≥20公里", 50), ("社会", "沿河投诉下降率", "≥20%", 40))
    assert on("Q07", lines=lines) == [
        ("indicators", "只有 2 项指标，一般不少于 5 项。"),
        ("indicators", "产出指标只有 1 项，一般不少于 3 项。"),
    ]


def test_without_marks_weights_are_not_determined():
    lines = [dataclasses.replace(each, weight=None) for each in LINES]
    report = examine(dataclasses.replace(SHEET, lines=lines), SCHEME, BOOK)
    assert {"Q05", "Q06"} <= {unknown.code for unknown in report.undetermined}
    assert "Q05" not in {finding.code for finding in report.findings}


@pytest.mark.parametrize(("texts", "found_it"), [(3, False), (4, True)])
def test_four_of_eight_qualitative_are_too_many_and_three_are_not(texts, found_it):
    lines = [
        dataclasses.replace(each, sign="qualitative", value=None, text="全部完成并通过验收为达成")
        if n < texts
        else each
        for n, each in enumerate(LINES)
    ]
    assert bool(on("Q04", lines=lines)) is found_it


def test_output_and_benefit_are_compulsory_without_a_scheme_too():
    lines = rows(("数量", "巡查公里数", "≥20公里", 50))
    assert [f.sentence() for f in found(dataclasses.replace(SHEET, lines=lines), scheme=None) if f.code == "Q01"] == [
        "没有效益指标，请至少设置一项。"
    ]


# --- money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((150, 50), None),
        ((150, 51), "各来源资金合计 201.00 万元，年度资金总额为 200.00 万元，两者应相等。"),
        ((90,), "各来源资金合计 90.00 万元，年度资金总额为 200.00 万元，两者应相等。"),
    ],
)
def test_funds_add_up(parts, sentence):
    funds = [(f"来源{n}", D(part * WAN)) for n, part in enumerate(parts)]
    assert on("Q18", funds=funds) == ([("funds", sentence)] if sentence else [])


def test_a_total_of_nought_with_parts_that_are_not_is_wrong():
    assert on("Q18", annual_amount=D(0), total_amount=None, funds=[("本年财政拨款", D(900_000))]) != []


@pytest.mark.parametrize(
    ("name", "target", "code"),
    [
        ("项目总成本", "≤200万元", False),
        ("项目总成本", "≤185万元", False),
        ("项目总成本", "≤170万元", True),
        ("项目总成本", "≤260万元", True),
        ("项目总成本", "≤2000000元", False),
        ("每公里巡查成本", "≤1.7万元", False),
        ("每公里巡查成本", "≤2.1万元", True),
        ("成本控制率", "≤100%", False),
    ],
)
def test_cost_fits_the_budget(name, target, code):
    assert ("Q17" in codes(line("成本", name, target))) is code


def test_parts_of_cost_may_not_be_more_than_the_budget():
    lines = rows(("成本", "设计费用成本", "≤90万元", 5), ("成本", "施工费用成本", "≤130万元", 5))
    assert [field for field, _said in on("Q17", lines=[*LINES[:4], *lines, *LINES[5:]])] == ["indicators.4.target"]
    lines = rows(("成本", "设计费用成本", "≤70万元", 5), ("成本", "施工费用成本", "≤130万元", 5))
    assert on("Q17", lines=[*LINES[:4], *lines, *LINES[5:]]) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("本年度河道保洁与巡查预算金额为200.00万元。", None),
        ("本年度河道保洁与巡查预算金额为 2,000,000.00 元，分别用于保洁、巡查。", None),
        ("区财政 2026 年拟安排该项目一般公共预算 200 万元。", None),
        ("区财政 2026 年拟安排该项目一般公共预算 570 万元。", "570万元"),
        ("本年度项目预算资金为 4,200 万元，用于保洁。", "4,200万元"),
        ("2026年安排20,000,000元。", "20,000,000元"),
        ("项目总额 1,030.80 万元，2024 年安排 300 万元。", None),
        ("三年共需 600 万元。", None),
        ("本年度安排宣传经费 5 万元、巡查经费 195 万元。", None),
        ("本年度其中宣传 5 万元。", None),
        ("2026 年河道保洁 200 万元，总投资 600 万元。", None),
    ],
)
def test_the_years_amount_in_the_text_is_that_of_the_form(text, written):
    told = on("Q19", overview=text)
    assert bool(told) is bool(written)
    assert not written or f"“{written}”" in told[0][1]


@pytest.mark.parametrize(
    ("note", "wrong"),
    [
        ("总投资 13,526.06 万元，2025 年已安排 5,000 万元。", True),
        ("按合同据实结算。", True),
        ("2026 年安排 200 万元，总投资 600 万元。", False),
        ("本年度安排 2,000,000.00 元。", False),
        ("总投资 600 万元，本次申请 200 万元。", False),
    ],
)
def test_the_note_on_the_budget_names_this_year(note, wrong):
    assert bool(on("Q20", budget_note=note)) is wrong


# --- goals ----------------------------------------------------------------------------------------

TERM = {"term_start_on": day(2024, 1, 1), "term_end_on": day(2026, 12, 31)}


@pytest.mark.parametrize(
    ("total", "wrong"),
    [(GOALS, True), (GOALS + " ", True), ("", True), ("三年消除存量违建 360 处，建成无违建街道 6 个。", False)],
)
def test_a_project_of_years_has_a_goal_for_all_of_them_and_one_for_this(total, wrong):
    assert bool(on("Q21", goals=GOALS, goals_total=total, **TERM)) is wrong
    assert on("Q21", goals=GOALS, goals_total=total) == []


@pytest.mark.parametrize(
    ("goals", "wrong"),
    [
        ("做好涉案、价格认定工作。", True),
        ("1.加强河道巡查；2.开展保洁工作；3.完善管理制度。", True),
        ("主要用于环境治理、矛盾化解、便民设施投入维护及关爱帮扶特殊困难群体等。", True),
        ("持续推动党建阵地建设，提升建设标准。", True),
        ("按期完成 120 件以上认定，复核撤销率不高于 1%。", False),
        ("开展巡查 120 次；做好保洁工作，断面水质达标。", False),
        ("惠及全部社区。", False),
        ("符合条件的人才应补尽补。", False),
    ],
)
def test_goals_are_results(goals, wrong):
    assert bool(on("Q22", goals=goals)) is wrong


def test_zero_growth_in_the_goals_is_too_absolute_and_no_accidents_are_not():
    assert [field for field, _said in on("Q16", goals="新增违建“零增长”，坚决做到“无增减存”。")] == ["goals"]
    assert on("Q16", goals="全年安全生产零事故。") == []


def test_all_hundred_percent():
    full = [dataclasses.replace(each, sign="eq", value=D(100), unit="%") for each in LINES]
    assert on("Q16", lines=full)[0] == ("indicators", "8 项指标中有 8 项是 100%，缺少测算。")
    assert on("Q16", lines=[*full[:4], *LINES[4:]]) == []


@pytest.mark.parametrize(
    "text",
    [
        "目标：（对照年度目标，说明完成情况，100字以内）",
        "（绩效目标管理工作情况，以及……）",
        "请填写年度目标",
        "新增XX处，20XX年完成",
        "待补充",
    ],
)
def test_hints_of_the_form_are_found(text):
    assert [field for field, _said in on("Q32", goals=text)] == ["goals"]


def test_lengths():
    assert on("Q33", goals="治" * 201)[0][1] == "“年度目标”有 201 个字，超过 200 个字。"
    assert on("Q33", goals="治理 3 处，" * 20) == []
    assert on("Q33", goals="保洁")[0][1] == "“年度目标”只有 2 个字，说不清要达到什么。"


# --- repetition and background --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        (("质量", "监测数据合格", "=100%"), ("质量", "监测数据整编", "=100%"), True),
        (("质量", "抽查合格率", "≥95%"), ("质量", "抽查 合格率", "≥96%"), True),
        (("数量", "开展河道巡查次数", "≥12次"), ("数量", "开展河道巡查的次数", "≥12次"), True),
        (("数量", "新建道路长度", "≥10公里"), ("数量", "新建道路面积", "≥10公里"), False),
        (("质量", "补助资金发放准确率", "=100%"), ("时效", "补助资金发放及时率", "=100%"), False),
        (("质量", "设备验收合格率", "=100%"), ("质量", "工程验收合格率", "=100%"), False),
        (("数量", "一季度检查次数", "≥3次"), ("数量", "二季度检查次数", "≥3次"), False),
        (("数量", "男职工体检人数", "≥30人"), ("数量", "女职工体检人数", "≥30人"), False),
        (("数量", "培训班期数", "≥10期"), ("数量", "培训班人数", "≥10人"), False),
        (("社会", "居民知晓率", "≥90%"), ("满意", "居民满意度", "≥90%"), False),
    ],
)
def test_repetition_inside_a_sheet(first, second, wrong):
    assert bool(on("Q14", lines=[line(*first), line(*second), *LINES[3:5]])) is wrong


def test_texts_of_other_projects_are_named():
    alike = [Alike("goals", "河道清淤", D("0.86"))]
    assert on("Q14", alike=alike) == [("goals", "“年度目标”与项目“河道清淤”的文字有 86% 相同。")]
    assert on("Q14", alike=[]) == []


@pytest.mark.parametrize(
    ("target", "actual", "wrong"),
    [
        ("≥6次", 12, True),
        ("≥12次", 12, False),
        ("≥11次", 12, False),
        ("≤3次", 1, True),
        ("≤3次", 3, False),
        ("=6次", 12, True),
    ],
)
def test_a_target_below_last_years_result(target, actual, wrong):
    last = {same_name("党性教育培训次数"): LastYear(actual=D(actual))}
    assert bool(on("Q15", last=last, lines=[line("数量", "党性教育培训次数", target), *LINES[1:]])) is wrong


def test_the_usual_satisfaction_is_not_too_easy():
    last = {same_name("沿河住户满意度"): LastYear(actual=D(100))}
    usual = line("满意", "沿河住户满意度", "≥90%")
    assert on("Q15", last=last, lines=[*LINES[:7], usual]) == []
    assert on("Q15", last=last, lines=[*LINES[:7], line("满意", "沿河住户满意度", "≥80%")]) != []


def test_people_who_are_served_are_asked():
    served = {"name": "居民小区健身器材更新", "lines": LINES[:7]}
    assert on("Q12", **served) == [("indicators", "项目面向服务对象（“居民”），但没有满意度指标。")]
    assert on("Q12", lines=LINES[:7]) == []


@pytest.mark.parametrize(("evidence", "wrong"), [("问卷 300 份", False), ("工作总结", True), ("", True), (None, False)])
def test_satisfaction_needs_a_survey(evidence, wrong):
    lines = [*LINES[:7], dataclasses.replace(LINES[7], evidence=evidence)]
    assert bool(on("Q38", lines=lines)) is wrong


@pytest.mark.parametrize(("grade", "wrong"), [("差", True), ("中", True), ("良", False), ("优", False), (None, False)])
def test_last_years_grade(grade, wrong):
    assert bool(on("Q36", last_grade=grade)) is wrong


def test_money_before_the_goal_is_approved():
    assert on("Q37", budgeted=True, approved=False) == [("funds", "绩效目标还没有批复，项目已经安排了预算。")]
    assert on("Q37", budgeted=True, approved=True) == on("Q37", budgeted=None, approved=False) == []


DUTIES = ["指导全区人才工作", "负责河道管理和保洁", "负责对外宣传工作"]


def test_a_project_follows_from_a_duty():
    assert on("Q35", duties=DUTIES) == []
    assert on("Q35", duties=["指导全区侨务工作"])[0][0] == "name"
    assert on("Q35", duties=["指导全区侨务工作"], overview="依据指导全区侨务工作的职责开展。") == []
    assert duties_without_target(DUTIES, [SHEET]) == ["指导全区人才工作", "负责对外宣传工作"]


def test_what_a_sheet_does_not_say_is_not_determined():
    nothing = TargetSheet(
        year=0,
        overview="",
        bases=[],
        body="",
        plan="",
        goals="",
        step_spans=[],
        start_on=None,
        end_on=None,
        annual_amount=D(0),
        total_amount=None,
        unknown=frozenset(
            ("year", "overview", "bases", "body", "plan", "goals", "step_spans", "start_on", "end_on", "annual_amount")
        ),
    )
    report = examine(nothing, None, BOOK)
    assert [(f.code, f.sentence()) for f in report.findings] == [("Q01", "还没有绩效指标，产出和效益至少各设置一项。")]
    assert {"Q01", "Q05", "Q15", "Q17", "Q18", "Q19", "Q20", "Q21", "Q35", "Q36", "Q37"} <= {
        unknown.code for unknown in report.undetermined
    }
