"""Filling in a self-evaluation on its page: money by source, units, what a line needs, evidence."""

from collections.abc import Callable

import pytest
from flask import Flask

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from tests import cast as make
from tests.browser import Visitor
from tests.cast import FILLER, Cast

ACTUAL = ("200", "90.25", "541.8", "61200", "93")


@pytest.fixture
def sheet_id(app: Flask, cast: Cast) -> int:
    """An open self-evaluation of 570 万元, 541.80 万元 spent."""
    with app.app_context():
        make.budgeted(cast)
        return make.opened(cast)["社区服务经费"]


@pytest.fixture
def filler(visit: Callable[[str], Visitor]) -> Visitor:
    """The filler in a browser."""
    return visit(FILLER)


def typed(**changes: str) -> dict[str, str]:
    """Return a posted sheet in which only the second line falls short."""
    values = {"goal_actual": "全年办成 200 件实事。", "execution_reason": ""}
    for n, actual in enumerate(ACTUAL):
        values[f"lines-{n}-actual"] = actual
    return {**values, "lines-1-reason": "延期", "lines-1-measure": "提前", **changes}


def test_the_preview_says_what_each_line_needs_and_what_reaches_the_next_grade(filler: Visitor, sheet_id: int) -> None:
    form = typed(**{"lines-0-actual": "60 件", "lines-1-actual": "47.5%", "lines-3-actual": ""})
    answer = filler.post(f"/evaluations/{sheet_id}/preview", form).get_json()
    assert answer["errors"] == [
        {
            "field": "lines-0-actual",
            "message": "第 1 行：“实际完成值”填的单位是“件”，本项按“个”计量，请换算后只填数字。",
        }
    ]
    assert answer["hints"] == ["得满分需：≥190个", "得满分需：≥95%", "", "得满分需：≥60,000人次", ""]
    form = typed(**{"lines-0-actual": "50个", "lines-1-actual": "93 百分比"})
    answer = filler.post(f"/evaluations/{sheet_id}/preview", form).get_json()
    assert (answer["errors"], answer["total"], answer["grade"]) == ([], "84.45", "良")
    assert answer["prospect"]["summary"][0] == "还差 5.55 分到“优”。"
    assert answer["prospect"]["costs"][0] == {
        "name": "办理服务项目数",
        "lost": "14.74",
        "full": "满分：≥190个",
        "step": "单项可达：≥103个",
    }


def test_money_that_does_not_add_up_is_said_while_typing_and_on_submission(
    app: Flask, filler: Visitor, sheet_id: int
) -> None:
    form = typed(**{"funds-0-executed": "500", "funds-2-executed": "40", "lines-1-proof": "验收报告.pdf 第 3-5、8 页"})
    for name in ("initial", "adjusted"):
        form |= {f"funds-0-{name}": "570", f"funds-2-{name}": ""}
    said = "“全年执行数”各资金来源合计 540.00 万元，比年度资金总额 541.80 万元少 1.80 万元，请核对。"
    answer = filler.post(f"/evaluations/{sheet_id}/preview", form).get_json()
    assert answer["funds"] == [said]
    refused = filler.post(f"/evaluations/{sheet_id}/submission", form)
    assert (refused.status_code, said in refused.get_data(as_text=True)) == (422, True)
    assert filler.post(f"/evaluations/{sheet_id}/submission", form | {"funds-2-executed": "41.8"}).status_code == 303
    page = filler.get(f"/evaluations/{sheet_id}").get_data(as_text=True)
    assert "佐证：验收报告.pdf 第 3-5、8 页" in page
    with app.app_context():
        sheet = db.session.get_one(Evaluation, sheet_id)
        assert [fund.executed for fund in sheet.funds] == [5_000_000, 0, 418_000]
