"""What is typed about a unit of the organisation, one by one or as a row of a table."""

from dataclasses import dataclass

from perfmgr.rules.codes import tidy
from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import clean_line


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


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row of a unit table: the draft, the code of its parent, the row's number in the sheet.

    ``findings``: what is wrong with the row by itself; such a row has words instead of keys in its draft.
    """

    draft: UnitDraft
    parent_code: str
    number: int
    findings: tuple[Finding, ...] = ()
