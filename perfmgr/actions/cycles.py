"""Cycles: opening a fiscal year, setting its windows and schemes, closing it."""

from collections.abc import Sequence

from perfmgr import times
from perfmgr.actions import evaluations_due, monitorings_due, rectifications
from perfmgr.actions._action import action, count_as_changed, require_role, require_version
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, Window
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.people import Viewer
from perfmgr.queries.rectifications import usual_days
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR, REQUIRED, WINDOWS, Span, check_windows
from perfmgr.rules.monitorings import USUAL_CUT_OFFS
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_


def _require_scheme(scheme_id: int, kind: str, field: str) -> SchemeVersion:
    scheme = db.session.get(SchemeVersion, scheme_id)
    if scheme is None or scheme.kind != kind or scheme.state != "published":
        raise Refused(N_("请从列表中选择一个已发布的评分方案。"), field=field)
    return scheme


def _set_windows(cycle: Cycle, windows: dict[str, Span]) -> None:
    findings = check_windows(windows)
    if findings:
        raise Invalid(findings)
    now = times.now()
    present = {window.kind: window for window in cycle.windows}
    for kind in WINDOWS:
        window, span = present.get(kind), windows.get(kind)
        if span is None:
            if window is not None and kind not in REQUIRED:
                cycle.windows.remove(window)
        elif window is None:
            cycle.windows.append(Window(kind=kind, opens_on=span.opens_on, closes_on=span.closes_on, changed_at=now))
        elif (window.opens_on, window.closes_on) != (span.opens_on, span.closes_on):
            window.opens_on, window.closes_on, window.changed_at = span.opens_on, span.closes_on, now


@action
def create(
    area: Unit,
    year: int,
    project_scheme_id: int,
    department_scheme_id: int,
    windows: dict[str, Span],
    by: Viewer,
    cut_offs: Sequence[int] = USUAL_CUT_OFFS,
) -> Cycle:
    """Open a fiscal year for an area; the schemes are the ones all its projects and departments use."""
    require_role(by, area.path, {ADMINISTRATOR})
    if area.kind == "unit":
        raise Refused(N_("年度周期应建在行政区划或部门上，请重新选择。"), field="unit_id")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(N_("“年度”应在 %(first)s 到 %(last)s 之间。"), field="year", first=FIRST_YEAR, last=LAST_YEAR)
    present = cycles.for_unit(area.path, year)
    if present and present.unit_id == area.id:
        raise Conflict(N_("%(year)s 年度的周期已经建立，请直接修改。"), field="year", year=year)
    cycle = Cycle(
        unit_id=area.id,
        year=year,
        project_scheme_id=_require_scheme(project_scheme_id, "project", "project_scheme_id").id,
        department_scheme_id=_require_scheme(department_scheme_id, "department", "department_scheme_id").id,
        cut_offs=list(cut_offs),
    )
    _set_windows(cycle, windows)
    db.session.add(cycle)
    return cycle


@action
def update(
    cycle: Cycle,
    project_scheme_id: int,
    department_scheme_id: int,
    windows: dict[str, Span],
    by: Viewer,
    version: int | None = None,
    cut_offs: Sequence[int] | None = None,
) -> None:
    """Change windows, schemes and the months of monitoring (None: as they are).

    Of the windows that a year can do without, those not given are removed. Declarations and
    scores already made keep the scheme they were made with.
    """
    require_role(by, cycle.unit.path, {ADMINISTRATOR})
    require_version(cycle, version)
    count_as_changed(cycle, "year")
    before = usual_days(cycle)
    cycle.project_scheme_id = _require_scheme(project_scheme_id, "project", "project_scheme_id").id
    cycle.department_scheme_id = _require_scheme(department_scheme_id, "department", "department_scheme_id").id
    _set_windows(cycle, windows)
    if cut_offs is not None:
        cycle.cut_offs = list(cut_offs)
    db.session.flush()
    monitorings_due.move_due(cycle)
    evaluations_due.move_due(cycle)
    rectifications.move_due(cycle, before)


@action
def set_closed(cycle: Cycle, closed: bool, by: Viewer) -> None:
    """Close a year (nothing in it waits for anybody any more) or open it again."""
    require_role(by, cycle.unit.path, {ADMINISTRATOR})
    if closed != (cycle.closed_at is not None):
        cycle.closed_at = times.now() if closed else None
