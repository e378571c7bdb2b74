"""Frozen versions of declarations: what was handed in or approved, word for word."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Data, Id, Mapped, Moment, Word, mapped_column, one_of
from perfmgr.models.declaration import Declaration
from perfmgr.models.person import Person
from perfmgr.rules.numbers import plain
from perfmgr.rules.versions import OCCASIONS


class DeclarationVersion(Base):
    """The whole content of a declaration at one moment; rows are added and never changed.

    ``declaration_id`` is the project's declaration of the year, also for what its adjustments
    handed in: ``adjustment_id`` says which. ``number`` runs per declaration. ``findings`` and
    ``justifications`` are what the rules said then and what the preparer answered.
    """

    __tablename__ = "declaration_version"
    __table_args__ = (
        one_of("occasion", OCCASIONS),
        UniqueConstraint("declaration_id", "number"),
    )

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id"))
    adjustment_id: Mapped[int | None] = mapped_column(ForeignKey("declaration.id"), index=True)
    number: Mapped[int]
    occasion: Mapped[Word]
    state: Mapped[Word]
    content: Mapped[Data]
    findings: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    justifications: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]
    receipt: Mapped[str | None] = mapped_column(String(64), unique=True)

    person: Mapped[Person] = relationship()


# Where a declaration stands and who works on it is not part of what it says.
_NOT_CONTENT = {
    *("id", "project_id", "cycle_id", "unit_id", "department_id", "declaration_id", "version", "updated_at"),
    *("state", "filled_by_id", "submitted_at", "approved_at", "adjusts_id", "opened_at", "opened_by_id"),
    *("to_check", "justifications", "no_attachments", "saves"),
}
_PROJECT = (
    "code",
    "name",
    "category",
    "attribute",
    "function_code",
    "start_on",
    "end_on",
    "total_amount",
    "goals_total",
)
ROWS = ("bases", "steps", "funds", "indicators")


def content_of(declaration: Declaration) -> dict[str, Any]:
    """Return everything a declaration says as plain data: every column of it and of its rows."""
    project = declaration.project
    return {
        **_columns(declaration),
        "project": {
            **{name: _plain(getattr(project, name)) for name in _PROJECT},
            "unit": declaration.unit.name,
            "department": declaration.department.name,
        },
        **{rows: [_columns(row) for row in getattr(declaration, rows)] for rows in ROWS},
    }


def _columns(record: Any) -> dict[str, Any]:
    return {name: _plain(getattr(record, name)) for name in content_columns(record)}


def content_columns(record: Any) -> list[str]:
    """Return the columns of a declaration or of one of its rows that are part of what it says."""
    return [column.key for column in record.__mapper__.column_attrs if column.key not in _NOT_CONTENT]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, dt.date) else value
