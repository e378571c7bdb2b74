"""The form of one section: made from what is stored, from a draft, or from what was posted, and saved."""

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import abort
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from perfmgr import times
from perfmgr.actions import declarations as actions
from perfmgr.actions import drafts as draft_actions
from perfmgr.models.declaration import Declaration
from perfmgr.queries import drafts, quality, schemes, versions
from perfmgr.queries.people import Viewer
from perfmgr.rules.declarations import BY_NAME, SECTIONS, base_of, read_base, section_of, tasks
from perfmgr.rules.findings import ERROR, Finding
from perfmgr.rules.refusals import Refused
from perfmgr.web.forms.declarations import (
    FORMS,
    BasesForm,
    FundsForm,
    IndicatorsForm,
    PeriodForm,
    PlanForm,
    SectionForm,
    category_choices,
    section_values,
)
from perfmgr.web.language import gettext as _

BLANK_ROWS = {"bases": 2, "steps": 2, "indicators": 3}
# Fields of the page around the section: they are no part of what was typed.
CHECK = "check"  # the sentences typed on the check page are kept as those of a section are
AROUND = ("csrf_token", "owner", "tab", "base", "origin", "took", "then", "add", "back", "version", "resolve")

Posted = ImmutableMultiDict[str, str] | MultiDict[str, str]


def section_form(name: str, declaration: Declaration, posted: Any = None) -> SectionForm:
    """Return the form of a section: as posted, or as stored with a few blank rows; 404 for an unknown name."""
    if name not in FORMS:
        abort(404)
    form = FORMS[name](posted, data=section_values(name, declaration))
    if posted is None:
        for rows, count in BLANK_ROWS.items():
            field: Any = getattr(form, rows, None)
            for _n in range(count if field is not None else 0):
                field.append_entry()
    prepare(form, declaration)
    return form


def prepare(form: SectionForm, declaration: Declaration) -> None:
    """Give the rows of a form the choices that the declaration's scheme has."""
    if isinstance(form, IndicatorsForm):
        form.prepare(category_choices(schemes.by_id(declaration.scheme_id)))


def opened(posted: Mapping[str, str], base: str = "base") -> actions.Opened:
    """Return what a posted form knows of the moment it was opened. A form without ``base`` is not compared."""
    took, _mark, at = posted.get("took", "").partition("@")
    try:
        took_at = dt.datetime.fromisoformat(at) if at else None
    except ValueError:
        took_at = None
    known = took_at is not None and took_at.tzinfo is not None
    return actions.Opened(
        base=posted.get(base),
        tab=posted.get("tab", "")[:24],
        took=took[:24] if known else "",
        took_at=took_at if known else None,
    )


def typed_fields(posted: Posted) -> list[tuple[str, str]]:
    """Return the names and values of what was typed, in order, without what belongs to the page around it."""
    return [
        (name, value)
        for name, value in posted.items(multi=True)
        if name not in AROUND and not name.startswith("choice-")
    ]


def keep(name: str, declaration: Declaration, posted: Posted, by: Viewer, base: str = "base") -> None:
    """Keep what was posted and not saved as the draft of its tab; too much, or without a tab, is left to the page."""
    page = opened(posted, base)
    if not page.tab:
        return
    try:
        draft_actions.save(declaration, name, typed_fields(posted), by, page)
    except Refused:
        return


def save(name: str, declaration: Declaration, form: SectionForm, by: Viewer, page: actions.Opened) -> None:
    """Save a section that was found right."""
    if isinstance(form, BasesForm):
        actions.save_bases(declaration, form.drafts(), form.rationale.data or "", by, page)
    elif isinstance(form, PlanForm):
        actions.save_plan(declaration, form.plan.data or "", form.goals.data or "", form.drafts(), by, page)
    elif isinstance(form, PeriodForm):
        actions.save_period(declaration, form.start_on.data, form.end_on.data, by, page)
    elif isinstance(form, FundsForm):
        actions.save_funds(declaration, form.amounts(), by, page)
    elif isinstance(form, IndicatorsForm):
        actions.save_indicators(declaration, form.drafts(), by, page)
    else:
        actions.save_texts(declaration, {name: form[name].data or ""}, by, page)


class Restored:
    """A draft that is shown in the form again: what it holds, and what else waits."""

    def __init__(self, declaration: Declaration, name: str, by: Viewer, asked: str = "") -> None:
        self.by = by
        waiting = [row for row in drafts.pending(declaration.id, by) if row.section == name]
        chosen = next((row for row in waiting if row.tab == asked), waiting[0] if waiting else None)
        self.draft = drafts.of_tab(declaration.id, name, chosen.tab, by) if chosen else None
        self.others = [row for row in waiting if row is not chosen]

    def posted(self) -> MultiDict[str, str] | None:
        """Return the fields as the browser sent them, or None when there is no draft."""
        if self.draft is None:
            return None
        return MultiDict([(str(name), str(value)) for name, value in self.draft.fields])

    def overtaken(self, name: str, declaration: Declaration) -> dict[str, Any] | None:
        """Return who has saved the section since the draft was begun, or None."""
        if self.draft is None or read_base(self.draft.base) == read_base(base_of(name, declaration)):
            return None
        return saved_by(name, declaration, self.by)


def saved_by(name: str, declaration: Declaration, by: Viewer) -> dict[str, Any] | None:
    """Return who saved a section last and when, and whether that was this person in another window.

    None when nobody has since that is noted. Older notes hold no more than the name.
    """
    found = declaration.saves.get(name)
    if not found:
        return None
    return {"name": found["by"], "own": found.get("person") == by.id, "at": dt.datetime.fromisoformat(found["at"])}


def page_fields(
    name: str, declaration: Declaration, posted: Posted | None, restored: Restored | None
) -> dict[str, str]:
    """Return the hidden fields of a section's form: its tab, the marks it was made from, the draft it took over."""
    if posted is not None:
        return {key: posted[key] for key in ("tab", "base", "took", "back") if posted.get(key)}
    fields = {"tab": secrets.token_urlsafe(12)}
    if name in BY_NAME:
        fields["base"] = base_of(name, declaration)
    if restored and restored.draft:
        draft = restored.draft
        fields |= {"base": draft.base or fields.get("base", ""), "took": f"{draft.tab}@{draft.saved_at.isoformat()}"}
    return fields


def context(
    name: str, declaration: Declaration, by: Viewer, posted: Posted | None = None, restored: Restored | None = None
) -> dict[str, Any]:
    """Return what the page of a section shows around its form."""
    scheme = schemes.by_id(declaration.scheme_id)
    found = quality.examined(declaration, times.today()).findings
    here = BY_NAME[name]
    # An empty section needs no list of what it lacks.
    mine = [finding for finding in found if here.holds(finding)] if here.filled(declaration) else []
    return {
        "declaration": declaration,
        "name": name,
        "scheme": scheme,
        "listed": tasks(declaration, found, pending_sections(declaration, by), may_fill=may_fill(declaration)),
        "gaps": sentences(mine, (ERROR,)),
        "advice": [finding for finding in mine if finding.level != ERROR],
        "page_fields": page_fields(name, declaration, posted, restored),
        "restored": restored,
        "section_title": _(here.title),
        "remarks": [remark for remark in versions.remarks(declaration) if remark.field.split(".")[0] == name],
        **_last_year(name, declaration),
        "last_section": name == list(FORMS)[-1],
    }


def _last_year(name: str, declaration: Declaration) -> dict[str, Any]:
    """Return last year's results, which stand beside the targets of this year."""
    found = versions.last_year(declaration) if name == "indicators" else None
    return {"last_year": found, "last_scheme": schemes.by_id(found.scheme_id) if found else None}


def field_address(field: str, back: str = "") -> str:
    """Return where a finding's field is filled in, below the declaration's address: the section, and the control in it."""
    section = BY_NAME.get(section_of(field))
    if section is None:
        return ""
    query = f"?back={back}" if back else ""
    return f"{section.address}{query}#{field.replace('.', '-')}"


def may_fill(declaration: Declaration) -> bool:
    """Tell whether the declaration's year still takes changes."""
    return declaration.cycle.closed_at is None


def pending_sections(declaration: Declaration, by: Viewer) -> set[str]:
    """Return the sections in which this person has typed something and not saved it."""
    return {row.section for row in drafts.pending(declaration.id, by)}


def sentences(findings: Iterable[Finding], levels: Collection[str]) -> list[str]:
    """Return the findings of these levels as sentences."""
    return [finding.sentence(_) for finding in findings if finding.level in levels]


def names() -> list[str]:
    """Return the names of all sections that have a form here, in order."""
    return [section.name for section in SECTIONS if section.name in FORMS]
