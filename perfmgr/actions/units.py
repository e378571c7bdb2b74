"""Units: adding and changing nodes of the tree, one by one or from a table."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from perfmgr.actions._action import action, require_role, require_version
from perfmgr.extensions import db
from perfmgr.models.unit import KINDS, NATURES, Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.codes import check_unit_code
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_
from perfmgr.rules.units import DUTIES, UnitDraft, UnitRow, duty_lines
from perfmgr.rules.units import tidied as tidied  # callers have the typed data tidied and then add it

# What may stand under what: an area holds areas and departments, a department units and bureaus below it.
ALLOWED_PARENTS = {"area": ("area",), "department": ("area", "department"), "unit": ("department", "unit")}


def check_draft(draft: UnitDraft) -> list[Finding]:
    """Return everything that is wrong with the typed data of a unit by itself."""
    findings = []
    if not draft.name:
        findings.append(Finding("UNIT", N_("“单位名称”不能为空。"), "name"))
    if draft.kind not in KINDS:
        findings.append(Finding("UNIT", N_("请选择节点类型：行政区划、部门或单位。"), "kind"))
    if draft.nature not in NATURES:
        findings.append(Finding("UNIT", N_("请选择单位性质：行政单位、事业单位或其他。"), "nature"))
    if draft.kind == "area":
        if not (draft.code.isdigit() and len(draft.code) == 6):
            findings.append(Finding("CODE", N_("“行政区划代码”应为 6 位数字，例如 210200。"), "code"))
    elif finding := check_unit_code(draft.code):
        findings.append(finding)
    return findings


def add_unit(parent: Unit | None, draft: UnitDraft) -> Unit:
    """Add a node inside the caller's transaction. Raises Invalid or Conflict with every reason."""
    findings = check_draft(draft)
    if findings:
        raise Invalid(findings)
    if parent and parent.kind not in ALLOWED_PARENTS[draft.kind]:
        raise Refused(N_("这一类型的节点不能放在所选上级之下，请重新选择上级。"), field="parent")
    if parent is None and draft.kind != "area":
        raise Refused(N_("最上一级应为行政区划。"), field="kind")
    _require_free(parent, draft, None)
    unit = Unit(
        parent_id=parent.id if parent else None,
        kind=draft.kind,
        nature=draft.nature,
        code=draft.code,
        name=draft.name,
        path="",
        area_id=parent.area_id if parent else None,
        department_id=parent.department_id if parent else None,
    )
    # A placeholder that is unique until the id is known: the path holds the id itself.
    unit.path = f"new/{draft.code}/{draft.name}"[:255]
    db.session.add(unit)
    db.session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    if draft.kind == "area":
        unit.area_id = unit.id
    if draft.kind == "department":
        unit.department_id = unit.id
    db.session.flush()
    return unit


def _require_free(parent: Unit | None, draft: UnitDraft, own_id: int | None) -> None:
    same_code = select(Unit.id).where(Unit.kind == draft.kind, Unit.code == draft.code, Unit.id != (own_id or 0))
    if draft.kind != "area":
        same_code = same_code.where(Unit.area_id == (parent.area_id if parent else None))
    if db.session.scalar(same_code.limit(1)):
        raise Conflict(N_("代码“%(taken)s”已被使用，请核对。"), field="code", taken=draft.code)
    same_name = select(Unit.id).where(
        Unit.parent_id == (parent.id if parent else None), Unit.name == draft.name, Unit.id != (own_id or 0)
    )
    if db.session.scalar(same_name.limit(1)):
        raise Conflict(N_("同一上级下已有名为“%(name)s”的单位，请核对。"), field="name", name=draft.name)


@action
def create(parent: Unit, draft: UnitDraft, by: Viewer) -> Unit:
    """Add a unit below ``parent``; only an administrator over the parent may."""
    require_role(by, parent.path, {ADMINISTRATOR})
    return add_unit(parent, draft)


@action
def create_root(draft: UnitDraft) -> Unit:
    """Add the top of a tree; used by the command that sets up an installation and by the demonstration."""
    return add_unit(None, draft)


@action
def update(
    unit: Unit,
    draft: UnitDraft,
    by: Viewer,
    *,
    active: bool,
    duties: Mapping[str, str] | None = None,
    version: int | None = None,
) -> None:
    """Change code, name, nature, whether the unit is in use, and its ``DUTIES``; its place and type stay."""
    require_role(by, unit.path, {ADMINISTRATOR})
    require_version(unit, version)
    findings = check_draft(draft)
    if findings:
        raise Invalid(findings)
    _require_free(unit.parent, draft, unit.id)
    unit.code, unit.name, unit.nature, unit.active = draft.code, draft.name, draft.nature, active
    for name, text in (duties or {}).items():
        if name not in DUTIES:
            raise KeyError(name)
        setattr(unit, name, "\n".join(duty_lines(text)))


@action
def import_rows(top: Unit, rows: Sequence[UnitRow], by: Viewer) -> int:
    """Add all rows below ``top``, or none: parents first, found by code. Returns how many were added.

    Raises Invalid with one finding per bad row; nothing is written then.
    """
    require_role(by, top.path, {ADMINISTRATOR})
    known = {(unit.kind, unit.code): unit for unit in _below(top)}
    findings: list[Finding] = []
    bad: set[str] = set()  # codes of bad rows: the rows below them are not at fault
    for row in rows:
        if row.findings or (row.parent_code and row.parent_code in bad):
            findings += row.findings
            bad.add(row.draft.code)
            continue
        parent = top if row.parent_code in ("", top.code) else _parent(known, row.parent_code)
        try:
            if parent is None:
                raise Refused(N_("找不到上级代码“%(parent)s”，上级应已存在或排在本行之前。"), parent=row.parent_code)
            unit = add_unit(parent, row.draft)
            known[(unit.kind, unit.code)] = unit
        except Refused as refusal:
            findings += [_at_row(finding, row.number) for finding in refusal.findings]
            bad.add(row.draft.code)
    if findings:
        raise Invalid(findings)
    return len(rows)


def _below(top: Unit) -> Sequence[Unit]:
    return db.session.scalars(select(Unit).where(Unit.path.startswith(top.path, autoescape=True))).all()


def _parent(known: dict[tuple[str, str], Unit], code: str) -> Unit | None:
    return known.get(("department", code)) or known.get(("unit", code)) or known.get(("area", code))


def _at_row(finding: Finding, number: int) -> Finding:
    return Finding(
        finding.code,
        N_("第 %(row)s 行：%(reason)s"),
        f"rows.{number}",
        params={"row": number, "reason": finding},
    )
