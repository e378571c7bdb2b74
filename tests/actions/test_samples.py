"""Samples: what may be drawn and by whom, what a second draw adds, who checks, and sheets outside of the sample."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import cycles, evaluations, reviews, samples
from perfmgr.actions._action import action
from perfmgr.actions.people import create_person
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.actions.sessions import hasher
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Appointment
from perfmgr.models.sample import Sample, SampleSheet
from perfmgr.models.unit import Unit
from perfmgr.queries import notices
from perfmgr.queries import samples as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.reviews import LineDraft
from perfmgr.rules.samples import Draw, differences, drawn
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries, sentences
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, YEAR, Cast

By = Callable[[str], Viewer]
HALF = Draw("seed", Decimal("0.5"), Decimal(2))
NAMES = ("甲", "乙", "丙", "丁", "戊")


def confirmed(cast: Cast, names: tuple[str, ...] = NAMES) -> list[int]:
    """Create projects whose self-evaluation is confirmed; returns the ids of the sheets."""
    for name in names:
        make.budgeted(cast, name)
    opened = make.opened(cast)
    for name in names:
        sheet = db.session.get_one(Evaluation, opened[name])
        evaluations.submit(sheet, entries(), {**TEXTS, "goal_actual": f"{name}全年办成实事。"}, cast.viewer(FILLER))
        evaluations.take(sheet, "confirm", cast.viewer(REVIEWER))
    return [opened[name] for name in names]


@action
def finance_person(username: str, unit_id: int) -> int:
    """Add another finance reviewer over this unit; returns the id."""
    person = create_person(username, username, hasher.hash(make.PASSWORD), must_change=False)
    person.appointments = [Appointment(unit_id=unit_id, role="finance_reviewer")]
    db.session.flush()
    return person.id


@pytest.fixture
def sheets(cast: Cast, by: By) -> list[int]:
    """Five confirmed sheets."""
    return confirmed(cast)


@pytest.fixture
def area(cast: Cast, by: By) -> Unit:
    return db.session.get_one(Unit, cast.area)


def plain(count: int = 5) -> ReviewDraft:
    return ReviewDraft([LineDraft(None)] * count)


def drawn_sheets(sample: Sample) -> list[SampleSheet]:
    statement = select(SampleSheet).where(SampleSheet.sample_id == sample.id).order_by(SampleSheet.position)
    return list(db.session.scalars(statement))


def test_a_draw_freezes_everything_needed_to_repeat_it(sheets: list[int], area: Unit, by: By) -> None:
    sample = samples.create(area, YEAR, HALF, by(FINANCE))
    db.session.expire_all()
    assert (sample.number, sample.size, sample.seed, sample.share, sample.factor, sample.drawn_by_id) == (
        *(1, 5, "seed", Decimal("0.5"), Decimal(2)),
        by(FINANCE).id,
    )
    assert sorted(one.id for one in sample.candidates) == sorted(sheets)
    wanted = [one.id for one in drawn(sample.candidates, HALF)]
    assert (queries.drawn_ids(sample), len(wanted)) == (wanted, 3)
    # What happens to the sheets later changes nothing: the population is that of the draw.
    db.session.get_one(Evaluation, wanted[0]).light = "blue"
    db.session.commit()
    assert differences(sample.candidates, sample.draw, queries.drawn_ids(sample)).equal


def test_a_second_draw_only_adds_and_never_takes_a_sheet_twice(
    sheets: list[int], area: Unit, cast: Cast, by: By
) -> None:
    first = samples.create(area, YEAR, HALF, by(FINANCE), known=0)
    with pytest.raises(Conflict, match="打开本页之后已经有人抽取了样本"):
        samples.create(area, YEAR, HALF, by(FINANCE), known=0)
    rest = next(id_ for id_ in sheets if id_ not in queries.drawn_ids(first))
    reviews.submit(db.session.get_one(Evaluation, rest), cause_draft("群众来信反映"), by(FINANCE))
    second = samples.create(area, YEAR, Draw("", Decimal(1), Decimal(1)), by(FINANCE), known=1)
    both = {*queries.drawn_ids(first), *queries.drawn_ids(second)}
    assert (second.number, second.size, len(second.seed), both) == (2, 1, 16, set(sheets) - {rest})
    department = db.session.get_one(Unit, cast.department)
    with pytest.raises(Refused, match="没有可以抽取的项目自评"):
        samples.create(department, YEAR, HALF, by(FINANCE))


def cause_draft(cause: str) -> ReviewDraft:
    return ReviewDraft([LineDraft(None)] * 5, cause=cause)


def test_only_finance_draws_and_only_with_parameters_that_mean_something(
    sheets: list[int], area: Unit, cast: Cast, by: By
) -> None:
    for username in (FILLER, REVIEWER, ADMIN):
        with pytest.raises(NotAllowed):
            samples.create(area, YEAR, HALF, by(username))
    with pytest.raises(Invalid) as refused:
        samples.create(area, YEAR, Draw("长" * 41, Decimal(0), Decimal(0)), by(FINANCE))
    assert [finding.field for finding in refused.value.findings] == ["share", "factor", "seed"]
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    with pytest.raises(Refused, match="没有可以抽取的项目自评"):
        samples.create(area, YEAR, HALF, by(FINANCE))
    assert db.session.scalars(select(Sample.id)).all() == []


def test_sheets_are_shared_out_among_those_who_may_check_them(
    sheets: list[int], area: Unit, cast: Cast, by: By
) -> None:
    second = finance_person("finance2", cast.area)
    elsewhere = finance_person("finance3", cast.other_department)
    sample = samples.create(area, YEAR, Draw("seed", Decimal("0.8"), Decimal(2)), by(FINANCE))
    assert samples.share_out(sample, by(FINANCE)) == 4
    given = [row.assigned_to_id for row in drawn_sheets(sample)]
    assert sorted(given) == sorted([by(FINANCE).id, second] * 2)
    assert samples.share_out(sample, by(FINANCE)) == 0
    first = drawn_sheets(sample)[0]
    with pytest.raises(Refused, match="第 1 份不能交给所选的人"):
        samples.assign(sample, {first.id: elsewhere}, by(FINANCE))
    assert samples.assign(sample, {first.id: None, 10**9: second}, by(FINANCE)) == 1
    with pytest.raises(NotAllowed):
        samples.assign(sample, {first.id: second}, by(ADMIN))


def test_nobody_is_given_what_they_filled_or_checked_first(area: Unit, cast: Cast, by: By) -> None:
    """Here the first tier and the filler are finance reviewers as well."""
    for username in (REVIEWER, FILLER):
        person = cast.people[username]
        action(
            lambda id_=person: db.session.add(Appointment(person_id=id_, unit_id=cast.area, role="finance_reviewer"))
        )()
    confirmed(cast, ("甲",))
    sample = samples.create(area, YEAR, HALF, by(FINANCE))
    assert queries.open_sheets(sample)[0][1] == {cast.people[FINANCE]}
    waiting = {
        name: [row.subject for row in notices.waiting(by(name), times.today()).rows]
        for name in (REVIEWER, FILLER, FINANCE)
    }
    assert {name: found.count("sample") for name, found in waiting.items()} == {REVIEWER: 0, FILLER: 0, FINANCE: 1}


def test_the_to_do_list_shows_open_sheets_until_they_are_checked(
    sheets: list[int], area: Unit, cast: Cast, by: By
) -> None:
    second = finance_person("finance2", cast.area)
    cast.people["finance2"] = second
    sample = samples.create(area, YEAR, HALF, by(FINANCE))
    rows = drawn_sheets(sample)
    samples.assign(sample, {rows[0].id: second}, by(FINANCE))

    def waiting(username: str) -> set[int]:
        return {row.id for row in notices.waiting(by(username), times.today()).rows if row.subject == "sample"}

    free = {row.evaluation_id for row in rows[1:]}
    assert (waiting(FINANCE), waiting("finance2")) == (free, free | {rows[0].evaluation_id})
    assert queries.next_open(sample, by(FINANCE)) == rows[1].evaluation_id
    assert queries.next_open(sample, by(FINANCE), rows[2].position) == rows[1].evaluation_id
    reviews.submit(db.session.get_one(Evaluation, rows[1].evaluation_id), plain(), by(FINANCE))
    assert waiting(FINANCE) == {rows[2].evaluation_id}
    assert queries.progress(sample, by(FINANCE)) == {"all": 3, "open": 2, "done": 1, "mine": 0, "free": 1}


def test_a_sheet_outside_of_the_sample_needs_a_cause(sheets: list[int], area: Unit, by: By) -> None:
    sample = samples.create(area, YEAR, HALF, by(FINANCE))
    inside = db.session.get_one(Evaluation, queries.drawn_ids(sample)[0])
    outside = db.session.get_one(Evaluation, next(id_ for id_ in sheets if id_ not in queries.drawn_ids(sample)))
    assert reviews.submit(inside, plain(), by(FINANCE)) is True
    with pytest.raises(Invalid) as refused:
        reviews.submit(outside, plain(), by(FINANCE))
    assert sentences(refused) == ["本年度已抽取样本，这份自评不在样本之内，请填写“抽查理由”。"]
    reviews.save(outside, plain(), by(FINANCE))
    assert reviews.submit(outside, cause_draft(" 群众来信反映 "), by(FINANCE)) is True
    stored = {review.tier: review.cause for review in reviews.reviews.submitted(outside.id)}
    assert stored == {1: "", 2: "群众来信反映"}


def test_without_a_sample_no_cause_is_asked_for(sheets: list[int], by: By) -> None:
    assert reviews.submit(db.session.get_one(Evaluation, sheets[0]), plain(), by(FINANCE)) is True
