"""One sheet under examination: what the rules of the target checker share while they look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfmgr.rules.findings import ERROR, Finding
from perfmgr.rules.indicators import QUALITATIVE, target_text
from perfmgr.rules.quality_book import RuleBook, Words
from perfmgr.rules.quality_texts import REASONS
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.targets import TargetLine, TargetSheet
from perfmgr.rules.texts import N_, same_name

KIND_NAMES = {
    "quantity": N_("数量指标"),
    "quality": N_("质量指标"),
    "timeliness": N_("时效指标"),
    "cost": N_("成本指标"),
    "benefit": N_("效益指标"),
    "satisfaction": N_("满意度指标"),
    "input": N_("投入指标"),
}
OUTPUT_KINDS = frozenset(("quantity", "quality", "timeliness"))
_LONGEST_NAME = 200  # what is longer is no name; comparing it with all others would take long


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A rule that could not be applied, and the sentence why."""

    code: str
    why: str


Outcome = Iterator[Finding | Undetermined]


@dataclass(frozen=True, slots=True)
class Read:
    """One indicator as the rules read it.

    ``name`` is the name without blanks and in half width. ``place`` holds the kinds of indicators that belong
    where it was put (empty when that is not known), ``placed`` whether a second-level category says so.
    """

    n: int
    line: TargetLine
    name: str
    place: frozenset[str]
    placed: bool

    @property
    def qualitative(self) -> bool:
        """Whether the target is a text."""
        return self.line.sign == QUALITATIVE

    @property
    def target(self) -> str:
        """The target as it is printed."""
        line = self.line
        if line.written:
            return line.written
        if line.sign:
            return target_text(line.sign, line.value, line.text, line.unit)
        return f"{'' if line.value is None else target_text('eq', line.value, '', line.unit)[1:]}" or line.text

    def at(self, part: str) -> str:
        """Return the path of one of the indicator's fields."""
        return f"indicators.{self.n}.{part}"


class Case:
    """A sheet with its scheme and the rule book, and what several rules derive from them."""

    def __init__(self, sheet: TargetSheet, scheme: Scheme | None, book: RuleBook) -> None:
        self.sheet, self.scheme, self.book = sheet, scheme, book

    def words(self, name: str) -> Words:
        """Return one list of words of the rule book."""
        return self.book.words[name]

    def limit(self, name: str) -> Decimal:
        """Return one limit of the rule book."""
        return self.book.limits[name]

    def say(self, code: str, message: str, at: str = "", suggestion: str = "", /, **params: Any) -> Finding:
        """Return a finding at the level of the rule book, with the reason of its rule."""
        return say(code, message, at, suggestion, level=self.book.level(code), **params)

    @cached_property
    def lines(self) -> tuple[Read, ...]:
        """The indicators with the kinds of their places."""
        return tuple(self._read(n, line) for n, line in enumerate(self.sheet.lines))

    def _read(self, n: int, line: TargetLine) -> Read:
        below = self.kinds(line.subcategory or "")
        place = below or self.category_kinds(line.category or "")
        return Read(n, line, same_name(line.name[:_LONGEST_NAME]), place, bool(below))

    def kinds(self, name: str) -> frozenset[str]:
        """Return the kinds of indicators that a category of this name holds; empty for an unknown name."""
        if name not in self._kinds:
            plain = same_name(name[:_LONGEST_NAME]).replace("指标", "")
            found = [kinds for word, kinds in self.book.places.items() if word in plain]
            self._kinds[name] = min(found, key=len, default=frozenset())
        return self._kinds[name]

    @cached_property
    def _kinds(self) -> dict[str, frozenset[str]]:
        return {"": frozenset()}

    def category_kinds(self, code: str) -> frozenset[str]:
        """Return the kinds of a first-level category: those of its second level in the scheme, or those of its name."""
        category = self.scheme.category(code) if self.scheme else None
        if category is None:
            return self.kinds(code)
        below = [self.kinds(child) for child in category.children]
        return frozenset().union(*below) or self.kinds(category.name)

    def home(self, kind: str) -> str:
        """Return where indicators of a kind belong in this scheme, such as ``产出指标—质量指标``."""
        for category in self.scheme.categories if self.scheme else ():
            for child in category.children:
                if self.kinds(child) == {kind}:
                    return category.name if child == category.name else f"{category.name}—{child}"
        return KIND_NAMES[kind]

    def place_name(self, line: TargetLine) -> str:
        """Return how the place of an indicator is called: the second level when there is one, else the first."""
        category = self.scheme.category(line.category or "") if self.scheme else None
        return line.subcategory or (category.name if category else line.category or "")


def say(code: str, message: str, at: str = "", suggestion: str = "", /, level: str = ERROR, **params: Any) -> Finding:
    """Return a finding with the reason of its rule."""
    return Finding(code, message, at, level, suggestion, REASONS[code], params)
