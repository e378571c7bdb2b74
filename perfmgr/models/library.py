"""The indicator library: entries for everybody, by field, and a unit's own."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Amount,
    Base,
    Id,
    Line,
    LongText,
    Mapped,
    Moment,
    Word,
    mapped_column,
    one_of,
    version_column,
)
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import SIGNS
from perfmgr.rules.library import BASES, MEANINGS, OWN, SCOPES, STATES, EntryDraft, Typical


class LibraryEntry(Base):
    """One indicator to choose from.

    ``code`` and ``edition`` are those of the built-in files; ``edited`` says that an administrator
    has changed the entry since, so that a newer edition leaves it alone. ``owner_id`` is the unit
    an own entry belongs to (or came from). ``name_key``, ``search_text`` and ``sounds`` are what searches look
    at, made when the entry is saved; ``uses`` and ``last_*`` are counted by a job every night.
    """

    __tablename__ = "library_entry"
    __table_args__ = (
        one_of("scope", SCOPES),
        one_of("state", STATES),
        one_of("meaning", MEANINGS),
        one_of("sign", SIGNS),
        one_of("basis", BASES),
        CheckConstraint("scope != 'own' OR owner_id IS NOT NULL", name="owner"),
        Index("ix_library_entry_state_scope", "state", "scope"),
        # Whether anything has changed is asked with every suggestion; the rows themselves are wide.
        Index("ix_library_entry_version_uses", "version", "uses"),
    )

    id: Mapped[Id]
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    edition: Mapped[int] = mapped_column(default=1)
    edited: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="active")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    field: Mapped[Word]
    meaning: Mapped[Word]
    name: Mapped[Line]
    sign: Mapped[Word]
    unit: Mapped[Word] = mapped_column(default="")
    definition: Mapped[LongText]
    formula: Mapped[LongText]
    evidence: Mapped[Line] = mapped_column(default="")
    survey: Mapped[LongText]
    words: Mapped[Line] = mapped_column(default="")
    basis: Mapped[Word] = mapped_column(default="plan")
    typical: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    justification: Mapped[LongText]
    name_key: Mapped[Line] = mapped_column(index=True)
    uses: Mapped[int] = mapped_column(default=0)
    last_year: Mapped[int | None]
    last_count: Mapped[int | None]
    last_low: Mapped[Amount | None]
    last_median: Mapped[Amount | None]
    last_high: Mapped[Amount | None]
    last_target: Mapped[Amount | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()
    search_text: Mapped[LongText]
    sounds: Mapped[LongText]

    owner: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def own(self) -> bool:
        """Whether the entry belongs to one unit."""
        return self.scope == OWN

    def as_draft(self) -> EntryDraft:
        """Return what the entry says."""
        return EntryDraft(
            name=self.name,
            meaning=self.meaning,
            sign=self.sign,
            field=self.field,
            unit=self.unit,
            definition=self.definition,
            formula=self.formula,
            evidence=self.evidence,
            survey=self.survey,
            words=self.words,
            basis=self.basis,
            typical=tuple(Typical(t["value"], t.get("when", "")) for t in self.typical),
        )
