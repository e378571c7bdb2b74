"""Samples for spot checks: drawing one, and sharing its sheets out among the finance reviewers."""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from perfmgr import times
from perfmgr.actions._action import action, require_role
from perfmgr.extensions import db
from perfmgr.models.sample import Sample, SampleSheet
from perfmgr.models.unit import Unit
from perfmgr.queries import samples
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FINANCE_REVIEWER
from perfmgr.rules.samples import ALGORITHM, Draw, check, drawn, shared_out
from perfmgr.rules.texts import N_, clean_line

FINANCE = frozenset({FINANCE_REVIEWER})
SEED_BYTES = 8


@action
def create(
    unit: Unit, year: int, draw: Draw, by: Viewer, known: int | None = None, now: dt.datetime | None = None
) -> Sample:
    """Draw a sample of the year's confirmed project sheets below an area or department, and freeze the population.

    Without a seed one is made. Sheets drawn before or checked already are not drawn again, so that a later draw
    only adds. ``known`` is how many draws the person knew of: Conflict when there are more by now.
    Raises Invalid with every finding when the parameters are wrong, Refused when there is nothing to draw.
    """
    require_role(by, unit.path, FINANCE)
    number = samples.count(unit.id, year) + 1
    if known is not None and known != number - 1:
        raise Conflict(N_("打开本页之后已经有人抽取了样本，请核对后再决定是否补充抽取。"))
    draw = replace(draw, seed=clean_line(draw.seed) or secrets.token_hex(SEED_BYTES))
    findings = check(draw)
    if findings:
        raise Invalid(findings)
    population = samples.candidates(unit, year)
    if not population:
        raise Refused(
            N_("“%(unit)s”%(year)s 年度没有可以抽取的项目自评：已复核且未抽查过的才能抽取。"), unit=unit.name, year=year
        )
    sample = Sample(
        unit_id=unit.id,
        year=year,
        number=number,
        algorithm=ALGORITHM,
        seed=draw.seed,
        share=draw.share,
        factor=draw.factor,
        size=len(population),
        population=[[candidate.id, candidate.light] for candidate in population],
        drawn_by_id=by.id,
        drawn_at=now or times.now(),
    )
    db.session.add(sample)
    db.session.flush()
    db.session.add_all(
        SampleSheet(sample_id=sample.id, position=position, evaluation_id=candidate.id, light=candidate.light)
        for position, candidate in enumerate(drawn(population, draw), 1)
    )
    return sample


def _lock(sample: Sample) -> None:
    """Wait for whoever is giving out sheets of this sample, so that nobody overwrites what they cannot see."""
    db.session.refresh(sample, ["number"], with_for_update=True)


@action
def share_out(sample: Sample, by: Viewer) -> int:
    """Share the open sheets nobody has yet evenly among those who may check them; returns how many were given out."""
    require_role(by, sample.unit.path, FINANCE)
    _lock(sample)
    sheets = samples.open_sheets(sample)
    load = Counter(sheet.assigned_to_id for sheet, _people in sheets if sheet.assigned_to_id)
    free = {sheet.id: (sheet, people) for sheet, people in sheets if sheet.assigned_to_id is None}
    given = shared_out([(id_, people) for id_, (_sheet, people) in free.items()], load)
    for id_, person_id in given.items():
        free[id_][0].assigned_to_id = person_id
    return len(given)


@action
def assign(
    sample: Sample, wanted: Mapping[int, int | None], by: Viewer, known: Mapping[int, int | None] | None = None
) -> int:
    """Give sheets (by id of their row in the sample) to people, None takes one back; returns how many changed.

    ``known`` is who had each sheet when the page was made: what was not touched there stays as it is now, what
    others have given to somebody else meanwhile raises Conflict. Raises Refused for somebody who may not check the
    sheet: no post over its unit, its filler, or the first tier. What is checked by now stays as it is.
    """
    require_role(by, sample.unit.path, FINANCE)
    _lock(sample)
    sheets = samples.open_sheets(sample)
    wanted = _touched(wanted, known or {})
    _require_known([sheet for sheet, _people in sheets], wanted, known or {})
    changed = 0
    for sheet, people in sheets:
        if sheet.id not in wanted or wanted[sheet.id] == sheet.assigned_to_id:
            continue
        person_id = wanted[sheet.id]
        if person_id is not None and person_id not in people:
            raise Refused(
                N_("第 %(n)s 份不能交给所选的人：须是管辖该单位的财政评审人，且没有填报、复核过这份自评。"),
                n=sheet.position,
            )
        sheet.assigned_to_id = person_id
        changed += 1
    return changed


def _touched(wanted: Mapping[int, int | None], known: Mapping[int, int | None]) -> dict[int, int | None]:
    return {id_: person_id for id_, person_id in wanted.items() if id_ not in known or known[id_] != person_id}


def _require_known(
    sheets: Iterable[SampleSheet], wanted: Mapping[int, int | None], known: Mapping[int, int | None]
) -> None:
    moved = [
        str(sheet.position)
        for sheet in sheets
        if sheet.id in wanted and known.get(sheet.id, sheet.assigned_to_id) != sheet.assigned_to_id != wanted[sheet.id]
    ]
    if moved:
        raise Conflict(
            N_("第 %(numbers)s 份在您打开本页之后已由他人改派，这次没有保存；您的选择仍在本页，请核对后再保存。"),
            numbers="、".join(moved),
        )
