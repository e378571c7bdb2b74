"""Named formulas of a whole-department sheet: figures entered once, values taken into the lines with their source."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from perfmgr.actions import evaluations
from perfmgr.actions.declarations import IndicatorDraft
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.figure import DepartmentFigure
from perfmgr.web.views.figures import TYPED
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import FILLER, FINANCE, Cast

Visit = Callable[[str | None], Visitor]
NAMES = (("预算完成率", "%"), ("“三公”经费变动率", "%"), ("自评覆盖率", "%"), ("在职人员控制率", "人"))


@pytest.fixture
def sheet(app: Flask, cast: Cast) -> int:
    """The department's sheet with four lines named after formulas; one counts people."""
    with app.app_context():
        make.budgeted(cast)
        found = make.opened(cast)
        evaluation = db.session.get_one(Evaluation, found["甲部门"])
        drafts = [
            IndicatorDraft(
                category="management", name=name, sign="ge", target_value=Decimal(90), unit=unit, weight=Decimal(5)
            )
            for name, unit in NAMES
        ]
        evaluations.save_lines(evaluation, drafts, cast.viewer(FILLER))
        return evaluation.id


def typed(**values: tuple[str, str]) -> dict[str, str]:
    """Return the posted form with these figures as (value, source)."""
    data = {}
    for n, key in enumerate(TYPED):
        data[f"rows-{n}-value"], data[f"rows-{n}-source"] = values.get(key, ("", ""))
    return data


def lines(app: Flask, sheet: int) -> dict[str, tuple[Decimal | None, str]]:
    with app.app_context():
        found = db.session.get_one(Evaluation, sheet).lines
        return {line.name: (line.actual_value, line.actual_text) for line in found}


def ids(app: Flask, sheet: int) -> dict[str, str]:
    with app.app_context():
        return {f"line-{line.id}": "y" for line in db.session.get_one(Evaluation, sheet).lines}


def test_values_are_computed_entered_and_taken_in(app: Flask, sheet: int, visit: Visit) -> None:
    visitor, address = visit(FILLER), f"/evaluations/{sheet}/figures"
    page = text(visitor.get(address))
    assert "95.05%" in page
    assert "无法计算：还没有填报“三公”经费本年支出数。" in page
    assert "无法计算：已提出的整改为 0。" in page
    assert "计量单位不是 %" not in page  # what cannot be computed yet says so first
    bare = visitor.post(address, typed(three_public=("18", ""), staff=("四", "甲")))
    assert (bare.status_code, len(problems(bare))) == (422, 1)
    bare = visitor.post(address, typed(three_public=("18", "")))
    assert problems(bare) == ["请写明“三公”经费本年支出数的来源，例如决算报表的表名和行次。"]
    assert 'value="18"' in bare.get_data(as_text=True)
    source = "决算表 Z01 第 5 行"
    full = typed(three_public=("18", source), three_public_last=("20", source), staff=("4", "甲"), posts=("5", "乙"))
    assert visitor.post(address, full).status_code == 303
    page = text(visitor.get(address))
    assert ("-10.00%" in page, "80.00%" in page, "计量单位不是 %" in page) == (True, True, True)
    assert visitor.post(f"{address}/lines", ids(app, sheet)).status_code == 303
    assert lines(app, sheet) == {
        "预算完成率": (
            Decimal("95.05"),
            "取数 系统计算：预算完成数（全年执行数） 541.8万元 ÷ 预算数（全年预算数） 570万元",
        ),
        "“三公”经费变动率": (
            Decimal(-10),
            f"取数 填报：“三公”经费本年支出数 18万元 与 “三公”经费上年支出数 20万元；来源：{source}",
        ),
        "自评覆盖率": (Decimal(0), "取数 系统计算：已送审自评的项目 0个 ÷ 应自评的项目 1个"),
        "在职人员控制率": (None, ""),
    }
    visitor.post(address, typed(three_public_last=("20", source)))
    with app.app_context():
        assert [figure.key for figure in db.session.query(DepartmentFigure)] == ["three_public_last"]


def test_only_the_filler_enters_and_only_before_the_submission(app: Flask, sheet: int, visit: Visit) -> None:
    address = f"/evaluations/{sheet}/figures"
    assert "保存填报数据" not in text(visit(FINANCE).get(address))
    assert visit(FINANCE).post(address, typed()).status_code == 403
    with app.app_context():
        db.session.get_one(Evaluation, sheet).state = "submitted"
        db.session.commit()
    visitor = visit(FILLER)
    assert "保存填报数据" not in text(visitor.get(address))
    for target, data in ((address, typed(staff=("4", "甲"))), (f"{address}/lines", ids(app, sheet))):
        assert visitor.post(target, data).status_code == 409
    assert set(lines(app, sheet).values()) == {(None, "")}


def test_the_sheet_of_a_project_has_no_named_formulas(app: Flask, cast: Cast, sheet: int, visit: Visit) -> None:
    with app.app_context():
        project = db.session.query(Evaluation.id).filter_by(kind="project").scalar()
    answer = visit(FILLER).get(f"/evaluations/{project}/figures")
    assert answer.location == f"/evaluations/{project}"
