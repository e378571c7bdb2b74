"""The money of a self-evaluation by source, as the official form shows it below the total."""

from sqlalchemy import ForeignKey, UniqueConstraint

from perfmgr.models.base import Base, Id, Mapped, Word, Yuan, mapped_column, not_negative, one_of
from perfmgr.rules.evaluation_funds import SOURCES, FundEntry


class EvaluationFund(Base):
    """Budget and spending from one source, in yuan; None while nobody has said how much."""

    __tablename__ = "evaluation_fund"
    __table_args__ = (
        one_of("source", SOURCES),
        UniqueConstraint("evaluation_id", "source"),
        not_negative("initial"),
        not_negative("adjusted"),
        not_negative("executed"),
    )

    id: Mapped[Id]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"))
    source: Mapped[Word]
    initial: Mapped[Yuan | None]
    adjusted: Mapped[Yuan | None]
    executed: Mapped[Yuan | None]

    def as_entry(self) -> FundEntry:
        """Return the row as the rules see it."""
        return FundEntry(self.source, self.initial, self.adjusted, self.executed)
