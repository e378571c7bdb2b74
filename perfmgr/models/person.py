"""People and their appointments: which role somebody holds over which unit."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Created, Id, Line, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.models.unit import Unit
from perfmgr.rules.roles import ROLES


class Person(Base):
    """Somebody who may sign in. ``username`` is stored folded, so that look-alikes are the same.

    ``email`` is stored encrypted. ``preferences`` say how the person wants to be told; what is missing
    is as usual.
    """

    __tablename__ = "person"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Line]
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Moment | None]
    email: Mapped[str] = mapped_column(Text, default="", server_default="")
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[Created]
    version: Mapped[int] = version_column()

    appointments: Mapped[list["Appointment"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Appointment.id"
    )

    __mapper_args__ = {"version_id_col": version}


class Appointment(Base):
    """One role of one person over one unit and everything below it."""

    __tablename__ = "appointment"
    __table_args__ = (one_of("role", ROLES), UniqueConstraint("person_id", "unit_id", "role"))

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[Word]

    person: Mapped[Person] = relationship(back_populates="appointments")
    unit: Mapped[Unit] = relationship()
