"""Two versions of one section, mine and theirs: what differs, what was changed by whom, and what is kept."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Side:
    """One value or row: what is compared, and what is shown and kept."""

    mark: str
    shown: Any
    name: str = ""  # by which a changed row is recognised


@dataclass(frozen=True, slots=True)
class Difference:
    """One value or row that differs; None where a side does not have the row.

    ``usual`` is the side on which alone something was changed, empty when both did or nobody knows.
    """

    key: str
    mine: Side | None
    theirs: Side | None
    usual: str = ""


def of_value(key: str, base: Any, mine: Side, theirs: Side) -> Difference | None:
    """Compare one value; None when both sides are equal. ``base`` is the mark both started from, if known."""
    if mine.mark == theirs.mark:
        return None
    return Difference(key, mine, theirs, _usual(mine.mark == base, theirs.mark == base))


def _usual(mine_is_old: bool, theirs_is_old: bool) -> str:
    if mine_is_old == theirs_is_old:
        return ""
    return THEIRS if mine_is_old else MINE


@dataclass(frozen=True, slots=True)
class Table:
    """Both versions of a table, aligned: pairs in the order in which the rows will stand."""

    key: str
    pairs: Sequence[tuple[Side | None, Side | None]]
    old: frozenset[str]
    known: bool

    def differences(self) -> dict[int, Difference]:
        """Return the pairs that differ, by their place."""
        found = {}
        for n, (mine, theirs) in enumerate(self.pairs):
            if mine and theirs and mine.mark == theirs.mark:
                continue
            found[n] = Difference(f"{self.key}-{n}", mine, theirs, self._usual(mine, theirs))
        return found

    def _usual(self, mine: Side | None, theirs: Side | None) -> str:
        if not self.known:
            return ""
        if mine and theirs:
            return _usual(mine.mark in self.old, theirs.mark in self.old)
        alone = mine or theirs
        if alone is None:
            return ""
        # A row that was there before was deleted by the side without it; a new one was added by the side with it.
        with_it, without_it = (MINE, THEIRS) if mine else (THEIRS, MINE)
        return without_it if alone.mark in self.old else with_it

    def merged(self, choices: Mapping[int, str]) -> list[Any]:
        """Return the rows to keep: of each pair the chosen side, or nothing where that side has no row."""
        kept = []
        for n, (mine, theirs) in enumerate(self.pairs):
            side = theirs if choices.get(n) == THEIRS else mine
            if side is not None:
                kept.append(side.shown)
        return kept


def of_rows(key: str, base: Any, mine: Sequence[Side], theirs: Sequence[Side]) -> Table:
    """Align two versions of a table.

    Equal rows belong together wherever they stand, then rows of the same name, then rows that
    were the same one. The order is mine, or theirs where only they have moved rows; what one side has
    alone follows the row it followed there.
    """
    known = isinstance(base, list)
    old = [str(one) for one in base] if known else []
    partner = _partners(mine, theirs, old if known else None)
    if _moved(theirs, old) and not _moved(mine, old):
        swapped = {at: n for n, at in partner.items()}
        pairs = [(b, a) for a, b in _woven(theirs, mine, swapped)]
    else:
        pairs = _woven(mine, theirs, partner)
    return Table(key, pairs, frozenset(old), known)


def _moved(rows: Sequence[Side], old: Sequence[str]) -> bool:
    """Tell whether the rows that were there before stand in another order now."""
    places = {mark: n for n, mark in enumerate(old)}
    found = [places[row.mark] for row in rows if row.mark in places]
    return found != sorted(found)


def _woven(
    first: Sequence[Side], second: Sequence[Side], partner: Mapping[int, int]
) -> list[tuple[Side | None, Side | None]]:
    """Return the rows of the first with their partners, and after each what the second alone has there."""
    place = {at: n for n, at in partner.items()}
    following: dict[int, list[tuple[Side | None, Side | None]]] = defaultdict(list)
    last = -1
    for at, row in enumerate(second):
        if at in place:
            last = place[at]
        else:
            following[last].append((None, row))
    ordered = list(following[-1])
    for n, row in enumerate(first):
        ordered.append((row, second[partner[n]] if n in partner else None))
        ordered += following[n]
    return ordered


def _partners(mine: Sequence[Side], theirs: Sequence[Side], old: Sequence[str] | None) -> dict[int, int]:
    """Return for each row of mine that has one the place of its partner among theirs."""
    found: dict[int, int] = {}
    keys = (
        ([row.mark for row in mine], [row.mark for row in theirs]),
        ([row.name for row in mine], [row.name for row in theirs]),
        (_origins(mine, old, len(theirs)), _origins(theirs, old, len(mine))),
    )
    for of_mine, of_theirs in keys:
        waiting: dict[str, deque[int]] = defaultdict(deque)
        taken = set(found.values())
        for at, key in enumerate(of_theirs):
            if at not in taken and key:
                waiting[key].append(at)
        for n, key in enumerate(of_mine):
            if n not in found and waiting.get(key):
                found[n] = waiting[key].popleft()
    return found


def _origins(rows: Sequence[Side], old: Sequence[str] | None, others: int) -> list[str]:
    """Return which row of the start each row was: itself, or the one at its place that is no longer there.

    A row that came new has none, so that rows which both sides added are kept apart. When nobody
    knows the start, rows at the same place belong together if both sides have as many.
    """
    if old is None:
        return [str(n) for n in range(len(rows))] if len(rows) == others else [""] * len(rows)
    places = {mark: n for n, mark in enumerate(old)}
    present = {row.mark for row in rows}
    found = []
    for n, row in enumerate(rows):
        if row.mark in places:
            found.append(str(places[row.mark]))
        else:
            found.append(str(n) if n < len(old) and old[n] not in present else "")
    return found
