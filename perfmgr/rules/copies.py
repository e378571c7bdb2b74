"""Sentences taken over from another project: marks by which a database finds them, and how much was taken."""

import hashlib
import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from perfmgr.rules.texts import same_name

SHORTEST = 10  # characters; shorter sentences are alike by chance
_ENDS = re.compile(r"[。！？；!?;\n]+")
_FIRST = 2**31  # below are the marks of indicators


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that are long enough to be compared, in the form in which they are compared."""
    return [said for part in _ENDS.split(text) if len(said := same_name(part)) >= SHORTEST]


def mark(sentence: str) -> int:
    """Return the number by which a sentence is found: the same in every process, below 2 to the power of 47."""
    return _FIRST + int.from_bytes(hashlib.blake2b(sentence.encode(), digest_size=5).digest(), "big")


def marks(texts: Iterable[str]) -> set[int]:
    """Return the marks of all sentences of these texts."""
    return {mark(said) for text in texts for said in sentences(text)}


def copied_share(text: str, known: Collection[int]) -> Decimal:
    """Return which part of a text, counted in characters, stands in sentences whose marks are known (0 to 1)."""
    said = sentences(text)
    whole = sum(map(len, said))
    taken = sum(len(sentence) for sentence in said if mark(sentence) in known)
    return Decimal(taken) / whole if whole else Decimal(0)
