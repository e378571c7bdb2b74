"""What stands between a draft and its submission, and what comes of it: window, review, budget."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
import time_machine

from perfmgr.actions import cycles, declarations
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.actions.declared import By, sentences, stored
from tests.cast import ADMIN, APPROVED, FILLER, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast


def test_an_empty_draft_is_told_everything_that_is_missing(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast, complete=False))
    with pytest.raises(Invalid) as refused:
        declarations.take(declaration, "submit", by(FILLER))
    assert [(f.code, f.field) for f in refused.value.findings] == [
        ("Q01", "overview"),
        ("Q01", "bases"),
        ("Q01", "body"),
        ("Q01", "plan"),
        ("Q01", "goals"),
        ("Q01", "step_spans"),
        ("Q01", "start_on"),
        ("Q01", "end_on"),
        ("Q01", "funds"),
        ("Q01", "indicators"),
        ("Q01", "indicators"),
    ]


def test_what_is_refused_leaves_no_trace(
    cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]], history: Callable[[str, int], list[object]]
) -> None:
    declaration = stored(make.declare(cast, complete=False))
    before = (declaration.version, declaration.updated_at)
    with pytest.raises(Invalid):
        declarations.take(declaration, "submit", by(FILLER))
    found = stored(declaration.id)
    assert (found.state, (found.version, found.updated_at), found.submitted_at) == ("draft", before, None)
    assert (told(), len(history("declaration", declaration.id))) == ([], 1)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (dt.date(2024, 7, 31), "2025 年度“目标申报”将于 2024年8月1日 开始，现在还不能送审。"),
        (dt.date(2025, 1, 1), "2025 年度“目标申报”已于 2024年12月31日 截止，如需补报请联系系统管理员调整时间。"),
    ],
)
def test_outside_the_window_nothing_is_submitted(cast: Cast, by: By, day: dt.date, sentence: str) -> None:
    declaration = stored(make.declare(cast))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    noon = dt.datetime.combine(day, dt.time(12), dt.timezone(dt.timedelta(hours=8)))
    with pytest.raises(Refused) as refused:
        declarations.take(declaration, "submit", by(FILLER), now=noon)
    assert (sentences(refused), stored(declaration.id).state) == ([sentence], "draft")


@pytest.mark.parametrize(
    ("instant", "state"),
    [
        ("2024-07-31 23:59:59+08:00", "draft"),
        ("2024-08-01 00:00:00+08:00", "submitted"),
        ("2024-12-31 23:59:59+08:00", "submitted"),
        ("2025-01-01 00:00:00+08:00", "draft"),
    ],
)
def test_the_window_opens_and_closes_at_midnight_in_beijing(cast: Cast, by: By, instant: str, state: str) -> None:
    declaration = stored(make.declare(cast))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    with time_machine.travel(instant, tick=False):
        if state == "draft":
            with pytest.raises(Refused):
                declarations.take(declaration, "submit", by(FILLER))
        else:
            declarations.take(declaration, "submit", by(FILLER))
    assert stored(declaration.id).state == state


def test_reviewers_are_not_held_up_by_the_window(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast))
    declarations.take(declaration, "submit", by(FILLER))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(2003), by(ADMIN))
    declarations.take(declaration, "return", by(REVIEWER), comment="请改")
    assert stored(declaration.id).state == "returned"


def test_nobody_reviews_their_own_work(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast, by=OUTSIDER, unit=cast.other_unit))
    declarations.take(declaration, "submit", by(OUTSIDER))
    for step in ("approve", "return"):
        with pytest.raises(NotAllowed) as refused:
            declarations.take(declaration, step, by(OUTSIDER), comment="好")
        assert sentences(refused) == ["不能审核本人填报的材料，请由其他审核人办理。"]
    assert stored(declaration.id).state == "submitted"


def test_the_approval_by_finance_proposes_the_budget(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, *APPROVED)
    line = db.session.query(BudgetLine).one()
    names = ("project_id", "year", "unit_id", "department_id", "state", "initial", "adjusted", "executed")
    assert [getattr(line, name) for name in names] == [
        declaration.project_id,
        YEAR,
        cast.unit,
        cast.department,
        "proposed",
        Decimal(5_700_000),
        Decimal(5_700_000),
        Decimal(0),
    ]


def test_a_budget_that_is_there_already_is_left_alone(cast: Cast, by: By, declaration: Declaration) -> None:
    from perfmgr.actions import budgets

    budgets.propose(declaration.project, YEAR, Decimal(123), by(FINANCE))
    make.take(declaration.id, cast, *APPROVED)
    assert [line.initial for line in db.session.query(BudgetLine)] == [Decimal(123)]


def test_the_moments_of_submission_and_approval_are_kept(cast: Cast, by: By, declaration: Declaration) -> None:
    moments = [dt.datetime(2025, 3, n, 1, tzinfo=dt.UTC) for n in (1, 2, 3)]
    for (person, step), now in zip(APPROVED, moments, strict=True):
        declarations.take(stored(declaration.id), step, by(person), now=now)
    found = stored(declaration.id)
    assert (found.submitted_at, found.approved_at, found.updated_at) == (moments[0], moments[2], moments[2])
