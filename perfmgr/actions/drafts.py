"""Drafts: keeping what is being typed, without checking it, without changing the declaration, without telling anybody."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, func, select

from perfmgr import times
from perfmgr.actions._action import action, require_role
from perfmgr.actions._sections import Opened, forget_drafts, lock_section
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.draft import Draft
from perfmgr.queries import drafts
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_

MOST_FIELDS = 5_000
MOST_TEXT = 2_000_000  # characters of one section
MOST_TABS = 20  # drafts of one person on one section; the oldest makes room

Fields = Sequence[tuple[str, str]]


@action
def save(
    declaration: Declaration,
    section: str,
    fields: Fields,
    by: Viewer,
    opened: Opened,
    now: dt.datetime | None = None,
) -> dt.datetime | None:
    """Keep what is typed in one tab of one section; returns when, or None when the tab has been saved meanwhile.

    Whatever state the declaration is in: the text stays readable even when it can no longer be
    saved. Raises Refused when it is too much to keep.
    """
    require_role(by, declaration.unit.path, {FILLER})
    if len(fields) > MOST_FIELDS or sum(len(value) for _name, value in fields) > MOST_TEXT:
        raise Refused(N_("内容超过 %(limit)s 字，不能自动保存，请删减或分开填写。"), limit=f"{MOST_TEXT:,}")
    # A save of this tab that is under way must be over first: what it saved is no draft any more.
    lock_section(declaration)
    if opened.tab == declaration.saves.get(section, {}).get("tab"):
        return None
    now = now or times.now()
    found = drafts.of_tab(declaration.id, section, opened.tab, by)
    if found is None:
        if opened.took:
            forget_drafts(declaration, section, by.id, opened)
        _make_room(declaration, section, by)
        found = Draft(
            declaration_id=declaration.id, person_id=by.id, section=section, tab=opened.tab, base=opened.base or ""
        )
        db.session.add(found)
    found.fields = [[name, value] for name, value in fields]
    found.saved_at = now
    return now


def _make_room(declaration: Declaration, section: str, by: Viewer) -> None:
    mine = (Draft.declaration_id == declaration.id, Draft.person_id == by.id, Draft.section == section)
    oldest = db.session.scalars(
        select(Draft.id).where(*mine).order_by(Draft.saved_at.desc()).offset(MOST_TABS - 1)
    ).all()
    if oldest:
        db.session.execute(delete(Draft).where(Draft.id.in_(oldest)))


@action
def discard(declaration: Declaration, section: str, tab: str, by: Viewer) -> None:
    """Throw away one's own draft of a section; twice is harmless."""
    forget_drafts(declaration, section, by.id, Opened(tab=tab))


@action
def forget(before: dt.datetime, dry_run: bool = False) -> int:
    """Delete the drafts last written before an instant; returns how many there are."""
    old = Draft.saved_at < before
    count = db.session.scalar(select(func.count()).where(old)) or 0
    if not dry_run:
        db.session.execute(delete(Draft).where(old))
    return count
