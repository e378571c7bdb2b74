"""What a sheet claims in words: a total, a ratio, a coverage; found where the numbers beside it do not bear it out (Q25, Q31)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.reviews import stated_totals
from perfmgr.rules.texts import half_width

_SENTENCE = re.compile(r"[。；;！!？?\n]")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PERCENT = re.compile(rf"({_NUMBER})\s*(?:%|个?百分点)")
_DATE = re.compile(r"\d+\s*[年月日]|第\s*\d+")
_COVERAGE = re.compile(rf"覆盖(?:率|面|比例)?[^%。；\d]{{0,12}}({_NUMBER})\s*%|全覆盖")
_RATIO = re.compile(rf"({_NUMBER})\s*[万亿元个项人次户件]{{0,3}}\s*[/÷]\s*({_NUMBER})[^=\d]{{0,6}}=\s*({_NUMBER})\s*%")
_FINEST = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Coverage:
    """A coverage that a text claims, in per cent. ``shown`` says whether numbers for a ratio stand beside it at all."""

    percent: Decimal
    shown: bool


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _near(share: Decimal, percent: str) -> bool:
    """Tell whether a share in per cent is what a text says, as finely as the text says it."""
    places = len(percent.partition(".")[2])
    return abs(share - _number(percent)) <= max(_FINEST, Decimal(5).scaleb(-places - 1))


def _bears_out(text: str, percent: str) -> tuple[bool, bool]:
    """Return whether two numbers of a text make this percentage, and whether there are two numbers at all."""
    rest = _PERCENT.sub(" ", _DATE.sub(" ", text))
    numbers = [_number(found) for found in re.findall(_NUMBER, rest)]
    pairs = [(a, b) for n, a in enumerate(numbers) for m, b in enumerate(numbers) if n != m and b > 0]
    return any(_near(a * 100 / b, percent) for a, b in pairs), len(numbers) > 1


def coverages(text: str) -> Iterator[Coverage]:
    """Yield every coverage a text claims whose numerator and denominator are not there, or make another percentage."""
    for sentence in _SENTENCE.split(half_width(text)):
        for found in _COVERAGE.finditer(sentence):
            percent = found.group(1) or "100"
            borne_out, shown = _bears_out(sentence, percent)
            if not borne_out:
                yield Coverage(_number(percent), shown)


def shows_ratio(text: str, percent: Decimal) -> bool:
    """Tell whether a text names numerator and denominator of this percentage."""
    return _bears_out(half_width(text), f"{percent:f}")[0]


def wrong_ratios(text: str) -> Iterator[tuple[str, Decimal]]:
    """Yield every ``a / b = p %`` that is wrong: as it stands there, and what it comes to in per cent."""
    for found in _RATIO.finditer(half_width(text)):
        above, below, percent = _number(found.group(1)), _number(found.group(2)), found.group(3)
        share = above * 100 / below if below else Decimal(0)
        if not below or not _near(share, percent):
            yield found.group(0), share


def wrong_totals(text: str, total: Decimal, names: Collection[str], allowed: Decimal) -> Iterator[str]:
    """Yield every total of the sheet that a text states and that differs from the computed one."""
    for _clause, number in stated_totals(text, names):
        if abs(Decimal(number) - total) > allowed:
            yield number
