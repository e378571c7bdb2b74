"""Samples for spot checks: drawing one, its sheets and their progress, who checks them, repeating the draw."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import samples as actions
from perfmgr.documents.samples import sheets
from perfmgr.models.sample import Sample
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles, samples, schemes, units
from perfmgr.rules.inflation import LIGHTS
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.reviews import ReviewRules
from perfmgr.rules.roles import FINANCE_REVIEWER
from perfmgr.rules.samples import differences, size
from perfmgr.rules.texts import N_
from perfmgr.web.asked import choice_arg, evaluated_year, flash_refusal, found, number_arg, page_number, year_arg
from perfmgr.web.forms.samples import SampleForm, draw_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal
from perfmgr.web.target_files import answer

views = Blueprint("samples", __name__, url_prefix="/samples")

FINANCE = {FINANCE_REVIEWER}
TABS = {"": N_("全部"), "open": N_("待抽查"), "done": N_("已抽查"), "mine": N_("分给我的")}


def _find(sample_id: int) -> Sample:
    return found(samples.find(sample_id, viewer()))


@views.get("")
def index() -> ResponseReturnValue:
    """Show the year's samples with their progress."""
    by = viewer()
    years = sorted({*samples.years(by), *cycles.years(by)}, reverse=True)
    year = year_arg(years, evaluated_year(years))
    return render_template("samples/index.html", year=year, years=years, rows=samples.listed(by, year))


# --- drawing ----------------------------------------------------------------------------------


def _rules(unit: Unit, year: int) -> ReviewRules:
    scheme_id = samples.scheme_of(unit, year) or samples.default_scheme()
    return schemes.by_id(scheme_id).review if scheme_id else ReviewRules()


def _context(unit: Unit | None, year: int) -> dict[str, Any]:
    by = viewer()
    counts = samples.light_counts(unit, year) if unit else {}
    return {
        "unit": unit,
        "year": year,
        "years": cycles.years(by),
        "scopes": units.listed(by, ("area", "department"), FINANCE),
        "counts": counts,
        "total": sum(counts.values()),
        "known": samples.count(unit.id, year) if unit else 0,
        "lights": LIGHTS,
        "size": size,
    }


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show how many sheets there are to draw from, and the usual parameters."""
    by = viewer()
    asked = number_arg("unit")
    scopes = units.listed(by, ("area", "department"), FINANCE)
    unit = found(units.find(asked, by, FINANCE)) if asked else (scopes[0] if scopes else None)
    years = cycles.years(by)
    year = year_arg(years, evaluated_year(years))
    form = SampleForm(data=draw_values(_rules(unit, year) if unit else ReviewRules()))
    return render_template("samples/new.html", form=form, loose=[], **_context(unit, year))


@views.post("")
def create() -> ResponseReturnValue:
    """Draw the sample."""
    by = viewer()
    form = SampleForm(request.form)
    asked, years = parse_count(request.form.get("unit", "")), cycles.years(by)
    year = parse_count(request.form.get("year", "")) or 0
    if asked is None or year not in years:
        loose = [_("请选择年度和范围，再抽取。")]
        context = _context(None, year_arg(years, evaluated_year(years)))
        return render_template("samples/new.html", form=form, loose=loose, **context), 422
    unit = found(units.find(asked, by, FINANCE))
    if not form.validate():
        return render_template("samples/new.html", form=form, loose=[], **_context(unit, year)), 422
    try:
        sample = actions.create(unit, year, form.draw(), by, parse_count(request.form.get("known", "")))
    except Refused as refusal:
        return show_refusal("samples/new.html", refusal, form, **_context(unit, year))
    flash(_("已抽取样本，可以指派抽查人。"), "success")
    return redirect(url_for("samples.show", sample_id=sample.id), 303)


# --- one sample -------------------------------------------------------------------------------


def _show(
    sample: Sample, wanted: Mapping[int, int | None] | None = None, known: Mapping[int, int | None] | None = None
) -> str:
    """Render the page; ``wanted`` and ``known`` are of a form that was refused: its choices stay, news is marked."""
    known = known or {}
    by = viewer()
    state, counts = choice_arg("state", TABS), samples.progress(sample, by)
    checkers = list({row.id: row.name for row in samples.checkers(sample)}.items())
    return render_template(
        "samples/show.html",
        sample=sample,
        page=samples.page(sample, by, state, page_number(), counts[state or "all"]),
        counts=counts,
        state=state,
        tabs=TABS,
        checkers=checkers,
        chosen={id_: value for id_, value in (wanted or {}).items() if id_ not in known or known[id_] != value},
        known=known,
        next=samples.next_open(sample, by),
        lights=LIGHTS,
        may_assign=FINANCE_REVIEWER in by.roles_over(sample.unit.path),
    )


@views.get("/<id:sample_id>")
def show(sample_id: int) -> ResponseReturnValue:
    """Show the sheets of a sample: who checks them, and how far they are."""
    return _show(_find(sample_id))


@views.get("/<id:sample_id>/export.xlsx")
def export(sample_id: int) -> ResponseReturnValue:
    """Send every sheet of the sample as a workbook."""
    sample = _find(sample_id)
    name = f"{sample.unit.name}{sample.year}年度抽查样本（第{sample.number}次）.xlsx"
    return answer(sheets(sample, samples.stream(sample), times.day), name, f"sample-{sample.id}.xlsx")


@views.get("/<id:sample_id>/verification")
def verification(sample_id: int) -> ResponseReturnValue:
    """Repeat the draw from the frozen population and say what differs, if anything."""
    sample = _find(sample_id)
    result = differences(sample.candidates, sample.draw, samples.drawn_ids(sample))
    return render_template(
        "samples/verification.html",
        sample=sample,
        result=result,
        names=samples.titles([*result.missing, *result.extra]),
        counted=size(sample.size, sample.share),
    )


def _back(sample: Sample) -> ResponseReturnValue:
    state = choice_arg("state", TABS)
    return redirect(url_for("samples.show", sample_id=sample.id, state=state or None, page=number_arg("page")), 303)


@views.post("/<id:sample_id>/sharing")
def sharing(sample_id: int) -> ResponseReturnValue:
    """Share out evenly what nobody has yet."""
    sample = _find(sample_id)
    given = actions.share_out(sample, viewer())
    if given:
        flash(_("已平均指派 %(count)s 份。", count=given), "success")
    else:
        flash(_("没有可以指派的自评：都已指派、已抽查，或没有可以抽查它们的财政评审人。"), "warning")
    return _back(sample)


def _people(prefix: str) -> dict[int, int | None]:
    """Return the people posted under names with this prefix, by sheet; -1 for what is nobody's id."""
    found: dict[int, int | None] = {}
    for name, value in request.form.items():
        number = parse_count(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if number is not None:
            found[number] = (parse_count(value) or -1) if value else None
    return found


@views.post("/<id:sample_id>/assignment")
def assignment(sample_id: int) -> ResponseReturnValue:
    """Save who checks the sheets of this page."""
    sample = _find(sample_id)
    wanted, known = _people("sheet-"), _people("known-")
    try:
        changed = actions.assign(sample, wanted, viewer(), known)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        flash_refusal(refusal)
        return _show(_find(sample_id), wanted, known), refusal.status
    flash(_("已保存指派，改动 %(count)s 份。", count=changed), "success")
    return _back(sample)
