"""A scoring scheme: weights, formulas, tiers and grade bounds as data, checked when it is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.texts import N_

KINDS = ("project", "department")
REVERSE_MODES = ("ratio", "linear")
EQUAL_MODES = ("forward", "exact")
EXECUTION_MODES = ("linear", "band")
EMPTY_MODES = ("not_applicable", "zero")
FULL_MARKS = Decimal(100)


@dataclass(frozen=True, slots=True)
class Category:
    """A first-level category with its marks; ``unused_to`` says where they go when it has no indicator."""

    code: str
    name: str
    weight: Decimal
    children: tuple[str, ...]
    unused_to: tuple[tuple[str, Decimal], ...]
    name_en: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A qualitative tier: marks between ``low`` and ``high`` (shares of the weight).

    The upper bound belongs to the tier only when it is 1. ``default`` is the share taken
    when only the tier is known; None means that the share must be given.
    """

    code: str
    name: str
    label: str
    low: Decimal
    high: Decimal
    default: Decimal | None

    def holds(self, share: Decimal) -> bool:
        """Tell whether this share of the weight lies in the tier."""
        return self.low <= share < self.high or share == self.high == 1


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the lowest total that earns it; intervals are half-open."""

    name: str
    low: Decimal


@dataclass(frozen=True, slots=True)
class Execution:
    """How budget execution (executed ÷ adjusted budget) earns marks."""

    weight: Decimal
    mode: str
    cap: bool
    when_empty: str
    bands: tuple[tuple[Decimal, Decimal], ...]  # (rate from, share of the weight), highest first


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a scoring scheme; see ``docs/schemes.md`` for the meaning of each field."""

    code: str
    kind: str
    name: str
    name_en: str
    basis: str
    execution: Execution
    categories: tuple[Category, ...]
    reverse: str
    equal: str
    over_flag: Decimal
    over_explain: Decimal
    reason_below: Decimal
    tiers: tuple[Tier, ...]
    grades: tuple[Grade, ...]

    def category(self, code: str) -> Category | None:
        """Return the category with this code, or None."""
        return next((category for category in self.categories if category.code == code), None)

    def expected_weights(self, used: Collection[str]) -> dict[str, Decimal]:
        """Return the marks each category owes when only the categories in ``used`` have indicators."""
        weights = {category.code: category.weight for category in self.categories}
        for category in self.categories:
            if category.code not in used and category.unused_to:
                weights[category.code] = Decimal(0)
                for target, amount in category.unused_to:
                    weights[target] += amount
        return weights

    def grade(self, total: Decimal) -> str:
        """Return the grade of a total: the highest one whose lower bound is reached."""
        return next(grade.name for grade in self.grades if total >= grade.low)

    def tier(self, key: str) -> Tier | None:
        """Return the tier with this code, short name or full label, or None."""
        return next((tier for tier in self.tiers if key in (tier.code, tier.name, tier.label)), None)


class _Reader:
    """Reads plain data into a Scheme and collects everything that is wrong with it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def refuse(self, message: str, at: str, /, **params: Any) -> None:
        self.findings.append(Finding("SCHEME", message, at, params=params))

    def number(self, data: Mapping[str, Any], key: str, path: str, default: str | None = None) -> Decimal:
        raw = data.get(key, default)
        try:
            value = Decimal(str(raw))
            if value.is_finite() and value >= 0:
                return value
        except InvalidOperation:
            pass
        self.refuse(N_("“%(field)s”应为不小于 0 的数字，现在是“%(value)s”。"), path, field=path, value=raw)
        return Decimal(0)

    def choice(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...], path: str) -> str:
        value = str(data.get(key, allowed[0]))
        if value not in allowed:
            self.refuse(
                N_("“%(field)s”只能是 %(allowed)s 之一，现在是“%(value)s”。"),
                path,
                field=path,
                allowed=" / ".join(allowed),
                value=value,
            )
        return value

    def text(self, data: Mapping[str, Any], key: str, path: str) -> str:
        value = str(data.get(key) or "").strip()
        if not value:
            self.refuse(N_("“%(field)s”不能为空。"), path, field=path)
        return value

    def execution(self, data: Mapping[str, Any]) -> Execution:
        mode = self.choice(data, "mode", EXECUTION_MODES, "execution.mode")
        bands = tuple(
            sorted(
                (
                    (
                        self.number(band, "from", f"execution.bands.{n}.from"),
                        self.number(band, "share", f"execution.bands.{n}.share"),
                    )
                    for n, band in enumerate(data.get("bands") or ())
                ),
                reverse=True,
            )
        )
        if mode == "band" and (not bands or bands[-1][0] != 0):
            self.refuse(N_("按档计分的预算执行至少要有一档从 0 开始。"), "execution.bands")
        return Execution(
            weight=self.number(data, "weight", "execution.weight"),
            mode=mode,
            cap=bool(data.get("cap", True)),
            when_empty=self.choice(data, "when_empty", EMPTY_MODES, "execution.when_empty"),
            bands=bands,
        )

    def category(self, data: Mapping[str, Any], n: int) -> Category:
        path = f"categories.{n}"
        return Category(
            code=self.text(data, "code", f"{path}.code"),
            name=self.text(data, "name", f"{path}.name"),
            weight=self.number(data, "weight", f"{path}.weight"),
            children=tuple(str(child) for child in data.get("children") or ()),
            unused_to=tuple((str(k), Decimal(str(v))) for k, v in (data.get("unused_to") or {}).items()),
            name_en=str(data.get("name_en") or data.get("name") or ""),
        )

    def tier(self, data: Mapping[str, Any], n: int) -> Tier:
        path = f"tiers.{n}"
        name = self.text(data, "name", f"{path}.name")
        low, high = self.number(data, "low", f"{path}.low"), self.number(data, "high", f"{path}.high")
        if not low < high <= 1:
            self.refuse(N_("“%(field)s”的下限要小于上限，且都在 0 到 1 之间。"), path, field=name)
        default = self.number(data, "default", f"{path}.default") if data.get("default") is not None else None
        tier = Tier(str(data.get("code") or name), name, str(data.get("label") or name), low, high, default)
        if default is not None and not tier.holds(default):
            self.refuse(N_("“%(field)s”的默认比例不在本档范围内。"), path, field=name)
        return tier

    def grades(self, data: list[Mapping[str, Any]]) -> tuple[Grade, ...]:
        grades = tuple(
            Grade(self.text(row, "name", f"grades.{n}.name"), self.number(row, "low", f"grades.{n}.low"))
            for n, row in enumerate(data)
        )
        bounds = [grade.low for grade in grades]
        if not bounds or bounds[-1] != 0 or any(a <= b for a, b in pairwise(bounds)):
            self.refuse(N_("等级下限要从高到低排列，最后一级从 0 开始，否则有的得分没有等级。"), "grades")
        return grades

    def cross_check(self, scheme: Scheme) -> None:
        total = scheme.execution.weight + sum((c.weight for c in scheme.categories), Decimal(0))
        if total != FULL_MARKS:
            self.refuse(N_("预算执行与各类指标的分值合计应为 100 分，现在是 %(total)s 分。"), "categories", total=total)
        codes = [category.code for category in scheme.categories]
        if len(set(codes)) != len(codes):
            self.refuse(N_("指标类别的代码不能重复。"), "categories")
        for category in scheme.categories:
            moved = sum((amount for _, amount in category.unused_to), Decimal(0))
            if category.unused_to and (
                moved != category.weight or any(target not in codes for target, _ in category.unused_to)
            ):
                self.refuse(
                    N_("“%(name)s”不设指标时转出的分值应等于本类分值，并转给已有的类别。"),
                    "categories",
                    name=category.name,
                )


def parse_scheme(data: Mapping[str, Any]) -> Scheme:
    """Return the scheme described by plain data (from YAML, JSON or a form).

    Raises Invalid with every finding at once when the data does not make a usable scheme.
    """
    reader = _Reader()
    scheme = Scheme(
        code=reader.text(data, "code", "code"),
        kind=reader.choice(data, "kind", KINDS, "kind"),
        name=reader.text(data, "name", "name"),
        name_en=str(data.get("name_en") or data.get("name") or ""),
        basis=str(data.get("basis") or ""),
        execution=reader.execution(data.get("execution") or {}),
        categories=tuple(reader.category(row, n) for n, row in enumerate(data.get("categories") or ())),
        reverse=reader.choice(data, "reverse", REVERSE_MODES, "reverse"),
        equal=reader.choice(data, "equal", EQUAL_MODES, "equal"),
        over_flag=reader.number(data, "over_flag", "over_flag", "1.2"),
        over_explain=reader.number(data, "over_explain", "over_explain", "1.3"),
        reason_below=reader.number(data, "reason_below", "reason_below", "0.9"),
        tiers=tuple(reader.tier(row, n) for n, row in enumerate(data.get("tiers") or ())),
        grades=reader.grades(data.get("grades") or []),
    )
    reader.cross_check(scheme)
    if reader.findings:
        raise Invalid(reader.findings)
    return scheme
