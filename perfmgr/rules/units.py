"""What is typed about a unit of the organisation, one by one or as a row of a table."""

import re
from dataclasses import dataclass

from perfmgr.rules.codes import tidy
from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import clean, clean_line


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """What is typed about a unit."""

    kind: str
    nature: str
    code: str
    name: str


def tidied(kind: str, nature: str, code: str, name: str) -> UnitDraft:
    """Return typed data in the form in which it is stored."""
    return UnitDraft(kind=kind, nature=nature, code=tidy(code), name=clean_line(name))


DUTIES = ("duties", "key_tasks")  # 主要职责, 重点任务
_NUMBERING = re.compile(r"^[（(]?[0-9一二三四五六七八九十]{1,3}[)）.、．]\s*")


def duty_lines(text: str) -> list[str]:
    """Return the duties in a text with one on each line, without the numbers before them."""
    lines = (_NUMBERING.sub("", line.strip()).rstrip("。；;") for line in clean(text).splitlines())
    return list(dict.fromkeys(line for line in lines if line))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row of a unit table: the draft, the code of its parent, the row's number in the sheet.

    ``findings``: what is wrong with the row by itself; such a row has words instead of keys in its draft.
    """

    draft: UnitDraft
    parent_code: str
    number: int
    findings: tuple[Finding, ...] = ()
