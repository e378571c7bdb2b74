"""Consequences: where somebody lifted what follows from a grade, with the reason."""

from sqlalchemy import ForeignKey, UniqueConstraint

from perfmgr.models.base import Base, Id, LongText, Mapped, Moment, mapped_column


class RenewalLift(Base):
    """The written reason for which a project may be declared for ``year`` although its last result forbids it."""

    __tablename__ = "renewal_lift"
    __table_args__ = (UniqueConstraint("project_id", "year"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    year: Mapped[int]
    reason: Mapped[LongText]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]
