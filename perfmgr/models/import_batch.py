"""Imports of target forms: an uploaded workbook, and what was found in it project by project."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Data, Id, Line, Mapped, Moment, Word, mapped_column, one_of
from perfmgr.models.person import Person
from perfmgr.models.unit import Unit
from perfmgr.rules.imports import OUTCOMES

# reading: the workbook is being checked; checked: waits for the person; confirmed: being written; done.
STATES = ("reading", "checked", "confirmed", "done")
ROW_STATES = ("waiting", "done", "failed")


class ImportBatch(Base):
    """One uploaded workbook. It belongs to a person and is forgotten some days later, with all its rows.

    ``unit_id`` is None when every form names its own unit. ``file`` is kept for the annotated copy.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_import_batch_person_id_id", "person_id", "id"),
        Index("ix_import_batch_state_created_at", "state", "created_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    file_name: Mapped[Line]
    state: Mapped[Word] = mapped_column(default="reading")
    created_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    file: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()


class ImportRow(Base):
    """One project of the workbook: where it stood, what is to become of it, and what is wrong with it.

    ``data`` are the values as in ``rules.import_checks``; ``changes`` what an update changes; ``findings``
    as ``rules.imports.packed``. ``versions`` are those of project and declaration when it was checked.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        one_of("outcome", OUTCOMES),
        one_of("state", ROW_STATES),
        Index("ix_import_row_batch_id_state_id", "batch_id", "state", "id"),
    )

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    place: Mapped[Line]
    code: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[Line]
    outcome: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="waiting")
    unit_id: Mapped[int | None]
    project_id: Mapped[int | None]
    declaration_id: Mapped[int | None]
    versions: Mapped[str] = mapped_column(String(40), default="")
    data: Mapped[Data]
    changes: Mapped[list[Any]] = mapped_column(JSON)
    findings: Mapped[list[Any]] = mapped_column(JSON)


def reading_since(now: dt.datetime) -> dt.datetime:
    """Return since when a workbook may be in the state of being read; one from before was given up."""
    return now - dt.timedelta(minutes=10)
