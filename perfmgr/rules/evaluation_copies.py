"""Explanations taken over from another self-evaluation, word by word or with a few words changed."""

from collections.abc import Iterable, Sequence

from perfmgr.rules import likeness
from perfmgr.rules.copies import SHORTEST
from perfmgr.rules.texts import clean

LONGEST = 300  # characters of a text that are compared
MOST_MARKS = 900  # of one sheet; every text gets its share, the rarest marks first


def compared(texts: Iterable[str]) -> list[str]:
    """Return the beginnings of those texts that are long enough to say something, each once."""
    return list(dict.fromkeys(text[:LONGEST] for text in map(clean, texts) if len(text) >= SHORTEST))


def marks(texts: Sequence[str]) -> set[int]:
    """Return the marks by which these texts (of ``compared``) and what is like them are found: at most ``MOST_MARKS``."""
    share = max(1, MOST_MARKS // max(1, len(texts)))
    return {mark for text in texts for mark in likeness.marks(text)[:share]}


def any_alike(own: Sequence[str], others: Iterable[str]) -> bool:
    """Tell whether one of these texts is, but for small changes, one of the others."""
    sets = [likeness.pairs(text) for text in own]
    return any(likeness.as_alike(one, likeness.pairs(other)) for other in compared(others) for one in sets)
