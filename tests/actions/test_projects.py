"""The project as a whole: who corrects it, and who exempts it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from perfmgr.actions import declarations, projects
from perfmgr.actions.projects import ProjectDraft
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.refusals import NotAllowed, Refused
from tests import cast as make
from tests.actions.declared import By, sentences
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast


def test_after_the_approval_a_filler_cannot_rename_the_project(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, *APPROVED)
    project = db.session.get_one(Project, declaration.project_id)
    draft = ProjectDraft("", "改名", "specific")
    with pytest.raises(Refused) as refused:
        projects.update(project, draft, by(FILLER))
    assert sentences(refused) == ["目标已批复或已列预算的项目不能更改名称、代码和类别，如确需更改请联系系统管理员。"]
    projects.update(project, draft, by(ADMIN))
    assert db.session.get_one(Project, project.id).name == "改名"


def test_a_correction_of_the_project_is_written_down_from_and_to(
    by: By, declaration: Declaration, history: Callable[[str, int], list[object]]
) -> None:
    project = declaration.project
    projects.update(project, ProjectDraft("", "改名", "specific", total_amount=Decimal(100)), by(FILLER))
    event = db.session.query(Event).filter_by(subject_kind="project", step="correct").one()
    assert event.details == {"name": ["社区服务经费", "改名"], "total_amount": ["", "100"]}


def test_saving_a_project_without_change_writes_nothing_down(by: By, declaration: Declaration) -> None:
    project = declaration.project
    projects.update(project, ProjectDraft(project.code, project.name, "specific"), by(FILLER))
    assert db.session.query(Event).filter_by(subject_kind="project", step="correct").count() == 0


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, OUTSIDER])
def test_others_do_not_change_the_project(by: By, declaration: Declaration, person: str) -> None:
    with pytest.raises(NotAllowed):
        projects.update(declaration.project, ProjectDraft("", "改名", "specific"), by(person))


def test_exempting_is_for_administrators_and_can_be_ended(
    by: By, declaration: Declaration, history: Callable[[str, int], list[tuple[str, str | None, str | None]]]
) -> None:
    project = declaration.project
    for person in (FILLER, REVIEWER, FINANCE):
        with pytest.raises(NotAllowed):
            projects.set_exemption(project, "上级下达", by(person))
    projects.set_exemption(project, "上级下达", by(ADMIN))
    assert (project.exempt_reason, project.owes) == ("上级下达", False)
    projects.set_exemption(project, "上级下达", by(ADMIN))
    projects.set_exemption(project, " ", by(ADMIN))
    assert (project.exempt_reason, project.owes) == ("", True)
    assert [step for step, _from, _to in history("project", project.id)] == ["start", "exempt", "include"]


def test_what_owes_nothing_needs_no_exemption(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, _none = declarations.create(unit, ProjectDraft("", "人员经费", "staff"), YEAR, by(FILLER))
    with pytest.raises(Refused) as refused:
        projects.set_exemption(project, "原因", by(ADMIN))
    assert sentences(refused) == ["这一类别的项目本来就不编报绩效目标，无需豁免。"]
