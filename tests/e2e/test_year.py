"""The whole year with the whole cast, in a real browser, on both databases."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import ADMIN_PASSWORD, picture
from tests.e2e.server import Server
from tests.e2e.walker import Walker
from tests.e2e.year_declaration import approve, declare, resubmit, return_it, set_up, submit_with_gap_then_complete
from tests.e2e.year_evaluation import (
    evaluate_department,
    evaluate_project,
    execute,
    open_window,
    recheck_department,
    recheck_project,
    release,
    see_coverage,
    see_disclosure,
)


@pytest.fixture
def people(server: Server, open_page: Callable[..., Page]) -> Callable[[str], Walker]:
    """A function that returns a signed-out walker."""
    return lambda _name: Walker(open_page(server.address), server.address)


def test_a_year_from_an_empty_installation_to_disclosure(server: Server, people: Callable[[str], Walker]) -> None:
    admin, filler, reviewer, finance = (people(name) for name in ("admin", "filler", "reviewer", "finance"))

    # The administrator sets the house up.
    admin.go("/sign-in")
    picture(admin.page, "sign-in")
    admin.sign_in("guanli", ADMIN_PASSWORD)
    passwords = set_up(admin)
    for walker, username in ((filler, "tianbao"), (reviewer, "shenhe"), (finance, "caizheng")):
        walker.first_sign_in(username, passwords[username], "Xin-Mima-2025-hao")

    # Declare, submit, return, resubmit, approve twice.
    declare(filler)
    address = filler.page.url.split("?")[0].removeprefix(server.address)
    submit_with_gap_then_complete(filler)
    return_it(reviewer)
    resubmit(filler)
    approve(reviewer, "待财政审核")
    approve(finance, "已批复")
    filler.go(address)
    filler.state("已批复")
    picture(filler.page, "declaration")

    # Release the budget, enter execution.
    release(finance)
    execute(filler)

    # Open the window; the clock creates what is owed.
    open_window(admin)
    assert "建立自评 2 份" in server.run("run", "open_evaluations")
    assert "建立自评 0 份" in server.run("run", "open_evaluations")
    server.run("run", "plan_reminders")
    server.run("run", "issue_reminders")

    # Self-evaluate the project and the department, re-check both.
    evaluate_project(filler)
    recheck_project(reviewer)
    evaluate_department(filler)
    recheck_department(finance)

    see_coverage(admin)
    see_disclosure(admin)
