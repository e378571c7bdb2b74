"""The watch beside the database: forecasts of monitoring, and texts that were copied with small changes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from perfmgr.actions import evaluations as actions
from perfmgr.actions._action import action
from perfmgr.documents.inflation import ranking
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.evaluation_mark import EvaluationMark
from perfmgr.models.monitoring import Monitoring, MonitoringLine
from perfmgr.queries import evaluations, inflation
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.rules.evaluation_copies import MOST_MARKS
from perfmgr.times import now
from tests import cast as make
from tests.actions.test_evaluations import entries
from tests.cast import FILLER, REVIEWER, YEAR, Cast

REASON = "受汛期连续降雨影响，第三季度的两场现场服务延后到十月份才办完，验收资料也晚了半个月归档。"
CHANGED = REASON.replace("两场", "三场").replace("十月份", "11月份")
OTHER = "财政资金下达较晚，设备采购在年底前才完成合同签订。"

By = Callable[[str], Viewer]


def load(evaluation_id: int, by: Viewer) -> Evaluation:
    """Return the sheet as a page loads it."""
    found = evaluations.find(evaluation_id, by)
    assert found is not None
    return found


def handed_in(cast: Cast, by: By, name: str, reason: str) -> Evaluation:
    """Submit a sheet whose second line falls short for this reason."""
    make.budgeted(cast, name)
    sheet = load(make.opened(cast)[name], by(FILLER))
    lines = entries(reason=reason, measure=f"{name}提前安排")
    assert actions.submit(sheet, lines, {"goal_actual": f"{name}办成实事"}, by(FILLER)) == []
    return load(sheet.id, by(REVIEWER))


def signals(sheet: Evaluation) -> set[str]:
    """Return the codes of all signals of a sheet as it stands."""
    return {finding.code for finding in inflation.report(sheet).findings}


def test_texts_with_a_few_words_changed_are_found_at_a_fixed_number_of_queries(
    by: By, cast: Cast, count_queries: Callable[[], Any]
) -> None:
    first = handed_in(cast, by, "甲", REASON)
    assert "COPIED" not in signals(first)
    second = handed_in(cast, by, "乙", CHANGED)
    assert "COPIED" in (second.signals or ())
    assert "COPIED" not in (handed_in(cast, by, "丙", OTHER).signals or ())
    marks = db.session.scalars(select(EvaluationMark.mark).where(EvaluationMark.evaluation_id == second.id)).all()
    assert 0 < len(marks) <= MOST_MARKS
    counted = []
    for name in ("", "丁", "戊"):
        if name:
            handed_in(cast, by, name, CHANGED)
        db.session.commit()
        sheet = load(second.id, by(REVIEWER))
        with count_queries() as statements:
            report = inflation.report(sheet)
        counted.append(len(statements))
    copied = next(finding for finding in report.findings if finding.code == "COPIED")
    assert copied.params["count"] == 3
    assert counted[0] == counted[1] == counted[2] <= 8


@action
def _monitored(sheet: Evaluation, cut_off: int, state: str, forecast: int) -> None:
    db.session.add(
        Monitoring(
            project_id=sheet.project_id,
            year=sheet.year,
            cut_off=cut_off,
            cycle_id=sheet.cycle_id,
            scheme_id=sheet.scheme_id,
            unit_id=sheet.unit_id,
            department_id=sheet.department_id,
            state=state,
            due_on=sheet.due_on,
            initial=0,
            adjusted=0,
            updated_at=now(),
            lines=[
                MonitoringLine(
                    position=1,
                    category="output",
                    name=sheet.lines[0].name,
                    sign="ge",
                    weight=20,
                    forecast_value=forecast,
                )
            ],
        )
    )


def test_the_last_confirmed_monitoring_says_what_was_expected(by: By, cast: Cast) -> None:
    make.budgeted(cast)
    sheet = load(make.opened(cast)["社区服务经费"], by(FILLER))
    unknown = {rule.code for rule in inflation.report(sheet).undetermined}
    assert "FORECAST" in unknown
    _monitored(sheet, 6, "confirmed", 100)
    _monitored(sheet, 8, "confirmed", 150)
    _monitored(sheet, 10, "submitted", 500)  # nobody has confirmed it
    sheet = load(sheet.id, by(FILLER))
    assert actions.submit(sheet, entries(reason="延期", measure="提前"), {"goal_actual": "办成"}, by(FILLER)) == []
    assert "FORECAST" in (sheet.signals or ())
    report = inflation.report(load(sheet.id, by(REVIEWER)))
    (found,) = (finding for finding in report.findings if finding.code == "FORECAST")
    assert found.sentence() == "指标“办理服务项目数”的完成值 200 高于监控时预测的 150。"


def test_the_ranking_is_exported_as_it_is_filtered(by: By, cast: Cast) -> None:
    for name, reason in (("甲", REASON), ("乙", CHANGED)):
        handed_in(cast, by, name, reason)
    filters = Filters(year=YEAR, department_id=None, state="yellow", category="project", search="乙", page=1)
    _head, *rows = read_rows(ranking(inflation.stream(by(REVIEWER), filters)), "排查.xlsx")
    assert [row[2] for row in rows] == ["乙"]
    assert (rows[0][4], rows[0][6], "说明文字雷同" in rows[0][7]) == ("项目自评", "黄灯", True)
    assert rows[0][11:14] == ["570", "541.8", "待复核"]
