"""Cycles: opening a year, changing windows and schemes, closing and opening again."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from perfmgr.actions import cycles, schemes
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, FINANCE, YEAR, Cast

By = Callable[[str], Viewer]


def scheme(code: str) -> int:
    """Return the id of a built-in scheme."""
    version = select(SchemeVersion.id).where(SchemeVersion.code == code, SchemeVersion.number == 1)
    return db.session.scalars(version).one()


def create(cast: Cast, by: Viewer, year: int = YEAR + 1, place: str = "area", **schemes_: int) -> Cycle:
    """Open a year with the usual windows."""
    unit = db.session.get_one(Unit, getattr(cast, place))
    ids = {"project": scheme("10-50-30-10"), "department": scheme("department-six"), **schemes_}
    return cycles.create(unit, year, ids["project"], ids["department"], usual_windows(year), by)


def test_a_year_opens_with_its_windows_and_schemes(cast: Cast, by: By) -> None:
    cycle = create(cast, by(ADMIN))
    db.session.expire_all()
    assert {w.kind: Span(w.opens_on, w.closes_on) for w in cycle.windows} == usual_windows(YEAR + 1)
    assert (cycle.year, cycle.unit_id, cycle.closed_at) == (YEAR + 1, cast.area, None)


def test_a_year_is_opened_once_for_an_area(cast: Cast, by: By) -> None:
    with pytest.raises(Conflict, match="2025 年度的周期已经建立，请直接修改。"):
        create(cast, by(ADMIN), YEAR)


def test_a_department_may_have_the_year_for_itself(cast: Cast, by: By) -> None:
    own = create(cast, by(ADMIN), YEAR, "department")
    unit, other = (db.session.get_one(Unit, getattr(cast, name)) for name in ("unit", "other_unit"))
    found = [queries.for_unit(place.path, YEAR) for place in (unit, other)]
    assert [cycle and cycle.id for cycle in found] == [own.id, cast.cycle]


@pytest.mark.parametrize("year", [1999, 2101, 0, -1])
def test_a_year_out_of_the_ordinary_is_refused(cast: Cast, by: By, year: int) -> None:
    with pytest.raises(Refused, match="“年度”应在 2000 到 2100 之间。"):
        cycles.create(
            db.session.get_one(Unit, cast.area),
            year,
            scheme("10-50-30-10"),
            scheme("department-six"),
            ALWAYS,
            by(ADMIN),
        )


def test_a_unit_has_no_cycle_of_its_own(cast: Cast, by: By) -> None:
    with pytest.raises(Refused, match="年度周期应建在行政区划或部门上，请重新选择。"):
        create(cast, by(ADMIN), place="unit")


@pytest.mark.parametrize("person", [FILLER, FINANCE])
def test_only_administrators_open_change_and_close_years(cast: Cast, by: By, person: str) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    attempts = (
        lambda: create(cast, by(person)),
        lambda: cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, ALWAYS, by(person)),
        lambda: cycles.set_closed(cycle, True, by(person)),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert (db.session.query(Cycle).count(), cycle.closed_at) == (1, None)


def test_a_scheme_of_the_other_kind_a_draft_or_none_is_refused(cast: Cast, by: By) -> None:
    draft = schemes.copy(db.session.get_one(SchemeVersion, scheme("10-50-30-10")), by(ADMIN))
    for wrong in (
        {"project": scheme("department-six")},
        {"department": scheme("20-80")},
        {"project": draft.id},
        {"project": 0},
    ):
        with pytest.raises(Refused, match="请从列表中选择一个已发布的评分方案。"):
            create(cast, by(ADMIN), **wrong)


def test_windows_that_end_before_they_start_are_all_named(cast: Cast, by: By) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    back = Span(dt.date(2025, 2, 1), dt.date(2025, 1, 31))
    windows = {**ALWAYS, "declaration": back, "review": back}
    with pytest.raises(Invalid) as refused:
        cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))
    assert [(f.field, f.sentence()) for f in refused.value.findings] == [
        ("declaration_closes_on", "“目标申报”的截止日期 2025-01-31 早于开始日期 2025-02-01，请调整其中一个。"),
        ("review_closes_on", "“复核评审”的截止日期 2025-01-31 早于开始日期 2025-02-01，请调整其中一个。"),
    ]
    db.session.expire_all()
    assert {w.kind: Span(w.opens_on, w.closes_on) for w in cycle.windows} == ALWAYS


def test_another_scheme_only_concerns_what_comes_later(cast: Cast, by: By) -> None:
    before = make.declare(cast, "以前的")
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, scheme("20-80"), cycle.department_scheme_id, ALWAYS, by(ADMIN))
    after = make.declare(cast, "以后的", complete=False)
    assert [db.session.get_one(Declaration, id_).scheme.code for id_ in (before, after)] == ["10-50-30-10", "20-80"]


def test_changed_windows_count_as_a_change(cast: Cast, by: By) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    ids, version = (cycle.project_scheme_id, cycle.department_scheme_id), cycle.version
    cycles.update(cycle, *ids, usual_windows(YEAR), by(ADMIN), version=version)
    with pytest.raises(Conflict, match="已被他人修改"):
        cycles.update(cycle, *ids, ALWAYS, by(ADMIN), version=version)
    db.session.expire_all()
    assert (cycle.usual_span("review"), cycle.version) == (usual_windows(YEAR)["review"], version + 1)


def test_a_closed_year_takes_no_more_steps(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.set_closed(cycle, True, by(ADMIN))
    with pytest.raises(Refused, match="2025 年度已经结束，不能再办理"):
        make.take(declaration_id, cast, (FILLER, "submit"))
    cycles.set_closed(cycle, False, by(ADMIN))
    make.take(declaration_id, cast, (FILLER, "submit"))


def test_a_form_made_from_an_older_version_is_refused(cast: Cast, by: By) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    version = cycle.version
    args = (cycle, scheme("20-80"), cycle.department_scheme_id, ALWAYS, by(ADMIN))
    cycles.update(*args, version)
    with pytest.raises(Conflict, match="已被他人修改"):
        cycles.update(*args, version)


def test_closing_twice_keeps_the_first_moment(cast: Cast, by: By) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.set_closed(cycle, True, by(ADMIN))
    first = cycle.closed_at
    cycles.set_closed(cycle, True, by(ADMIN))
    assert (cycle.closed_at, first is not None) == (first, True)
    cycles.set_closed(cycle, False, by(ADMIN))
    assert cycle.closed_at is None
