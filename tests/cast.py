"""The cast everybody knows: one department with its people, and one outsider who must not get in."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from flask import Flask
from sqlalchemy import select

from perfmgr.actions import budgets, cycles, declarations, evaluations_due, units
from perfmgr.actions._action import action
from perfmgr.actions.declarations import BasisDraft, IndicatorDraft, StepDraft
from perfmgr.actions.people import create_person
from perfmgr.actions.projects import ProjectDraft
from perfmgr.actions.sessions import hasher
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Appointment
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import declarations as declaration_queries
from perfmgr.queries import people
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import REQUIRED, Span

PASSWORD = "Shiyan-Mima-2025"
YEAR = 2025
ALWAYS = {kind: Span(dt.date(2001, 1, 1), dt.date(2099, 12, 31)) for kind in REQUIRED}
WAN = Decimal(10_000)

FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER = "filler", "filler2", "reviewer", "finance", "admin", "outsider"


@dataclass
class Cast:
    """Ids of the units and people; ``viewer`` loads one of them as the one who asks."""

    area: int
    department: int
    unit: int
    unit_2: int
    other_department: int
    other_unit: int
    cycle: int
    people: dict[str, int]

    def viewer(self, username: str) -> Viewer:
        """Return a member of the cast as the one who asks; needs an application context."""
        return people.viewer(self.people[username])


@action
def build(scheme: str = "10-50-30-10", year: int = YEAR) -> Cast:
    """Create units, people and one cycle whose windows are always open. Needs an application context."""
    area = units.add_unit(None, units.tidied("area", "other", "210291", "试验区"))
    department = units.add_unit(area, units.tidied("department", "administrative", "219", "甲部门"))
    unit = units.add_unit(department, units.tidied("unit", "administrative", "219001", "甲部门（本级）"))
    unit_2 = units.add_unit(department, units.tidied("unit", "public_institution", "219002", "甲部门服务中心"))
    other = units.add_unit(area, units.tidied("department", "administrative", "305", "乙部门"))
    other_unit = units.add_unit(other, units.tidied("unit", "administrative", "305001", "乙部门（本级）"))
    posts = {
        FILLER: [("filler", department)],
        FILLER_2: [("filler", unit_2)],
        REVIEWER: [("department_reviewer", department)],
        FINANCE: [("finance_reviewer", area)],
        ADMIN: [("administrator", area)],
        OUTSIDER: [("filler", other), ("department_reviewer", other)],
    }
    names = dict(zip(posts, ("林填报", "孙填报", "周审核", "郑财政", "何管理", "外部门"), strict=True))
    ids = {}
    password_hash = hasher.hash(PASSWORD)
    for username, wanted in posts.items():
        person = create_person(username, names[username], password_hash, must_change=False)
        person.appointments = [Appointment(unit_id=at.id, role=role) for role, at in wanted]
        db.session.flush()
        ids[username] = person.id
    schemes = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    cycle = cycles.create.__wrapped__(
        area, year, schemes[scheme], schemes["department-six"], ALWAYS, people.viewer(ids[ADMIN])
    )
    db.session.flush()
    return Cast(area.id, department.id, unit.id, unit_2.id, other.id, other_unit.id, cycle.id, ids)


def indicator_drafts() -> list[IndicatorDraft]:
    """Return a complete set of indicators for the scheme 10-50-30-10."""
    rows = [
        ("output", "数量指标", "办理服务项目数", "ge", "190", "个", "20"),
        ("output", "质量指标", "验收合格率", "ge", "95", "%", "15"),
        ("output", "成本指标", "项目总成本", "le", "570", "万元", "15"),
        ("benefit", "社会效益指标", "惠及居民人次", "ge", "60000", "人次", "30"),
        ("satisfaction", "服务对象满意度指标", "居民满意度", "ge", "90", "%", "10"),
    ]
    return [
        IndicatorDraft(
            category=category,
            subcategory=subcategory,
            name=name,
            sign=sign,
            target_value=Decimal(target),
            unit=unit,
            weight=Decimal(weight),
            evidence="居民问卷 200 份" if category == "satisfaction" else "台账",
        )
        for category, subcategory, name, sign, target, unit, weight in rows
    ]


def declare(
    cast: Cast,
    name: str = "社区服务经费",
    amount: str = "570",
    *,
    by: str = FILLER,
    unit: int | None = None,
    year: int = YEAR,
    complete: bool = True,
) -> int:
    """Create a project with its declaration, complete unless told otherwise; returns the declaration's id."""
    viewer = cast.viewer(by)
    at = db.session.get_one(Unit, unit or cast.unit)
    _project, declaration = declarations.create(at, ProjectDraft("", name, "specific"), year, viewer)
    assert declaration is not None
    if complete:
        fill(declaration.id, cast, amount, by=by, year=year)
    return declaration.id


def fill(declaration_id: int, cast: Cast, amount: str = "570", *, by: str = FILLER, year: int = YEAR) -> None:
    """Fill every section of a declaration so that it can be submitted."""
    viewer = cast.viewer(by)
    declaration = declaration_queries.find(declaration_id, viewer)
    assert declaration is not None
    declarations.save_texts(declaration, {"overview": "为居民办实事。", "body": "甲部门"}, viewer)
    declarations.save_bases(declaration, [BasisDraft("经费管理办法", "大组〔2022〕101号")], "", viewer)
    span = (dt.date(year, 1, 1), dt.date(year, 12, 31))
    declarations.save_plan(declaration, "分季度实施。", "办成实事。", [StepDraft("制定计划", *span, "科室")], viewer)
    declarations.save_period(declaration, *span, viewer)
    declarations.save_funds(declaration, {"general_public": Decimal(amount) * WAN}, viewer)
    declarations.save_indicators(declaration, indicator_drafts(), viewer)


def take(declaration_id: int, cast: Cast, *steps: tuple[str, str]) -> None:
    """Take steps of the workflow, given as (person, step)."""
    for username, step in steps:
        viewer = cast.viewer(username)
        declaration = declaration_queries.find(declaration_id, viewer)
        assert declaration is not None
        declarations.take(declaration, step, viewer, comment="请修改" if step == "return" else "")


APPROVED = ((FILLER, "submit"), (REVIEWER, "approve"), (FINANCE, "approve"))


def budgeted(
    cast: Cast,
    name: str = "社区服务经费",
    amount: str = "570",
    executed: str = "541.8",
    *,
    unit: int | None = None,
) -> int:
    """Create a project with approved targets, approved budget and spending; returns its budget line's id."""
    declaration_id = declare(cast, name, amount, unit=unit)
    take(declaration_id, cast, *APPROVED)
    declaration = declaration_queries.find(declaration_id, cast.viewer(FILLER))
    assert declaration is not None
    line = db.session.scalars(select(BudgetLine).where(BudgetLine.project_id == declaration.project_id)).one()
    budgets.take(line, "approve", cast.viewer(FINANCE))
    budgets.execute(line, Decimal(executed) * WAN, cast.viewer(FILLER))
    return line.id


NOON = dt.datetime(2026, 3, 1, 4, 0, tzinfo=dt.UTC)


def opened(cast: Cast) -> dict[str, int]:
    """Create the self-evaluations that are due; returns their ids by title."""
    evaluations_due.open_due(NOON)
    rows = db.session.scalars(select(Evaluation).where(Evaluation.cycle_id == cast.cycle)).all()
    return {row.title: row.id for row in rows}


def in_context(app: Flask) -> "object":
    """Return an application context; requests must not run inside it."""
    return app.app_context()
