"""Schemes: stored versions, and the parsed form of published ones."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import func, select

from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.rules.schemes import KINDS, Scheme, parse_scheme


def parsed(version: SchemeVersion) -> Scheme:
    """Return the scheme of a stored version. Published versions never change and are parsed once."""
    if version.state != "published":
        return parse_scheme(version.data)
    cache: dict[int, Scheme] = current_app.extensions.setdefault("perfmgr_schemes", {})
    if version.id not in cache:
        cache[version.id] = parse_scheme(version.data)
    return cache[version.id]


def by_id(scheme_id: int) -> Scheme:
    """Return the parsed scheme with this id, from memory when it was seen before."""
    cache: dict[int, Scheme] = current_app.extensions.setdefault("perfmgr_schemes", {})
    if scheme_id in cache:
        return cache[scheme_id]
    return parsed(db.session.get_one(SchemeVersion, scheme_id))


def find(scheme_id: int) -> SchemeVersion | None:
    """Return a stored version, or None. Schemes are no secret: every signed-in person may read them."""
    version = db.session.get(SchemeVersion, scheme_id)
    return version if version is not None and version.kind in KINDS else None


def listed() -> Sequence[SchemeVersion]:
    """Return all versions, by code, newest first."""
    statement = (
        select(SchemeVersion)
        .where(SchemeVersion.kind.in_(KINDS))
        .order_by(SchemeVersion.kind.desc(), SchemeVersion.code, SchemeVersion.number.desc())
    )
    return db.session.scalars(statement).all()


def published(kind: str) -> Sequence[SchemeVersion]:
    """Return the published versions of one kind, newest version of each code first."""
    statement = (
        select(SchemeVersion)
        .where(SchemeVersion.kind == kind, SchemeVersion.state == "published")
        .order_by(SchemeVersion.code, SchemeVersion.number.desc())
    )
    return db.session.scalars(statement).all()


def next_number(code: str) -> int:
    """Return the number the next version of this scheme gets."""
    return (db.session.scalar(select(func.max(SchemeVersion.number)).where(SchemeVersion.code == code)) or 0) + 1


def category_names() -> dict[tuple[int, str], str]:
    """Return the name of every category by scheme id and code, of all stored versions."""
    versions = db.session.execute(select(SchemeVersion.id, SchemeVersion.data)).all()
    return {
        (row.id, str(category.get("code"))): str(category.get("name"))
        for row in versions
        for category in row.data.get("categories") or ()
        if isinstance(category, dict)
    }
