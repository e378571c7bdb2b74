"""Drafts: what a person has typed into the sections of a declaration and not saved yet."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Row, select

from perfmgr.extensions import db
from perfmgr.models.draft import Draft
from perfmgr.queries.people import Viewer


def of_declaration(declaration_id: int, by: Viewer) -> Sequence[Draft]:
    """Return this person's own drafts of a declaration, the newest first."""
    return db.session.scalars(
        select(Draft)
        .where(Draft.declaration_id == declaration_id, Draft.person_id == by.id)
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
    ).all()


def pending(declaration_id: int, by: Viewer) -> Sequence[Row[str, str, dt.datetime]]:
    """Return section, tab and instant of this person's own drafts of a declaration, the newest first."""
    return db.session.execute(
        select(Draft.section, Draft.tab, Draft.saved_at)
        .where(Draft.declaration_id == declaration_id, Draft.person_id == by.id)
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
    ).all()


def of_tab(declaration_id: int, section: str, tab: str, by: Viewer) -> Draft | None:
    """Return this person's draft of one section in one browser tab, or None."""
    return db.session.scalar(
        select(Draft).where(
            Draft.declaration_id == declaration_id,
            Draft.person_id == by.id,
            Draft.section == section,
            Draft.tab == tab,
        )
    )
