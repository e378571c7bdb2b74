"""Lists: searching literally, filtering, paging, counting, and sums that stay exact."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import budgets as budget_actions
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.queries import budgets, declarations, evaluations, functions, notices, people
from perfmgr.queries.filters import Filters
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from tests import cast as make
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, WAN, YEAR, Cast

By = Callable[[str], Viewer]
ODD = ["100%完成", "a_b", "a\\b", "it's", 'say "hi"', "a/b", "axb", "100x完成"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("%", ["100%完成"]),
        ("_", ["a_b"]),
        ("\\", ["a\\b"]),
        ("'", ["it's"]),
        ('"', ['say "hi"']),
        ("/", ["a/b"]),
        ("a_b", ["a_b"]),
        ("完成", ["100%完成", "100x完成"]),
        ("' OR 1=1 --", []),
        ("没有", []),
    ],
)
def test_a_search_is_taken_letter_by_letter(cast: Cast, by: By, search: str, found: list[str]) -> None:
    for name in ODD:
        make.declare(cast, name, complete=False)
    page, counts = declarations.page(by(FILLER), Filters(YEAR, search=search))
    assert (sorted(row.name for row in page.rows), sum(counts.values()), page.total) == (
        sorted(found),
        len(found),
        len(found),
    )


def test_a_search_does_not_mind_capital_letters_on_either_database(cast: Cast, by: By) -> None:
    make.declare(cast, "ERP 系统", complete=False)
    assert declarations.page(by(FILLER), Filters(YEAR, search="erp"))[0].total == 1


def test_a_search_finds_the_beginning_of_a_code(cast: Cast, by: By) -> None:
    declaration = db.session.get_one(Declaration, make.declare(cast))
    code = declaration.project.code
    totals = [declarations.page(by(FILLER), Filters(YEAR, search=part))[0].total for part in (code, code[:9], code[3:])]
    assert totals == [1, 1, 0]


def test_budgets_and_self_evaluations_are_searched_too(cast: Cast, by: By) -> None:
    make.budgeted(cast, "社区%经费")
    make.opened(cast)
    for search, count in (("%", 1), ("经费", 1), ("_", 0)):
        assert budgets.page(by(FINANCE), Filters(YEAR, search=search))[0].total == count
        assert evaluations.page(by(FINANCE), Filters(YEAR, search=search))[0].total == count
    assert evaluations.page(by(FINANCE), Filters(YEAR, search="甲部门"))[0].total == 2


def test_people_and_functions_are_searched_letter_by_letter(by: By) -> None:
    def names(search: str) -> list[str]:
        return [person.username for person in db.session.scalars(people.listed(by(ADMIN), search))]

    assert (names("%"), names("_"), names("审核"), names("filler")) == ([], [], ["reviewer"], ["filler", "filler2"])
    assert functions.listed("%") == []
    assert [entry.code for entry in functions.listed("2013201")] == ["2013201"]


def test_a_state_is_chosen_while_all_states_are_counted(cast: Cast, by: By) -> None:
    ids = [make.declare(cast, f"项目 {n}") for n in range(3)]
    make.take(ids[0], cast, (FILLER, "submit"))
    page, counts = declarations.page(by(FILLER), Filters(YEAR, state="draft"))
    assert ([row.name for row in page.rows], page.total, counts) == (
        ["项目 2", "项目 1"],
        2,
        {"draft": 2, "submitted": 1},
    )


def test_a_category_limits_rows_and_counts(cast: Cast, by: By) -> None:
    make.declare(cast)
    page, counts = declarations.page(by(FILLER), Filters(YEAR, category="other_operation"))
    assert (page.total, counts) == (0, {})


def test_pages_follow_each_other_without_gap(cast: Cast, by: By) -> None:
    for n in range(PAGE_SIZE + 10):
        make.declare(cast, f"项目 {n:02d}", complete=False)
    pages = [declarations.page(by(FILLER), Filters(YEAR, page=number))[0] for number in (1, 2, 3)]
    assert [(p.total, p.last, p.first_row, p.last_row, len(p.rows)) for p in pages] == [
        (60, 2, 1, 50, 50),
        (60, 2, 51, 60, 10),
        (60, 2, 0, 100, 0),
    ]
    names = [row.name for page in pages for row in page.rows]
    assert names == [f"项目 {n:02d}" for n in reversed(range(60))]


@pytest.mark.parametrize(("total", "last"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_the_last_page_is_never_before_the_first(total: int, last: int) -> None:
    assert Page([], 1, total).last == last


def test_a_department_is_summed_by_kind_of_spending_and_by_function(cast: Cast, by: By) -> None:
    from perfmgr.actions._action import action
    from perfmgr.actions.projects import ProjectDraft, add_project
    from perfmgr.models.unit import Unit

    rows = [
        ("人员", "staff", "2013201", "800.01", "790"),
        ("公用", "public", "2013201", "24.44", "24.44"),
        ("事务", "staff", "", "1", "0"),
    ]
    for name, category, function, initial, executed in rows:
        unit = db.session.get_one(Unit, cast.unit)
        project = action(add_project)(unit, ProjectDraft("", name, category, "new", function), YEAR, by(FILLER))
        line = budget_actions.propose(project, YEAR, Decimal(initial) * WAN, by(FINANCE))
        budget_actions.take(line, "approve", by(FINANCE))
        budget_actions.execute(line, Decimal(executed) * WAN, by(FILLER))
    make.budgeted(cast)
    kinds = budgets.by_kind(cast.department, YEAR)
    assert [(k.initial / WAN, k.executed / WAN, k.completion) for k in kinds.values()] == [
        (Decimal("825.45"), Decimal("814.44"), Decimal("98.67")),
        (Decimal("570"), Decimal("541.8"), Decimal("95.05")),
    ]
    found = [
        (row.function_code, row.initial / WAN, row.executed / WAN) for row in budgets.by_function(cast.department, YEAR)
    ]
    assert sorted(found, key=lambda row: row[0] or "") == [
        (None, Decimal("571"), Decimal("541.8")),
        ("2013201", Decimal("824.45"), Decimal("814.44")),
    ]
    total = budgets.of_department(cast.department, YEAR)
    assert (total.initial, total.executed, total.rate) == (
        Decimal("1395.45") * WAN,
        Decimal("1356.24") * WAN,
        Decimal("97.19"),
    )


def test_a_budget_of_nothing_has_no_rate() -> None:
    empty = budgets.Totals("")
    assert (empty.completion, empty.rate) == (None, None)


def test_only_approved_budgets_are_summed_for_a_department(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    budget_actions.take(line, "revoke", by(FINANCE), comment="调整")
    assert budgets.of_department(cast.department, YEAR) == budgets.Totals("合计")


# --- the to-do list ---------------------------------------------------------------------------


def duties(by: Viewer) -> list[tuple[str, str, str]]:
    """Return what waits for somebody, as (subject, state, name)."""
    return [(row.subject, row.state, row.name or row.unit_name) for row in notices.waiting(by, times.today()).rows]


def test_work_waits_for_whoever_is_next(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    steps = [(FILLER, "submit"), (REVIEWER, "approve"), (FINANCE, "approve")]
    seen = []
    for person, step in steps:
        seen.append({name: duties(by(name)) for name in (FILLER, REVIEWER, FINANCE, ADMIN)})
        make.take(declaration_id, cast, (person, step))
    seen.append({name: duties(by(name)) for name in (FILLER, REVIEWER, FINANCE, ADMIN)})
    budget_actions.take(db.session.scalars(select(BudgetLine)).one(), "approve", by(FINANCE))
    seen.append({name: duties(by(name)) for name in (FILLER, REVIEWER, FINANCE, ADMIN)})
    nobody: dict[str, list[tuple[str, str, str]]] = {name: [] for name in (FILLER, REVIEWER, FINANCE, ADMIN)}
    item = "社区服务经费"
    assert seen == [
        {**nobody, FILLER: [("declaration", "draft", item)]},
        {**nobody, REVIEWER: [("declaration", "submitted", item)]},
        {**nobody, FINANCE: [("declaration", "department_approved", item)]},
        {**nobody, FINANCE: [("budget", "proposed", item)]},
        nobody,
    ]


def test_what_is_no_longer_owed_waits_for_nobody(cast: Cast, by: By) -> None:
    from perfmgr.actions import projects

    lines = [db.session.get_one(BudgetLine, make.budgeted(cast, name)) for name in ("豁免的", "撤销的")]
    make.opened(cast)
    assert len(duties(by(FILLER))) == 3
    projects.set_exemption(lines[0].project, "资金由上级下达", by(ADMIN))
    budget_actions.take(lines[1], "revoke", by(FINANCE), comment="重新核定")
    assert duties(by(FILLER)) == [("evaluation", "open", "甲部门")]


def test_what_is_due_first_comes_first_and_closed_years_wait_for_nobody(cast: Cast, by: By) -> None:
    from perfmgr.actions import cycles
    from perfmgr.models.cycle import Cycle

    make.budgeted(cast)
    make.opened(cast)
    make.declare(cast, "草稿")
    assert duties(by(FILLER)) == [
        ("evaluation", "open", "社区服务经费"),
        ("evaluation", "open", "甲部门"),
        ("declaration", "draft", "草稿"),
    ]
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    assert duties(by(FILLER)) == []


def test_the_number_above_the_list_is_its_length(cast: Cast, by: By) -> None:
    for n in range(PAGE_SIZE + 3):
        make.declare(cast, f"项目 {n}", complete=False)
    first, second = (notices.waiting(by(FILLER), times.today(), number) for number in (1, 2))
    assert (first.total, len(first.rows), len(second.rows)) == (53, 50, 3)
    assert len({row.id for row in [*first.rows, *second.rows]}) == 53
