"""Attachments: files kept with a declaration, a self-evaluation or a rectification; their bytes lie outside the database (``perfmgr.storage``)."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Id, Line, Mapped, Moment, Word, mapped_column, not_negative, one_of
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Person
from perfmgr.models.rectification import Rectification
from perfmgr.rules.attachments import ABOUT, KINDS, OWNERS, SCANS, about_key

Owner = Declaration | Evaluation | Rectification


class Attachment(Base):
    """One file of what it belongs to, and what it proves.

    ``blob`` is the random name its bytes are stored under. ``about_kind`` and ``about_name`` name
    a legal basis or an indicator as it was called when the file came; both are empty for the
    record as a whole; for a self-evaluation its lines say it (``models.evaluation_proof``). A file
    that a submission refers to (``frozen``) keeps row and bytes when it is removed.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("about_kind", ("", *ABOUT)),
        one_of("scan", SCANS),
        not_negative("size"),
        CheckConstraint(
            " + ".join(f"CASE WHEN {owner}_id IS NULL THEN 0 ELSE 1 END" for owner in OWNERS) + " = 1", name="owner"
        ),
    )

    id: Mapped[Id]
    declaration_id: Mapped[int | None] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"), index=True)
    evaluation_id: Mapped[int | None] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"), index=True)
    rectification_id: Mapped[int | None] = mapped_column(ForeignKey("rectification.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Word]
    about_kind: Mapped[Word] = mapped_column(default="")
    about_name: Mapped[str] = mapped_column(String(400), default="")
    name: Mapped[Line]
    blob: Mapped[str] = mapped_column(String(32), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    pages: Mapped[int | None]
    scan: Mapped[Word] = mapped_column(default="off")
    frozen: Mapped[bool] = mapped_column(default=False)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[Moment]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[Moment | None]

    declaration: Mapped[Declaration | None] = relationship()
    evaluation: Mapped[Evaluation | None] = relationship()
    rectification: Mapped[Rectification | None] = relationship()
    uploaded_by: Mapped[Person] = relationship(foreign_keys=uploaded_by_id)

    @property
    def owner(self) -> Owner:
        """The one record the file belongs to."""
        owner = self.declaration or self.evaluation or self.rectification
        if owner is None:
            raise ValueError("a file belongs to a record; the table's CHECK holds it")
        return owner

    @property
    def about_key(self) -> str:
        """The key of what the file proves, to compare with the rows of today."""
        return about_key(self.about_kind, self.about_name)

    @property
    def ready(self) -> bool:
        """Whether the file may be downloaded: no scanner here, or the scanner found nothing."""
        return self.scan in ("off", "clean")
