"""Absences: until which day a person gets no reminders, everywhere or in some administrators' units."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from perfmgr.rules.reminders import AWAY_IN, AWAY_UNTIL


@dataclass(frozen=True, slots=True)
class Absence:
    """A person gets no reminders up to and including ``until``, about the unit and all below it; None: about any."""

    until: dt.date
    unit_id: int | None = None

    def covers(self, path: str) -> bool:
        """Tell whether what is owed by the unit with this path is held back."""
        return self.unit_id is None or f"/{self.unit_id}/" in path


def absences_in(preferences: Mapping[str, Any] | None) -> list[Absence]:
    """Return the absences that a person's preferences hold, past ones too; what is no date counts as none."""
    preferences = preferences or {}
    places: list[tuple[int | None, Any]] = [(None, preferences.get(AWAY_UNTIL))]
    some = preferences.get(AWAY_IN)
    if isinstance(some, Mapping):
        places += [(int(unit_id), day) for unit_id, day in some.items() if str(unit_id).isdecimal()]
    return [Absence(day, unit_id) for unit_id, written in places if (day := _day(written))]


def _day(written: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def held_until(preferences: Mapping[str, Any] | None, path: str, today: dt.date) -> dt.date | None:
    """Return the last day on which what this unit owes is held back from a person, or None when it is not today."""
    days = [a.until for a in absences_in(preferences) if a.until >= today and a.covers(path)]
    return max(days, default=None)


def noting(absences: Collection[Absence], preferences: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the preferences with these absences and no others; the last of two about the same holds."""
    kept = {key: value for key, value in (preferences or {}).items() if key not in (AWAY_UNTIL, AWAY_IN)}
    for absence in absences:
        if absence.unit_id is None:
            kept[AWAY_UNTIL] = absence.until.isoformat()
        else:
            kept[AWAY_IN] = {**kept.get(AWAY_IN, {}), str(absence.unit_id): absence.until.isoformat()}
    return kept
