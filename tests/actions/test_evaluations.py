"""Self-evaluation: saving, submitting with a stored score, correction by the reviewer, the result."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import budgets, cycles, evaluations, reviews
from perfmgr.actions.declarations import IndicatorDraft
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import evaluations as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.evaluation_funds import SOURCES, FundEntry
from perfmgr.rules.evaluations import LineEntry
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.reviews import LineDraft
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast
from tests.conftest import shelf

By = Callable[[str], Viewer]
# 办理服务项目数 ≥190, 验收合格率 ≥95, 项目总成本 ≤570, 惠及居民人次 ≥60000, 居民满意度 ≥90.
ACTUAL = ("200", "90.25", "541.8", "61200", "93")
WHY = {"reason": "两个项目延期验收", "measure": "提前安排验收"}
TEXTS = {"goal_actual": "全年办成 200 件实事。"}


def stored(evaluation_id: int) -> Evaluation:
    """Return the sheet as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Evaluation, evaluation_id)


def entries(values: tuple[str, ...] = ACTUAL, **second: str) -> list[LineEntry]:
    """Return what is typed on the five lines; more about the second one, which falls short."""
    found = [LineEntry(actual_value=Decimal(value)) for value in values]
    said: dict[str, Any] = second or WHY
    found[1] = LineEntry(actual_value=Decimal(values[1]), **said)
    return found


def sentences(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return every sentence of a refusal."""
    return [finding.sentence() for finding in refused.value.findings]


@pytest.fixture
def sheet(app: Flask, cast: Cast, by: By) -> Evaluation:
    """An open project self-evaluation: 570 万元 budget, 541.80 万元 spent."""

    def build() -> int:
        make.budgeted(cast)
        return make.opened(cast)["社区服务经费"]

    return stored(shelf(app).made("open_sheet", build))


@pytest.fixture
def submitted(sheet: Evaluation, by: By) -> Evaluation:
    """The same sheet, handed in with 98.76 points."""
    evaluations.save(sheet, entries(), TEXTS, by(FILLER))
    evaluations.take(sheet, "submit", by(FILLER))
    return stored(sheet.id)


@pytest.mark.parametrize("back", ["return", "withdraw"])
def test_a_sheet_is_scored_with_the_money_of_the_day_it_is_handed_in(submitted: Evaluation, by: By, back: str) -> None:
    line = db.session.scalars(select(BudgetLine).where(BudgetLine.project_id == submitted.project_id)).one()
    budgets.execute(line, Decimal(5_700_000), by(ADMIN))
    assert stored(submitted.id).executed == Decimal(5_418_000)  # with the reviewer: what was handed in
    evaluations.take(submitted, back, by(REVIEWER if back == "return" else FILLER), comment="请修改")
    assert stored(submitted.id).executed == Decimal(5_700_000)
    evaluations.take(submitted, "submit", by(FILLER))
    found = stored(submitted.id)
    assert (found.explanation or {})["execution"]["formula"] == "10 × min(1, 570.00 ÷ 570.00) = 10.00"


def test_saving_half_a_sheet_is_allowed(sheet: Evaluation, by: By) -> None:
    half = [LineEntry(actual_value=Decimal(200)), *[LineEntry() for _n in range(4)]]
    score = evaluations.save(sheet, half, {}, by(FILLER))
    assert (score.total, score.grade, score.earned, score.open_marks) == (None, None, Decimal("29.51"), Decimal(70))
    found = stored(sheet.id)
    assert ([line.actual_value for line in found.lines], found.total) == ([Decimal(200), None, None, None, None], None)


def test_saving_stores_every_word(sheet: Evaluation, by: By) -> None:
    texts = {"goal_actual": "一\r\n二", "execution_reason": "付款推迟", "problems": "无", "measures": "无"}
    lines = [LineEntry(na_reason="原因", not_applicable=True), *entries()[1:]]
    evaluations.save(sheet, lines, texts, by(FILLER))
    found = stored(sheet.id)
    assert [getattr(found, name) for name in texts] == ["一\n二", "付款推迟", "无", "无"]
    assert (found.lines[0].not_applicable, found.lines[0].na_reason) == (True, "原因")
    assert (found.lines[1].reason, found.lines[1].measure) == (WHY["reason"], WHY["measure"])


def test_a_text_nobody_knows_is_a_mistake_of_ours(sheet: Evaluation, by: By) -> None:
    with pytest.raises(KeyError):
        evaluations.save(sheet, entries(), {"total": "100"}, by(FILLER))


def test_what_does_not_fit_the_kind_of_line_is_not_stored(sheet: Evaluation, by: By) -> None:
    lines = [LineEntry(actual_value=Decimal(1), tier="achieved", share=Decimal("0.9")), *entries()[1:]]
    evaluations.save(sheet, lines, {}, by(FILLER))
    first = stored(sheet.id).lines[0]
    assert (first.actual_value, first.tier, first.share) == (Decimal(1), "", None)


def test_a_tier_the_scheme_does_not_know_is_refused(sheet: Evaluation, by: By) -> None:
    with pytest.raises(Refused) as refused:
        evaluations.save(sheet, [LineEntry(tier="splendid"), *entries()[1:]], {}, by(FILLER))
    assert sentences(refused) == ["请从列表中选择定性指标的完成档次。"]


@pytest.mark.parametrize("count", [0, 4, 6])
def test_another_number_of_lines_is_refused(sheet: Evaluation, by: By, count: int) -> None:
    with pytest.raises(Conflict) as refused:
        evaluations.save(sheet, [LineEntry()] * count, {}, by(FILLER))
    assert sentences(refused) == ["自评表的指标已有变化，请刷新页面后重新填写。"]


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_nobody_but_a_filler_of_the_unit_fills(sheet: Evaluation, by: By, person: str) -> None:
    with pytest.raises(NotAllowed):
        evaluations.save(sheet, entries(), TEXTS, by(person))
    assert stored(sheet.id).goal_actual == ""


@pytest.mark.parametrize("state", ["submitted", "confirmed"])
def test_nothing_is_filled_in_while_others_have_it(sheet: Evaluation, by: By, state: str) -> None:
    sheet.state = state
    db.session.commit()
    with pytest.raises(Conflict, match="不能修改；如需修改请先撤回或由复核人退回。"):
        evaluations.save(sheet, entries(), TEXTS, by(FILLER))


def test_a_form_made_from_an_older_version_is_refused_and_changes_nothing(sheet: Evaluation, by: By) -> None:
    version = sheet.version
    evaluations.save(sheet, entries(), {"goal_actual": "甲"}, by(FILLER), version)
    with pytest.raises(Conflict, match="已被他人修改"):
        evaluations.save(
            stored(sheet.id), entries(("1", "1", "1", "1", "1")), {"goal_actual": "乙"}, by(FILLER), version
        )
    found = stored(sheet.id)
    assert (found.goal_actual, found.lines[0].actual_value) == ("甲", Decimal(200))


# --- submitting -------------------------------------------------------------------------------


def test_the_score_is_stored_with_the_explanation_of_every_line(submitted: Evaluation) -> None:
    assert (submitted.state, submitted.self_total, submitted.self_grade) == ("submitted", Decimal("98.76"), "优")
    assert (submitted.total, submitted.grade) == (Decimal("98.76"), "优")
    explanation = submitted.explanation
    assert explanation is not None
    assert {name: explanation[name] for name in ("total", "grade", "earned", "open_marks")} == {
        "total": "98.76",
        "grade": "优",
        "earned": "98.76",
        "open_marks": "0.00",
    }
    assert (explanation["execution"]["formula"], explanation["execution"]["score"]) == (
        "10 × min(1, 541.80 ÷ 570.00) = 9.51",
        "9.51",
    )
    assert [line["score"] for line in explanation["lines"]] == ["20.00", "14.25", "15.00", "30.00", "10.00"]
    assert explanation["lines"][1]["formula"] == "15 × 90.25 ÷ 95 = 14.25"
    assert [line.self_score for line in submitted.lines] == [
        Decimal("20.00"),
        Decimal("14.25"),
        Decimal("15.00"),
        Decimal("30.00"),
        Decimal("10.00"),
    ]


def test_the_stored_score_can_be_computed_again_from_the_record_alone(submitted: Evaluation) -> None:
    assert queries.score(stored(submitted.id)).as_dict() == submitted.explanation


def test_an_empty_sheet_is_told_everything_that_is_missing(sheet: Evaluation, by: By) -> None:
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert [(f.code, f.field) for f in refused.value.findings] == [
        ("Q01", "goal_actual"),
        *(("Q23", f"lines.{n}.actual") for n in range(5)),
    ]
    assert (stored(sheet.id).state, stored(sheet.id).explanation) == ("open", None)


def test_a_missed_target_needs_reason_and_measure(sheet: Evaluation, by: By) -> None:
    evaluations.save(sheet, entries(reason="延期"), TEXTS, by(FILLER))
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert sentences(refused) == ["指标“验收合格率”未达到目标，请填写偏差原因和改进措施。"]


def test_little_spending_needs_a_reason(cast: Cast, by: By) -> None:
    make.budgeted(cast, executed="500")
    sheet = stored(make.opened(cast)["社区服务经费"])
    evaluations.save(sheet, entries(), TEXTS, by(FILLER))
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert [(f.code, f.field) for f in refused.value.findings] == [("Q30", "execution_reason")]
    evaluations.save(sheet, entries(), {"execution_reason": "年底前未结算"}, by(FILLER))
    evaluations.take(sheet, "submit", by(FILLER))
    assert stored(sheet.id).self_total == Decimal("98.02")


def test_a_line_that_does_not_apply_needs_a_reason_and_gives_its_marks_to_the_others(sheet: Evaluation, by: By) -> None:
    lines = [*entries()[:4], LineEntry(not_applicable=True)]
    evaluations.save(sheet, lines, TEXTS, by(FILLER))
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert sentences(refused) == ["指标“居民满意度”选择了不适用，请写明原因。"]
    lines[4] = LineEntry(not_applicable=True, na_reason="本年未开展问卷")
    evaluations.save(sheet, lines, TEXTS, by(FILLER))
    evaluations.take(sheet, "submit", by(FILLER))
    found = stored(sheet.id)
    assert found.explanation is not None
    weights = [Decimal(line["weight"]) for line in found.explanation["lines"][:4]]
    assert sum(weights) + Decimal(found.explanation["execution"]["weight"]) == 100
    assert found.lines[4].self_score is None


def test_outside_the_window_nothing_is_submitted(cast: Cast, sheet: Evaluation, by: By) -> None:
    evaluations.save(sheet, entries(), TEXTS, by(FILLER))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    late = dt.datetime(2026, 5, 31, 16, 0, tzinfo=dt.UTC)  # midnight in Beijing
    with pytest.raises(Refused) as refused:
        evaluations.take(stored(sheet.id), "submit", by(FILLER), now=late)
    assert sentences(refused) == ["2025 年度“绩效自评”已于 2026年5月31日 截止，如需补报请联系系统管理员调整时间。"]
    evaluations.take(stored(sheet.id), "submit", by(FILLER), now=late - dt.timedelta(seconds=1))
    assert stored(sheet.id).state == "submitted"


def test_saving_and_submitting_in_one_go_stores_both(sheet: Evaluation, by: By) -> None:
    assert evaluations.submit(sheet, entries(), TEXTS, by(FILLER), sheet.version) == []
    found = stored(sheet.id)
    assert (found.state, found.goal_actual, found.self_total) == ("submitted", TEXTS["goal_actual"], Decimal("98.76"))


def test_saving_and_submitting_saves_what_is_not_complete_and_says_what_is_missing(sheet: Evaluation, by: By) -> None:
    findings = evaluations.submit(sheet, entries(reason=""), {"goal_actual": ""}, by(FILLER), sheet.version)
    assert [f.field for f in findings] == ["goal_actual", "lines.1.reason"]
    found = stored(sheet.id)
    assert (found.state, found.lines[0].actual_value, found.explanation) == ("open", Decimal(200), None)


def test_withdrawing_and_returning_take_the_score_back(submitted: Evaluation, by: By) -> None:
    evaluations.take(submitted, "withdraw", by(FILLER))
    assert (stored(submitted.id).state, stored(submitted.id).total, stored(submitted.id).grade) == ("open", None, None)
    evaluations.take(submitted, "submit", by(FILLER))
    evaluations.take(submitted, "return", by(REVIEWER), comment="请补充")
    assert (stored(submitted.id).state, stored(submitted.id).total) == ("returned", None)


# --- whole departments ------------------------------------------------------------------------


def department_drafts() -> list[IndicatorDraft]:
    """Return one indicator for each dimension of the scheme, one of them in words."""
    rows = [("cost", 10), ("management", 20), ("duties", 30), ("society", 10), ("sustainability", 10)]
    drafts = [
        IndicatorDraft(code, f"{code} 率", "ge", Decimal(90), unit="%", weight=Decimal(weight)) for code, weight in rows
    ]
    return [*drafts, IndicatorDraft("satisfaction", "满意", "qualitative", target_text="普遍满意", weight=Decimal(10))]


@pytest.fixture
def whole(cast: Cast, by: By) -> Evaluation:
    """The whole-department sheet with its indicators set."""
    make.budgeted(cast)
    sheet = stored(make.opened(cast)["甲部门"])
    evaluations.save_lines(sheet, department_drafts(), by(FILLER))
    return stored(sheet.id)


def test_indicators_of_a_department_are_set_by_its_filler(whole: Evaluation) -> None:
    assert [(line.position, line.category, line.weight) for line in whole.lines] == [
        (1, "cost", Decimal(10)),
        (2, "management", Decimal(20)),
        (3, "duties", Decimal(30)),
        (4, "society", Decimal(10)),
        (5, "sustainability", Decimal(10)),
        (6, "satisfaction", Decimal(10)),
    ]


def test_values_already_entered_stay_with_the_indicator_of_the_same_name(whole: Evaluation, by: By) -> None:
    lines = [LineEntry(actual_value=Decimal(90 + n)) for n in range(5)]
    evaluations.save(whole, [*lines, LineEntry(tier="achieved", share=Decimal("0.9"))], {}, by(FILLER))
    drafts = department_drafts()
    evaluations.save_lines(stored(whole.id), [drafts[2], drafts[5], drafts[0]], by(FILLER))
    found = stored(whole.id)
    assert [(x.position, x.name, x.actual_value, x.share) for x in found.lines] == [
        (1, "duties 率", Decimal(92), None),
        (2, "满意", None, Decimal("0.9")),
        (3, "cost 率", Decimal(90), None),
    ]


def test_indicators_of_a_project_cannot_be_changed_in_its_self_evaluation(sheet: Evaluation, by: By) -> None:
    with pytest.raises(Refused) as refused:
        evaluations.save_lines(sheet, department_drafts(), by(FILLER))
    assert sentences(refused) == ["项目自评的指标来自已批复的绩效目标，不能在自评中更改。"]
    assert len(stored(sheet.id).lines) == 5


def test_a_department_must_also_state_problems_and_measures(whole: Evaluation, by: By) -> None:
    lines = [LineEntry(actual_value=Decimal(95)) for _n in range(5)] + [LineEntry(tier="achieved", share=Decimal(1))]
    evaluations.save(whole, lines, {"goal_actual": "完成"}, by(FILLER))
    with pytest.raises(Invalid) as refused:
        evaluations.take(whole, "submit", by(FILLER))
    assert [f.field for f in refused.value.findings] == ["problems", "measures"]


def test_weights_that_do_not_add_up_are_refused_when_submitting(whole: Evaluation, by: By) -> None:
    evaluations.save_lines(whole, department_drafts()[:5], by(FILLER))
    sheet = stored(whole.id)
    texts = {"goal_actual": "完成", "problems": "无", "measures": "无"}
    evaluations.save(sheet, [LineEntry(actual_value=Decimal(95))] * 5, texts, by(FILLER))
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert [(f.code, f.field) for f in refused.value.findings] == [("Q01", "indicators")]


def test_a_department_without_indicators_is_told_to_set_them(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    sheet = stored(make.opened(cast)["甲部门"])
    with pytest.raises(Invalid) as refused:
        evaluations.take(sheet, "submit", by(FILLER))
    assert "自评表还没有指标，请先设置指标。" in sentences(refused)


def test_departments_are_reviewed_by_finance(whole: Evaluation, by: By) -> None:
    lines = [LineEntry(actual_value=Decimal(95)) for _n in range(5)] + [LineEntry(tier="achieved", share=Decimal(1))]
    evaluations.submit(whole, lines, {"goal_actual": "完成", "problems": "无", "measures": "无"}, by(FILLER))
    with pytest.raises(NotAllowed):
        reviews.submit(stored(whole.id), ReviewDraft([LineDraft(None)] * 6), by(REVIEWER))
    reviews.submit(stored(whole.id), ReviewDraft([LineDraft(None)] * 6), by(FINANCE))
    assert (stored(whole.id).state, stored(whole.id).total) == ("confirmed", Decimal("99.51"))


# --- money by source ----------------------------------------------------------------------------


def money(*rows: tuple[str, str, str]) -> list[FundEntry]:
    """Return rows of money in yuan, in the order of the form."""
    return [
        FundEntry(source, *(Decimal(value) if value else None for value in row))
        for source, row in zip(SOURCES, rows, strict=True)
    ]


def test_the_declared_money_is_filled_in_and_what_was_entered_stays(sheet: Evaluation, by: By) -> None:
    assert queries.funds(sheet) == money(("5700000", "5700000", "5418000"), ("0", "0", "0"), ("0", "0", "0"))
    entered = money(("5000000", "5000000", "5000000"), ("700000", "700000", "418000"), ("", "", ""))
    for _n in range(2):
        evaluations.save(stored(sheet.id), entries(), TEXTS, by(FILLER), funds=entered)
    assert queries.funds(stored(sheet.id)) == entered
    evaluations.save(stored(sheet.id), entries(), TEXTS, by(FILLER))
    assert queries.funds(stored(sheet.id)) == entered


def test_sources_that_do_not_add_up_stop_the_submission_and_are_kept(sheet: Evaluation, by: By) -> None:
    wrong = money(("5700000", "5700000", "5000000"), ("", "", ""), ("", "", "400000"))
    findings = evaluations.submit(sheet, entries(), TEXTS, by(FILLER), funds=wrong)
    assert [(finding.code, finding.sentence()) for finding in findings] == [
        ("Q18", "“全年执行数”各资金来源合计 540.00 万元，比年度资金总额 541.80 万元少 1.80 万元，请核对。")
    ]
    found = stored(sheet.id)
    assert (found.state, queries.funds(found)) == ("open", wrong)
    right = money(("5700000", "5700000", "5000000"), ("", "", ""), ("", "", "418000"))
    assert evaluations.submit(found, entries(), TEXTS, by(FILLER), funds=right) == []
