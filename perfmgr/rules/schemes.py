"""A scoring scheme: weights, formulas, tiers and grade bounds as data, checked when it is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from perfmgr.rules.consequences import DEFAULT, Consequences, read_consequences
from perfmgr.rules.findings import Finding
from perfmgr.rules.inflation_limits import Limits, read_inflation
from perfmgr.rules.monitoring_scheme import USUAL, Thresholds, read_thresholds
from perfmgr.rules.numbers import decimals, plain
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.reviews import ReviewRules, read_review
from perfmgr.rules.texts import N_, Named

KINDS = ("project", "department")
REVERSE_MODES = ("ratio", "linear")
EQUAL_MODES = ("forward", "exact")
EXECUTION_MODES = ("linear", "band")
EMPTY_MODES = ("not_applicable", "zero")
FULL_MARKS = Decimal(100)
_LARGEST, _FINEST = 10**6, 6


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
        return self.low <= share and (share < self.high or share == self.high == 1)


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
    monitoring: Thresholds = USUAL
    consequences: Consequences = DEFAULT
    inflation: Limits = field(default_factory=Limits)
    review: ReviewRules = field(default_factory=ReviewRules)

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
        for tier in self.tiers:
            if key == tier.label or key == tier.code or key == tier.name:
                return tier
        return None


class _Reader:
    """Reads plain data into a Scheme and collects everything that is wrong with it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def refuse(self, message: str, at: str, /, **params: Any) -> None:
        self.findings.append(Finding("SCHEME", message, at, params=params))

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        """Return a group of fields; what is left out is an empty one."""
        if isinstance(value, Mapping) or not value:
            return value or {}
        self.refuse(N_("“%(field)s”的写法不对，请对照内置方案填写。"), path, field=path)
        return {}

    def items(self, data: Mapping[str, Any], key: str, path: str) -> Sequence[Any]:
        """Return a list; what is left out is an empty one."""
        value = data.get(key)
        if isinstance(value, list | tuple) or not value:
            return value or ()
        self.refuse(N_("“%(field)s”的写法不对，请对照内置方案填写。"), path, field=path)
        return ()

    def number(self, data: Mapping[str, Any], key: str, path: str, default: str | None = None) -> Decimal:
        raw = data.get(key, default)
        try:
            value = Decimal(str(raw))
            # Far larger or finer numbers have no meaning here and overflow when a target is multiplied with them.
            if value.is_finite() and 0 <= value < _LARGEST and decimals(value) <= _FINEST:
                return value
        except InvalidOperation:
            pass
        self.refuse(N_("“%(field)s”应为不小于 0 的数字，现在是“%(value)s”。"), path, field=path, value=str(raw)[:40])
        return Decimal(0)

    def weight(self, data: Mapping[str, Any], path: str) -> Decimal:
        value = self.number(data, "weight", path)
        if decimals(value) > 2:
            self.refuse(N_("“%(field)s”最多两位小数，现在是“%(value)s”。"), path, field=path, value=plain(value))
        return value

    def choice(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...], path: str) -> str:
        value = str(data.get(key, allowed[0]))
        if value not in allowed:
            self.refuse(
                N_("“%(field)s”只能是 %(allowed)s 之一，现在是“%(value)s”。"),
                path,
                field=path,
                allowed=" / ".join(allowed),
                value=value[:40],
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
                    self.band(self.mapping(band, f"execution.bands.{n}"), f"execution.bands.{n}")
                    for n, band in enumerate(self.items(data, "bands", "execution.bands"))
                ),
                reverse=True,
            )
        )
        if mode == "band" and (not bands or bands[-1][0] != 0):
            self.refuse(N_("按档计分的预算执行至少要有一档从 0 开始。"), "execution.bands")
        return Execution(
            weight=self.weight(data, "execution.weight"),
            mode=mode,
            cap=bool(data.get("cap", True)),
            when_empty=self.choice(data, "when_empty", EMPTY_MODES, "execution.when_empty"),
            bands=bands,
        )

    def band(self, data: Mapping[str, Any], path: str) -> tuple[Decimal, Decimal]:
        share = self.number(data, "share", f"{path}.share")
        if share > 1:
            at = f"{path}.share"
            self.refuse(N_("“%(field)s”应在 0 到 1 之间，现在是“%(value)s”。"), at, field=at, value=plain(share))
        return self.number(data, "from", f"{path}.from"), share

    def category(self, value: Any, n: int) -> Category:
        path = f"categories.{n}"
        data = self.mapping(value, path)
        unused_to = self.mapping(data.get("unused_to"), f"{path}.unused_to")
        return Category(
            code=self.text(data, "code", f"{path}.code"),
            name=self.text(data, "name", f"{path}.name"),
            weight=self.weight(data, f"{path}.weight"),
            children=tuple(str(child) for child in self.items(data, "children", f"{path}.children")),
            unused_to=tuple((str(to), self.number(unused_to, to, f"{path}.unused_to.{to}")) for to in unused_to),
            name_en=str(data.get("name_en") or data.get("name") or ""),
        )

    def tier(self, value: Any, n: int) -> Tier:
        path = f"tiers.{n}"
        data = self.mapping(value, path)
        name = self.text(data, "name", f"{path}.name")
        low, high = self.number(data, "low", f"{path}.low"), self.number(data, "high", f"{path}.high")
        if not low < high <= 1:
            self.refuse(N_("“%(field)s”的下限要小于上限，且都在 0 到 1 之间。"), path, field=name)
        default = self.number(data, "default", f"{path}.default") if data.get("default") is not None else None
        tier = Tier(str(data.get("code") or name), name, str(data.get("label") or name), low, high, default)
        if default is not None and not tier.holds(default):
            self.refuse(N_("“%(field)s”的默认比例不在本档范围内。"), path, field=name)
        return tier

    def grade(self, value: Any, n: int) -> Grade:
        path = f"grades.{n}"
        data = self.mapping(value, path)
        return Grade(self.text(data, "name", f"{path}.name"), self.number(data, "low", f"{path}.low"))

    def grades(self, rows: Sequence[Any]) -> tuple[Grade, ...]:
        grades = tuple(self.grade(row, n) for n, row in enumerate(rows))
        bounds = [grade.low for grade in grades]
        if not bounds or bounds[-1] != 0 or any(a <= b for a, b in pairwise(bounds)):
            self.refuse(N_("等级下限要从高到低排列，最后一级从 0 开始，否则有的得分没有等级。"), "grades")
        return grades

    def cross_check(self, scheme: Scheme) -> None:
        total = scheme.execution.weight + sum((c.weight for c in scheme.categories), Decimal(0))
        if total != FULL_MARKS:
            self.refuse(
                N_("预算执行与各类指标的分值合计应为 100 分，现在是 %(total)s 分。"), "categories", total=plain(total)
            )
        codes = [category.code for category in scheme.categories]
        # Marks handed to a category that hands its own on could be lost on the way.
        final = {category.code for category in scheme.categories if not category.unused_to}
        if len(set(codes)) != len(codes):
            self.refuse(N_("指标类别的代码不能重复。"), "categories")
        for category in scheme.categories:
            moved = sum((amount for _, amount in category.unused_to), Decimal(0))
            if category.unused_to and (
                moved != category.weight or any(target not in final for target, _ in category.unused_to)
            ):
                self.refuse(
                    N_("“%(name)s”不设指标时转出的分值应等于本类分值，并转给已有的、自己不再转出的类别。"),
                    "categories",
                    name=Named(category.name, category.name_en),
                )


def parse_scheme(data: Mapping[str, Any]) -> Scheme:
    """Return the scheme described by plain data (from YAML, JSON or a form).

    Raises Invalid with every finding at once when the data does not make a usable scheme.
    """
    reader = _Reader()
    data = reader.mapping(data, "scheme")
    scheme = Scheme(
        code=reader.text(data, "code", "code"),
        kind=reader.choice(data, "kind", KINDS, "kind"),
        name=reader.text(data, "name", "name"),
        name_en=str(data.get("name_en") or data.get("name") or ""),
        basis=str(data.get("basis") or ""),
        execution=reader.execution(reader.mapping(data.get("execution"), "execution")),
        categories=tuple(
            reader.category(row, n) for n, row in enumerate(reader.items(data, "categories", "categories"))
        ),
        reverse=reader.choice(data, "reverse", REVERSE_MODES, "reverse"),
        equal=reader.choice(data, "equal", EQUAL_MODES, "equal"),
        over_flag=reader.number(data, "over_flag", "over_flag", "1.2"),
        over_explain=reader.number(data, "over_explain", "over_explain", "1.3"),
        reason_below=reader.number(data, "reason_below", "reason_below", "0.9"),
        tiers=tuple(reader.tier(row, n) for n, row in enumerate(reader.items(data, "tiers", "tiers"))),
        grades=reader.grades(reader.items(data, "grades", "grades")),
        monitoring=read_thresholds(reader, data.get("monitoring")),
        inflation=read_inflation(reader, data),
        review=read_review(reader, data),
    )
    consequences, findings = read_consequences(data.get("consequences"), [grade.name for grade in scheme.grades])
    reader.findings += findings
    scheme = replace(scheme, consequences=consequences)
    reader.cross_check(scheme)
    if reader.findings:
        raise Invalid(reader.findings)
    return scheme
