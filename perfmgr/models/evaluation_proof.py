"""Which files show what an indicator of a self-evaluation reached, and on which of their pages."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.attachment import Attachment
from perfmgr.models.base import Base, Id, Mapped, mapped_column
from perfmgr.rules.proofs import PAGES_LENGTH, ProofEntry, first_page, pages_text, proof_text


class EvaluationProof(Base):
    """One file of the sheet that one line refers to; ``pages`` is as ``rules.proofs.read_pages`` gives it."""

    __tablename__ = "evaluation_proof"
    __table_args__ = (
        UniqueConstraint("line_id", "attachment_id"),
        Index("ix_evaluation_proof_attachment_id", "attachment_id"),
    )

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("evaluation_line.id", ondelete="CASCADE"))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"))
    pages: Mapped[str] = mapped_column(String(PAGES_LENGTH), default="")

    attachment: Mapped[Attachment] = relationship()

    @property
    def counts(self) -> bool:
        """Whether the file shows anything: one with a virus does not."""
        return self.attachment.scan != "infected"

    @property
    def text(self) -> str:
        """File and pages in one line, as they are printed."""
        return proof_text(self.attachment.name, self.pages)

    @property
    def pages_text(self) -> str:
        """The pages as they are printed."""
        return pages_text(self.pages)

    @property
    def address(self) -> str:
        """Where the file opens, a PDF at the first page that is named."""
        page = first_page(self.pages)
        return f"/attachments/{self.attachment_id}/view" + (f"#page={page}" if page else "")

    def as_entry(self) -> ProofEntry:
        """Return the row as the rules see it."""
        return ProofEntry(self.attachment_id, self.pages)
