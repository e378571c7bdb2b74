"""The rule book of the target checker: levels, points, limits and words as data, checked when it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from perfmgr.rules.findings import ERROR, INFO, WARNING, Finding
from perfmgr.rules.quality_texts import TITLES
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.texts import N_

KINDS = ("quantity", "quality", "timeliness", "cost", "benefit", "satisfaction", "input")
HEADS = ("completeness", "relevance", "adequacy", "feasibility")
LIMITS = (
    "qualitative_share",
    "leaf_share",
    "outputs",
    "benefits",
    "lines",
    "absolute_share",
    "absolute_lines",
    "easy_share",
    "satisfaction_usual",
    "money_tolerance",
    "near_duplicate",
    "same_head_duplicate",
    "same_goals",
    "goals",
    "goals_total",
    "indicator_name",
    "target_text",
    "shortest_goals",
)
WORDS = (
    "vague",
    "standard",
    "quantity",
    "not_quantity",
    "quality",
    "timeliness",
    "cost",
    "satisfaction",
    "benefit",
    "benefit_own",
    "quality_in_benefit",
    "timeliness_in_benefit",
    "cost_in_benefit",
    "activity_start",
    "execution",
    "input",
    "payment",
    "money_name",
    "fixed_pairs",
    "measures",
    "actions",
    "share_name",
    "not_share",
    "over_hundred",
    "amount_name",
    "count_name",
    "not_percent",
    "zero",
    "zero_allowed",
    "total_cost",
    "unit_cost",
    "per_time",
    "activity",
    "result",
    "people",
    "served_otherwise",
    "survey",
    "placeholder",
    "down",
    "up",
    "poor_grade",
    "weak_grade",
)
UNITS = ("money", "percent", "percent_in_words", "count", "time")
_LARGEST = 10**6


class Words:
    """A list of words to look for in a text.

    ``…`` inside a word stands for up to eight other characters, ``^`` at its start and ``$``
    at its end for start and end of the text.
    """

    __slots__ = ("items", "pattern")

    def __init__(self, items: tuple[str, ...]) -> None:
        self.items = items
        longest_first = sorted(items, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(_pattern, longest_first)) or "(?!)")

    def find(self, text: str) -> str:
        """Return the first word found in the text, as it stands there, or an empty string."""
        found = self.pattern.search(text)
        return found.group() if found else ""

    def all(self, text: str) -> list[str]:
        """Return every word found, in order."""
        return [found.group() for found in self.pattern.finditer(text)]

    def without(self, text: str, instead: str = "") -> str:
        """Return the text with every word replaced."""
        return self.pattern.sub(instead, text)


def _pattern(word: str) -> str:
    body = word.removeprefix("^").removesuffix("$")
    inner = ".{0,8}?".join(re.escape(part) for part in body.split("…"))
    return ("^" if word.startswith("^") else "") + inner + ("$" if word.endswith("$") else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: how grave it is, and what a finding costs under which head of the quality score.

    ``points`` are lost for each finding, ``most`` together; ``source`` says where the rule comes from.
    """

    code: str
    level: str
    head: str
    points: Decimal
    most: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All data of the rules. ``places`` maps names of categories to kinds of indicators."""

    rules: Mapping[str, Rule]
    heads: Mapping[str, Decimal]
    limits: Mapping[str, Decimal]
    words: Mapping[str, Words]
    units: Mapping[str, frozenset[str]]
    places: Mapping[str, frozenset[str]]

    def level(self, code: str) -> str:
        """Return the level of a code: error, warning or info."""
        return self.rules[code].level


class _Reader:
    """Reads plain data into a RuleBook and collects everything that is wrong with it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def refuse(self, message: str, at: str, **params: Any) -> None:
        self.findings.append(Finding("BOOK", message, at, params={"field": at, **params}))

    def mapping(self, value: Any, at: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.refuse(N_("规则库的“%(field)s”应为一组“名称: 内容”。"), at)
        return {}

    def number(self, value: Any, at: str) -> Decimal:
        try:
            number = Decimal(str(value))
            if number.is_finite() and 0 <= number < _LARGEST:
                return number
        except InvalidOperation:
            pass
        self.refuse(N_("规则库的“%(field)s”应为不小于 0 的数字，现在是“%(value)s”。"), at, value=str(value)[:40])
        return Decimal(0)

    def choice(self, value: Any, allowed: tuple[str, ...], at: str) -> str:
        if value in allowed:
            return str(value)
        self.refuse(
            N_("规则库的“%(field)s”只能是 %(allowed)s 之一，现在是“%(value)s”。"),
            at,
            allowed=" / ".join(allowed),
            value=str(value)[:40],
        )
        return allowed[0]

    def texts(self, value: Any, at: str) -> tuple[str, ...]:
        if isinstance(value, list) and value and all(isinstance(item, str) and item.strip("^$… ") for item in value):
            return tuple(value)
        self.refuse(N_("规则库的“%(field)s”应为一列不空的文字。"), at)
        return ()

    def named(self, data: Mapping[str, Any], names: tuple[str, ...], at: str) -> dict[str, Any]:
        """Return exactly the entries that the rules know; what is missing or unknown is refused."""
        for name in names:
            if name not in data:
                self.refuse(N_("规则库缺少“%(field)s”。"), f"{at}.{name}")
        for name in data:
            if name not in names:
                self.refuse(N_("规则库的“%(field)s”没有规则使用，请核对名称。"), f"{at}.{name}")
        return {name: data[name] for name in names if name in data}

    def rule(self, code: str, value: Any) -> Rule:
        at = f"rules.{code}"
        data = self.mapping(value, at)
        points = self.number(data.get("points", 0), f"{at}.points")
        return Rule(
            code=code,
            level=self.choice(data.get("level"), (ERROR, WARNING, INFO), f"{at}.level"),
            head=self.choice(data.get("head"), HEADS, f"{at}.head"),
            points=points,
            most=self.number(data.get("most", points), f"{at}.most"),
            source=str(data.get("source") or ""),
        )


def parse_book(data: Any) -> RuleBook:
    """Return the rule book described by plain data.

    Raises Invalid with every finding at once when something is missing, unknown or no usable value.
    """
    reader = _Reader()
    top = reader.mapping(data, "quality")

    def part(name: str, names: tuple[str, ...]) -> dict[str, Any]:
        return reader.named(reader.mapping(top.get(name), name), names, name)

    book = RuleBook(
        rules={code: reader.rule(code, value) for code, value in part("rules", tuple(TITLES)).items()},
        heads={name: reader.number(value, f"heads.{name}") for name, value in part("heads", HEADS).items()},
        limits={name: reader.number(value, f"limits.{name}") for name, value in part("limits", LIMITS).items()},
        words={name: Words(reader.texts(value, f"words.{name}")) for name, value in part("words", WORDS).items()},
        units={name: frozenset(reader.texts(value, f"units.{name}")) for name, value in part("units", UNITS).items()},
        places={
            str(name): frozenset(reader.choice(kind, KINDS, f"places.{name}") for kind in _listed(kinds))
            for name, kinds in reader.mapping(top.get("places"), "places").items()
        },
    )
    if reader.findings:
        raise Invalid(reader.findings)
    return book


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
