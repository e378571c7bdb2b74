"""Drafts: what somebody has typed into one section and not saved yet, exactly as typed."""

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint

from perfmgr.models.base import Base, Id, Mapped, Moment, Word, mapped_column


class Draft(Base):
    """The fields of one section in one browser tab of one person, as the browser sends them.

    ``base`` holds the marks of the section that the page was made from (``rules.declarations``).
    """

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("declaration_id", "person_id", "section", "tab", name="uq_draft_tab"),
        Index("ix_draft_saved_at", "saved_at"),
    )

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    section: Mapped[Word]
    tab: Mapped[str] = mapped_column(String(24))
    base: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    saved_at: Mapped[Moment]
