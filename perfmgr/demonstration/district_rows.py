"""Rows of a demonstration project: everything one project has in each year, ready for bulk writing."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from perfmgr import times
from perfmgr.models.cycle import Cycle
from perfmgr.rules.codes import make_project_code
from perfmgr.rules.money import WAN
from perfmgr.rules.numbers import half_up
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import Row, SheetScore, score_sheet

FILE = Path(__file__).resolve().parent.parent / "data" / "district.yaml"
# In the order in which they must be written.
TABLES = (
    "project",
    "declaration",
    "legal_basis",
    "step",
    "fund",
    "indicator",
    "budget_line",
    "evaluation",
    "evaluation_line",
    "event",
)
DECLARED = (("approved", 74), ("submitted", 8), ("department_approved", 6), ("draft", 8), ("returned", 4))
EVALUATED = (("confirmed", 45), ("submitted", 25), ("open", 22), ("returned", 8))
ZERO = Decimal(0)


class Rows(defaultdict[str, list[dict[str, Any]]]):
    """New rows by table, in writing order."""

    def __init__(self) -> None:
        super().__init__(list, {table: [] for table in TABLES})


class Counter(dict[str, int]):
    """The last id given out in each table."""

    def next(self, table: str) -> int:
        """Return a new id."""
        self[table] += 1
        return self[table]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return data


@dataclass(frozen=True, slots=True)
class Place:
    """Where projects go: a unit with how many projects it gets."""

    area: int
    department: int
    unit: int
    share: float

    @staticmethod
    def names() -> dict[str, list[str]]:
        """Return the names of departments and units to choose from."""
        return _data()


New = tuple[str, dict[str, Any]]


def _chosen(chance: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return chance.choices([word for word, _w in weighted], [weight for _w, weight in weighted])[0]


def project_rows(
    place: Place, opened: Sequence[Cycle], scheme: Scheme, chance: random.Random, counter: Counter
) -> Iterator[New]:
    """Yield (table, row) of one project and all its years."""
    data, number = _data(), counter.next("project")
    wan = half_up(Decimal(str(round(chance.lognormvariate(4.2, 1.1), 2))))
    category = "specific" if chance.random() < 0.7 else "other_operation"
    yield (
        "project",
        {
            "id": number,
            "code": make_project_code("900001", opened[0].year, category, number),
            "name": f"{chance.choice(data['projects'])}（演示 {number}）",
            "unit_id": place.unit,
            "department_id": place.department,
            "category": category,
            "attribute": "continuing" if len(opened) > 1 else "new",
            "function_code": chance.choice(data["functions"]),
            "total_amount": wan * WAN * len(opened),
            "goals_total": data["goals"],
        },
    )
    for cycle in opened:
        yield from _year_rows(number, place, cycle, wan * WAN, scheme, chance, counter)


def _where(project: int, place: Place, year: int) -> dict[str, Any]:
    return {"project_id": project, "year": year, "unit_id": place.unit, "department_id": place.department}


def _year_rows(
    project: int,
    place: Place,
    cycle: Cycle,
    amount: Decimal,
    scheme: Scheme,
    chance: random.Random,
    counter: Counter,
) -> Iterator[New]:
    data, year, number = _data(), cycle.year, counter.next("declaration")
    state = _chosen(chance, DECLARED)
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    when = dt.datetime(year - 1, 10, 1 + chance.randrange(28), 9, tzinfo=times.BEIJING)
    yield (
        "declaration",
        {
            **_where(project, place, year),
            "id": number,
            "cycle_id": cycle.id,
            "scheme_id": cycle.project_scheme_id,
            "state": state,
            "overview": data["overview"],
            "body": "本单位组织实施。",
            "plan": data["plan"],
            "goals": data["goals"],
            "start_on": first,
            "end_on": last,
            "annual_amount": amount,
            "submitted_at": None if state == "draft" else when,
            "approved_at": when if state == "approved" else None,
            "updated_at": when,
        },
    )
    for n, title in enumerate(chance.sample(data["bases"], 2), 1):
        basis = {"declaration_id": number, "position": n, "title": title, "number": f"示发〔{year - n}〕{n * 7}号"}
        yield "legal_basis", {"id": counter.next("legal_basis"), **basis}
    for n, content in enumerate(data["steps"], 1):
        span = {"start_on": dt.date(year, 4 * n - 3, 1), "end_on": dt.date(year, 4 * n, 28)}
        step = {"declaration_id": number, "position": n, "content": content, "responsible": "业务科", **span}
        yield "step", {"id": counter.next("step"), **step}
    yield "fund", {"id": counter.next("fund"), "declaration_id": number, "source": "general_public", "amount": amount}
    indicators = list(_indicators(chance))
    for n, indicator in enumerate(indicators, 1):
        row = {"declaration_id": number, "position": n, **indicator}
        yield "indicator", {"id": counter.next("indicator"), **row}
    yield from _events(counter, "declaration", number, state, when)
    if state == "approved":
        yield from _spent_rows(project, place, cycle, amount, indicators, scheme, chance, counter)


def _indicators(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield 5 to 10 indicators whose marks fit the scheme 10-50-30-10."""
    data = _data()["indicators"]
    for category, marks, count in (
        ("output", 50, 3 + chance.randrange(4)),
        ("benefit", 30, 1 + chance.randrange(3)),
        ("satisfaction", 10, 1),
    ):
        rows = chance.sample(data[category], count)
        each = marks // count
        for n, (subcategory, name, sign, unit, low, high) in enumerate(rows):
            yield {
                "category": category,
                "subcategory": subcategory,
                "name": name,
                "sign": sign,
                "target_value": Decimal(chance.randint(low, high)),
                "unit": unit,
                "weight": Decimal(each if n else marks - each * (count - 1)),
                "evidence": "业务台账",
            }


def _spent_rows(
    project: int,
    place: Place,
    cycle: Cycle,
    amount: Decimal,
    indicators: list[dict[str, Any]],
    scheme: Scheme,
    chance: random.Random,
    counter: Counter,
) -> Iterator[New]:
    """Yield the budget line, the self-evaluation with its score, and their history."""
    year, rate = cycle.year, Decimal(str(round(min(1.0, chance.gauss(0.93, 0.07)), 4)))
    executed = half_up(amount * rate)
    line, when = counter.next("budget_line"), dt.datetime(year, 2, 6, 9, tzinfo=times.BEIJING)
    amounts = {"initial": amount, "adjusted": amount, "executed": executed}
    where = _where(project, place, year)
    yield "budget_line", {"id": line, **where, "state": "approved", **amounts, "approved_at": when, "executed_at": when}
    yield from _events(counter, "budget", line, "approved", when)
    state, number = _chosen(chance, EVALUATED), counter.next("evaluation")
    filled = state != "open"
    actuals = [_actual(chance, indicator) if filled else None for indicator in indicators]
    rows = [
        Row(i["sign"], i["target_value"], actual, i["weight"]) for i, actual in zip(indicators, actuals, strict=True)
    ]
    score = score_sheet(scheme, rows, amount / WAN, executed / WAN)
    yield "evaluation", {**_sheet(number, where, cycle, state, score, year), **amounts}
    for n, (indicator, actual, scored) in enumerate(zip(indicators, actuals, score.lines, strict=True), 1):
        yield "evaluation_line", _line(counter, number, n, indicator, actual, scored, filled)
    yield from _events(counter, "evaluation", number, state, dt.datetime(year + 1, 3, 1, 9, tzinfo=times.BEIJING))


def _actual(chance: random.Random, indicator: dict[str, Any]) -> Decimal:
    """Return what was reached: usually the target, sometimes a little beside it."""
    target = indicator["target_value"]
    if chance.random() < 0.75:
        return Decimal(target)
    actual = half_up(target * Decimal(str(round(chance.uniform(0.7, 1.15), 3))))
    return min(actual, Decimal(100)) if indicator["unit"] == "%" else actual


def _sheet(
    number: int, where: dict[str, Any], cycle: Cycle, state: str, score: SheetScore, year: int
) -> dict[str, Any]:
    done = state in ("submitted", "confirmed")
    when = dt.datetime(year + 1, 3, 1, 9, tzinfo=times.BEIJING)
    return {
        **where,
        "id": number,
        "kind": "project",
        "cycle_id": cycle.id,
        "scheme_id": cycle.project_scheme_id,
        "state": state,
        "due_on": dt.date(year + 1, 5, 31),
        "goal_expected": _data()["goals"],
        "goal_actual": _data()["goals"] if state != "open" else "",
        "self_total": score.total if state != "open" else None,
        "self_grade": score.grade if state != "open" else None,
        "total": score.total if done else None,
        "grade": score.grade if done else None,
        "explanation": score.as_dict() if state != "open" else None,
        "submitted_at": when if state != "open" else None,
        "confirmed_at": when if state == "confirmed" else None,
        "updated_at": when,
    }


def _line(
    counter: Counter, evaluation: int, position: int, indicator: dict[str, Any], actual: Any, scored: Any, filled: bool
) -> dict[str, Any]:
    short = filled and "short" in scored.flags
    return {
        **indicator,
        "id": counter.next("evaluation_line"),
        "evaluation_id": evaluation,
        "position": position,
        "actual_value": actual,
        "reason": _data()["reason"] if short else "",
        "measure": _data()["measure"] if short else "",
        "self_score": scored.score if filled else None,
    }


def _events(counter: Counter, kind: str, number: int, state: str, when: dt.datetime) -> Iterator[New]:
    """Yield a start and, where the record moved on, the step that led to its state."""
    steps: list[tuple[str, str | None]] = [("start", None)]
    if state not in ("draft", "open"):
        steps.append(("return" if state == "returned" else "submit" if state == "submitted" else "approve", state))
    for step, to in steps:
        row = {"subject_kind": kind, "subject_id": number, "step": step, "state_to": to, "at": when}
        yield "event", {"id": counter.next("event"), **row}
