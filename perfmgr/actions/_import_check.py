"""Checking the projects of an uploaded workbook: what each would do, and everything that is wrong with it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from perfmgr.actions._action import action
from perfmgr.actions._import_match import Match, Place, Places, Wanted, look_up, match
from perfmgr.extensions import db
from perfmgr.models.import_batch import ImportBatch, ImportRow
from perfmgr.models.unit import Unit
from perfmgr.queries import imports
from perfmgr.rules.findings import INFO, WARNING, Finding
from perfmgr.rules.import_changes import changes
from perfmgr.rules.import_checks import blocking, check
from perfmgr.rules.imports import Draft, at_cell, packed
from perfmgr.rules.projects import CATEGORIES, USUAL_CATEGORY
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, Term, clean_line, same_name

MOST_PROJECTS = 20_000


class Checker:
    """Checks the projects of one workbook, some hundred at a time."""

    def __init__(self, batch: ImportBatch, unit: Unit | None, places: Places) -> None:
        self.batch, self.unit, self.places = batch, unit, places
        self.seen: dict[Any, str] = {}
        self.count = 0

    @action
    def take(self, drafts: Sequence[Draft]) -> None:
        """Check these projects and keep what was found, in one transaction."""
        self.count += len(drafts)
        if self.count > MOST_PROJECTS:
            raise Refused(N_("一次最多导入 %(most)s 个项目，请分成几个文件。"), field="file", most=MOST_PROJECTS)
        read = [self._read(draft) for draft in drafts]
        found = look_up([wanted for wanted, _place, _findings in read if wanted], self.batch.year, self.places.today)
        matches = [
            match(wanted, place, found, self.places.by) if wanted and place else Match("refused")
            for wanted, place, _findings in read
        ]
        stored = {}
        updated = [m.declaration_id for m in matches if m.declaration_id]
        if updated:
            stored = {d.id: imports.values_of(d) for d in imports.whole(updated)}
        rows = [
            self._row(draft, *each, matched, stored) for draft, each, matched in zip(drafts, read, matches, strict=True)
        ]
        db.session.connection().execute(insert(ImportRow), rows)

    def _read(self, draft: Draft) -> tuple[Wanted | None, Place | None, list[Finding]]:
        if draft.stray:
            return None, None, draft.findings
        unit, findings = self._unit(draft)
        place = self.places.of(unit.id) if unit else None
        if place is None or place.setting is None or unit is None:
            refusal = place.refusal if place else None
            if refusal:
                findings.append(at_cell(draft.head.at("unit_name"), refusal.message, **refusal.params))
            return None, None, [*draft.findings, *findings]
        if place.refusal:
            findings.append(at_cell(draft.head.at("unit_name"), place.refusal.message, **place.refusal.params))
        values, wrong = check(draft, place.setting)
        at = {name: draft.head.at(name) for name in ("code", "name", "category")}
        return Wanted(unit.id, values, at), place, [*findings, *wrong]

    def _unit(self, draft: Draft) -> tuple[Unit | None, list[Finding]]:
        """Return whose project it is; a unit chosen for the whole workbook counts more than what a form says."""
        text = draft.head.text("unit_name")
        if self.unit is not None and text in ("", self.unit.name, self.unit.code):
            return self.unit, []
        text = clean_line(text)
        if self.unit is None:
            unit = self.places.named(text) if text else None
            if unit is None:
                sentence = (
                    N_("“实施单位”填的是“%(unit)s”，不是您填报的单位，请核对名称，或上传时选定一个单位。")
                    if text
                    else N_("没有填写“实施单位”，请填写单位名称，或上传时选定一个单位。")
                )
                return None, [at_cell(draft.head.at("unit_name"), sentence, unit=text[:60])]
            return unit, []
        if text and same_name(text) not in (same_name(self.unit.name), same_name(self.unit.code)):
            sentence = N_("表中的实施单位是“%(unit)s”，将按所选的“%(chosen)s”导入，请核对。")
            at = draft.head.at("unit_name")
            return self.unit, [at_cell(at, sentence, level=WARNING, unit=text[:60], chosen=self.unit.name)]
        return self.unit, []

    def _row(
        self,
        draft: Draft,
        wanted: Wanted | None,
        place: Place | None,
        findings: list[Finding],
        matched: Match,
        stored: dict[int, Any],
    ) -> dict[str, Any]:
        if (
            wanted
            and place
            and matched.scheme_id
            and place.cycle
            and matched.scheme_id != place.cycle.project_scheme_id
        ):
            # The draft was begun with an older scheme and keeps it.
            wanted.values, findings = check(draft, self.places.setting(matched.scheme_id))
        findings = [*findings, *matched.findings, *self._twice(draft, wanted, matched)]
        outcome, differing = matched.outcome, []
        if blocking(findings) or wanted is None:
            outcome = "refused"
        elif outcome == "update" and matched.declaration_id:
            differing = changes(stored[matched.declaration_id], wanted.values)
            outcome = "update" if differing else "unchanged"
        if outcome == "create" and wanted and matched.project_id is None and "category" not in wanted.values["project"]:
            sentence = N_("没有填写“项目类别”，将按“%(category)s”新建；不是的，请在表中填写后重新上传。")
            name = Term(CATEGORIES[USUAL_CATEGORY])
            findings.append(at_cell(draft.head.at("category"), sentence, level=INFO, category=name))
        return {
            "batch_id": self.batch.id,
            "place": f"{draft.sheet} · {draft.row}" if draft.row else draft.sheet,
            "code": wanted.code[:40] if wanted else "",
            "name": (wanted.name if wanted else "" if draft.stray else clean_line(draft.head.text("name")))[:200],
            "outcome": outcome,
            "state": "waiting",
            "unit_id": wanted.unit_id if wanted else None,
            "project_id": matched.project_id,
            "declaration_id": matched.declaration_id,
            "versions": matched.versions,
            "data": wanted.values if wanted and outcome in ("create", "update") else {},
            "changes": differing[:40],
            "findings": [packed(finding) for finding in findings],
        }

    def _twice(self, draft: Draft, wanted: Wanted | None, matched: Match) -> list[Finding]:
        """Refuse a project that the workbook has already had."""
        if wanted is None or not wanted.name:
            return []
        here = draft.head.at("name")
        keys: list[Any] = [wanted.code or (wanted.unit_id, wanted.name)]
        if matched.project_id:
            keys.append(matched.project_id)
        before = next((self.seen[key] for key in keys if key in self.seen), "")
        for key in keys:
            self.seen.setdefault(key, here)
        if not before:
            return []
        sheet, _mark, cell = before.rpartition("!")
        sentence = N_("与“%(sheet)s”%(cell)s 是同一个项目，请只保留一处。")
        return [at_cell(here, sentence, sheet=sheet, cell=cell)]
