"""A project's targets for one year as the rules see them: what was written, and what else is known."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One indicator as it was declared.

    ``category`` is the code of a category of the scheme, or the name somebody gave. An empty
    ``sign`` means that none was written. ``written`` is the target as it stood in a file when
    it says more than value and unit (``28.8万元`` beside the unit ``%``). What is None is not known.
    """

    category: str | None
    name: str
    sign: str
    value: Decimal | None
    text: str
    unit: str
    weight: Decimal | None
    subcategory: str | None = None
    evidence: str | None = None
    definition: str | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class LastYear:
    """What an indicator of the same name had in the year before."""

    target: Decimal | None = None
    actual: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """A text of this sheet that is too like a text of another project; ``share`` between 0 and 1."""

    field: str
    project: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class TargetSheet:
    """A project's declaration for one year, as far as the rules look at it. Amounts in yuan.

    The fields without default are those of the declaration's own form; a reader of a smaller
    form names in ``unknown`` those that its form does not have. Every field with a default of
    None is a fact that may be missing: the rules that need it then answer "not determined".
    ``to_check`` names what was copied from last year and nobody has looked at yet. ``last``
    holds last year's figures by ``texts.same_name`` of the indicator.
    """

    year: int
    overview: str
    bases: Sequence[str]
    body: str
    plan: str
    goals: str
    step_spans: Sequence[tuple[dt.date | None, dt.date | None]]
    start_on: dt.date | None
    end_on: dt.date | None
    annual_amount: Decimal
    total_amount: Decimal | None
    lines: Sequence[TargetLine] = field(default_factory=tuple)
    unknown: frozenset[str] = frozenset()
    to_check: Sequence[str] = ()
    name: str | None = None
    unit_name: str | None = None
    category: str | None = None
    attribute: str | None = None
    rationale: str | None = None
    term_start_on: dt.date | None = None
    term_end_on: dt.date | None = None
    goals_total: str | None = None
    funds: Sequence[tuple[str, Decimal]] | None = None
    budget_note: str | None = None
    last: Mapping[str, LastYear] | None = None
    alike: Sequence[Alike] | None = None
    duties: Sequence[str] | None = None
    last_grade: str | None = None
    last_evaluated: bool | None = None
    approved: bool | None = None
    budgeted: bool | None = None

    def knows(self, name: str) -> bool:
        """Tell whether this fact is known, even when it is known to be empty."""
        return name not in self.unknown and getattr(self, name) is not None
