"""Functional classification: the catalogue and full names of its entries."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from perfmgr.extensions import db
from perfmgr.models.function import Function


def find(code: str) -> Function | None:
    """Return the entry with this code, or None."""
    return db.session.get(Function, code)


def listed(search: str = "") -> Sequence[Function]:
    """Return the catalogue by code, optionally only what contains ``search`` in code or name."""
    statement = select(Function).order_by(Function.code)
    if search:
        statement = statement.where(
            or_(Function.name.contains(search, autoescape=True), Function.code.startswith(search, autoescape=True))
        )
    return db.session.scalars(statement).all()


def choices() -> list[tuple[str, str]]:
    """Return code and full name (类-款-项) of every active 项, for select fields."""
    rows = db.session.execute(select(Function.code, Function.name).where(Function.active).order_by(Function.code))
    names = {row.code: row.name for row in rows}
    return [(code, full_name(code, names)) for code in names if len(code) == 7]


def full_name(code: str, names: dict[str, str]) -> str:
    """Return the names of 类, 款 and 项 joined, as far as they are in the catalogue."""
    parts = [names[part] for part in (code[:3], code[:5], code) if part in names]
    return " - ".join(parts)


def printed_name(code: str, names: dict[str, str]) -> str:
    """Return the full name as documents print it: ``一般公共服务支出（类）组织事务（款）行政运行（项）``."""
    parts = ((code[:3], "类"), (code[:5], "款"), (code, "项"))
    return "".join(f"{names[part]}（{level}）" for part, level in parts if part in names)


def names(codes: Sequence[str]) -> dict[str, str]:
    """Return the names of these entries and of the 类 and 款 above them, by code."""
    wanted = {part for code in codes for part in (code[:3], code[:5], code)}
    if not wanted:
        return {}
    rows = db.session.execute(select(Function.code, Function.name).where(Function.code.in_(wanted)))
    return {row.code: row.name for row in rows}
