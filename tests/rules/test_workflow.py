"""Every state × step × set of roles leads where the table says or is refused for the right reason."""

from itertools import chain, combinations, product

import pytest

from perfmgr.rules.cycles import WINDOWS
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR, DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER, ROLES
from perfmgr.rules.workflow import (
    DONE_EVALUATIONS,
    FILLER_STATES,
    MOVES,
    STATES,
    STEPS,
    Move,
    move_for,
    require_comment,
    steps_for,
)
from tests.rules.sheets import told

# The workflow as it was agreed: state, step, next state, who may, who is told, what else is asked of it.
DECLARATION = [
    ("draft", "submit", "submitted", {FILLER}, {DEPARTMENT_REVIEWER}, "declaration window"),
    ("returned", "submit", "submitted", {FILLER}, {DEPARTMENT_REVIEWER}, "declaration window"),
    ("submitted", "withdraw", "draft", {FILLER}, set(), ""),
    ("submitted", "return", "returned", {DEPARTMENT_REVIEWER}, {FILLER}, "review with comment"),
    ("submitted", "approve", "department_approved", {DEPARTMENT_REVIEWER}, {FINANCE_REVIEWER}, "review"),
    (
        "department_approved",
        "return",
        "returned",
        {FINANCE_REVIEWER},
        {FILLER, DEPARTMENT_REVIEWER},
        "review with comment",
    ),
    ("department_approved", "approve", "approved", {FINANCE_REVIEWER}, {FILLER}, "review"),
]
BUDGET = [
    ("proposed", "approve", "approved", {FINANCE_REVIEWER, ADMINISTRATOR}, {FILLER}, ""),
    ("approved", "revoke", "proposed", {FINANCE_REVIEWER, ADMINISTRATOR}, {FILLER}, "with comment"),
]


def evaluation(reviewer):
    return [
        ("open", "submit", "submitted", {FILLER}, {reviewer}, "self_evaluation window"),
        ("returned", "submit", "submitted", {FILLER}, {reviewer}, "self_evaluation window"),
        ("submitted", "withdraw", "open", {FILLER}, set(), ""),
        ("submitted", "return", "returned", {reviewer}, {FILLER}, "review with comment"),
        ("submitted", "confirm", "confirmed", {reviewer}, {FILLER}, "review in review window"),
    ]


def move(to, by, tell, asked):
    window = asked.split()[-2] if asked.endswith("window") else ""
    return Move(to, frozenset(by), frozenset(tell), "comment" in asked, asked.startswith("review"), window)


# An adjustment takes the same route in a time of its own, and may be given up.
ADJUSTMENT = [(*line[:5], line[5].removesuffix("declaration window")) for line in DECLARATION] + [
    ("draft", "drop", "dropped", {FILLER}, set(), ""),
    ("returned", "drop", "dropped", {FILLER}, set(), ""),
]

# A period's sheet waits for no window, and is passed by the department alone.
MONITORING = [
    ("open", "submit", "submitted", {FILLER}, {DEPARTMENT_REVIEWER}, ""),
    ("returned", "submit", "submitted", {FILLER}, {DEPARTMENT_REVIEWER}, ""),
    ("submitted", "withdraw", "open", {FILLER}, set(), ""),
    ("submitted", "return", "returned", {DEPARTMENT_REVIEWER}, {FILLER}, "review with comment"),
    ("submitted", "approve", "confirmed", {DEPARTMENT_REVIEWER}, {FILLER}, "review"),
]


def rectification(*reviewers):
    by = set(reviewers)
    return [
        ("open", "answer", "answered", {FILLER}, by, ""),
        ("returned", "answer", "answered", {FILLER}, by, ""),
        ("answered", "return", "returned", by, {FILLER}, "review with comment"),
        ("answered", "accept", "accepted", by, {FILLER}, "review"),
    ]


def appraisal(organiser):
    return [
        ("marking", "close", "consolidating", {organiser}, set(), "with comment"),
        ("marking", "cancel", "cancelled", {organiser}, set(), "with comment"),
        ("consolidating", "conclude", "concluded", {organiser}, {FILLER}, ""),
        ("consolidating", "cancel", "cancelled", {organiser}, set(), "with comment"),
    ]


AGREED = {
    subject: {(state, step): move(*rest) for state, step, *rest in lines}
    for subject, lines in {
        "declaration": DECLARATION,
        "adjustment": ADJUSTMENT,
        "budget": BUDGET,
        "project_evaluation": evaluation(DEPARTMENT_REVIEWER),
        "department_evaluation": evaluation(FINANCE_REVIEWER),
        "monitoring": MONITORING,
        "rectification": rectification(DEPARTMENT_REVIEWER, FINANCE_REVIEWER),
        "department_rectification": rectification(FINANCE_REVIEWER),
        "department_appraisal": appraisal(DEPARTMENT_REVIEWER),
        "finance_appraisal": appraisal(FINANCE_REVIEWER),
    }.items()
}

ROLE_SETS = [frozenset(s) for s in chain.from_iterable(combinations(ROLES, n) for n in range(len(ROLES) + 1))]
EVERYTHING = [
    (subject, state, step, roles)
    for subject in AGREED
    for state, step, roles in product(STATES[subject], STEPS, ROLE_SETS)
]

NEVER = "您的岗位不能对这份材料进行此项操作。"
NOT_HERE = "这份材料当前不由您的岗位处理。"
TOO_LATE = "这份材料当前为“{}”，不能再进行此项操作，请刷新页面查看最新情况。"


def expected(subject, state, step, roles):
    """What the agreed table says of one step, worked out without the code under test."""
    takers = {taker for (_at, known), agreed in AGREED[subject].items() if known == step for taker in agreed.by}
    if not takers & roles:
        return 403, NEVER
    agreed = AGREED[subject].get((state, step))
    if agreed is None:
        return 409, TOO_LATE.format(STATES[subject][state])
    return agreed if agreed.by & roles else (403, NOT_HERE)


def outcome(subject, state, step, roles):
    try:
        return move_for(subject, state, step, roles)
    except (NotAllowed, Conflict) as refused:
        return refused.status, str(refused)


def test_the_moves_are_the_agreed_ones():
    assert MOVES == AGREED


def test_every_step_in_every_state_by_every_set_of_roles_is_taken_or_refused_for_the_right_reason():
    assert len(EVERYTHING) == (5 + 6 + 2 + 4 + 4 + 4 + 4 + 4 + 4 + 4) * len(STEPS) * 32
    assert {case: outcome(*case) for case in EVERYTHING} == {case: expected(*case) for case in EVERYTHING}


def test_buttons_are_offered_for_exactly_the_steps_that_may_be_taken():
    for subject in MOVES:
        for state, roles in product(STATES[subject], ROLE_SETS):
            allowed = [step for step in STEPS if isinstance(outcome(subject, state, step, roles), Move)]
            assert sorted(steps_for(subject, state, roles)) == sorted(allowed)


@pytest.mark.parametrize(
    ("subject", "state", "step", "role", "status", "sentence"),
    [
        ("declaration", "approved", "submit", FILLER, 409, TOO_LATE.format("已批复")),
        ("declaration", "submitted", "submit", FILLER, 409, TOO_LATE.format("待部门审核")),
        ("declaration", "department_approved", "withdraw", FILLER, 409, TOO_LATE.format("待财政审核")),
        ("declaration", "draft", "approve", FILLER, 403, NEVER),
        ("declaration", "submitted", "approve", FINANCE_REVIEWER, 403, NOT_HERE),
        ("declaration", "department_approved", "approve", DEPARTMENT_REVIEWER, 403, NOT_HERE),
        ("declaration", "approved", "return", FINANCE_REVIEWER, 409, TOO_LATE.format("已批复")),
        ("declaration", "draft", "submit", ADMINISTRATOR, 403, NEVER),
        ("declaration", "draft", "start", FILLER, 403, NEVER),
        ("budget", "approved", "approve", FINANCE_REVIEWER, 409, TOO_LATE.format("已批复")),
        ("budget", "proposed", "approve", DEPARTMENT_REVIEWER, 403, NEVER),
        ("project_evaluation", "confirmed", "return", DEPARTMENT_REVIEWER, 409, TOO_LATE.format("已复核")),
        ("project_evaluation", "submitted", "confirm", FINANCE_REVIEWER, 403, NEVER),
        ("department_evaluation", "submitted", "confirm", DEPARTMENT_REVIEWER, 403, NEVER),
    ],
)
def test_a_step_that_came_too_late_is_409_and_one_that_is_not_theirs_is_403(
    subject, state, step, role, status, sentence
):
    assert outcome(subject, state, step, frozenset({role})) == (status, sentence)


def test_every_move_starts_and_ends_in_a_known_state_and_names_known_steps_roles_and_windows():
    for subject, moves in MOVES.items():
        for (state, step), taken in moves.items():
            assert {state, taken.to} <= set(STATES[subject])
            assert step in STEPS
            assert taken.by
            assert taken.by | taken.tell <= set(ROLES)
            assert taken.window in ("", *WINDOWS)


def test_who_is_told_is_never_who_has_just_acted():
    assert [step for moves in MOVES.values() for (_, step), taken in moves.items() if taken.by & taken.tell] == []


@pytest.mark.parametrize("subject", MOVES)
def test_every_state_can_be_reached_from_the_first(subject):
    first, *_rest = STATES[subject]
    reached = {first}
    for _state in STATES[subject]:
        reached |= {taken.to for (state, _step), taken in MOVES[subject].items() if state in reached}
    assert reached == set(STATES[subject])


@pytest.mark.parametrize("subject", ["declaration", "project_evaluation", "department_evaluation", "monitoring"])
def test_the_filler_may_submit_in_exactly_the_states_in_which_something_is_owed(subject):
    owed = [state for state in STATES[subject] if "submit" in steps_for(subject, state, frozenset({FILLER}))]
    assert owed == [state for state in STATES[subject] if state in FILLER_STATES]


def test_a_self_evaluation_is_done_when_nothing_is_owed_any_more():
    assert tuple(state for state in STATES["project_evaluation"] if state not in FILLER_STATES) == DONE_EVALUATIONS


@pytest.mark.parametrize("comment", ["", None])
def test_a_return_needs_an_opinion(comment):
    with pytest.raises(Refused) as refused:
        require_comment(MOVES["declaration"]["submitted", "return"], comment)
    assert told(refused.value.findings) == [("", "comment", "请填写意见，说明退回或撤销的原因，以便对方修改。")]
    assert refused.value.status == 422


def test_other_steps_and_a_return_with_an_opinion_pass():
    require_comment(MOVES["declaration"]["submitted", "return"], "指标不够量化")
    require_comment(MOVES["declaration"]["submitted", "approve"], "")
