"""Units: the organisation as one tree of areas, departments and budget units."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Id, Line, LongText, Mapped, Word, mapped_column, one_of, version_column
from perfmgr.models.types import path_type

KINDS = ("area", "department", "unit")
NATURES = ("administrative", "public_institution", "other")


class Unit(Base):
    """A node of the organisation tree.

    ``area`` is a 行政区划 with its finance bureau, ``department`` a 主管部门, ``unit`` a budget
    unit. ``path`` is ``/1/4/9/``: the ids from the root down to the node, so that a subtree is
    the range of paths with this prefix. ``area_id`` and ``department_id`` are the nearest such
    nodes upwards (the node itself included). ``duties`` (主要职责) and ``key_tasks`` (重点任务) are written one on each line.
    """

    __tablename__ = "unit"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("nature", NATURES),
        UniqueConstraint("area_id", "kind", "code"),
        UniqueConstraint("parent_id", "name"),
        Index("ix_unit_path", "path", unique=True),
    )

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[Word]
    nature: Mapped[Word] = mapped_column(default="other")
    code: Mapped[Word]
    name: Mapped[Line]
    path: Mapped[str] = mapped_column(path_type())
    active: Mapped[bool] = mapped_column(default=True)
    duties: Mapped[LongText]
    key_tasks: Mapped[LongText]
    version: Mapped[int] = version_column()

    parent: Mapped["Unit | None"] = relationship(foreign_keys=parent_id, remote_side=lambda: Unit.id)

    __mapper_args__ = {"version_id_col": version}


def subtree_end(path: str) -> str:
    """Return the exclusive upper bound of the paths below ``path`` (``/`` is followed by ``0``)."""
    return path[:-1] + "0"
