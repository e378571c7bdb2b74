"""The indicator library: taking in the built-in entries, a unit's own ones, and their way into the common library."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import messages
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._move import OWN_WORK, lock
from perfmgr.actions._sounds import sounds_of
from perfmgr.extensions import db
from perfmgr.models.declaration import Indicator
from perfmgr.models.library import LibraryEntry
from perfmgr.models.unit import Unit
from perfmgr.queries import library, people
from perfmgr.queries.people import Viewer
from perfmgr.rules.indicators import SYMBOLS
from perfmgr.rules.library import (
    COMMON,
    MEANINGS,
    OF_FIELD,
    OWN,
    EntryDraft,
    justified,
    near,
    pairs_of,
    require_entry,
    search_text,
    state_after,
    tidied,
)
from perfmgr.rules.library_fields import FIELDS, GENERAL
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR, FILLER
from perfmgr.rules.texts import N_, clean, same_name

NOT_YOURS = N_("通用指标和分领域指标只能由系统管理员修改。")


class BuiltIn(Protocol):
    """An entry of the built-in files."""

    @property
    def code(self) -> str:
        """The name of the entry in the files."""

    @property
    def edition(self) -> int:
        """Counts the changes of the entry in the files."""

    @property
    def draft(self) -> EntryDraft:
        """What the entry says."""


def _write(entry: LibraryEntry, draft: EntryDraft) -> None:
    """Write a draft into an entry, with everything that searches look at."""
    require_entry(draft)
    draft = tidied(draft)
    for name in ("name", "meaning", "sign", "field", "unit", "definition", "formula", "evidence", "survey", "words"):
        setattr(entry, name, getattr(draft, name))
    entry.basis = draft.basis
    entry.typical = [{"value": t.value, "when": t.when} for t in draft.typical]
    entry.name_key, entry.search_text = same_name(draft.name), search_text(draft)
    entry.sounds = sounds_of(draft.name)
    entry.updated_at = times.now()


@action
def take_in(built_in: Iterable[BuiltIn]) -> int:
    """Store the built-in entries that are missing or older; returns how many were written.

    What an administrator has edited or retired stays as it is.
    """
    known = {e.code: e for e in db.session.scalars(select(LibraryEntry).where(LibraryEntry.code.is_not(None)))}
    written = 0
    for row in built_in:
        entry = known.get(row.code)
        if entry is not None and (entry.edited or entry.edition >= row.edition):
            continue
        entry = entry or LibraryEntry(code=row.code)
        _write(entry, row.draft)
        entry.edition, entry.scope = row.edition, COMMON if row.draft.field == GENERAL else OF_FIELD
        db.session.add(entry)
        written += 1
    return written


@action
def create(
    owner: Unit, draft: EntryDraft, justification: str, by: Viewer, indicator: Indicator | None = None
) -> LibraryEntry:
    """Add an entry of a unit's own; ``indicator`` is the row of a declaration it was made from.

    Raises Conflict when the library has an indicator of this name already.
    """
    require_role(by, owner.path, {FILLER})
    if owner.kind == "area":
        raise Refused(N_("自建指标归部门或单位所有，请选择部门或单位。"), field="owner_id")
    same = library.same_named(draft.name, by)
    if same is not None:
        raise Conflict(N_("指标库里已有“%(name)s”，请直接选用。"), field="name", name=same.name)
    entry = LibraryEntry(scope=OWN, owner_id=owner.id, owner=owner, created_by_id=by.id)
    entry.justification = justified(justification)
    _write(entry, draft)
    db.session.add(entry)
    db.session.flush()
    write_event("library", entry.id, "start", by, comment=entry.justification)
    if indicator is not None:
        indicator.library_id = entry.id
    return entry


def entries_behind(drafts: Sequence[Any], records: Sequence[Any], by: Viewer) -> list[int | None]:
    """Return for each typed row the entry it stands for, or None.

    It is the one the row was filled from, as long as the row is still called nearly so; a row that
    says nothing about it (an imported one) keeps what the stored row of the same name has.
    """
    stored = {same_name(r.name): r.library_id for r in records if r.library_id}
    wanted = [d.library_id or stored.get(same_name(d.name)) for d in drafts]
    names = library.names({entry_id for entry_id in wanted if entry_id}, by, set(stored.values()))
    return [
        entry_id if entry_id in names and near(pairs_of(draft.name), pairs_of(names[entry_id])) else None
        for draft, entry_id in zip(drafts, wanted, strict=True)
    ]


def may_change(entry: LibraryEntry, by: Viewer) -> bool:
    """Tell whether this person may change or retire the entry."""
    if not entry.own or entry.owner is None:
        return ADMINISTRATOR in by.roles
    return bool(by.roles_over(entry.owner.path) & {FILLER, ADMINISTRATOR})


def _require_change(entry: LibraryEntry, by: Viewer) -> None:
    if not may_change(entry, by):
        raise NotAllowed(NOT_YOURS)


@action
def update(entry: LibraryEntry, draft: EntryDraft, justification: str, by: Viewer, version: int | None = None) -> None:
    """Save changes of an entry. While it waits for a decision only an administrator changes it."""
    _require_change(entry, by)
    require_version(entry, version)
    if entry.state == "proposed" and ADMINISTRATOR not in by.roles:
        raise Conflict(N_("指标已申报入库，等待管理员处理；要修改请先撤回。"))
    before = entry.as_draft()
    if entry.own:
        entry.justification = justified(justification)
    _write(entry, draft)
    entry.edited = True
    write_event("library", entry.id, "correct", by, details=_changes(before, entry.as_draft()))


def _changes(before: EntryDraft, after: EntryDraft) -> dict[str, Any] | None:
    """Return the short fields that were changed, as [before, after] in words."""

    def words(draft: EntryDraft) -> dict[str, str]:
        return {
            "entry_name": draft.name,
            "unit": draft.unit,
            "sign": SYMBOLS[draft.sign],
            "meaning": MEANINGS[draft.meaning].name,
            "field": FIELDS[draft.field].name,
        }

    old, new = words(before), words(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]} or None


_BY_FILLER = ("propose", "take_back")
_BY_ADMINISTRATOR = ("approve", "decline")


def _require_step(entry: LibraryEntry, step: str, by: Viewer) -> None:
    if step in (*_BY_FILLER, *_BY_ADMINISTRATOR):
        path = entry.owner.path if entry.owner else ""
        require_role(by, path, {FILLER if step in _BY_FILLER else ADMINISTRATOR})
        if not entry.own:
            raise Conflict(N_("这项指标已经在指标库里。"))
    else:
        _require_change(entry, by)


@action
def take(entry: LibraryEntry, step: str, by: Viewer, comment: str = "", version: int | None = None) -> None:
    """Propose an own entry for the common library, take that back, approve or decline it; retire or restore any.

    An approved entry belongs to everybody from then on. Raises NotAllowed, Conflict or Refused.
    """
    _require_step(entry, step, by)
    lock(entry)
    require_version(entry, version)
    state = state_after(step, entry.state)
    comment = clean(comment)
    if step in _BY_ADMINISTRATOR and entry.created_by_id == by.id:
        raise NotAllowed(OWN_WORK)
    if step == "decline" and not comment:
        raise Refused(N_("请填写意见，说明不入库的原因，以便对方修改。"), field="comment")
    tell = _told(entry, step)
    entry.state, entry.updated_at = state, times.now()
    if step == "approve":
        entry.scope = COMMON if entry.field == GENERAL else OF_FIELD
    event = write_event("library", entry.id, step, by, comment=comment)
    db.session.flush()
    params = {"title": entry.name, "by": by.name, "comment": comment}
    item = {"kind": f"library_{step}", "subject_kind": "library", "subject_id": entry.id, "params": params}
    messages.tell([person_id for person_id in tell if person_id != by.id], item, str(event.id), times.now())


def _told(entry: LibraryEntry, step: str) -> list[int]:
    """Return whom this step concerns: the administrators of the unit, or the one who proposed."""
    if step == "propose" and entry.owner is not None:
        return people.holders(entry.owner.path, {ADMINISTRATOR})
    if step in _BY_ADMINISTRATOR:
        proposer = library.proposer(entry.id)
        return [proposer] if proposer else []
    return []
