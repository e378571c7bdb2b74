"""Deciding what becomes of each project of a workbook: created, updated, unchanged or refused."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from perfmgr import times
from perfmgr.models.cycle import Cycle
from perfmgr.models.unit import Unit
from perfmgr.queries import consequences, cycles, imports, schemes, units
from perfmgr.queries.imports import Known
from perfmgr.queries.people import Viewer
from perfmgr.rules.codes import check_project_code
from perfmgr.rules.consequences import renewal
from perfmgr.rules.cycles import require_not_over
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.import_checks import Setting
from perfmgr.rules.imports import at_cell
from perfmgr.rules.projects import OWING_CATEGORIES, owes_targets
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR, FILLER
from perfmgr.rules.texts import N_, Term, same_name
from perfmgr.rules.workflow import FILLER_STATES, STATES


@dataclass(slots=True)
class Place:
    """What applies to a unit in the year of the import; ``refusal`` when nothing can be declared there."""

    unit: Unit
    cycle: Cycle | None
    setting: Setting | None
    refusal: Finding | None = None  # of everything
    over: Finding | None = None  # of new declarations


class Places:
    """The units this person fills for, with what applies to them; each is looked up once."""

    def __init__(self, by: Viewer, year: int, today: dt.date | None = None) -> None:
        self.by, self.year, self.today = by, year, today or times.today()
        self.units = {unit.id: unit for unit in units.budget_units(by, {FILLER})}
        self._names = {same_name(name): unit for unit in self.units.values() for name in (unit.name, unit.code)}
        self._functions: frozenset[str] | None = None
        self._places: dict[int, Place] = {}
        self._settings: dict[int, Setting] = {}

    def named(self, text: str) -> Unit | None:
        """Return the unit of this name or code."""
        return self._names.get(same_name(text))

    def setting(self, scheme_id: int) -> Setting:
        """Return what a declaration with this scheme is checked against."""
        if self._functions is None:
            self._functions = imports.functions()
        if scheme_id not in self._settings:
            self._settings[scheme_id] = Setting(self.year, schemes.by_id(scheme_id), self._functions)
        return self._settings[scheme_id]

    def of(self, unit_id: int) -> Place | None:
        """Return what applies to one of this person's units, None for any other."""
        unit = self.units.get(unit_id)
        if unit is not None and unit_id not in self._places:
            self._places[unit_id] = self._look_up(unit)
        return self._places.get(unit_id)

    def _look_up(self, unit: Unit) -> Place:
        cycle = cycles.for_unit(unit.path, self.year)
        if cycle is None:
            sentence = N_("%(year)s 年度的周期尚未建立，请联系系统管理员。")
            return Place(unit, None, None, Finding("IMPORT", sentence, params={"year": self.year}))
        place = Place(unit, cycle, self.setting(cycle.project_scheme_id))
        if cycle.closed_at:
            sentence = N_("%(year)s 年度已经结束，不能再申报。")
            place.refusal = Finding("IMPORT", sentence, params={"year": self.year})
        try:
            require_not_over("declaration", cycle.span("declaration", unit.path), self.today, self.year)
        except Refused as refusal:
            place.over = refusal.findings[0]
        return place


@dataclass(slots=True)
class Wanted:
    """One project of the workbook with what was read of it; ``at`` are the cells that findings point to."""

    unit_id: int
    values: dict[str, Any]
    at: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The project's code, empty when it has none yet."""
        return str(self.values["project"].get("code") or "")

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self.values["project"].get("name") or "")


@dataclass(slots=True)
class Match:
    """What was found for a project: which records it would change, and their versions."""

    outcome: str
    project_id: int | None = None
    declaration_id: int | None = None
    versions: str = ""
    findings: list[Finding] = field(default_factory=list)
    scheme_id: int = 0


def look_up(wanted: Sequence[Wanted], year: int, today: dt.date) -> Known:
    """Return what the database knows about these projects, and how those to be declared came out last."""
    names: dict[int, set[str]] = {}
    for each in wanted:
        if each.name and not each.code:
            names.setdefault(each.unit_id, set()).add(each.name)
    found = imports.known(year, {each.code for each in wanted if each.code}, names)
    undeclared = {row.id for row in found.by_code.values()} - set(found.declarations)
    found.results = consequences.results(sorted(undeclared), year, today)
    return found


def match(wanted: Wanted, place: Place, found: Known, by: Viewer) -> Match:
    """Decide about one project. Whether an update changes anything is for the caller to see."""
    project = _project(wanted, found)
    if isinstance(project, Match):
        return project
    made = wanted.values["project"]
    category = made.get("category") or (project.category if project else "specific")
    if project is None:
        return _new(wanted, place, category)
    if project.unit_id != wanted.unit_id:
        sentence = N_("项目代码“%(taken)s”已被使用，请核对。")
        return _refused(wanted, "code", sentence, taken=wanted.code)
    if not owes_targets(category, project.exempt_reason):
        return _refused(wanted, "category", N_("这一类别的项目（或已豁免的项目）不编报绩效目标。"))
    fixed = (made["name"], category, wanted.code or project.code) != (project.name, project.category, project.code)
    if fixed and project.id in found.settled and ADMINISTRATOR not in by.roles_over(place.unit.path):
        sentence = N_("目标已批复或已列预算的项目不能更改名称、代码和类别，如确需更改请联系系统管理员。")
        return _refused(wanted, "name", sentence)
    declaration = found.declarations.get(project.id)
    if declaration is None:
        if place.over:
            return _refused(wanted, "name", place.over.message, **place.over.params)
        for finding in errors(
            renewal(project.name, place.cycle.year if place.cycle else 0, found.results.get(project.id))
        ):
            return _refused(wanted, "name", finding.message, **finding.params)
        return Match("create", project.id, None, f"{project.version}")
    return _declared(wanted, project, declaration)


def _project(wanted: Wanted, found: Known) -> Any:
    """Return the project's row, None for a new one, or a refusal when several may be meant."""
    if wanted.code:
        return found.by_code.get(wanted.code)
    same = found.by_name.get((wanted.unit_id, wanted.name), [])
    declared = [project for project in same if project.id in found.declarations]
    same = declared or same
    if len(same) > 1:
        sentence = N_("本单位有 %(count)s 个名为“%(name)s”的项目，请在表中填写项目代码。")
        return _refused(wanted, "name", sentence, count=len(same), name=wanted.name)
    return same[0] if same else None


def _new(wanted: Wanted, place: Place, category: str) -> Match:
    if category not in OWING_CATEGORIES:
        return _refused(wanted, "category", N_("这一类别的项目（或已豁免的项目）不编报绩效目标。"))
    if place.over:
        return _refused(wanted, "name", place.over.message, **place.over.params)
    if wanted.code and (wrong := check_project_code(wanted.code, category)):
        return _refused(wanted, "code", wrong.message, **wrong.params)
    return Match("create")


def _declared(wanted: Wanted, project: Any, declaration: Any) -> Match:
    if declaration.unit_id != wanted.unit_id:
        return _refused(wanted, "code", N_("项目代码“%(taken)s”已被使用，请核对。"), taken=wanted.code)
    if declaration.state not in FILLER_STATES:
        sentence = N_("申报当前为“%(state)s”，不能修改；如需修改请先撤回或由审核人退回。")
        return _refused(wanted, "name", sentence, state=Term(STATES["declaration"][declaration.state]))
    versions = f"{project.version} {declaration.version}"
    return Match("update", project.id, declaration.id, versions, scheme_id=declaration.scheme_id)


def _refused(wanted: Wanted, at: str, message: str, /, **params: Any) -> Match:
    return Match("refused", findings=[at_cell(wanted.at.get(at, ""), message, **params)])
