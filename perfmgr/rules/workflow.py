"""The workflow as one table: in which state which step leads where, who may take it, who is told.

Buttons, permission checks, notices, the page of the manual and the test over all states ×
steps × roles read this table; nothing else decides about a transition.
"""

from dataclasses import dataclass, replace

from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR, DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER
from perfmgr.rules.texts import N_, Term


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step. ``by`` may take it over the record's unit; ``tell`` get a notice there."""

    to: str
    by: frozenset[str]
    tell: frozenset[str] = frozenset()
    needs_comment: bool = False
    review: bool = False  # a judgement on somebody's work: never one's own
    window: str = ""  # kind of window that must be open


def _roles(*roles: str) -> frozenset[str]:
    return frozenset(roles)


def _evaluation(reviewer: str) -> dict[tuple[str, str], Move]:
    """Return the moves of a self-evaluation that is re-checked by ``reviewer``."""
    submit = Move("submitted", _roles(FILLER), _roles(reviewer), window="self_evaluation")
    return {
        ("open", "submit"): submit,
        ("returned", "submit"): submit,
        ("submitted", "withdraw"): Move("open", _roles(FILLER)),
        ("submitted", "return"): Move("returned", _roles(reviewer), _roles(FILLER), needs_comment=True, review=True),
        ("submitted", "confirm"): Move("confirmed", _roles(reviewer), _roles(FILLER), review=True, window="review"),
    }


# A period's sheet has no window of its own: what is late is shown as late, and still wanted.
_MONITORING: dict[tuple[str, str], Move] = {
    ("open", "submit"): Move("submitted", _roles(FILLER), _roles(DEPARTMENT_REVIEWER)),
    ("returned", "submit"): Move("submitted", _roles(FILLER), _roles(DEPARTMENT_REVIEWER)),
    ("submitted", "withdraw"): Move("open", _roles(FILLER)),
    ("submitted", "return"): Move(
        "returned", _roles(DEPARTMENT_REVIEWER), _roles(FILLER), needs_comment=True, review=True
    ),
    ("submitted", "approve"): Move("confirmed", _roles(DEPARTMENT_REVIEWER), _roles(FILLER), review=True),
}


def _rectification(*reviewers: str) -> dict[tuple[str, str], Move]:
    """Return the moves of a rectification that ``reviewers`` judge."""
    by = _roles(*reviewers)
    answer = Move("answered", _roles(FILLER), by)
    return {
        ("open", "answer"): answer,
        ("returned", "answer"): answer,
        ("answered", "return"): Move("returned", by, _roles(FILLER), needs_comment=True, review=True),
        ("answered", "accept"): Move("accepted", by, _roles(FILLER), review=True),
    }


def _appraisal(organiser: str) -> dict[tuple[str, str], Move]:
    """Return the moves of an evaluation by experts; when all have submitted, marking ends by itself."""
    by = _roles(organiser)
    return {
        ("marking", "close"): Move("consolidating", by, needs_comment=True),
        ("marking", "cancel"): Move("cancelled", by, needs_comment=True),
        ("consolidating", "conclude"): Move("concluded", by, _roles(FILLER)),
        ("consolidating", "cancel"): Move("cancelled", by, needs_comment=True),
    }


_SUBMIT = Move("submitted", _roles(FILLER), _roles(DEPARTMENT_REVIEWER), window="declaration")

_DECLARATION: dict[tuple[str, str], Move] = {
    ("draft", "submit"): _SUBMIT,
    ("returned", "submit"): _SUBMIT,
    ("submitted", "withdraw"): Move("draft", _roles(FILLER)),
    ("submitted", "return"): Move(
        "returned", _roles(DEPARTMENT_REVIEWER), _roles(FILLER), needs_comment=True, review=True
    ),
    ("submitted", "approve"): Move(
        "department_approved", _roles(DEPARTMENT_REVIEWER), _roles(FINANCE_REVIEWER), review=True
    ),
    ("department_approved", "return"): Move(
        "returned",
        _roles(FINANCE_REVIEWER),
        _roles(FILLER, DEPARTMENT_REVIEWER),
        needs_comment=True,
        review=True,
    ),
    ("department_approved", "approve"): Move("approved", _roles(FINANCE_REVIEWER), _roles(FILLER), review=True),
}

MOVES: dict[str, dict[tuple[str, str], Move]] = {
    "declaration": _DECLARATION,
    "budget": {
        ("proposed", "approve"): Move("approved", _roles(FINANCE_REVIEWER, ADMINISTRATOR), _roles(FILLER)),
        ("approved", "revoke"): Move(
            "proposed", _roles(FINANCE_REVIEWER, ADMINISTRATOR), _roles(FILLER), needs_comment=True
        ),
    },
    # A mid-year adjustment of approved targets goes the same way; its time is not a window of the
    # year but what ``rules.adjustments`` says.
    "adjustment": {
        **{cell: replace(move, window="") for cell, move in _DECLARATION.items()},
        ("draft", "drop"): Move("dropped", _roles(FILLER)),
        ("returned", "drop"): Move("dropped", _roles(FILLER)),
    },
    "project_evaluation": _evaluation(DEPARTMENT_REVIEWER),
    "department_evaluation": _evaluation(FINANCE_REVIEWER),
    "monitoring": _MONITORING,
    "rectification": _rectification(DEPARTMENT_REVIEWER, FINANCE_REVIEWER),
    "department_rectification": _rectification(FINANCE_REVIEWER),
    "department_appraisal": _appraisal(DEPARTMENT_REVIEWER),
    "finance_appraisal": _appraisal(FINANCE_REVIEWER),
}

STATES: dict[str, dict[str, str]] = {
    "declaration": {
        "draft": N_("草稿"),
        "submitted": N_("待部门审核"),
        "returned": N_("已退回"),
        "department_approved": N_("待财政审核"),
        "approved": N_("已批复"),
    },
    "budget": {"proposed": N_("待批复"), "approved": N_("已批复")},
    "project_evaluation": {
        "open": N_("待自评"),
        "submitted": N_("待复核"),
        "returned": N_("已退回"),
        "confirmed": N_("已复核"),
    },
    "monitoring": {
        "open": N_("待填报"),
        "submitted": N_("待审核"),
        "returned": N_("已退回"),
        "confirmed": N_("已审核"),
    },
    "rectification": {
        "open": N_("待整改"),
        "answered": N_("待认定"),
        "returned": N_("已退回"),
        "accepted": N_("已完成整改"),
    },
    "appraisal": {
        "marking": N_("专家评分中"),
        "consolidating": N_("待汇总"),
        "concluded": N_("已出报告"),
        "cancelled": N_("已撤销"),
    },
    # One expert's part of it, and the unit's part of a question.
    "appraisal_expert": {
        "invited": N_("待声明"),
        "excluded": N_("已回避"),
        "marking": N_("评分中"),
        "submitted": N_("已提交"),
        "missed": N_("未提交"),
    },
    "appraisal_question": {"asked": N_("待答复"), "answered": N_("已答复")},
}
STATES["department_evaluation"] = STATES["project_evaluation"]
STATES["department_rectification"] = STATES["rectification"]
STATES["department_appraisal"] = STATES["finance_appraisal"] = STATES["appraisal"]
STATES["adjustment"] = {**STATES["declaration"], "dropped": N_("已放弃")}

STEPS = {
    "start": N_("建立"),
    "submit": N_("送审"),
    "withdraw": N_("撤回"),
    "return": N_("退回"),
    "approve": N_("通过"),
    "confirm": N_("确认复核结果"),
    "spot_check": N_("提交抽查结果"),
    "revoke": N_("撤销批复"),
    "correct": N_("更正"),
    "discard": N_("删除草稿"),
    "detach": N_("删除附件"),
    "swap": N_("更换附件"),
    "adjust": N_("发起调整"),
    "adjusted": N_("调整生效"),
    "drop": N_("放弃调整"),
    "exempt": N_("豁免编报绩效目标"),
    "include": N_("恢复编报绩效目标"),
    "propose": N_("申报入库"),
    "take_back": N_("撤回申报"),
    "decline": N_("不予入库"),
    "retire": N_("停止使用"),
    "restore": N_("恢复使用"),
    "resolve": N_("完成整改"),
    "rectify": N_("提出整改"),
    "answer": N_("报送整改结果"),
    "accept": N_("认定完成整改"),
    "lift": N_("解除申报限制"),
    "make_exception": N_("另行安排时间"),
    "end_exception": N_("取消例外时间"),
    "organise": N_("组织评价"),
    "invite": N_("邀请专家"),
    "declare": N_("声明无利益冲突"),
    "recuse": N_("申明利益冲突并回避"),
    "mark": N_("提交评分"),
    "close": N_("结束评分"),
    "conclude": N_("形成评价报告"),
    "cancel": N_("撤销评价"),
    "enter_days": N_("录入放假安排"),
    "drop_days": N_("删除放假安排"),
}

# States in which the filler still owes something, and in which nothing may be changed any more.
FILLER_STATES = ("draft", "open", "returned")
DONE_EVALUATIONS = ("submitted", "confirmed")


def steps_for(subject: str, state: str, roles: frozenset[str]) -> list[str]:
    """Return the steps that somebody with these roles over the record may take now."""
    return [step for (at, step), move in MOVES[subject].items() if at == state and move.by & roles]


def move_for(subject: str, state: str, step: str, roles: frozenset[str]) -> Move:
    """Return the move for this step, or refuse it.

    Raises NotAllowed (403) when no state lets these roles take the step, Conflict (409) when
    the record is in another state, so that a known record gives the right answer to each.
    """
    moves = {at: move for (at, known), move in MOVES[subject].items() if known == step}
    if not any(move.by & roles for move in moves.values()):
        raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))
    move = moves.get(state)
    if move is None:
        raise Conflict(
            N_("这份材料当前为“%(state)s”，不能再进行此项操作，请刷新页面查看最新情况。"),
            state=Term(STATES[subject][state]),
        )
    if not move.by & roles:
        raise NotAllowed(N_("这份材料当前不由您的岗位处理。"))
    return move


def require_comment(move: Move, comment: str) -> None:
    """Raise Refused when the step needs an opinion and there is none."""
    if move.needs_comment and not comment:
        raise Refused(N_("请填写意见，说明退回或撤销的原因，以便对方修改。"), field="comment")
