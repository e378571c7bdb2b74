"""Evaluation by experts: organising, declaring, marking independently, asking, and concluding."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask

from perfmgr import times
from perfmgr.actions import appraisal_marks, appraisal_questions, appraisals, schemes
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.message import Message
from perfmgr.models.person import Appointment, Person
from perfmgr.models.rectification import Rectification
from perfmgr.queries import appraisals as queries
from perfmgr.queries import notices
from perfmgr.queries.people import Viewer
from perfmgr.rules.appraisals import MarkDraft, as_data
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests import panels
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast
from tests.panels import DUE, EXPERTS, RUBRIC, drafts, load

By = Callable[[str], Viewer]
ONE, TWO, THREE = EXPERTS


@pytest.fixture
def running(cast: Cast, context: None) -> int:
    """An evaluation in which three experts are invited."""
    return panels.organised(cast)


def declared(appraisal_id: int, cast: Cast, *names: str) -> None:
    """Let these experts declare that they have no conflict."""
    for name in names:
        appraisal_marks.declare(load(appraisal_id, cast, name), cast.viewer(name), conflict=False)


def marked(appraisal_id: int, cast: Cast, **lost: dict[str, str]) -> None:
    """Let experts declare and submit, each with what they take off."""
    for name, taken in lost.items():
        declared(appraisal_id, cast, name)
        assert appraisal_marks.submit(load(appraisal_id, cast, name), drafts(taken), "总体较好", cast.viewer(name))


def own_state(appraisal_id: int, cast: Cast, name: str) -> str:
    """Return the state of one expert's sheet."""
    own = queries.standing(load(appraisal_id, cast, name), cast.viewer(name)).own
    assert own is not None
    return own.state


def sentences(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return what a refusal says."""
    return [finding.sentence() for finding in refused.value.findings]


def test_from_invitation_to_a_report_with_the_mean_of_what_was_given(
    running: int, cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]], history: Callable[..., list[object]]
) -> None:
    assert [kind for name, kind in told() if name in EXPERTS] == ["appraisal_invite"] * 3
    marked(running, cast, expert1={}, expert2={"basis": "2", "effect": "7"}, expert3={"effect": "2"})
    record = load(running, cast, REVIEWER)
    assert (record.state, record.total, record.grade) == ("consolidating", None, None)
    found = queries.consolidation(record)
    assert found is not None
    assert [line.item.code for line in found.differing] == ["basis", "effect"]
    with pytest.raises(Invalid) as refused:
        appraisals.conclude(record, {"basis": " ", "goals": "无关"}, "", "", by(REVIEWER))
    assert [finding.field for finding in refused.value.findings] == [
        "note-basis",
        "note-effect",
        "problems",
        "suggestions",
    ]
    assert load(running, cast, REVIEWER).state == "consolidating"
    notes = {"basis": "以立项批复为准。", "effect": "取平均数。"}
    assert appraisals.conclude(load(running, cast, REVIEWER), notes, "效益偏弱", "跟踪效益", by(REVIEWER))
    assert not appraisals.conclude(load(running, cast, REVIEWER), notes, "效益偏弱", "跟踪效益", by(REVIEWER))
    record = load(running, cast, REVIEWER)
    # 5,3,5 → 4.33 and 20,13,18 → 17; everything else full.
    assert (record.total, record.grade, record.notes) == (Decimal("96.33"), "优", notes)
    assert record.report is not None
    assert record.report["totals"] == {
        "mean": "96.33",
        "width": "9.00",
        "deviation": "3.86",
        "values": ["91.00", "98.00", "100.00"],
    }
    again = queries.consolidation(record)
    assert again is not None
    assert as_data(again) == record.report
    assert sum(Decimal(line["mean"]) for line in record.report["lines"]) == record.total
    assert history("appraisal", running) == [
        ("organise", None, "marking"),
        ("invite", None, None),
        *[("declare", None, None), ("mark", None, None)] * 3,
        ("conclude", "consolidating", "concluded"),
    ]
    assert ("reviewer", "appraisal_ready") in told()
    assert sorted(name for name, kind in told() if kind == "appraisal_conclude") == [*EXPERTS, FILLER]
    assert db.session.query(Rectification).count() == 0


def test_a_grade_that_wants_it_opens_a_rectification_once(running: int, cast: Cast, by: By) -> None:
    lost = {"effect": "15", "satisfaction": "8", "quantity": "8", "quality": "4"}
    marked(running, cast, expert1=lost, expert2=lost, expert3=lost)
    appraisals.conclude(load(running, cast, REVIEWER), {}, "产出不足", "逐项补齐", by(REVIEWER))
    row = db.session.query(Rectification).one()
    assert (row.kind, row.state, row.demand, row.opened_by_id) == ("department_evaluation", "open", "逐项补齐", None)
    assert row.problem == "2025 年度绩效评价得分 65.00，等级为“中”。\n产出不足"
    finance = panels.appraisals.organise(
        load(running, cast, REVIEWER).evaluation,
        "finance_evaluation",
        panels.rubric_version(),
        DUE,
        [cast.people[ONE], cast.people[TWO]],
        by(FINANCE),
    )
    marked(finance.id, cast, expert1=lost, expert2=lost)
    appraisals.conclude(load(finance.id, cast, FINANCE), {}, "同上", "同上", by(FINANCE))
    assert (load(finance.id, cast, FINANCE).grade, db.session.query(Rectification).count()) == ("中", 1)


@pytest.mark.parametrize("person", [FILLER, FILLER_2, FINANCE, ADMIN, OUTSIDER])
def test_only_who_reviews_for_the_department_organises_its_evaluation(cast: Cast, by: By, person: str) -> None:
    panels.appoint(cast, *EXPERTS)
    evaluation, ids = panels.sheet(cast), [cast.people[name] for name in EXPERTS]
    with pytest.raises(NotAllowed):
        appraisals.organise(evaluation, "department_evaluation", panels.rubric_version(), DUE, ids, by(person))
    assert db.session.query(Appraisal).count() == 0


def test_what_cannot_be_organised(cast: Cast, by: By, context: None) -> None:
    panels.appoint(cast, *EXPERTS)
    panels.appoint(cast, "far", unit=cast.other_department)
    panels.appoint(cast, "both")
    db.session.add(Appointment(person_id=cast.people["both"], unit_id=cast.department, role="filler"))
    db.session.commit()
    evaluation, rubric = panels.sheet(cast), panels.rubric_version()
    good = [cast.people[name] for name in EXPERTS]
    assert [p.username for p in queries.candidates(evaluation)] == list(EXPERTS)

    def organise(kind: str = "department_evaluation", due: dt.date = DUE, ids: list[int] = good) -> Appraisal:
        return appraisals.organise(evaluation, kind, rubric, due, ids, by(REVIEWER))

    for refused, attempt in (
        ("请选择评价类型。", partial(organise, kind="other")),
        ("请至少选择一位评价专家。", partial(organise, ids=[])),
        ("“评分截止日”不能早于今天，请改为今天或以后的日期。", partial(organise, due=dt.date(2020, 1, 1))),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert sentences(refusal) == [refused]
    for outside in ("far", "both", FILLER, REVIEWER):
        with pytest.raises(Refused, match="不能担任本次评价的专家"):
            organise(ids=[*good, cast.people[outside]])
    assert organise().rubric["grades"] == [
        {"name": "优", "low": "90"},
        {"name": "良", "low": "80"},
        {"name": "中", "low": "60"},
        {"name": "差", "low": "0"},
    ]
    with pytest.raises(Conflict, match="已有同类评价"):
        organise()
    appraisals.cancel(db.session.query(Appraisal).one(), "选错项目", by(REVIEWER))
    assert organise().state == "marking"


def test_a_conflict_of_interests_puts_an_expert_out_for_good(
    running: int, cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]]
) -> None:
    with pytest.raises(Conflict):  # nothing before the declaration
        appraisal_marks.save(load(running, cast, ONE), drafts(), "", by(ONE))
    with pytest.raises(Refused, match="请写明存在何种利益关系"):
        appraisal_marks.declare(load(running, cast, ONE), by(ONE), conflict=True, reason=" ")
    appraisal_marks.declare(load(running, cast, ONE), by(ONE), conflict=True, reason="曾任项目顾问")
    assert (own_state(running, cast, ONE), ("reviewer", "appraisal_recuse") in told()) == ("excluded", True)
    for again in (True, False):
        with pytest.raises(Conflict, match="已经作过声明"):
            appraisal_marks.declare(load(running, cast, ONE), by(ONE), conflict=again, reason="无")
    with pytest.raises(Conflict):
        appraisal_marks.submit(load(running, cast, ONE), drafts(), "", by(ONE))
    with pytest.raises(Conflict):
        appraisal_questions.ask(load(running, cast, ONE), "？", by(ONE))
    # Nobody is waited for any more, and two are enough.
    marked(running, cast, expert2={}, expert3={})
    assert load(running, cast, REVIEWER).state == "consolidating"


def test_marks_are_saved_as_a_draft_and_submitted_whole_and_once(running: int, cast: Cast, by: By) -> None:
    declared(running, cast, ONE, TWO)
    part = [MarkDraft(None)] * 16 + [MarkDraft(Decimal("9.5"))]
    appraisal_marks.save(load(running, cast, ONE), part, "草稿", by(ONE))
    own = queries.standing(load(running, cast, ONE), by(ONE)).own
    assert own is not None
    assert (own.answers, own.opinion) == ({"satisfaction": Decimal("9.5")}, "草稿")
    with pytest.raises(Invalid) as refused:
        appraisal_marks.submit(load(running, cast, ONE), part, "", by(ONE))
    assert (len(sentences(refused)), sentences(refused)[-1]) == (17, "“满意度”扣了 0.5 分，请写明扣分理由。")
    with pytest.raises(Invalid, match="0 到 5 之间"):
        appraisal_marks.save(load(running, cast, ONE), [MarkDraft(Decimal("5.01")), *part[1:]], "", by(ONE))
    with pytest.raises(Conflict):
        appraisal_marks.save(load(running, cast, ONE), part, "", by(ONE), own.version - 1)
    now = times.now()
    assert appraisal_marks.submit(load(running, cast, ONE), drafts({"time": "1"}), "", by(ONE), now=now)
    assert not appraisal_marks.submit(load(running, cast, ONE), drafts(), "", by(ONE), now=now)
    with pytest.raises(Conflict, match="已提交"):
        appraisal_marks.submit(load(running, cast, ONE), drafts(), "", by(ONE), now=now + dt.timedelta(minutes=1))
    assert load(running, cast, REVIEWER).state == "marking"
    with pytest.raises(NotAllowed):
        appraisal_marks.save(load(running, cast, REVIEWER), part, "", by(REVIEWER))


def test_marking_is_closed_early_only_with_a_reason_and_enough_marks(running: int, cast: Cast, by: By) -> None:
    marked(running, cast, expert1={})
    with pytest.raises(Conflict, match="现有 1 位专家提交评分，至少要有 2 位"):
        appraisals.close(load(running, cast, REVIEWER), "专家出差", by(REVIEWER))
    marked(running, cast, expert2={"time": "6"})
    with pytest.raises(Refused, match="请写明提前结束评分的理由"):
        appraisals.close(load(running, cast, REVIEWER), " ", by(REVIEWER))
    with pytest.raises(NotAllowed):
        appraisals.close(load(running, cast, FINANCE), "代为结束", by(FINANCE))
    assert appraisals.close(load(running, cast, REVIEWER), "专家出差", by(REVIEWER))
    assert not appraisals.close(load(running, cast, REVIEWER), "专家出差", by(REVIEWER))
    assert (load(running, cast, REVIEWER).state, own_state(running, cast, THREE)) == ("consolidating", "missed")
    with pytest.raises(Conflict):
        appraisal_marks.declare(load(running, cast, THREE), by(THREE), conflict=False)
    found = queries.consolidation(load(running, cast, REVIEWER))
    assert found is not None
    assert (found.totals.count, found.total) == (2, 97)


def test_the_unit_answers_and_everybody_assigned_is_told(
    running: int, cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]]
) -> None:
    declared(running, cast, ONE, TWO)
    row = appraisal_questions.ask(load(running, cast, ONE), "问卷怎样发放？", by(ONE))
    assert [name for name, kind in told() if kind == "appraisal_ask"] == [FILLER]
    waiting = {
        person: [r.subject for r in notices.waiting(by(person), times.today()).rows]
        for person in (FILLER, ONE, THREE, REVIEWER)
    }
    assert waiting == {
        FILLER: ["appraisal_question", "evaluation"],
        ONE: ["appraisal_expert"],
        THREE: ["appraisal_expert"],
        REVIEWER: [],
    }
    for person in (FILLER_2, REVIEWER, ONE):
        with pytest.raises(NotAllowed):
            appraisal_questions.answer(row, "不是我答", by(person))
    with pytest.raises(Refused, match="“答复”超出 1 字"):
        appraisal_questions.answer(row, "长" * 2001, by(FILLER))
    appraisal_questions.answer(row, "入户发放。", by(FILLER))
    with pytest.raises(Conflict, match="已经答复"):
        appraisal_questions.answer(row, "再答", by(FILLER))
    # The third has not declared anything, and sees nothing yet.
    assert sorted(name for name, kind in told() if kind == "appraisal_answer") == [ONE, TWO, REVIEWER]
    assert [r.subject for r in notices.waiting(by(FILLER), times.today()).rows] == ["evaluation"]
    with pytest.raises(NotAllowed):
        appraisal_questions.ask(load(running, cast, FILLER), "我也问", by(FILLER))


def test_a_later_version_of_the_rubric_alters_nothing(running: int, cast: Cast, by: By) -> None:
    version = schemes.copy(panels.rubric_version(), by(ADMIN))
    groups = [dict(group) for group in version.data["groups"]]
    items = [dict(item) for item in groups[0]["items"]]
    items[0]["marks"], items[1]["marks"] = 4, 4
    groups[0]["items"] = items
    schemes.save(version, {**version.data, "groups": groups, "panel": {"least": "5"}}, by(ADMIN))
    schemes.publish(version, by(ADMIN))
    marked(running, cast, expert1={}, expert2={}, expert3={})
    record = load(running, cast, REVIEWER)
    assert (record.state, queries.rubric_of(record).items) == ("consolidating", RUBRIC.items)


# --- who filled in the self-evaluation has no part in judging it ---------------------------------


@action
def moved(cast: Cast, username: str, *posts: tuple[int, str]) -> None:
    """Give somebody other posts instead of those they had."""
    person = db.session.get_one(Person, cast.people[username])
    person.appointments = [Appointment(unit_id=unit_id, role=role) for unit_id, role in posts]


def test_nobody_organises_what_they_filled_in_or_were_to_mark(running: int, cast: Cast, by: By) -> None:
    marked(running, cast, **{name: {} for name in EXPERTS})
    moved(cast, FILLER, (cast.unit, "filler"), (cast.department, "department_reviewer"))
    moved(cast, ONE, (cast.department, "department_reviewer"))
    for name in (FILLER, ONE):
        assert queries.standing(load(running, cast, name), by(name)).who == "other"
        with pytest.raises(NotAllowed):
            appraisals.conclude(load(running, cast, name), {}, "没有问题", "继续", by(name))
        with pytest.raises(NotAllowed):
            appraisals.cancel(load(running, cast, name), "不想评", by(name))
    assert load(running, cast, REVIEWER).state == "consolidating"


def test_who_filled_in_the_self_evaluation_is_no_expert_of_it(running: int, cast: Cast, by: By) -> None:
    moved(cast, FILLER, (cast.area, "expert"))
    moved(cast, FILLER_2, (cast.area, "expert"))
    listed = [person.id for person in queries.candidates(load(running, cast, REVIEWER).evaluation)]
    assert (cast.people[FILLER] in listed, cast.people[FILLER_2] in listed) == (False, True)
    with pytest.raises(Refused) as refused:
        appraisals.add_experts(load(running, cast, REVIEWER), [cast.people[FILLER]], by(REVIEWER))
    assert refused.value.findings[0].field == "experts"


def test_nothing_is_organised_for_a_closed_year(cast: Cast, context: None, by: By) -> None:
    panels.appoint(cast, ONE, TWO)
    evaluation = panels.sheet(cast)
    evaluation.cycle.closed_at = times.now()
    db.session.commit()
    chosen = [cast.people[ONE], cast.people[TWO]]
    with pytest.raises(Refused) as refused:
        appraisals.organise(evaluation, "department_evaluation", panels.rubric_version(), DUE, chosen, by(REVIEWER))
    assert "已经结束" in sentences(refused)[0]


def test_an_invitation_is_mailed(app: Flask, cast: Cast, context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    panels.appoint(cast, *EXPERTS)
    db.session.get_one(Person, cast.people[ONE]).email = "one@example.gov.cn"
    db.session.commit()
    panels.organised(cast)
    mailed = [
        (row.person_id, row.content[0]["kind"])
        for row in db.session.query(Message)
        if row.content[0]["subject_kind"] == "appraisal"
    ]
    assert mailed == [(cast.people[ONE], "appraisal_invite")]
