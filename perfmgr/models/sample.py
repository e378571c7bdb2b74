"""Samples of confirmed self-evaluations that finance checks again, with everything needed to repeat the draw."""

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Amount, Base, Id, Line, Mapped, Moment, Word, mapped_column
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Person
from perfmgr.models.unit import Unit
from perfmgr.rules.samples import Candidate, Draw


class Sample(Base):
    """One draw among the project sheets of a year below ``unit_id``; ``number`` counts the draws there.

    ``population`` holds [id, light] of every sheet that could have been drawn, ``size`` their number. Nothing of a
    sample ever changes but who checks its sheets.
    """

    __tablename__ = "sample"
    __table_args__ = (UniqueConstraint("unit_id", "year", "number"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    number: Mapped[int]
    algorithm: Mapped[Word]
    seed: Mapped[Line]
    share: Mapped[Amount]
    factor: Mapped[Amount]
    size: Mapped[int]
    # Up to a hundred thousand pairs: only read to repeat the draw.
    population: Mapped[list[list[int | str]]] = mapped_column(JSON, deferred=True)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[Moment]

    unit: Mapped[Unit] = relationship()
    drawn_by: Mapped[Person] = relationship()

    @property
    def draw(self) -> Draw:
        """The parameters of the draw."""
        return Draw(self.seed, self.share, self.factor)

    @property
    def candidates(self) -> list[Candidate]:
        """The frozen population."""
        return [Candidate(int(id_), str(light)) for id_, light in self.population]


class SampleSheet(Base):
    """One sheet of a sample, in the order drawn. No sheet is drawn twice. ``light`` is as it was at the draw."""

    __tablename__ = "sample_sheet"
    __table_args__ = (UniqueConstraint("sample_id", "position"),)

    id: Mapped[Id]
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"))
    position: Mapped[int]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"), unique=True)
    light: Mapped[Word]
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    sample: Mapped[Sample] = relationship()
    evaluation: Mapped[Evaluation] = relationship()
