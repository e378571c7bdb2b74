"""Two people, or one person twice, at the same moment: one change, one history, and a fair answer to the other."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from perfmgr.actions import appraisal_marks, declarations, drafts, evaluations, reviews
from perfmgr.actions.declarations import Opened, StepDraft
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.draft import Draft
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.unit import Unit
from perfmgr.rules.declarations import base_of
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests import panels
from tests.actions.test_evaluations import TEXTS, entries
from tests.cast import FILLER, FINANCE, REVIEWER, Cast


def together(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Run all acts at once, each in a context of its own; returns their results, or the refusals."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                return act()
            except Refused as refusal:
                return type(refusal).__name__

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def counted(app: Flask, kind: str, step: str) -> tuple[int, int]:
    """Return how many events and notices there are of a step."""
    with app.app_context():
        events = db.session.query(Event).filter_by(subject_kind=kind, step=step).count()
        return events, db.session.query(Notice).filter_by(kind=f"{kind}_{step}").count()


def take(cast: Cast, declaration_id: int, person: str, step: str, version: int | None = None) -> Callable[[], bool]:
    """Return the act of taking one step of a declaration."""
    return lambda: declarations.take(
        db.session.get_one(Declaration, declaration_id), step, cast.viewer(person), comment="请改", version=version
    )


@pytest.fixture
def submitted(app: Flask, cast: Cast) -> int:
    """A declaration that waits for the department's reviewer."""
    with app.app_context():
        declaration_id = make.declare(cast)
        make.take(declaration_id, cast, (FILLER, "submit"))
    return declaration_id


@pytest.mark.parametrize("times", range(3))
def test_a_double_click_submits_once(app: Flask, cast: Cast, times: int) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        version = db.session.get_one(Declaration, declaration_id).version
    act = take(cast, declaration_id, FILLER, "submit", version)
    assert sorted(together(app, act, act)) == [False, True]
    assert counted(app, "declaration", "submit") == (1, 1)


def test_a_double_click_on_any_step_is_one_step(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
    steps = (
        (FILLER, "submit"),
        (FILLER, "withdraw"),
        (FILLER, "submit"),
        (REVIEWER, "return"),
        (FILLER, "submit"),
        (REVIEWER, "approve"),
        (FINANCE, "return"),
        (FILLER, "submit"),
        (REVIEWER, "approve"),
        (FINANCE, "approve"),
    )
    for person, step in steps:
        with app.app_context():
            version = db.session.get_one(Declaration, declaration_id).version
        act = take(cast, declaration_id, person, step, version)
        assert (step, sorted(together(app, act, act))) == (step, [False, True])
    with app.app_context():
        assert db.session.query(Event).filter_by(subject_kind="declaration").count() == 1 + len(steps)


@pytest.mark.parametrize("times", range(3))
def test_approving_and_returning_at_once_has_one_winner(app: Flask, cast: Cast, submitted: int, times: int) -> None:
    with app.app_context():
        version = db.session.get_one(Declaration, submitted).version
    results = together(
        app,
        take(cast, submitted, REVIEWER, "approve", version),
        take(cast, submitted, REVIEWER, "return", version),
    )
    assert sorted(map(str, results)) == ["Conflict", "True"]
    with app.app_context():
        state = db.session.get_one(Declaration, submitted).state
    assert state == ("department_approved" if results[0] is True else "returned")
    assert sum(counted(app, "declaration", step)[0] for step in ("approve", "return")) == 1


def test_withdrawing_and_approving_at_once_has_one_winner(app: Flask, cast: Cast, submitted: int) -> None:
    results = together(app, take(cast, submitted, FILLER, "withdraw"), take(cast, submitted, REVIEWER, "approve"))
    assert sorted(map(str, results)) == ["Conflict", "True"]


def test_two_finance_approvals_propose_one_budget(app: Flask, cast: Cast, submitted: int) -> None:
    with app.app_context():
        make.take(submitted, cast, (REVIEWER, "approve"))
    act = take(cast, submitted, FINANCE, "approve")
    assert sorted(together(app, act, act, act)) == [False, False, True]
    with app.app_context():
        assert db.session.query(BudgetLine).count() == 1


def test_clicking_again_a_little_later_is_still_the_same_click(app: Flask, cast: Cast, submitted: int) -> None:
    with app.app_context():
        declaration = db.session.get_one(Declaration, submitted)
        assert declaration.submitted_at is not None
        soon = declaration.submitted_at + dt.timedelta(seconds=9)
        assert declarations.take(declaration, "submit", cast.viewer(FILLER), now=soon) is False
        with pytest.raises(Conflict, match="这份材料当前为“待部门审核”，不能再进行此项操作"):
            declarations.take(declaration, "submit", cast.viewer(FILLER), now=soon + dt.timedelta(seconds=1))


def test_the_same_step_by_somebody_else_is_no_double_click(app: Flask, cast: Cast, submitted: int) -> None:
    from perfmgr.actions import people
    from perfmgr.queries import people as people_queries
    from tests.cast import ADMIN

    with app.app_context():
        colleague, _password = people.create(cast.viewer(ADMIN), "tongshi", "同事", [(cast.department, "filler")])
        with pytest.raises(Conflict):
            declarations.take(db.session.get_one(Declaration, submitted), "submit", people_queries.viewer(colleague.id))


def test_saving_from_two_windows_loses_nothing_silently(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        stored = db.session.get_one(Declaration, declaration_id)
        version, opened = stored.version, Opened(base_of("overview", stored))

    def save(text: str) -> Callable[[], Any]:
        def act() -> str:
            record = db.session.get_one(Declaration, declaration_id)
            declarations.save_texts(record, {"overview": text}, cast.viewer(FILLER), opened)
            return text

        return act

    results = together(app, save("甲写的"), save("乙写的"))
    assert results.count("Overtaken") == 1
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        assert (found.overview, found.version) == (next(r for r in results if r != "Overtaken"), version + 1)


@pytest.mark.parametrize("times", range(3))
def test_two_people_saving_two_sections_at_once_both_succeed(app: Flask, cast: Cast, times: int) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        stored = db.session.get_one(Declaration, declaration_id)
        bases = {name: Opened(base_of(name, stored)) for name in ("overview", "plan")}

    def save_overview() -> str:
        record = db.session.get_one(Declaration, declaration_id)
        declarations.save_texts(record, {"overview": "甲写的"}, cast.viewer(FILLER), bases["overview"])
        return "甲"

    def save_plan() -> str:
        record = db.session.get_one(Declaration, declaration_id)
        declarations.save_plan(record, "乙写的", "目标", [StepDraft("一步")], cast.viewer(FILLER), bases["plan"])
        return "乙"

    assert together(app, save_overview, save_plan) == ["甲", "乙"]
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        assert (found.overview, found.plan, [s.content for s in found.steps]) == ("甲写的", "乙写的", ["一步"])
        assert set(found.saves) >= {"overview", "plan"}


@pytest.mark.parametrize("times", range(3))
def test_two_people_saving_one_table_at_once_keep_one_whole_table(app: Flask, cast: Cast, times: int) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        opened = Opened(base_of("plan", db.session.get_one(Declaration, declaration_id)))

    def save(steps: list[str]) -> Callable[[], Any]:
        def act() -> list[str]:
            record = db.session.get_one(Declaration, declaration_id)
            drafts = [StepDraft(step) for step in steps]
            declarations.save_plan(record, "办法", "目标", drafts, cast.viewer(FILLER), opened)
            return steps

        return act

    results = together(app, save(["甲一", "甲二"]), save(["乙一", "乙二", "乙三"]))
    assert results.count("Overtaken") == 1
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        assert [step.content for step in found.steps] == next(r for r in results if r != "Overtaken")


@pytest.mark.parametrize("times", range(5))
def test_an_autosave_on_its_way_brings_back_no_draft_of_what_was_saved(app: Flask, cast: Cast, times: int) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        opened = Opened(base_of("overview", db.session.get_one(Declaration, declaration_id)), "t1")

    def save() -> None:
        record = db.session.get_one(Declaration, declaration_id)
        declarations.save_texts(record, {"overview": "写完的"}, cast.viewer(FILLER), opened)

    def keep() -> None:
        record = db.session.get_one(Declaration, declaration_id)
        drafts.save(record, "overview", [("overview", "写到一半")], cast.viewer(FILLER), opened)

    together(app, save, keep, keep)
    with app.app_context():
        assert db.session.query(Draft).count() == 0
        assert db.session.get_one(Declaration, declaration_id).overview == "写完的"


def test_many_rounds_of_two_editors_count_every_accepted_save(app: Flask, cast: Cast) -> None:
    with app.app_context():
        unit_id, first = cast.unit, db.session.get_one(Unit, cast.unit).version

    def rename(name: str, version: int) -> Callable[[], bool]:
        from perfmgr.actions import units
        from tests.cast import ADMIN

        def act() -> bool:
            unit = db.session.get_one(Unit, unit_id)
            draft = units.tidied("unit", "administrative", "219001", name)
            units.update(unit, draft, cast.viewer(ADMIN), active=True, version=version)
            return True

        return act

    accepted = 0
    for n in range(5):
        with app.app_context():
            version = db.session.get_one(Unit, unit_id).version
        accepted += together(app, rename(f"甲 {n}", version), rename(f"乙 {n}", version)).count(True)
    with app.app_context():
        assert (accepted, db.session.get_one(Unit, unit_id).version) == (5, first + 5)


def test_a_double_click_on_save_and_submit_hands_the_sheet_in_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        make.budgeted(cast)
        evaluation_id = make.opened(cast)["社区服务经费"]
        version = db.session.get_one(Evaluation, evaluation_id).version

    def act() -> list[Any]:
        sheet = db.session.get_one(Evaluation, evaluation_id)
        return evaluations.submit(sheet, entries(), TEXTS, cast.viewer(FILLER), version)

    assert together(app, act, act) == [[], []]
    assert counted(app, "evaluation", "submit") == (1, 1)


def test_a_double_click_on_save_and_confirm_confirms_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        make.budgeted(cast)
        evaluation_id = make.opened(cast)["社区服务经费"]
        evaluations.submit(db.session.get_one(Evaluation, evaluation_id), entries(), TEXTS, cast.viewer(FILLER))
        version = db.session.get_one(Evaluation, evaluation_id).version
    draft = reviews.ReviewDraft([LineDraft(None)] * 5, "同意")

    def act() -> bool:
        sheet = db.session.get_one(Evaluation, evaluation_id)
        return reviews.submit(sheet, draft, cast.viewer(REVIEWER), version)

    assert sorted(together(app, act, act)) == [False, True]
    assert counted(app, "evaluation", "confirm") == (1, 1)


@pytest.mark.parametrize("times", range(2))
def test_the_last_two_experts_at_the_same_moment_end_the_marking_once(app: Flask, cast: Cast, times: int) -> None:
    one, two, three = panels.EXPERTS
    with app.app_context():
        appraisal_id = panels.organised(cast)
        for name in panels.EXPERTS:
            appraisal_marks.declare(panels.load(appraisal_id, cast, name), cast.viewer(name), conflict=False)
        appraisal_marks.submit(panels.load(appraisal_id, cast, one), panels.drafts(), "", cast.viewer(one))

    def submit(name: str) -> Callable[[], bool]:
        return lambda: appraisal_marks.submit(
            panels.load(appraisal_id, cast, name), panels.drafts(), "", cast.viewer(name)
        )

    # Each of them clicks twice.
    done = together(app, submit(two), submit(three), submit(two), submit(three))
    assert sorted(done) == [False, False, True, True]
    assert counted(app, "appraisal", "mark")[0] == 3
    with app.app_context():
        record = panels.load(appraisal_id, cast, REVIEWER)
        assert (record.state, [expert.state for expert in record.experts]) == ("consolidating", ["submitted"] * 3)
        assert db.session.query(Notice).filter_by(kind="appraisal_ready").count() == 1
