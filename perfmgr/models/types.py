"""Column types: money in 分, scores in hundredths, quantities in millionths, instants in UTC."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Scaled(TypeDecorator[Decimal]):
    """A Decimal with a fixed count of decimals, stored as an integer so that sums stay exact."""

    impl: type[TypeEngine[Any]] | TypeEngine[Any] = BigInteger
    cache_ok = True
    places = 2

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimals")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Money(_Scaled):
    """Yuan as Decimal, stored as whole 分."""

    cache_ok = True


class Score(_Scaled):
    """Marks as Decimal with two decimals, stored as whole hundredths."""

    impl = Integer
    cache_ok = True


class Quantity(_Scaled):
    """A target or actual value as Decimal with up to six decimals, stored as whole millionths."""

    cache_ok = True
    places = 6


class Instant(TypeDecorator[dt.datetime]):
    """A moment as aware UTC datetime; SQLite stores it without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        instant: dt.datetime = value
        return instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)


def path_type() -> TypeEngine[str]:
    """Return the type of a unit's path: compared byte by byte, so that a subtree is a range."""
    return String(255).with_variant(String(255, collation="C"), "postgresql")
