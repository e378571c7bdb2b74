"""Functional classification 功能分类: 类, 款, 项 as a catalogue."""

from sqlalchemy import String

from perfmgr.models.base import Base, Line, Mapped, mapped_column


class Function(Base):
    """One entry of the classification; the code has 3, 5 or 7 digits."""

    __tablename__ = "function"

    code: Mapped[str] = mapped_column(String(7), primary_key=True)
    name: Mapped[Line]
    active: Mapped[bool] = mapped_column(default=True)
