"""The page on which somebody chooses, field by field, between what they typed and what others saved meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from perfmgr.models.declaration import Declaration
from perfmgr.rules.conflicts import MINE, THEIRS, Difference, Side, Table, of_rows, of_value
from perfmgr.rules.declarations import BY_NAME, ROW_PARTS, mark, read_base, row_mark
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.texts import same_name
from perfmgr.web import typed
from perfmgr.web.forms.declarations import FORMS, SectionForm, section_values
from perfmgr.web.language import gettext as _
from perfmgr.web.sections import prepare

# By which column a changed row is recognised, for each table.
_NAMED_BY = {"bases": "title", "steps": "content", "indicators": "name"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the page: what it is about, both sides as shown, and the side chosen so far."""

    label: str
    difference: Difference
    chosen: str

    @property
    def sides(self) -> list[tuple[str, Any]]:
        """Both sides with what they hold; None where a side does not have the row."""
        return [
            (side, content.shown if content else None)
            for side, content in ((MINE, self.difference.mine), (THEIRS, self.difference.theirs))
        ]


class Conflict:
    """Mine, as posted, and theirs, as stored now, of one section."""

    def __init__(self, name: str, declaration: Declaration, mine: SectionForm, base: str) -> None:
        self.name, self.declaration, self.mine = name, declaration, mine
        self.theirs = FORMS[name](data=section_values(name, declaration))
        prepare(self.theirs, declaration)
        self.typed, self.stored = typed.read(name, mine), typed.read(name, self.theirs)
        self.base = read_base(base)
        self.values: dict[str, Difference] = {}
        self.tables: dict[str, Table] = {}
        for part in BY_NAME[name].parts:
            if part == "funds":
                self._compare_funds()
            elif part in ROW_PARTS:
                self.tables[part] = of_rows(
                    part, self.base.get(part), self._rows(part, self.typed), self._rows(part, self.stored)
                )
            else:
                self._compare(part, getattr(self.typed, part), getattr(self.stored, part), self.base.get(part, ""))

    def _compare(self, key: str, mine: Any, theirs: Any, base: Any) -> None:
        sides = (Side(mark(mine), self.mine[key]._value()), Side(mark(theirs), self.theirs[key]._value()))
        found = of_value(key, base, *sides)
        if found:
            self.values[key] = found

    def _compare_funds(self) -> None:
        mine, theirs = ({fund.source: fund.amount for fund in side.funds} for side in (self.typed, self.stored))
        for source in FUND_SOURCES:
            base = self.base.get(source, mark(None)) if self.base else ""
            self._compare(source, mine.get(source), theirs.get(source), base)

    def _rows(self, part: str, side: typed.Typed) -> list[Side]:
        stored = getattr(side, part)
        return [
            Side(row_mark(part, record), form, same_name(getattr(record, _NAMED_BY[part])))
            for record, form in zip(stored, side.rows[part], strict=True)
        ]

    @property
    def differences(self) -> dict[str, Difference]:
        """Every difference by its key, in the order of the page."""
        found = dict(self.values)
        for table in self.tables.values():
            found |= {difference.key: difference for difference in table.differences().values()}
        return found

    def choices(self, posted: Mapping[str, str]) -> list[Choice]:
        """Return the lines of the page; what was chosen already, or alone changed, is chosen."""
        return [
            Choice(self._label(key), difference, _chosen(posted, key) or difference.usual)
            for key, difference in self.differences.items()
        ]

    def _label(self, key: str) -> str:
        table, _dash, number = key.rpartition("-")
        if table in self.tables:
            return _("%(table)s 第 %(n)s 行", table=self.mine[table].label.text, n=int(number) + 1)
        return str(self.mine[key].label.text)

    def undecided(self, posted: Mapping[str, str]) -> list[str]:
        """Return the keys for which no side was chosen."""
        return [key for key in self.differences if not _chosen(posted, key)]

    def merged(self, posted: Mapping[str, str]) -> SectionForm:
        """Return the section's form with the chosen side of every difference."""
        fields: MultiDict[str, str] = MultiDict()
        for part in self.mine:
            if part.name in self.tables:
                picked = {
                    n: _chosen(posted, difference.key) for n, difference in self.tables[part.name].differences().items()
                }
                for n, row in enumerate(self.tables[part.name].merged(picked)):
                    fields.update({f"{part.name}-{n}-{cell.short_name}": cell._value() for cell in row})
            else:
                side = self.theirs if _chosen(posted, part.name) == THEIRS else self.mine
                fields[part.name] = side[part.name]._value()
        # A table of which nothing is kept must be read as empty, not as not sent.
        for table in self.tables:
            if not any(name.startswith(f"{table}-") for name in fields):
                fields[f"{table}-0-"] = ""
        form = FORMS[self.name](fields, data=section_values(self.name, self.declaration))
        prepare(form, self.declaration)
        return form


def _chosen(posted: Mapping[str, str], key: str) -> str:
    value = posted.get(f"choice-{key}", "")
    return value if value in (MINE, THEIRS) else ""


def cells(row: Any) -> Iterator[tuple[str, str]]:
    """Yield label and content of every cell of a row that holds anything."""
    for field in row:
        value = str(field._value() or "")
        if field.type == "ChoiceField":
            value = str(dict(field.choices).get(value, value))
        if value:
            yield field.label.text, value
