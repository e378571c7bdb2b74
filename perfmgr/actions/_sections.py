"""Saving the sections of a declaration: each is checked, compared with what was opened, and stored at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, or_

from perfmgr import times
from perfmgr.actions._action import action, require_role
from perfmgr.actions._move import YEAR_CLOSED
from perfmgr.actions.library import entries_behind
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.draft import Draft
from perfmgr.queries.people import Viewer
from perfmgr.rules.declarations import BY_NAME, ROW_PARTS, check_bases, check_period, check_steps, require_unchanged
from perfmgr.rules.indicators import QUALITATIVE, SIGNS, parse_rule
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.quality import require
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean, clean_line
from perfmgr.rules.workflow import FILLER_STATES, STATES

MOST_ROWS = 200
TEXT_FIELDS = ("overview", "rationale", "body", "plan", "goals")
INDICATOR_FIELDS = (*ROW_PARTS["indicators"], "library_id")


def require_editable(declaration: Declaration, by: Viewer) -> None:
    """Raise NotAllowed, Conflict or Refused unless this person may change the declaration now."""
    require_role(by, declaration.unit.path, {FILLER})
    if declaration.state not in FILLER_STATES:
        raise Conflict(
            N_("申报当前为“%(state)s”，不能修改；如需修改请先撤回或由审核人退回。"),
            state=Term(STATES[declaration.subject][declaration.state]),
        )
    if declaration.cycle.closed_at:
        raise Refused(YEAR_CLOSED, year=declaration.year)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form knows of the moment it was opened: the section's marks, its tab, and the draft it took over.

    ``base`` is ``rules.declarations.base_of`` of then; None is not checked.
    """

    base: str | None = None
    tab: str = ""
    took: str = ""
    took_at: dt.datetime | None = None


def lock_section(declaration: Declaration, *parts: str) -> None:
    """Wait for whoever is saving this declaration, and see it as it is then."""
    db.session.refresh(declaration, ["state", "version", "saves", "updated_at", *parts], with_for_update=True)


def forget_drafts(declaration: Declaration, section: str, person_id: int, opened: Opened) -> None:
    """Delete the draft of this tab, and the one it took over unless that has been written since."""
    gone = Draft.tab == opened.tab
    if opened.took:
        gone = or_(gone, and_(Draft.tab == opened.took, Draft.saved_at == opened.took_at))
    db.session.execute(
        delete(Draft)
        .where(Draft.declaration_id == declaration.id, Draft.person_id == person_id, Draft.section == section, gone)
        .execution_options(synchronize_session=False)
    )


def _edit(declaration: Declaration, section: str, by: Viewer, opened: Opened | None) -> None:
    """Check that this person may change the section now and that it is as they saw it; note who saves it.

    The row is locked first, so that of two people who save at once the second is told. What was copied
    into the section from last year has been looked at with this.
    """
    opened = opened or Opened()
    lock_section(declaration, *BY_NAME[section].parts)
    require_editable(declaration, by)
    require_unchanged(section, declaration, opened.base)
    if opened.tab:
        forget_drafts(declaration, section, by.id, opened)
    now = times.now()
    declaration.updated_at = now
    declaration.filled_by_id = by.id
    looked_at = {*BY_NAME[section].parts, *BY_NAME[section].fields}
    declaration.to_check = [name for name in declaration.to_check if name not in looked_at]
    saved = {"by": by.name, "person": by.id, "at": now.isoformat(), "tab": opened.tab}
    declaration.saves = {**declaration.saves, section: saved}


@action
def save_texts(declaration: Declaration, texts: Mapping[str, str], by: Viewer, opened: Opened | None = None) -> None:
    """Save the texts given, of ``TEXT_FIELDS``; the others stay as they are."""
    for name in {_home_of(name) for name in texts}:
        _edit(declaration, name, by, opened)
    for name, text in texts.items():
        setattr(declaration, name, clean(text))


def _home_of(name: str) -> str:
    """Return the section to which one of ``TEXT_FIELDS`` belongs."""
    if name not in TEXT_FIELDS:
        raise KeyError(name)
    return next(section.name for section in BY_NAME.values() if name in section.parts)


@dataclass(frozen=True, slots=True)
class BasisDraft:
    """One legal basis as typed."""

    title: str
    number: str = ""


@action
def save_bases(
    declaration: Declaration, bases: Sequence[BasisDraft], rationale: str, by: Viewer, opened: Opened | None = None
) -> None:
    """Save 立项依据: the documents the project rests on, in order, and the reasons in words."""
    _edit(declaration, "bases", by, opened)
    _require_few(bases)
    kept = [BasisDraft(clean_line(b.title).strip("《》 "), clean_line(b.number)) for b in bases]
    require(check_bases(kept))
    kept = [b for b in kept if b.title or b.number]
    declaration.rationale = clean(rationale)
    declaration.bases = [LegalBasis(position=n, title=b.title, number=b.number) for n, b in enumerate(kept, 1)]


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One step of the plan as typed."""

    content: str
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    responsible: str = ""


@action
def save_plan(
    declaration: Declaration,
    plan: str,
    goals: str,
    steps: Sequence[StepDraft],
    by: Viewer,
    opened: Opened | None = None,
) -> None:
    """Save 实施方案: how it is carried out, the main goals, and the ordered steps."""
    _edit(declaration, "plan", by, opened)
    _require_few(steps)
    rows = [StepDraft(clean(s.content), s.start_on, s.end_on, clean_line(s.responsible)) for s in steps]
    require(check_steps(rows))
    kept = [step for step in rows if step.content]
    declaration.plan, declaration.goals = clean(plan), clean(goals)
    declaration.steps = [
        Step(
            position=n,
            content=s.content,
            start_on=s.start_on,
            end_on=s.end_on,
            responsible=s.responsible,
        )
        for n, s in enumerate(kept, 1)
    ]


@action
def save_period(
    declaration: Declaration, start_on: dt.date | None, end_on: dt.date | None, by: Viewer, opened: Opened | None = None
) -> None:
    """Save 实施周期."""
    _edit(declaration, "period", by, opened)
    require(check_period(start_on, end_on))
    declaration.start_on, declaration.end_on = start_on, end_on


@action
def save_funds(
    declaration: Declaration, amounts: Mapping[str, Decimal | None], by: Viewer, opened: Opened | None = None
) -> None:
    """Save 年度预算安排: yuan by source of funds; the year's total is their sum, computed here."""
    _edit(declaration, "funds", by, opened)
    present = {fund.source: fund for fund in declaration.funds}
    for source in FUND_SOURCES:
        amount = amounts.get(source) or Decimal(0)
        if source in present and not amount:
            declaration.funds.remove(present[source])
        elif source in present:
            present[source].amount = amount
        elif amount:
            declaration.funds.append(Fund(source=source, amount=amount))
    declaration.annual_amount = sum((fund.amount for fund in declaration.funds), Decimal(0))


@dataclass(frozen=True, slots=True)
class IndicatorDraft:
    """One indicator as typed; ``rule`` as in ``rules.indicators.parse_rule``."""

    category: str
    name: str
    sign: str
    target_value: Decimal | None = None
    target_text: str = ""
    unit: str = ""
    weight: Decimal = Decimal(0)
    subcategory: str = ""
    rule: dict[str, Any] | None = None
    evidence: str = ""
    library_id: int | None = None


def fill_indicator(record: Any, draft: IndicatorDraft, position: int, library_id: int | None = None) -> None:
    """Write a draft into an Indicator or EvaluationLine, with the entry of the library it stands for."""
    if draft.sign not in SIGNS:
        raise Refused(
            N_("第 %(number)s 项指标没有选择符号。"), field=f"indicators.{position - 1}.sign", number=position
        )
    parse_rule(draft.rule)
    record.position = position
    record.category, record.subcategory = draft.category, clean_line(draft.subcategory)
    record.name, record.sign = clean_line(draft.name), draft.sign
    qualitative = draft.sign == QUALITATIVE
    record.target_value = None if qualitative else draft.target_value
    record.target_text = clean_line(draft.target_text) if qualitative else ""
    record.unit, record.weight = clean_line(draft.unit), draft.weight
    record.rule, record.evidence = draft.rule or None, clean_line(draft.evidence)
    record.library_id = library_id


@action
def save_indicators(
    declaration: Declaration, indicators: Sequence[IndicatorDraft], by: Viewer, opened: Opened | None = None
) -> None:
    """Save the year's performance targets: exactly these indicators, in this order."""
    _edit(declaration, "indicators", by, opened)
    _require_few(indicators)
    records = declaration.indicators
    entries = entries_behind(indicators, records, by)
    for n, draft in enumerate(indicators):
        record = records[n] if n < len(records) else Indicator()
        fill_indicator(record, draft, n + 1, entries[n])
        if n >= len(records):
            records.append(record)
    del records[len(indicators) :]


def _require_few(rows: Sequence[Any]) -> None:
    if len(rows) > MOST_ROWS:
        raise Refused(N_("一次最多保存 %(most)s 行，请分开填写。"), most=MOST_ROWS)
