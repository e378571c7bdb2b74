"""What a section's form holds, as the rules and the stored declaration see it; nothing here is saved."""

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from perfmgr import times
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.queries import quality
from perfmgr.rules.declarations import BY_NAME, MISSING
from perfmgr.rules.findings import Finding
from perfmgr.rules.targets import TargetSheet
from perfmgr.web.forms.declarations import BasesForm, FundsForm, IndicatorsForm, PlanForm, SectionForm
from perfmgr.web.forms.declarations import readable_indicators as _readable


@dataclass(frozen=True, slots=True)
class Typed:
    """The typed values under the names of the declaration's attributes, and the rows they come from."""

    values: dict[str, Any]
    rows: dict[str, list[Any]] = field(default_factory=dict)  # forms of the rows that hold anything, by table

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def control(self, path: str) -> str:
        """Return the id of the control that a finding's field means."""
        table, _dot, rest = path.partition(".")
        number, _dot, column = rest.partition(".")
        rows = self.rows.get(table, [])
        if number.isdigit() and int(number) < len(rows) and column in rows[int(number)]:
            return str(rows[int(number)][column].id)
        return path.replace(".", "-")


def read(name: str, form: SectionForm) -> Typed:
    """Return what was typed into a section, as far as it can be read."""
    if isinstance(form, BasesForm):
        return _bases(form)
    if isinstance(form, PlanForm):
        return _plan(form)
    if isinstance(form, FundsForm):
        amounts = {source: amount for source, amount in form.amounts().items() if amount}
        funds = [Fund(source=source, amount=amount) for source, amount in amounts.items()]
        return Typed({"funds": funds, "annual_amount": sum(amounts.values(), Decimal(0))})
    if isinstance(form, IndicatorsForm):
        lines = [
            Indicator(
                position=n,
                category=draft.category,
                subcategory=draft.subcategory,
                name=draft.name,
                sign=draft.sign,
                target_value=draft.target_value,
                target_text=draft.target_text,
                unit=draft.unit,
                weight=draft.weight,
                rule=draft.rule,
                evidence=draft.evidence,
                library_id=draft.library_id,
            )
            for n, draft in enumerate(_readable(form), 1)
        ]
        return Typed({"indicators": lines}, {"indicators": list(form.rows())})
    return Typed({part: form[part].data or _empty(part) for part in BY_NAME[name].parts})


def _empty(part: str) -> str | None:
    return None if part.endswith("_on") else ""


def _bases(form: BasesForm) -> Typed:
    kept = [(row.form, draft) for row, draft in zip(form.bases, form.drafts(), strict=True)]
    kept = [(row, draft) for row, draft in kept if draft.title or draft.number]
    bases = [
        LegalBasis(position=n, title=draft.title.strip("《》"), number=draft.number)
        for n, (_row, draft) in enumerate(kept, 1)
    ]
    return Typed({"bases": bases, "rationale": form.rationale.data or ""}, {"bases": [row for row, _draft in kept]})


def _plan(form: PlanForm) -> Typed:
    kept = [(row.form, draft) for row, draft in zip(form.steps, form.drafts(), strict=True)]
    kept = [(row, d) for row, d in kept if d.content or d.start_on or d.end_on or d.responsible]
    steps = [
        Step(position=n, content=d.content, start_on=d.start_on, end_on=d.end_on, responsible=d.responsible)
        for n, (_row, d) in enumerate(kept, 1)
    ]
    values = {"plan": form.plan.data or "", "goals": form.goals.data or "", "steps": steps}
    return Typed(values, {"steps": [row for row, _draft in kept]})


class _Overlaid:
    """A declaration with some values in place of the stored ones."""

    def __init__(self, declaration: Declaration, values: dict[str, Any]) -> None:
        self._declaration = declaration
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._declaration, name)

    def as_sheet(self) -> TargetSheet:
        """Return the typed declaration as the rules see it."""
        return Declaration.as_sheet(cast("Declaration", self))


def findings(name: str, form: SectionForm, declaration: Declaration) -> list[Finding]:
    """Return what the rules find in a section as it is typed now, at its controls; what is still empty is no finding.

    They know what they know when the page is opened: last year's results, the budget, texts of other projects.
    """
    typed = read(name, form)
    sheet = cast("Declaration", _Overlaid(declaration, typed.values))
    found = []
    for finding in quality.examined(sheet, times.today(), BY_NAME[name].parts).findings:
        if not BY_NAME[name].holds(finding):
            continue
        at = typed.control(finding.field)
        control = form.field_by_id(at)
        untouched = control is None or not control.data or control.data == Decimal(0)
        if finding.code in MISSING and untouched:
            continue
        found.append(dataclasses.replace(finding, field=at))
    return found
