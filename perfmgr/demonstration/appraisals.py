"""Two evaluations by experts for the demonstration: one with its report, one in the middle of the marking."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from sqlalchemy import select

from perfmgr.actions import appraisal_marks, appraisal_questions, appraisals
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.queries import appraisals as queries
from perfmgr.queries import rubrics
from perfmgr.queries.people import Viewer
from perfmgr.rules.appraisals import MarkDraft

FIRST, SECOND, THIRD = EXPERTS = ("zhuanjia1", "zhuanjia2", "zhuanjia3")
Cast = Callable[[str], Viewer]
Lost = Mapping[str, tuple[str, str]]  # by item code: marks taken off, and why

_CONCLUDED, _RUNNING = "党群服务中心运行维护（示例）", "企业引才补助（示例）"
_QUANTITY = "开放天数、接待人次均未达到年度目标，因改造闭馆两个月。"
_LOST: dict[str, Lost] = {
    FIRST: {
        "indicators": ("0.5", "满意度指标没有写明调查对象。"),
        "execution": ("0.5", "年末结转较多。"),
        "practice": ("1", "设备检修记录不全。"),
        "quantity": ("3", _QUANTITY),
        "time": ("1", "改造工期延后。"),
        "effect": ("4", "接待人次低于目标，效益未充分发挥。"),
        "satisfaction": ("2", "满意度 79%，低于目标。"),
    },
    SECOND: {
        "basis": ("0.5", "改造与日常运维的边界不清。"),
        "practice": ("0.5", "缺两个季度的检修记录。"),
        "quantity": ("2.5", _QUANTITY),
        "quality": ("1", "设备完好率偏低。"),
        "effect": ("8", "闭馆期间没有替代场所，居民活动减少。"),
        "satisfaction": ("2.5", "满意度未达标。"),
    },
    THIRD: {
        "budgeting": ("0.5", "测算没有附开放天数的依据。"),
        "execution": ("0.5", "执行进度前低后高。"),
        "quantity": ("3", _QUANTITY),
        "time": ("1.5", "改造计划没有避开活动旺季。"),
        "cost": ("1", "单次接待成本上升。"),
        "effect": ("2", "恢复开放后效果较好。"),
        "satisfaction": ("2", "满意度未达标。"),
    },
}
_QUESTION = "改造闭馆期间，原定的党群活动安排在哪里举办？请说明场次和人次。"
_ANSWER = "闭馆期间借用街道活动室举办 9 场，参加 1,120 人次；其余活动推迟到恢复开放后举办。"
_NOTES = {"effect": "专家对闭馆影响的看法不同：实施单位补充说明了借用场地的情况，按平均数计分。"}
_PROBLEMS = "一、闭馆改造计划与年度目标没有衔接，开放天数和接待人次未达标。\n二、设备检修记录不全，满意度低于目标。"
_SUGGESTIONS = "一、改造项目提前编制过渡方案，同步调整绩效目标。\n二、建立设备检修台账，按季度公开开放情况。"


def build(cast: Cast, now: dt.datetime, due_on: dt.date) -> None:
    """Carry one evaluation through to its report and leave another with one sheet submitted."""
    done = _organise(cast, _CONCLUDED, "department_evaluation", "shenhe", due_on)
    for name in EXPERTS:
        appraisal_marks.declare(done, cast(name), conflict=False, now=now)
    question = appraisal_questions.ask(done, _QUESTION, cast(FIRST), now)
    appraisal_questions.answer(question, _ANSWER, cast("tianbao"), now)
    for name in EXPERTS:
        appraisal_marks.submit(done, _sheet(done, _LOST[name]), "", cast(name), now=now)
    appraisals.conclude(done, _NOTES, _PROBLEMS, _SUGGESTIONS, cast("shenhe"), now=now)
    running = _organise(cast, _RUNNING, "finance_evaluation", "caizheng", due_on)
    for name in (FIRST, SECOND):
        appraisal_marks.declare(running, cast(name), conflict=False, now=now)
    appraisal_marks.submit(running, _sheet(running, {}), "补助政策落实较好。", cast(FIRST), now=now)
    appraisal_questions.ask(running, "引进人才的留任情况如何？请提供一年期留任人数。", cast(SECOND), now)


def _organise(cast: Cast, title: str, kind: str, by: str, due_on: dt.date) -> Appraisal:
    evaluation = db.session.scalars(
        select(Evaluation).join(Evaluation.project).where(Project.name == title, Evaluation.year == 2025)
    ).one()
    experts = [cast(name).id for name in EXPERTS]
    return appraisals.organise(evaluation, kind, rubrics.published()[0], due_on, experts, cast(by))


def _sheet(appraisal: Appraisal, lost: Lost) -> list[MarkDraft]:
    """Return a whole sheet: full marks but for what is lost."""
    nothing = ("0", "")
    return [
        MarkDraft(item.marks - Decimal(lost.get(item.code, nothing)[0]), lost.get(item.code, nothing)[1])
        for item in queries.rubric_of(appraisal).items
    ]
