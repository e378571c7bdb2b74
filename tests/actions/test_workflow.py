"""The whole workflow as one product: every step in every state by every role, through the real actions."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from perfmgr.actions import budgets, declarations, evaluations
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.queries.people import Viewer
from perfmgr.rules.evaluations import LineEntry
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.workflow import STATES
from tests import cast as make
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast

PEOPLE = (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER)
By = Callable[[str], Viewer]

# Exactly these succeed; everything else is refused.
DECLARATION = {
    ("draft", "submit", FILLER): "submitted",
    ("returned", "submit", FILLER): "submitted",
    ("submitted", "withdraw", FILLER): "draft",
    ("submitted", "return", REVIEWER): "returned",
    ("submitted", "approve", REVIEWER): "department_approved",
    ("department_approved", "return", FINANCE): "returned",
    ("department_approved", "approve", FINANCE): "approved",
}
BUDGET = {
    ("proposed", "approve", FINANCE): "approved",
    ("proposed", "approve", ADMIN): "approved",
    ("approved", "revoke", FINANCE): "proposed",
    ("approved", "revoke", ADMIN): "proposed",
}
PROJECT = {
    ("open", "submit", FILLER): "submitted",
    ("returned", "submit", FILLER): "submitted",
    ("submitted", "withdraw", FILLER): "open",
    ("submitted", "return", REVIEWER): "returned",
    ("submitted", "confirm", REVIEWER): "confirmed",
}
DEPARTMENT = {
    ("open", "submit", FILLER): "submitted",
    ("returned", "submit", FILLER): "submitted",
    ("submitted", "withdraw", FILLER): "open",
    ("submitted", "return", FINANCE): "returned",
    ("submitted", "confirm", FINANCE): "confirmed",
}
# Who may take a step at all, in whatever state: they hear "not now", everybody else "not you".
ABLE = {
    "declaration": {
        "submit": {FILLER},
        "withdraw": {FILLER},
        "return": {REVIEWER, FINANCE},
        "approve": {REVIEWER, FINANCE},
    },
    "budget": {"approve": {FINANCE, ADMIN}, "revoke": {FINANCE, ADMIN}},
    "project_evaluation": {"submit": {FILLER}, "withdraw": {FILLER}, "return": {REVIEWER}, "confirm": {REVIEWER}},
    "department_evaluation": {"submit": {FILLER}, "withdraw": {FILLER}, "return": {FINANCE}, "confirm": {FINANCE}},
}
# Both reviewers return and approve, each in a state of their own.
OTHERS_TURN = {
    ("submitted", "return", FINANCE),
    ("submitted", "approve", FINANCE),
    ("department_approved", "return", REVIEWER),
    ("department_approved", "approve", REVIEWER),
}


def expected(subject: str, allowed: dict[tuple[str, str, str], str]) -> dict[tuple[str, str, str], str]:
    """Return the outcome of every cell: the new state, or the way in which it is refused."""
    table = {}
    for state, (step, able), person in itertools.product(STATES[subject], ABLE[subject].items(), PEOPLE):
        cell = (state, step, person)
        not_you = person not in able or (subject == "declaration" and cell in OTHERS_TURN)
        table[cell] = allowed.get(cell) or ("NotAllowed" if not_you else "Conflict")
    return table


def product(
    subject: str, model: Any, record_id: int, take: Any, by: By, **given: Any
) -> dict[tuple[str, str, str], str]:
    """Try every cell on one record, which is put back into its state (and its history emptied) each time."""
    found: dict[tuple[str, str, str], str] = {}
    viewers = {person: by(person) for person in PEOPLE}
    put = update(model).where(model.id == record_id)
    for state, step, person in itertools.product(STATES[subject], ABLE[subject], PEOPLE):
        if not found or db.session.get_one(model, record_id).state != state:
            db.session.execute(put.values(state=state, **given))
            db.session.query(Event).delete()
            db.session.query(Notice).delete()
            db.session.commit()
        try:
            assert take(db.session.get_one(model, record_id), step, viewers[person], comment="原因") is True
            outcome = str(db.session.get_one(model, record_id).state)
        except (NotAllowed, Conflict) as refusal:
            outcome = type(refusal).__name__
            assert db.session.get_one(model, record_id).state == state
        assert db.session.query(Event).count() == (outcome not in ("NotAllowed", "Conflict"))
        found[(state, step, person)] = outcome
    return found


def test_declarations_move_only_along_the_arrows(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    found = product("declaration", Declaration, declaration_id, declarations.take, by, filled_by_id=cast.people[FILLER])
    assert found == expected("declaration", DECLARATION)


def test_budgets_move_only_along_the_arrows(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    assert product("budget", BudgetLine, line_id, budgets.take, by) == expected("budget", BUDGET)


def filled(cast: Cast, title: str, by: By) -> int:
    """Return the id of a self-evaluation with everything entered."""
    make.budgeted(cast)
    evaluation = db.session.get_one(Evaluation, make.opened(cast)[title])
    if evaluation.kind == "department":
        rows = [
            ("cost", 10),
            ("management", 20),
            ("duties", 30),
            ("society", 10),
            ("sustainability", 10),
            ("satisfaction", 10),
        ]
        drafts = [
            declarations.IndicatorDraft(
                code, f"{code} 率", "ge", make.Decimal(90), unit="%", weight=make.Decimal(weight)
            )
            for code, weight in rows
        ]
        evaluations.save_lines(evaluation, drafts, by(FILLER))
    entries = [LineEntry(actual_value=line.target_value) for line in evaluation.lines]
    texts = {"goal_actual": "完成", "problems": "无", "measures": "无"}
    evaluations.save(evaluation, entries, texts, by(FILLER))
    evaluations.take(evaluation, "submit", by(FILLER))
    return evaluation.id


def test_project_evaluations_move_only_along_the_arrows(cast: Cast, by: By) -> None:
    evaluation_id = filled(cast, "社区服务经费", by)
    given = {"filled_by_id": cast.people[FILLER]}
    found = product("project_evaluation", Evaluation, evaluation_id, evaluations.take, by, **given)
    assert found == expected("project_evaluation", PROJECT)


def test_department_evaluations_move_only_along_the_arrows(cast: Cast, by: By) -> None:
    evaluation_id = filled(cast, "甲部门", by)
    given = {"filled_by_id": cast.people[FILLER]}
    found = product("department_evaluation", Evaluation, evaluation_id, evaluations.take, by, **given)
    assert found == expected("department_evaluation", DEPARTMENT)


@pytest.mark.parametrize("comment", ["", " ", "\n\u3000\u200b"])
@pytest.mark.parametrize(("step", "person"), [("return", REVIEWER)])
def test_returning_needs_an_opinion(cast: Cast, by: By, step: str, person: str, comment: str) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, (FILLER, "submit"))
    declaration = db.session.get_one(Declaration, declaration_id)
    with pytest.raises(Refused) as refused:
        declarations.take(declaration, step, by(person), comment=comment)
    assert [(f.field, f.sentence()) for f in refused.value.findings] == [
        ("comment", "请填写意见，说明退回或撤销的原因，以便对方修改。")
    ]
    assert db.session.get_one(Declaration, declaration_id).state == "submitted"


def test_finance_needs_an_opinion_to_return_and_to_revoke(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    with pytest.raises(Refused, match="请填写意见"):
        budgets.take(line, "revoke", by(FINANCE))
    assert db.session.get_one(BudgetLine, line.id).state == "approved"


def test_who_is_told_of_each_step(cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]]) -> None:
    line_id = make.budgeted(cast)
    budgets.take(db.session.get_one(BudgetLine, line_id), "revoke", by(ADMIN), comment="调整")
    assert told() == [
        (REVIEWER, "declaration_submit"),
        (FINANCE, "declaration_approve"),
        (FILLER, "declaration_approve"),
        (FILLER, "budget_approve"),
        (FILLER, "budget_revoke"),
    ]


def test_a_return_by_finance_is_told_to_filler_and_department(
    cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]]
) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, (FILLER, "submit"), (REVIEWER, "approve"), (FINANCE, "return"))
    assert told()[2:] == [(FILLER, "declaration_return"), (REVIEWER, "declaration_return")]


def test_what_was_told_names_the_project_the_year_the_person_and_the_opinion(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, (FILLER, "submit"))
    declarations.take(
        db.session.get_one(Declaration, declaration_id), "return", by(REVIEWER), comment=" 请补充依据。\n"
    )
    notice = db.session.query(Notice).filter_by(kind="declaration_return").one()
    assert notice.params == {"title": "社区服务经费", "year": 2025, "by": "周审核", "comment": "请补充依据。"}


def test_every_step_leaves_one_line_of_history(
    cast: Cast, by: By, history: Callable[[str, int], list[tuple[str, str | None, str | None]]]
) -> None:
    declaration_id = make.declare(cast)
    steps = ((FILLER, "submit"), (FILLER, "withdraw"), (FILLER, "submit"), (REVIEWER, "return"), *make.APPROVED)
    make.take(declaration_id, cast, *steps)
    assert history("declaration", declaration_id) == [
        ("start", None, "draft"),
        ("submit", "draft", "submitted"),
        ("withdraw", "submitted", "draft"),
        ("submit", "draft", "submitted"),
        ("return", "submitted", "returned"),
        ("submit", "returned", "submitted"),
        ("approve", "submitted", "department_approved"),
        ("approve", "department_approved", "approved"),
    ]


def test_whoever_submitted_does_not_review_although_somebody_else_filled_it_last(cast: Cast, by: By) -> None:
    both = db.session.get_one(Person, cast.people[REVIEWER])
    both.appointments = [*both.appointments, Appointment(unit_id=cast.department, role="filler")]
    db.session.commit()
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, (REVIEWER, "submit"), (FILLER, "withdraw"), (FILLER, "submit"))
    with pytest.raises(NotAllowed, match="不能审核本人填报的材料"):
        make.take(declaration_id, cast, (REVIEWER, "approve"))
