"""Who sees what: one's own units and everything below them, and nothing beside."""

from collections.abc import Callable
from typing import Any

import pytest

from perfmgr.queries import (
    budgets,
    coverage,
    cycles,
    declarations,
    disclosures,
    evaluations,
    notices,
    projects,
    published,
    units,
)
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import prune
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast
from tests.records import NOWHERE, PLACES, STRANGER, World

By = Callable[[str], Viewer]
PEOPLE = (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER, STRANGER)
SEES = {
    FILLER: ["own"],
    FILLER_2: [],
    REVIEWER: ["own"],
    FINANCE: ["own", "other"],
    ADMIN: ["own", "other"],
    OUTSIDER: ["other"],
    STRANGER: ["elsewhere"],
}
FINDERS: dict[str, tuple[str, Callable[[int, Viewer], Any]]] = {
    "projects": ("project_id", projects.find),
    "declarations": ("declaration_id", declarations.find),
    "budgets": ("line_id", budgets.find),
    "evaluations": ("evaluation_id", evaluations.find),
    "departments": ("department_id", units.find),
    "published documents": ("published_id", published.find),
}


@pytest.mark.parametrize("kind", FINDERS)
def test_a_record_is_found_by_those_who_see_it_and_by_nobody_else(world: World, by: By, kind: str) -> None:
    key, find = FINDERS[kind]
    found = {
        person: [place for place in PLACES if find(world.ids[place][key], by(person)) is not None] for person in PEOPLE
    }
    assert found == SEES
    assert [find(NOWHERE, by(person)) for person in PEOPLE] == [None] * len(PEOPLE)


def test_a_list_holds_what_one_sees_and_nothing_else(world: World, by: By) -> None:
    filters = Filters(YEAR)
    pages = {
        "declarations": lambda person: [row.name for row in declarations.page(by(person), filters)[0].rows],
        "budgets": lambda person: [row.name for row in budgets.page(by(person), filters)[0].rows],
        "evaluations": lambda person: [row.name for row in evaluations.page(by(person), filters)[0].rows],
        "export": lambda person: [row.name for row in declarations.stream(by(person), filters)],
        "coverage": lambda person: [
            row.name for row in coverage.projects_behind(by(person), coverage.Behind("targets", "all", YEAR))[0].rows
        ],
    }
    wanted = {person: sorted(f"{place} 项目" for place in places) for person, places in SEES.items()}
    for kind, page in pages.items():
        assert {person: sorted(page(person)) for person in PEOPLE} == wanted, kind


def test_asking_for_a_department_one_does_not_see_gives_an_empty_list(world: World, by: By) -> None:
    filters = Filters(YEAR, department_id=world.ids["other"]["department_id"])
    assert declarations.page(by(FILLER), filters)[0].total == 0
    assert budgets.page(by(FILLER), filters)[1] == budgets.Totals("合计")
    assert coverage.by_department("targets", by(FILLER), YEAR, filters.department_id) == []


def test_sums_cover_exactly_what_one_sees(world: World, by: By) -> None:
    filters = Filters(YEAR)
    found = {person: budgets.page(by(person), filters)[1].initial for person in PEOPLE}
    assert found == {person: 5_700_000 * len(places) for person, places in SEES.items()}


def test_documents_of_no_department_are_for_everybody(world: World, by: By) -> None:
    from perfmgr.extensions import db
    from perfmgr.models.published import Published

    document = db.session.get_one(Published, world.ids["own"]["published_id"])
    document.department_id = None
    db.session.commit()
    assert {person: len(published.listed(by(person))) for person in PEOPLE} == {
        person: len(set(places) - {"own"}) + 1 for person, places in SEES.items()
    }


def test_notices_are_ones_own(world: World, by: By) -> None:
    found = {reader: [owner for owner in PEOPLE if notices.find(world.notices[owner], by(reader))] for reader in PEOPLE}
    assert found == {person: [person] for person in PEOPLE}


def test_cycles_are_seen_from_below_and_managed_from_above(world: World, cast: Cast, by: By) -> None:
    own, nested, elsewhere = (world.ids[place]["cycle_id"] for place in PLACES)
    seen = {person: sorted(cycle.id for cycle in cycles.listed(by(person))) for person in PEOPLE}
    assert seen == {
        FILLER: [own],
        FILLER_2: [own],
        REVIEWER: [own],
        FINANCE: sorted([own, nested]),
        ADMIN: sorted([own, nested]),
        OUTSIDER: sorted([own, nested]),
        STRANGER: [elsewhere],
    }
    managed = {
        person: [c for c in (own, nested, elsewhere) if cycles.find(c, by(person)) is not None] for person in PEOPLE
    }
    assert managed == {**{person: [] for person in PEOPLE}, ADMIN: [own, nested], STRANGER: [elsewhere]}


def test_departments_to_choose_from_are_those_one_sees_something_of(world: World, by: By) -> None:
    found = {person: [name for _id, name in units.departments(by(person))] for person in PEOPLE}
    assert found == {
        FILLER: ["甲部门"],
        FILLER_2: ["甲部门"],
        REVIEWER: ["甲部门"],
        FINANCE: ["甲部门", "乙部门"],
        ADMIN: ["甲部门", "乙部门"],
        OUTSIDER: ["乙部门"],
        STRANGER: ["甲部门"],
    }


def test_a_text_to_publish_only_takes_approved_projects_of_its_department(world: World, cast: Cast, by: By) -> None:
    own = units.find(cast.department, by(FINANCE))
    assert own is not None
    assert disclosures.approved_projects(own, YEAR) == []
    assert disclosures.project_text(world.ids["own"]["declaration_id"], own, YEAR) is None
    assert disclosures.project_text(world.ids["other"]["declaration_id"], own, YEAR) is None


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        ([], []),
        (["/1/"], ["/1/"]),
        (["/1/2/", "/1/"], ["/1/"]),
        (["/1/2/", "/1/20/", "/1/2/3/"], ["/1/2/", "/1/20/"]),
        (["/1/2/", "/1/2/"], ["/1/2/"]),
    ],
)
def test_posts_below_other_posts_add_nothing(paths: list[str], kept: list[str]) -> None:
    assert prune(paths) == kept
