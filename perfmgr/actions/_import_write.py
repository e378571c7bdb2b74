"""Writing projects of a workbook: new ones by a few statements for all, drafts one by one in memory."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update

from perfmgr.actions._action import write_event
from perfmgr.actions._import_match import Place, Wanted
from perfmgr.actions.library import entries_behind
from perfmgr.actions.projects import ProjectDraft, changes_of, fill_project
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.codes import make_project_code
from perfmgr.rules.declarations import ROW_PARTS, SECTIONS
from perfmgr.rules.projects import FUND_SOURCES, USUAL_CATEGORY

Pair = tuple[Wanted, Place]


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _indicator(line: Sequence[Any], position: int) -> dict[str, Any]:
    found = dict(zip(ROW_PARTS["indicators"], line, strict=True))
    found["target_value"] = None if found["target_value"] is None else Decimal(found["target_value"])
    found["weight"] = Decimal(found["weight"])
    return {**found, "position": position}


def _step(line: Sequence[Any], position: int) -> dict[str, Any]:
    content, start, end, responsible = line
    dates = {"start_on": _day(start), "end_on": _day(end)}
    return {"position": position, "content": content, "responsible": responsible, **dates}


def _basis(line: Sequence[Any], position: int) -> dict[str, Any]:
    return {"position": position, "title": line[0], "number": line[1]}


def _amounts(values: dict[str, Any]) -> dict[str, Decimal]:
    return {source: Decimal(amount) for source, amount in values.get("funds", {}).items()}


# --- new projects and declarations -------------------------------------------------------------


def create(pairs: Sequence[Pair], year: int, by: Viewer, now: dt.datetime) -> list[tuple[int, int]]:
    """Create a project with its declaration for each; returns project and declaration ids in their order."""
    if not pairs:
        return []
    projects = _projects(pairs, year)
    _events("project", projects, by, now, None)
    declared = declare(list(zip(pairs, projects, strict=True)), year, by, now)
    return list(zip(projects, declared, strict=True))


def _projects(pairs: Sequence[Pair], year: int) -> list[int]:
    batch = uuid4().hex[:12]
    rows = [_project(wanted, place, f"new-{batch}-{n}"[:21]) for n, (wanted, place) in enumerate(pairs)]
    _insert(Project, rows)
    # By their codes, real or not yet: returning ids in order would cost a statement for each on SQLite.
    found = select(Project.code, Project.id).where(Project.code.in_([row["code"] for row in rows]))
    by_code = {row[0]: row[1] for row in db.session.execute(found)}
    ids = [by_code[row["code"]] for row in rows]
    areas = _area_codes(place.unit for _wanted, place in pairs)
    codes = [
        {"key": project_id, "made": make_project_code(areas[place.unit.area_id], year, row["category"], project_id)}
        for project_id, row, (wanted, place) in zip(ids, rows, pairs, strict=True)
        if not wanted.code
    ]
    if codes:
        table: Any = Project.__table__
        made = update(table).where(table.c.id == bindparam("key")).values(code=bindparam("made"))
        db.session.connection().execute(made, codes)
    return ids


def _project(wanted: Wanted, place: Place, placeholder: str) -> dict[str, Any]:
    made = wanted.values["project"]
    total = made.get("total_amount")
    return {
        "code": wanted.code or placeholder,
        "name": made["name"],
        "unit_id": place.unit.id,
        "department_id": place.unit.department_id,
        "category": made.get("category", USUAL_CATEGORY),
        "attribute": made.get("attribute", "new"),
        "function_code": made.get("function_code") or None,
        "start_on": _day(made.get("start_on")),
        "end_on": _day(made.get("end_on")),
        "total_amount": Decimal(total) if total else None,
        "goals_total": made.get("goals_total", ""),
    }


def _area_codes(units: Iterable[Unit]) -> dict[int | None, str]:
    ids = {unit.area_id for unit in units if unit.area_id is not None}
    return {row[0]: row[1] for row in db.session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(ids)))}


def declare(pairs: Sequence[tuple[Pair, int]], year: int, by: Viewer, now: dt.datetime) -> list[int]:
    """Create the year's declaration of projects that exist; returns the ids in their order."""
    if not pairs:
        return []
    rows = [_declaration(wanted, place, project_id, year, by, now) for (wanted, place), project_id in pairs]
    _insert(Declaration, rows)
    found = select(Declaration.project_id, Declaration.id).where(
        Declaration.project_id.in_([project_id for _pair, project_id in pairs]),
        Declaration.year == year,
        Declaration.adjusts_id.is_(None),
    )
    by_project = {row[0]: row[1] for row in db.session.execute(found)}
    ids = [by_project[project_id] for _pair, project_id in pairs]
    for model, name, make in (
        (LegalBasis, "bases", _basis),
        (Step, "steps", _step),
        (Indicator, "indicators", _indicator),
    ):
        lines = [
            {**make(line, n), "declaration_id": key}
            for key, ((wanted, _place), _project_id) in zip(ids, pairs, strict=True)
            for n, line in enumerate(wanted.values.get(name, ()), 1)
        ]
        _insert(model, lines)
    funds = [
        {"declaration_id": key, "source": source, "amount": amount}
        for key, ((wanted, _place), _project_id) in zip(ids, pairs, strict=True)
        for source, amount in _amounts(wanted.values).items()
    ]
    _insert(Fund, funds)
    _events("declaration", ids, by, now, "draft")
    return ids


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(insert(model.__table__), rows)


def _declaration(
    wanted: Wanted, place: Place, project_id: int, year: int, by: Viewer, now: dt.datetime
) -> dict[str, Any]:
    texts, period = wanted.values.get("texts", {}), wanted.values.get("period", {})
    cycle = place.cycle
    return {
        "project_id": project_id,
        "year": year,
        "cycle_id": cycle.id if cycle else None,
        "scheme_id": cycle.project_scheme_id if cycle else None,
        "unit_id": place.unit.id,
        "department_id": place.unit.department_id,
        "state": "draft",
        **{name: texts.get(name, "") for name in ("overview", "rationale", "body", "plan", "goals")},
        "start_on": _day(period.get("start_on")),
        "end_on": _day(period.get("end_on")),
        "annual_amount": sum(_amounts(wanted.values).values(), Decimal(0)),
        "filled_by_id": by.id,
        "updated_at": now,
    }


def _events(kind: str, ids: Sequence[int], by: Viewer, now: dt.datetime, state: str | None) -> None:
    rows = [{"subject_kind": kind, "subject_id": key, "step": "start", "at": now, "state_to": state} for key in ids]
    _insert(Event, [{**row, "person_id": by.id} for row in rows])


# --- what exists --------------------------------------------------------------------------------


def correct(project: Project, wanted: Wanted, by: Viewer) -> None:
    """Take over what the form says about the project as a whole; what it does not say stays."""
    made = wanted.values["project"]
    total = made.get("total_amount") if "total_amount" in made else project.total_amount
    draft = ProjectDraft(
        code=wanted.code or project.code,
        name=made["name"],
        category=made.get("category", project.category),
        attribute=made.get("attribute", project.attribute),
        function_code=made.get("function_code", project.function_code or ""),
        start_on=_day(made["start_on"]) if "start_on" in made else project.start_on,
        end_on=_day(made["end_on"]) if "end_on" in made else project.end_on,
        total_amount=None if total is None else Decimal(total),
        goals_total=made.get("goals_total", project.goals_total),
    )
    changes = changes_of(project, draft)
    fill_project(project, draft)
    if changes:
        write_event("project", project.id, "correct", by, details=changes)


def rewrite(declaration: Declaration, wanted: Wanted, by: Viewer, now: dt.datetime) -> None:
    """Take over what the form has of a draft; a table it has replaces the stored one."""
    values = wanted.values
    correct(declaration.project, wanted, by)
    for name, text in values.get("texts", {}).items():
        setattr(declaration, name, text)
    if "period" in values:
        declaration.start_on, declaration.end_on = (_day(values["period"][name]) for name in ("start_on", "end_on"))
    if "bases" in values:
        declaration.bases = [LegalBasis(**_basis(line, n)) for n, line in enumerate(values["bases"], 1)]
    if "steps" in values:
        declaration.steps = [Step(**_step(line, n)) for n, line in enumerate(values["steps"], 1)]
    if "indicators" in values:
        rows = [Indicator(**_indicator(line, n)) for n, line in enumerate(values["indicators"], 1)]
        for row, entry_id in zip(rows, entries_behind(rows, declaration.indicators, by), strict=True):
            row.library_id = entry_id
        declaration.indicators = rows
    if "funds" in values:
        _rewrite_funds(declaration, _amounts(values))
    _note_saves(declaration, values, by, now)
    declaration.updated_at, declaration.filled_by_id = now, by.id


def _note_saves(declaration: Declaration, values: dict[str, Any], by: Viewer, now: dt.datetime) -> None:
    """Note who wrote the sections that the form has, as saving them does; what was copied into them was looked at."""
    given = {*values.get("texts", {}), *values, *({"start_on", "end_on"} if "period" in values else ())}
    saved = {"by": by.name, "person": by.id, "at": now.isoformat(), "tab": ""}
    for section in SECTIONS:
        parts = {*section.parts, *section.fields}
        if parts & given:
            declaration.saves = {**declaration.saves, section.name: saved}
            declaration.to_check = [name for name in declaration.to_check if name not in parts]


def _rewrite_funds(declaration: Declaration, amounts: dict[str, Decimal]) -> None:
    """Change the rows in place: a source has one row, and a deleted one would still stand in its way."""
    present = {fund.source: fund for fund in declaration.funds}
    for source in FUND_SOURCES:
        if source in present and source not in amounts:
            declaration.funds.remove(present[source])
        elif source in present:
            present[source].amount = amounts[source]
        elif source in amounts:
            declaration.funds.append(Fund(source=source, amount=amounts[source]))
    declaration.annual_amount = sum(amounts.values(), Decimal(0))
