"""From the grade to the finished rectification, and what a grade does to next year's declaration."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import event as events

from perfmgr import times
from perfmgr.actions import (
    consequences,
    cycles,
    declarations,
    evaluations,
    rectifications,
    reviews,
    window_exceptions,
)
from perfmgr.actions._import_match import Places, Wanted, look_up, match
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import consequences as consequence_queries
from perfmgr.queries import notices
from perfmgr.queries import rectifications as queries
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from perfmgr.rules.evaluations import LineEntry
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast

By = Callable[[str], Viewer]
# Enough for 优, 中 and 差 with an execution of 95.05 %.
VALUES = {"优": "190 95 570 60000 90", "中": "140 70 800 40000 70", "差": "60 40 2000 10000 40"}


def evaluate(cast: Cast, by: By, title: str, grade: str) -> Evaluation:
    """Fill, submit and confirm a self-evaluation so that it comes out with this grade."""
    sheet = db.session.query(Evaluation).join(Project).filter(Project.name == title, Evaluation.year == YEAR).one()
    lines = [LineEntry(actual_value=Decimal(value), reason="未达到", measure="改进") for value in VALUES[grade].split()]
    evaluations.save(sheet, lines, {"goal_actual": "已完成", "execution_reason": "推迟"}, by(FILLER))
    evaluations.take(sheet, "submit", by(FILLER))
    low = grade == "差"
    reviews.submit(sheet, ReviewDraft([LineDraft(None)] * 5, "数据属实", "rectify" if low else "pass"), by(REVIEWER))
    assert sheet.grade == grade
    return sheet


@pytest.fixture
def graded(cast: Cast, by: By) -> dict[str, Evaluation]:
    """Three projects with a confirmed grade each, and the next year open for declaration."""
    for grade in VALUES:
        make.budgeted(cast, grade)
    make.opened(cast)
    found = {grade: evaluate(cast, by, grade, grade) for grade in VALUES}
    ids = {row.code: row.id for row in db.session.query(SchemeVersion.code, SchemeVersion.id)}
    area = db.session.get_one(Unit, cast.area)
    cycles.create(area, YEAR + 1, ids["10-50-30-10"], ids["department-six"], ALWAYS, by(ADMIN))
    return found


def rectification(evaluation: Evaluation) -> Rectification:
    return db.session.query(Rectification).filter_by(evaluation_id=evaluation.id).one()


def declared(year: int = YEAR + 1) -> list[str]:
    """Return the names of the projects that have a declaration of this year."""
    rows = db.session.query(Project.name).join(Declaration, Declaration.project_id == Project.id)
    return sorted(row.name for row in rows.filter(Declaration.year == year))


def test_a_poor_grade_opens_a_rectification_by_itself(
    graded: dict[str, Evaluation], by: By, told: Callable[[], list[tuple[str, str]]]
) -> None:
    opened = {row.title: row for row in db.session.query(Rectification)}
    assert sorted(opened) == ["中", "差"]
    record = opened["差"]
    total = graded["差"].total
    assert (record.kind, record.state, record.opened_by_id) == ("self_evaluation", "open", None)
    assert record.problem == f"{YEAR} 年度绩效评价得分 {total:.2f}，等级为“差”。\n数据属实"
    assert graded["差"].confirmed_at is not None
    assert told().count((FILLER, "rectification_open")) == 2
    waiting = [(row.subject, row.id, row.due_on) for row in notices.waiting(by(FILLER), times.today()).rows]
    assert ("rectification", record.id, record.due_on) in waiting


def test_a_rectification_is_answered_returned_and_accepted(
    graded: dict[str, Evaluation],
    by: By,
    history: Callable[[str, int], list[tuple[str, str | None, str | None]]],
    told: Callable[[], list[tuple[str, str]]],
) -> None:
    record = rectification(graded["差"])
    with pytest.raises(Invalid) as refused:
        rectifications.answer(record, " ", "", by(FILLER))
    assert [finding.field for finding in refused.value.findings] == ["measures", "evidence"]
    rectifications.save(record, "已约谈", "", by(FILLER))
    assert (record.measures, record.state) == ("已约谈", "open")
    assert rectifications.answer(record, "已完善制度", "制度汇编", by(FILLER)) is True
    assert rectifications.answer(record, "已完善制度", "制度汇编", by(FILLER)) is False
    assert "rectification" in [row.subject for row in notices.waiting(by(REVIEWER), times.today()).rows]
    with pytest.raises(Conflict, match="当前为“待认定”，不能修改"):
        rectifications.save(record, "再改", "", by(FILLER))
    with pytest.raises(Refused, match="请填写意见"):
        rectifications.judge(record, "return", by(REVIEWER))
    rectifications.judge(record, "return", by(REVIEWER), comment="缺佐证")
    rectifications.answer(record, "已完善制度", "制度汇编、会议纪要", by(FILLER))
    rectifications.judge(record, "accept", by(FINANCE))
    assert history("rectification", record.id) == [
        ("rectify", None, "open"),
        ("answer", "open", "answered"),
        ("return", "answered", "returned"),
        ("answer", "returned", "answered"),
        ("accept", "answered", "accepted"),
    ]
    assert (record.answered_at is not None, record.accepted_at is not None) == (True, True)
    assert [kind for who, kind in told() if who == FILLER][-2:] == ["rectification_return", "rectification_accept"]
    assert queries.unfinished([row.project_id for row in graded.values() if row.project_id]) == {
        graded["中"].project_id: 1
    }


def test_nobody_answers_or_judges_for_others(graded: dict[str, Evaluation], by: By) -> None:
    record = rectification(graded["中"])
    for person in (FILLER_2, REVIEWER, OUTSIDER):
        with pytest.raises(NotAllowed):
            rectifications.answer(record, "甲", "乙", by(person))
    rectifications.answer(record, "甲", "乙", by(FILLER))
    for person in (FILLER, ADMIN, OUTSIDER):
        with pytest.raises(NotAllowed):
            rectifications.judge(record, "accept", by(person))
    with pytest.raises(Refused, match="没有这一步"):
        rectifications.judge(record, "answer", by(FILLER))


def test_a_reviewer_opens_one_and_no_second(graded: dict[str, Evaluation], by: By) -> None:
    tomorrow = dt.date(2099, 1, 1)
    with pytest.raises(Conflict, match="已经提出整改"):
        rectifications.create(graded["差"], "monitoring", "甲", "乙", tomorrow, by(REVIEWER))
    with pytest.raises(NotAllowed):
        rectifications.create(graded["优"], "monitoring", "甲", "乙", tomorrow, by(FILLER))
    with pytest.raises(Invalid) as refused:
        rectifications.create(graded["优"], "其他", "", " ", dt.date(2020, 1, 1), by(REVIEWER))
    assert [finding.field for finding in refused.value.findings] == ["kind", "problem", "demand", "due_on"]
    record = rectifications.create(graded["优"], "department_evaluation", "档案不全", "补齐", tomorrow, by(REVIEWER))
    # Who demanded it may judge it: it is not the reviewer's own work.
    rectifications.answer(record, "已补齐", "档案目录", by(FILLER))
    assert rectifications.judge(record, "accept", by(REVIEWER)) is True


def test_a_poor_grade_blocks_the_next_year_until_it_is_lifted(
    graded: dict[str, Evaluation], by: By, history: Callable[[str, int], list[tuple[str, str | None, str | None]]]
) -> None:
    project = graded["差"].project
    assert project is not None
    with pytest.raises(Invalid, match="等级为“差”（取消），不能申报"):
        declarations.start(project, YEAR + 1, by(FILLER))
    with pytest.raises(NotAllowed):
        consequences.lift(project, YEAR + 1, "需要", by(REVIEWER))
    with pytest.raises(Refused, match="请写明解除限制的理由"):
        consequences.lift(project, YEAR + 1, " ", by(FINANCE))
    consequences.lift(project, YEAR + 1, "民生必需", by(FINANCE))
    with pytest.raises(Conflict, match="限制已经解除"):
        consequences.lift(project, YEAR + 1, "民生必需", by(ADMIN))
    assert history("project", project.id)[-1] == ("lift", None, None)
    declarations.start(project, YEAR + 1, by(FILLER))
    assert declared() == ["差"]
    other = graded["优"].project
    assert other is not None
    with pytest.raises(Conflict, match="没有受到限制"):
        consequences.lift(other, YEAR + 1, "需要", by(FINANCE))


def test_what_was_never_handed_in_blocks_only_after_its_last_day(
    cast: Cast, by: By, graded: dict[str, Evaluation]
) -> None:
    sheet = graded["优"]
    sheet.state, sheet.due_on = "open", dt.date(2026, 5, 31)
    db.session.commit()
    project_id = sheet.project_id or 0
    assert consequence_queries.result(project_id, YEAR + 1, dt.date(2026, 5, 31)) is None
    late = consequence_queries.result(project_id, YEAR + 1, dt.date(2026, 6, 1))
    assert late is not None
    assert (late.grade, late.due_on) == (None, dt.date(2026, 5, 31))


def test_continuing_leaves_out_what_is_blocked_in_as_many_queries_for_many(
    graded: dict[str, Evaluation], by: By
) -> None:
    projects = [row.project for row in graded.values() if row.project]
    ids = [project.id for project in projects]
    counts, seen = [], []
    events.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    for some in (ids, ids[:1], ids):
        seen.clear()
        consequence_queries.results(some, YEAR + 1, dt.date(2026, 6, 1))
        counts.append(len(seen))
    assert counts[1:] == [3, 3]
    assert declarations.continue_all(projects, YEAR + 1, by(FILLER)) == 2
    assert declared() == ["中", "优"]


def test_the_advice_adds_up(graded: dict[str, Evaluation], by: By) -> None:
    filters = Filters(YEAR)
    groups = consequence_queries.groups(by(FINANCE), filters)
    assert [(g.grade, g.consequence.advice, g.count, g.amount, g.hint) for g in groups] == [
        ("优", "优先保障", 1, Decimal(5_700_000), Decimal(5_700_000)),
        ("中", "压缩", 1, Decimal(5_700_000), Decimal(4_560_000)),
        ("差", "取消", 1, Decimal(5_700_000), Decimal(0)),
    ]
    assert [row.grade for row in consequence_queries.rows(by(FINANCE), filters)] == ["差", "中", "优"]
    assert [row.name for row in consequence_queries.rows(by(FINANCE), Filters(YEAR, state="中"))] == ["中"]
    assert consequence_queries.groups(by(OUTSIDER), filters) == []


def test_the_ledger_counts_and_finds(graded: dict[str, Evaluation], by: By) -> None:
    record = rectification(graded["差"])
    late = record.due_on + dt.timedelta(days=1)
    page, counts, overdue = queries.page(by(REVIEWER), Filters(YEAR), late)
    assert ([row.name for row in page.rows], counts, overdue) == (["中", "差"], {"open": 2}, 2)
    assert queries.page(by(REVIEWER), Filters(YEAR), record.due_on)[2] == 0
    assert [row.name for row in queries.stream(by(REVIEWER), Filters(YEAR, search="差"))] == ["差"]
    assert queries.page(by(REVIEWER), Filters(YEAR, category="monitoring"), late)[0].total == 0
    assert queries.page(by(OUTSIDER), Filters(YEAR), late)[0].total == 0


def test_an_import_refuses_what_may_not_go_on(cast: Cast, graded: dict[str, Evaluation], by: By) -> None:
    places = Places(by(FILLER), YEAR + 1)
    place = places.of(cast.unit)
    assert place is not None
    outcomes = {}
    for grade, sheet in graded.items():
        project = sheet.project
        assert project is not None
        wanted = Wanted(cast.unit, {"project": {"code": project.code, "name": project.name}})
        matched = match(wanted, place, look_up([wanted], YEAR + 1, places.today), by(FILLER))
        outcomes[grade] = (matched.outcome, [finding.sentence() for finding in matched.findings])
    assert {grade: outcome for grade, (outcome, _said) in outcomes.items()} == {
        "优": "create",
        "中": "create",
        "差": "refused",
    }
    assert "等级为“差”（取消），不能申报" in outcomes["差"][1][0]


def test_the_day_follows_the_window_unless_somebody_chose_another(
    graded: dict[str, Evaluation], cast: Cast, by: By
) -> None:
    cycle = graded["差"].cycle
    unit = db.session.get_one(Unit, graded["差"].unit_id)
    chosen, asked = dt.date(2099, 5, 5), dt.date(2099, 8, 1)
    opened = rectification(graded["差"])
    by_hand = rectifications.create(graded["优"], "monitoring", "甲", "乙", chosen, by(REVIEWER))
    usual = opened.due_on  # so many days by the scheme: the year has no window for it
    windows = {**ALWAYS, "rectification": Span(dt.date(2025, 1, 1), dt.date(2099, 6, 30))}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))
    assert (opened.due_on, by_hand.due_on) == (dt.date(2099, 6, 30), chosen)
    rectifications.answer(opened, "已约谈", "会议纪要", by(FILLER))
    longer = window_exceptions.put(
        cycle, unit, "rectification", Span(dt.date(2025, 1, 1), asked), "机构改革", by(ADMIN)
    )
    assert (opened.due_on, rectification(graded["中"]).due_on, by_hand.due_on) == (asked, asked, chosen)
    rectifications.judge(opened, "return", by(REVIEWER), comment="缺佐证")
    assert opened.due_on == asked
    rectifications.answer(opened, "已约谈", "会议纪要、名册", by(FILLER))
    rectifications.judge(opened, "accept", by(REVIEWER))
    window_exceptions.remove(longer, by(ADMIN))
    assert (opened.due_on, rectification(graded["中"]).due_on) == (asked, dt.date(2099, 6, 30))
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, ALWAYS, by(ADMIN))
    assert rectification(graded["中"]).due_on == usual
