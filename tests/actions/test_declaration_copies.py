"""Declaring a year again: what is taken over from the last one, and what is to be looked at."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from perfmgr.actions import declarations
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.actions.declarations import StepDraft
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.queries import projects as project_queries
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from tests import cast as make
from tests.actions.declared import By, next_cycle, stored
from tests.cast import APPROVED, FILLER, FILLER_2, OUTSIDER, YEAR, Cast


def test_the_next_year_takes_over_texts_and_indicators(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    texts = ("overview", "rationale", "body", "plan", "goals")
    assert [getattr(following, name) for name in texts] == [getattr(declaration, name) for name in texts]
    assert [(b.title, b.number) for b in following.bases] == [("经费管理办法", "大组〔2022〕101号")]
    assert [(s.content, s.responsible, s.start_on, s.end_on) for s in following.steps] == [
        ("制定计划", "科室", dt.date(YEAR + 1, 1, 1), dt.date(YEAR + 1, 12, 31))
    ]
    names = INDICATOR_FIELDS
    rows = [[tuple(getattr(i, name) for name in names) for i in d.indicators] for d in (following, declaration)]
    assert rows[0] == rows[1]


def test_the_next_year_takes_over_dates_and_amounts_to_be_looked_at(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    assert (following.start_on, following.end_on) == (dt.date(YEAR + 1, 1, 1), dt.date(YEAR + 1, 12, 31))
    assert [(fund.source, fund.amount) for fund in following.funds] == [("general_public", Decimal(5_700_000))]
    assert (following.annual_amount, following.state) == (Decimal(5_700_000), "draft")
    # 成本 570 万元 is an amount among the targets.
    assert following.to_check == ["start_on", "step_spans", "funds", "indicators"]
    assert following.project.attribute == "continuing"


def test_changing_the_next_year_leaves_the_last_one_alone(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    declarations.save_texts(following, {"overview": "改写"}, by(FILLER))
    declarations.save_indicators(following, [], by(FILLER))
    last = stored(declaration.id)
    assert (last.overview, len(last.indicators), last.annual_amount) == ("为居民办实事。", 5, Decimal(5_700_000))


def test_indicators_of_categories_the_new_scheme_does_not_know_stay_behind(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by, "20-80")
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    known = {category["code"] for category in following.scheme.data["categories"]}
    assert [i.name for i in following.indicators] == [i.name for i in declaration.indicators if i.category in known]


# --- copying last year's projects -------------------------------------------------------------


def test_what_was_copied_is_looked_at_section_by_section(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    with pytest.raises(Invalid) as refused:
        declarations.take(following, "submit", by(FILLER))
    assert [f.field for f in refused.value.findings if f.code == "COPY"] == [
        *("start_on", "step_spans", "funds", "indicators")
    ]
    following = stored(following.id)
    declarations.save_period(following, following.start_on, following.end_on, by(FILLER))
    assert following.to_check == ["step_spans", "funds", "indicators"]
    steps = [StepDraft(s.content, s.start_on, s.end_on, s.responsible) for s in following.steps]
    declarations.save_plan(following, following.plan, following.goals, steps, by(FILLER))
    declarations.save_funds(following, {"general_public": Decimal(5_800_000)}, by(FILLER))
    declarations.save_indicators(following, make.indicator_drafts(), by(FILLER))
    assert stored(following.id).to_check == []
    assert declarations.take(stored(following.id), "submit", by(FILLER)) is True


def test_a_refused_save_has_looked_at_nothing(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    with pytest.raises(Refused):
        declarations.save_period(following, dt.date(2026, 2, 1), dt.date(2026, 1, 1), by(FILLER))
    assert "start_on" in stored(following.id).to_check


def test_a_text_that_names_the_old_year_is_marked(cast: Cast, by: By, declaration: Declaration) -> None:
    declarations.save_texts(declaration, {"overview": f"{YEAR}年为居民办实事。"}, by(FILLER))
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    assert following.to_check[0] == "overview"
    declarations.save_texts(following, {"overview": "为居民办实事。"}, by(FILLER))
    assert "overview" not in stored(following.id).to_check


def test_a_project_declared_again_is_a_continuing_one_and_remembers(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by)
    assert declaration.project.attribute == "new"
    declarations.start(declaration.project, YEAR + 1, by(FILLER))
    event = db.session.scalars(select(Event).where(Event.subject_kind == "project", Event.step == "correct")).one()
    assert event.details == {"attribute": ["新增项目", "延续项目"]}


def continuing(by: By, person: str = FILLER, year: int = YEAR + 1) -> list[str]:
    """Return the names of the projects that may be declared as last year."""
    return [row.Project.name for row in project_queries.continuing(by(person), year)]


def test_projects_that_go_on_are_declared_at_once(cast: Cast, by: By) -> None:
    for name, unit in (("甲", cast.unit), ("乙", cast.unit), ("丙", cast.unit_2)):
        make.take(make.declare(cast, name, unit=unit), cast, *APPROVED)
    make.declare(cast, "没有批复")
    over = stored(make.declare(cast, "到期"))
    make.take(over.id, cast, *APPROVED)
    over.project.end_on = dt.date(YEAR, 12, 31)
    db.session.commit()
    next_cycle(cast, by)
    assert (continuing(by), continuing(by, FILLER_2), continuing(by, OUTSIDER)) == (["甲", "乙", "丙"], ["丙"], [])
    chosen = [row.Project for row in project_queries.continuing(by(FILLER), YEAR + 1)][:2]
    assert declarations.continue_all(chosen, YEAR + 1, by(FILLER)) == 2
    assert declarations.continue_all(chosen, YEAR + 1, by(FILLER)) == 0
    assert continuing(by) == ["丙"]
    assert db.session.query(Declaration).filter_by(year=YEAR + 1, state="draft").count() == 2


def test_all_of_them_or_none(cast: Cast, by: By) -> None:
    for name, unit in (("甲", cast.unit_2), ("乙", cast.unit)):
        make.take(make.declare(cast, name, unit=unit), cast, *APPROVED)
    next_cycle(cast, by)
    both = list(db.session.scalars(select(Project).order_by(Project.id)))
    with pytest.raises(NotAllowed):
        declarations.continue_all(both, YEAR + 1, by(FILLER_2))
    assert db.session.query(Declaration).filter_by(year=YEAR + 1).count() == 0


def test_a_year_left_out_does_not_matter(cast: Cast, by: By) -> None:
    make.take(make.declare(cast, "甲"), cast, *APPROVED)
    assert continuing(by, year=YEAR + 3) == ["甲"]
