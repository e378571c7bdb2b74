"""Cleaning of typed and pasted text, and the marker for sentences that are translated later."""

import re

# Characters that Word and PDF pastes carry and that later break docx, xlsx or PostgreSQL.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
# Marks without a glyph: zero width, direction, annotation and tag characters. They hide or turn round other text.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Bullets of the Symbol and Wingdings fonts, as Word pastes them.
_BULLETS = dict.fromkeys((0xF06C, 0xF06E, 0xF075, 0xF076, 0xF0A7, 0xF0B2, 0xF0B7, 0xF0D8, 0xF0FC), "•")
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# What most names consist of; nothing in it would be changed by comparing.
_PLAIN_NAME = re.compile("[0-9a-z\u4e00-\u9fff]*")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def N_(message: str) -> str:
    """Mark a sentence for the translation catalogue without translating it here."""
    return message


class Term(str):
    """A name of ours inside a sentence (a state, a window): translated together with the sentence."""

    __slots__ = ()


class Named(Term):
    """A name somebody gave, with its English form (a category of a scheme), inside a sentence."""

    __slots__ = ("english",)
    english: str

    def __new__(cls, name: str, english: str) -> "Named":
        named = super().__new__(cls, name)
        named.english = english or name
        return named


def clean(text: str | None) -> str:
    """Return pasted long text as plain text with ``\\n`` line breaks.

    Removes control characters, lone surrogates and invisible marks, turns odd spaces into
    plain ones, drops trailing blanks on each line and blank lines at both ends.
    """
    if not text:
        return ""
    text = _LINE_BREAKS.sub("\n", text)
    text = _INVISIBLE.sub("", _FORBIDDEN.sub("", text))
    text = _ODD_SPACES.sub(" ", text).translate(_BULLETS)
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").strip(" ")


def clean_line(text: str | None) -> str:
    """Return pasted short text as one line: like :func:`clean`, with every run of blanks as one space."""
    return " ".join(clean(text).replace("\u3000", " ").split())


def half_width(text: str) -> str:
    """Return the text with full-width digits, letters and signs as their ASCII forms.

    Only the full-width block is mapped: compatibility forms such as ``²`` keep their meaning.
    """
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def same_name(text: str) -> str:
    """Return the form in which two names are compared: half-width, without blanks, case folded."""
    if _PLAIN_NAME.fullmatch(text):
        return text
    return "".join(half_width(clean(text)).split()).casefold()
