"""Declaring: starting a year, and discarding what was started."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from perfmgr.actions import cycles, declarations
from perfmgr.actions.projects import ProjectDraft
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests import cast as make
from tests.actions.declared import By, next_cycle, sentences, stored
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast


def test_a_new_project_comes_with_the_first_declaration(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, declaration = declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, by(FILLER))
    assert declaration is not None
    assert (project.unit_id, project.department_id, project.owes) == (cast.unit, cast.department, True)
    names = ("year", "state", "cycle_id", "unit_id", "department_id", "filled_by_id", "annual_amount")
    assert [getattr(declaration, name) for name in names] == [
        YEAR,
        "draft",
        cast.cycle,
        cast.unit,
        cast.department,
        cast.people[FILLER],
        Decimal(0),
    ]
    assert project.code == f"21029125T9{project.id:011d}"


@pytest.mark.parametrize(("category", "letter"), [("staff", "R"), ("public", "Y")])
def test_a_project_that_owes_no_targets_comes_without_declaration(
    cast: Cast, by: By, category: str, letter: str
) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, declaration = declarations.create(unit, ProjectDraft("", "在职人员经费", category), YEAR, by(FILLER))
    assert (declaration, project.owes, project.code[8]) == (None, False, letter)


def test_two_projects_of_one_name_get_codes_of_their_own(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    made = [declarations.create(unit, ProjectDraft("", "同名", "specific"), YEAR, by(FILLER))[0] for _n in range(3)]
    assert len({project.code for project in made}) == 3


def test_a_code_of_the_budget_platform_is_kept_and_free_only_once(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    draft = ProjectDraft(" 210291 25t ０００００００００００１", "甲", "specific")
    project, _declaration = declarations.create(unit, draft, YEAR, by(FILLER))
    assert project.code == "21029125T000000000001"
    with pytest.raises(Conflict) as refused:
        declarations.create(unit, dataclasses.replace(draft, name="乙"), YEAR, by(FILLER))
    assert sentences(refused) == ["项目代码“21029125T000000000001”已被使用，请核对。"]
    assert db.session.query(Project).count() == 1


@pytest.mark.parametrize("place", ["area", "department", "closed unit"])
def test_a_project_belongs_to_an_active_budget_unit(cast: Cast, by: By, place: str) -> None:
    ids = {"area": cast.area, "department": cast.department, "closed unit": cast.unit}
    unit = db.session.get_one(Unit, ids[place])
    unit.active = place != "closed unit"
    db.session.commit()
    filler = dataclasses.replace(by(FILLER), posts=(dataclasses.replace(by(FILLER).posts[0], path="/"),))
    with pytest.raises(Refused) as refused:
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, filler)
    assert sentences(refused) == ["项目应由部门下的预算单位申报，请重新选择单位。"]


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_nobody_but_a_filler_of_the_unit_declares(cast: Cast, by: By, person: str) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    with pytest.raises(NotAllowed):
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, by(person))
    assert db.session.query(Project).count() == 0


def test_everything_wrong_with_a_project_is_said_at_once(cast: Cast, by: By) -> None:
    draft = ProjectDraft(
        "123", " ", "specific", "x", "9999999", dt.date(2025, 12, 31), dt.date(2025, 1, 1), Decimal(1), ""
    )
    with pytest.raises(Invalid) as refused:
        declarations.create(db.session.get_one(Unit, cast.unit), draft, YEAR, by(FILLER))
    assert [finding.field for finding in refused.value.findings] == [
        "name",
        "code",
        "attribute",
        "function_code",
        "end_on",
    ]


def test_a_year_without_cycle_cannot_be_declared(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    with pytest.raises(Refused) as refused:
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), 2031, by(FILLER))
    assert sentences(refused) == ["2031 年度的周期尚未建立，请联系系统管理员。"]
    assert db.session.query(Project).count() == 0


def test_a_closed_year_cannot_be_declared(cast: Cast, by: By) -> None:
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    with pytest.raises(Refused) as refused:
        make.declare(cast)
    assert sentences(refused) == ["2025 年度已经结束，不能再申报。"]


def test_a_year_is_declared_once(declaration: Declaration, by: By) -> None:
    with pytest.raises(Conflict) as refused:
        declarations.start(declaration.project, YEAR, by(FILLER))
    assert sentences(refused) == ["该项目 2025 年度的申报已经建立，请直接打开。"]


# --- discarding a draft -----------------------------------------------------------------------


def test_a_draft_that_was_never_submitted_goes_with_its_project(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    project_id = stored(declaration_id).project_id
    assert declarations.discard(stored(declaration_id), by(FILLER)) is True
    assert db.session.get(Project, project_id) is None
    left = db.session.scalars(select(Event).where(Event.subject_kind.in_(("project", "declaration")))).all()
    assert (db.session.get(Declaration, declaration_id), left) == (None, [])


def test_a_project_with_an_earlier_year_stays_and_remembers(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    next_cycle(cast, by)
    declaration = declarations.start(line.project, YEAR + 1, by(FILLER))
    assert declarations.discard(declaration, by(FILLER)) is False
    event = db.session.scalars(select(Event).where(Event.step == "discard")).one()
    assert (event.subject_id, event.details) == (line.project_id, {"year": str(YEAR + 1)})


@pytest.mark.parametrize("steps", [((FILLER, "submit"),), ((FILLER, "submit"), (FILLER, "withdraw")), APPROVED])
def test_what_was_submitted_once_is_not_discarded(cast: Cast, by: By, steps: tuple[tuple[str, str], ...]) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *steps)
    with pytest.raises(Conflict, match="只有从未送审的草稿可以删除"):
        declarations.discard(stored(declaration_id), by(FILLER))
    with pytest.raises(NotAllowed):
        declarations.discard(stored(declaration_id), by(REVIEWER))


def test_nothing_is_begun_after_the_window_has_closed(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    late = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(Refused, match=r"“目标申报”已于 2099年12月31日 截止，不能再新建"):
        declarations.create(unit, ProjectDraft("", "迟到的项目", "specific"), YEAR, by(FILLER), late)
    assert db.session.scalars(select(Project)).all() == []
