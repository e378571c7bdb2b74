"""The indicator library: searching it, single entries, and suggestions for a project."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.event import Event
from perfmgr.models.library import LibraryEntry
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on, ranges, unit_ids
from perfmgr.rules.library import COMMON, MEANINGS, OWN, by_sound, group_of, search_words
from perfmgr.rules.library_ranking import Asked, Entry, Index, Suggestion, build_index, suggest
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, same_name

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class LibraryFilters:
    """What the library was asked for; empty fields filter nothing. Retired entries only when asked for."""

    search: str = ""
    field: str = ""
    group: str = ""
    scope: str = ""
    retired: bool = False
    page: int = 1


def _owners(by: Viewer) -> Condition:
    """Return the condition that an own entry belongs to a unit this person sees, or to one above their own."""
    above = {unit_id for post in by.places for unit_id in ids_on(post.path)}
    return or_(LibraryEntry.owner_id.in_(unit_ids(by.paths())), LibraryEntry.owner_id.in_(above))


def _visible(by: Viewer) -> Condition:
    return or_(LibraryEntry.scope != OWN, _owners(by))


def find(entry_id: int, by: Viewer) -> LibraryEntry | None:
    """Return an entry: of the common library, or an own one of a unit this person belongs to or sees."""
    return db.session.scalar(select(LibraryEntry).where(LibraryEntry.id == entry_id, _visible(by)))


def find_usable(entry_id: int, by: Viewer) -> LibraryEntry | None:
    """Return an entry that may be filled into a form, or None."""
    entry = find(entry_id, by)
    return entry if entry is not None and entry.state != "retired" else None


def same_named(name: str, by: Viewer) -> LibraryEntry | None:
    """Return a usable entry of this name, or None."""
    return db.session.scalar(
        select(LibraryEntry)
        .where(LibraryEntry.name_key == same_name(name), LibraryEntry.state != "retired", _visible(by))
        .order_by(LibraryEntry.id)
        .limit(1)
    )


def names(ids: Collection[int], by: Viewer, stored: Collection[int] = ()) -> dict[int, str]:
    """Return the names of those of the ids that are entries this person sees, or that are ``stored`` already."""
    if not ids:
        return {}
    entry = LibraryEntry
    rows = db.session.execute(
        select(entry.id, entry.name).where(entry.id.in_(ids), or_(_visible(by), entry.id.in_(stored)))
    )
    return {row.id: row.name for row in rows}


# --- the list -----------------------------------------------------------------------------------


def _has(word: str) -> Condition:
    """Return the condition that a word stands somewhere in the entry, or that its name sounds like that."""
    anywhere = LibraryEntry.search_text.contains(word, autoescape=True)
    return or_(anywhere, _sounds(word)) if by_sound(word) else anywhere


def _sounds(word: str) -> Condition:
    return LibraryEntry.sounds.contains(f" {word}", autoescape=True)


def _rank(words: Sequence[str]) -> ColumnElement[int]:
    """Return the order of what was found: name begins so, name contains it, it sounds so, it is in the text."""
    name = LibraryEntry.name_key
    contains = and_(*(name.contains(word, autoescape=True) for word in words))
    heard = [or_(name.contains(w, autoescape=True), _sounds(w) if by_sound(w) else literal(False)) for w in words]
    return case(
        (and_(name.startswith(words[0], autoescape=True), contains), 0),
        (contains, 1),
        (and_(*heard), 2),
        else_=3,
    )


def _conditions(by: Viewer, filters: LibraryFilters) -> list[Condition]:
    found: list[Condition] = [_visible(by)]
    found.append(LibraryEntry.state == "retired" if filters.retired else LibraryEntry.state != "retired")
    if filters.field:
        found.append(LibraryEntry.field == filters.field)
    if filters.scope:
        found.append(LibraryEntry.scope == filters.scope)
    if filters.group:
        meanings = [code for code, meaning in MEANINGS.items() if meaning.group == filters.group]
        found.append(LibraryEntry.meaning.in_(meanings))
    return found + [_has(word) for word in search_words(filters.search)]


def page(by: Viewer, filters: LibraryFilters, size: int = PAGE_SIZE) -> Page:
    """Return one page of the library, best matches first, then what is used most. Two statements."""
    conditions, words = _conditions(by, filters), search_words(filters.search)
    total = db.session.scalar(select(func.count()).select_from(LibraryEntry).where(*conditions)) or 0
    order = [_rank(words)] if words else []
    statement = (
        select(LibraryEntry)
        .where(*conditions)
        .order_by(*order, LibraryEntry.uses.desc(), LibraryEntry.scope != COMMON, LibraryEntry.id)
        .limit(size)
        .offset(offset(filters.page) if size == PAGE_SIZE else 0)
    )
    return Page(db.session.scalars(statement).all(), filters.page, total, size)


def _proposed(by: Viewer) -> Select[LibraryEntry]:
    return select(LibraryEntry).where(
        LibraryEntry.state == "proposed",
        LibraryEntry.owner_id.in_(select(Unit.id).where(ranges(Unit.path, by.paths({ADMINISTRATOR})))),
    )


def proposals(by: Viewer, number: int) -> Page:
    """Return one page of the entries that wait for this administrator's decision, oldest first."""
    statement = _proposed(by)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = statement.order_by(LibraryEntry.updated_at, LibraryEntry.id).limit(PAGE_SIZE).offset(offset(number))
    return Page(db.session.scalars(rows).all(), number, total)


def proposer(entry_id: int) -> int | None:
    """Return who proposed the entry last."""
    return db.session.scalar(
        select(Event.person_id)
        .where(Event.subject_kind == "library", Event.subject_id == entry_id, Event.step == "propose")
        .order_by(Event.id.desc())
        .limit(1)
    )


def used_in(entry: LibraryEntry, by: Viewer, most: int = 20) -> Sequence[Any]:
    """Return the newest declarations this person sees that use the entry: filled from it, or of its name."""
    statement = (
        select(
            Declaration.id,
            Declaration.year,
            Declaration.state,
            Project.name,
            Unit.name.label("unit_name"),
            Indicator.sign,
            Indicator.target_value,
            Indicator.target_text,
            Indicator.unit,
        )
        .select_from(Indicator)
        .join(Declaration, Declaration.id == Indicator.declaration_id)
        .join(Project, Project.id == Declaration.project_id)
        .join(Unit, Unit.id == Declaration.unit_id)
        .where(
            or_(Indicator.library_id == entry.id, and_(Indicator.library_id.is_(None), Indicator.name == entry.name)),
            Declaration.unit_id.in_(unit_ids(by.paths())),
        )
        .order_by(Declaration.year.desc(), Declaration.id.desc())
        .limit(most)
    )
    return db.session.execute(statement).all()


# --- suggestions --------------------------------------------------------------------------------


def _stamp() -> tuple[Any, ...]:
    """Return what changes with every change of the library that suggestions notice."""
    entry = LibraryEntry
    return tuple(db.session.execute(select(func.count(), func.sum(entry.version), func.sum(entry.uses))).one())


def index() -> Index:
    """Return the index over all entries that can be used; each process builds it once per state of the library."""
    stamp, kept = _stamp(), current_app.extensions.get("perfmgr_library")
    if kept is None or kept[0] != stamp:
        entry = LibraryEntry
        rows = db.session.execute(
            select(
                entry.id, entry.name, entry.field, entry.meaning, entry.words, entry.uses, entry.owner_id, entry.scope
            )
            .where(entry.state != "retired")
            .order_by(entry.id)
        )
        entries = (
            Entry(
                r.id,
                r.name,
                r.field,
                r.meaning,
                (*r.words.split(), r.name),
                r.uses,
                r.owner_id if r.scope == OWN else None,
            )
            for r in rows
        )
        kept = current_app.extensions["perfmgr_library"] = (stamp, build_index(entries))
    found: Index = kept[1]
    return found


PARTS = {"overview": N_("项目概述"), "goals": N_("主要目标"), "plan": N_("实施方案")}


def asked_by(declaration: Declaration, scheme: Scheme) -> Asked:
    """Return a declaration as the suggestions see it."""
    texts = {title: getattr(declaration, name) for name, title in PARTS.items()}
    texts[N_("步骤和计划")] = " ".join(step.content for step in declaration.steps)
    return Asked(
        name=declaration.project.name,
        texts=texts,
        function=declaration.project.function_code or "",
        names=[i.name for i in declaration.indicators],
        groups=frozenset(group_of(scheme, i.category, i.subcategory, i.name) for i in declaration.indicators),
    )


def suggestions(declaration: Declaration, scheme: Scheme, by: Viewer) -> list[tuple[Suggestion, LibraryEntry]]:
    """Return the entries that fit the project and are not on its sheet yet, best first, with their reasons."""
    owners = set(
        db.session.scalars(select(LibraryEntry.owner_id).where(LibraryEntry.scope == OWN, _owners(by)).distinct())
    )
    found = suggest(
        index(), asked_by(declaration, scheme), scheme, lambda entry: entry.owner is None or entry.owner in owners
    )
    ids = [suggestion.entry.id for suggestion in found]
    records = {e.id: e for e in db.session.scalars(select(LibraryEntry).where(LibraryEntry.id.in_(ids)))}
    return [(suggestion, records[suggestion.entry.id]) for suggestion in found if suggestion.entry.id in records]
