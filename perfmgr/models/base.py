"""The declarative base, with named constraints and annotated column types."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, CheckConstraint, MetaData, String, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from perfmgr.models.types import Instant, Money, Quantity, Score

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(primary_key=True)]
Word = Annotated[str, mapped_column(String(24))]
Line = Annotated[str, mapped_column(String(200))]
LongText = Annotated[str, mapped_column(Text, default="")]
Yuan = Annotated[Decimal, mapped_column(Money)]
Marks = Annotated[Decimal, mapped_column(Score)]
Amount = Annotated[Decimal, mapped_column(Quantity)]
Moment = Annotated[dt.datetime, mapped_column(Instant)]
Created = Annotated[dt.datetime, mapped_column(Instant, server_default=func.now())]
Data = Annotated[dict[str, Any], mapped_column(JSON)]


class Base(DeclarativeBase):
    """Base of all models; types of annotations are mapped in ``NAMING`` and above."""

    metadata = MetaData(naming_convention=NAMING)


def version_column() -> MappedColumn[int]:
    """Return the column that counts a record's changes, for optimistic locking."""
    return mapped_column(server_default="1")


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return a named CHECK that the column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def not_negative(column: str) -> CheckConstraint:
    """Return a named CHECK that the column is null or not below zero."""
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")


__all__ = ["Base", "Mapped", "mapped_column", "not_negative", "one_of", "version_column"]
