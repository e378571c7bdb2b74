"""Figures: entering what the named formulas need, and taking their values into the self-evaluation's lines."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from perfmgr import times
from perfmgr.actions._action import action, require_role, require_version
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.figure import DepartmentFigure
from perfmgr.queries import figures
from perfmgr.queries.people import Viewer
from perfmgr.rules.department_formulas import FIGURES, Outcome, named
from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean_line
from perfmgr.rules.workflow import FILLER_STATES, STATES

TAKEN = "取数 "  # how a source that was taken in begins; stored with the line
_LONGEST = 200


def _begin(evaluation: Evaluation, by: Viewer, version: int | None) -> None:
    require_role(by, evaluation.unit.path, {FILLER})
    if evaluation.kind != "department":
        raise Refused(N_("只有部门整体支出自评使用命名公式。"))
    if evaluation.state not in FILLER_STATES:
        raise Conflict(
            N_("自评当前为“%(state)s”，不能修改；如需修改请先撤回或由复核人退回。"),
            state=Term(STATES[evaluation.subject][evaluation.state]),
        )
    require_version(evaluation, version)


@action
def save(evaluation: Evaluation, typed: Mapping[str, tuple[Decimal | None, str]], by: Viewer) -> None:
    """Set the figures of the sheet's department and year: key → value (amounts in 万元) and source.

    An empty value removes a figure. Raises Invalid for values without source; ``field`` is the key.
    """
    _begin(evaluation, by, None)
    findings = [
        Finding("FIGURE", N_("请写明%(figure)s的来源，例如决算报表的表名和行次。"), key, params=_named(key))
        for key, (value, source) in typed.items()
        if value is not None and not clean_line(source)
    ]
    if findings:
        raise Invalid(findings)
    stored = figures.entered(evaluation.department_id, evaluation.year)
    for key, (value, source) in typed.items():
        if key not in FIGURES or FIGURES[key].fixed:
            raise Refused(N_("这一项由系统计算，不能填报。"))
        _set(evaluation, key, value, clean_line(source), stored.get(key), by)


def _named(key: str) -> dict[str, Term]:
    return {"figure": Term(FIGURES[key].name) if key in FIGURES else Term(key)}


def _set(
    evaluation: Evaluation, key: str, value: Decimal | None, source: str, figure: DepartmentFigure | None, by: Viewer
) -> None:
    if value is None:
        if figure is not None:
            db.session.delete(figure)
        return
    if figure is not None and (figure.value, figure.source) == (value, source):
        return
    if figure is None:
        figure = DepartmentFigure(department_id=evaluation.department_id, year=evaluation.year, key=key)
        db.session.add(figure)
    figure.value, figure.source = value, source
    figure.person_id, figure.at = by.id, times.now()


def fits(line: EvaluationLine, outcome: Outcome | None) -> bool:
    """Tell whether a formula's value can be the line's actual value: computed, and the line counts percent."""
    return (
        outcome is not None and outcome.value is not None and line.sign != QUALITATIVE and line.unit in ("%", "％", "")
    )


@action
def take_in(evaluation: Evaluation, line_ids: Collection[int], by: Viewer, version: int | None = None) -> int:
    """Write the formulas' values and sources into the chosen lines; returns how many lines were written.

    What is named like no formula, or cannot be computed, is left alone.
    """
    _begin(evaluation, by, version)
    outcomes = figures.outcomes(evaluation.department_id, evaluation.year, by)
    written = 0
    for line in evaluation.lines:
        outcome = outcomes.get(named(line.name) or "")
        if line.id in line_ids and outcome is not None and fits(line, outcome):
            line.actual_value = outcome.value
            line.actual_text = _with_source(outcome.source, line.actual_text)
            line.not_applicable = False
            written += 1
    if written:
        evaluation.updated_at, evaluation.filled_by_id = times.now(), by.id
    return written


def _with_source(source: str, text: str) -> str:
    """Return the source followed by what somebody wrote there, as far as there is room; an older source goes."""
    taken = f"{TAKEN}{source}"[:_LONGEST]
    kept = "" if text.startswith(TAKEN) else text
    return f"{taken}；{kept}" if kept and len(taken) + len(kept) < _LONGEST else taken
