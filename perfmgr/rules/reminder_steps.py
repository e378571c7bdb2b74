"""Steps on one line of the ledger: which are possible in which state, and how a repetition is numbered."""

from perfmgr.rules.refusals import Conflict
from perfmgr.rules.reminders import AGAIN, AWAY, STATES
from perfmgr.rules.texts import N_, Term

# Why a line is paused: the clock leaves it alone, or (AWAY) ends it with the absence.
BY_HAND = "by_hand"
PAUSES = {BY_HAND: N_("管理员已暂停这一条。"), AWAY: N_("收件人暂停接收，恢复后补发。")}

# From which states a step may be taken. Repeating makes a new line; the old one stays as it was.
FROM = {
    "resend": ("sent", "failed", "skipped"),
    "pause": ("pending", "failed"),
    "unpause": ("paused",),
    "acknowledge": ("sent",),
}
LONGEST_OCCURRENCE = 40
LONGEST_ABSENCE = 180  # days


def steps_for(state: str, reason: str, acknowledged: bool) -> list[str]:
    """Return the steps that a line in this state, for this reason, allows."""
    hidden = {"acknowledge"} if acknowledged else set()
    if reason != BY_HAND:
        hidden.add("unpause")
    return [step for step, states in FROM.items() if state in states and step not in hidden]


def require_step(step: str, state: str, reason: str = BY_HAND) -> None:
    """Raise Conflict when a line in this state, for this reason, does not allow the step."""
    if step == "unpause" and state == "paused" and reason == AWAY:
        raise Conflict(N_("收件人还在暂停接收期间，请到“此人的提醒安排”恢复。"))
    if step == "unpause" and state == "paused" and reason != BY_HAND:
        raise Conflict(N_("这条提醒所用的规则已停用，请先启用规则。"))
    if state not in FROM[step]:
        raise Conflict(
            N_("这条提醒当前为“%(state)s”，不能再进行此项操作，请刷新页面查看最新情况。"), state=Term(STATES[state])
        )


def repetition(occurrence: str, number: int) -> str:
    """Return the occurrence of the ``number``-th sending of what was first due as ``occurrence``."""
    suffix = f"{AGAIN}{number}"
    return first_of(occurrence)[: LONGEST_OCCURRENCE - len(suffix)] + suffix


def first_of(occurrence: str) -> str:
    """Return the occurrence without the number of its repetition."""
    return occurrence.partition(AGAIN)[0]


def number_of(occurrence: str) -> int:
    """Return the how many-th sending this is, counted from 1."""
    number = occurrence.partition(AGAIN)[2]
    return int(number) if number.isdecimal() else 1
