"""How many statements a page takes: as many in a large district as in a small one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from perfmgr.demonstration import district
from perfmgr.extensions import db
from perfmgr.models.declaration import Indicator
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.person import Person
from perfmgr.times import today
from tests.browser import Visitor
from tests.cast import Cast

Counting = Callable[[], AbstractContextManager[list[str]]]
LISTS = (
    "/",
    "/projects",
    "/projects?q=经费",
    "/projects/export.csv",
    "/budgets",
    "/evaluations",
    "/consequences",
    "/consequences/export.xlsx",
    "/inflation",
    "/inflation/export.xlsx",
    "/rectifications",
    "/rectifications/export.xlsx",
    "/appraisals",
    "/notices",
    "/quality",
    "/quality/export.csv",
    "/library",
    "/calendar",
    "/calendar?view=list",
)
COVERAGE = ("/coverage", *(f"/coverage/list?basis={basis}" for basis in ("projects", "units", "departments", "exempt")))
ADMINISTRATION = (
    "/reminders",
    "/reminder-rules",
    "/notices/reminders",
    "/library/proposals",
    "/cycles",
    "/workdays",
    "/units",
    "/people",
    "/schemes",
    "/rubrics",
    "/functions",
)


def _fullest(lines: Any, owner: Any) -> int:
    """Return the record with most lines."""
    found = db.session.scalar(select(owner).group_by(owner).order_by(func.count(lines).desc(), owner).limit(1))
    assert found is not None
    return int(found)


def _counted(app: Flask, count_queries: Counting) -> dict[str, int]:
    with app.app_context():
        names = {p.username: p.id for p in db.session.scalars(select(Person))}
        declaration = _fullest(Indicator.id, Indicator.declaration_id)
        sheet = _fullest(EvaluationLine.id, EvaluationLine.evaluation_id)
        whole = db.session.scalars(select(Evaluation.id).where(Evaluation.kind == "department")).first()
    cast = Cast(0, 0, 0, 0, 0, 0, 0, names)
    records = {
        "declaration": f"/declarations/{declaration}",
        "project's sheet": f"/evaluations/{sheet}",
        "department's sheet": f"/evaluations/{whole}",
        "files of a sheet": f"/evaluations/{sheet}/attachments",
        "named formulas": f"/evaluations/{whole}/figures",
    }
    reading = {page: page for page in (*LISTS, *COVERAGE)} | records
    counted = {}
    for username, pages in (("qu-caizheng", reading), ("qu-guanli", {page: page for page in ADMINISTRATION})):
        visitor = Visitor(app, cast, username)
        for name, page in pages.items():
            visitor.get(page).get_data()  # what is kept in memory, as the schemes are, is there from now on
            with count_queries() as statements:
                answer = visitor.get(page)
                answer.get_data()
            assert answer.status_code == 200, page
            counted[name] = len(statements)
    return counted


def test_the_number_of_statements_does_not_grow_with_the_data(app: Flask, count_queries: Counting) -> None:
    found = []
    for projects in (20, 300):
        with app.app_context():
            district.build(projects, 1, today())
        found.append(_counted(app, count_queries))
    assert found[0] == found[1]
    assert max(found[1].values()) <= 13, found[1]
