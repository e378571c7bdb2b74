"""How often each entry of the library is used, and what was reached with it last."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update

from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.library import LibraryEntry
from perfmgr.rules.numbers import half_up
from perfmgr.rules.texts import same_name

CHUNK = 2000
COUNTED = ("uses", "last_year", "last_count", "last_low", "last_median", "last_high", "last_target")


@dataclass
class _Last:
    """Results of the newest year that has any."""

    year: int = 0
    actuals: list[Decimal] = field(default_factory=list)
    targets: list[Decimal] = field(default_factory=list)

    def add(self, year: int, actual: Decimal, target: Decimal | None) -> None:
        """Count one line; those of an earlier year are forgotten."""
        if year < self.year:
            return
        if year > self.year:
            self.year, self.actuals, self.targets = year, [], []
        self.actuals.append(actual)
        if target is not None:
            self.targets.append(target)

    def columns(self) -> dict[str, Any]:
        """Return the results under the names of their columns."""
        if not self.actuals:
            return dict.fromkeys(COUNTED[1:])
        return {
            "last_year": self.year,
            "last_count": len(self.actuals),
            "last_low": min(self.actuals),
            "last_median": half_up(statistics.median(self.actuals), 6),
            "last_high": max(self.actuals),
            "last_target": half_up(statistics.median(self.targets), 6) if self.targets else None,
        }


class _Known:
    """The entries of the library by id and by name, to recognise indicators."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.units = {row.id: same_name(row.unit) for row in rows}
        self.named: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            self.named[row.name_key].append(row.id)
        self._keys: dict[str, list[int]] = {}

    def entries(self, library_id: int | None, name: str) -> Iterable[int]:
        """Return the entries an indicator stands for: the one it was filled from, else those of its name."""
        if library_id is not None:
            return (library_id,)
        if name not in self._keys:
            self._keys[name] = self.named.get(same_name(name), [])
        return self._keys[name]


def _uses(known: _Known) -> dict[int, int]:
    """Return how many projects use each entry; projects are read one after the other, so memory stays flat."""
    statement = (
        select(Declaration.project_id, Indicator.library_id, Indicator.name)
        .join(Indicator, Indicator.declaration_id == Declaration.id)
        .order_by(Declaration.project_id)
        .execution_options(yield_per=CHUNK)
    )
    uses: dict[int, int] = defaultdict(int)
    project, seen = 0, set[int]()
    for row in db.session.execute(statement):
        if row.project_id != project:
            project, seen = row.project_id, set()
        for entry in known.entries(row.library_id, row.name):
            if entry not in seen:
                seen.add(entry)
                uses[entry] += 1
    return uses


def _results(known: _Known) -> dict[int, _Last]:
    """Return what was reached in the newest year with data, from confirmed self-evaluations."""
    line = EvaluationLine
    statement = (
        select(Evaluation.year, line.library_id, line.name, line.unit, line.actual_value, line.target_value)
        .join(line, line.evaluation_id == Evaluation.id)
        .where(Evaluation.state == "confirmed", line.actual_value.is_not(None), line.not_applicable.is_(False))
        .order_by(Evaluation.year.desc())
        .execution_options(yield_per=CHUNK)
    )
    found: dict[int, _Last] = defaultdict(_Last)
    for row in db.session.execute(statement):
        for entry in known.entries(row.library_id, row.name):
            # A value counted in another unit is no result of this indicator.
            if known.units.get(entry) == same_name(row.unit):
                found[entry].add(row.year, row.actual_value, row.target_value)
    return found


@action
def count_uses(dry_run: bool = False) -> int:
    """Count uses and last results of every entry anew; returns how many entries were changed (or would be)."""
    columns = [getattr(LibraryEntry, name) for name in COUNTED]
    rows = db.session.execute(select(LibraryEntry.id, LibraryEntry.name_key, LibraryEntry.unit, *columns)).all()
    known = _Known(rows)
    uses, results = _uses(known), _results(known)
    changed = []
    for row in rows:
        counted = {"uses": uses.get(row.id, 0), **results.get(row.id, _Last()).columns()}
        if any(getattr(row, name) != value for name, value in counted.items()):
            changed.append({"entry": row.id, **counted})
    if changed and not dry_run:
        table: Any = LibraryEntry.__table__
        # Not by the records: what was counted is no change that somebody else's form would have to know of.
        db.session.connection().execute(
            update(table).where(table.c.id == bindparam("entry")).values({n: bindparam(n) for n in COUNTED}), changed
        )
    return len(changed)
