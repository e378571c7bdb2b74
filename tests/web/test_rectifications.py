"""The pages of consequences and rectifications: ledger, answer, judgement, lifting, and the copied project."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from perfmgr import times
from perfmgr.actions import cycles, rectifications
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.rectification import Rectification
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, ALWAYS, FILLER, FINANCE, REVIEWER, YEAR, Cast

Visit = Callable[[str | None], Visitor]


@pytest.fixture
def graded(app: Flask, cast: Cast) -> dict[str, int]:
    """A project that came out 差 and one that came out 中, confirmed; the next year is open. Ids of the sheets."""
    ids = {}
    with app.app_context():
        for grade in ("差", "中"):
            make.budgeted(cast, f"{grade}项目")
        found = make.opened(cast)
        for grade, total in (("差", "41.50"), ("中", "66.00")):
            sheet = db.session.get_one(Evaluation, found[f"{grade}项目"])
            sheet.state, sheet.grade, sheet.total = "confirmed", grade, Decimal(total)
            rectifications.open_from_grade(sheet, "", times.now())
            ids[grade] = sheet.id
        db.session.commit()
        schemes = {row.code: row.id for row in db.session.query(SchemeVersion.code, SchemeVersion.id)}
        area = db.session.get_one(Unit, cast.area)
        cycles.create(area, YEAR + 1, schemes["10-50-30-10"], schemes["department-six"], ALWAYS, cast.viewer(ADMIN))
    return ids


def record_of(app: Flask, evaluation_id: int) -> tuple[int, int]:
    """Return the ids of the rectification and the project of a sheet."""
    with app.app_context():
        row = db.session.query(Rectification).filter_by(evaluation_id=evaluation_id).one()
        return row.id, row.project_id or 0


def test_a_rectification_goes_its_way_on_the_pages(app: Flask, graded: dict[str, int], visit: Visit) -> None:
    record, project = record_of(app, graded["差"])
    filler, reviewer = visit(FILLER), visit(REVIEWER)
    assert "落实整改并报送结果" in text(filler.get("/"))
    base = f"/rectifications/{record}"
    short = filler.post(f"{base}/submission", {"measures": "已约谈", "evidence": " "})
    assert (short.status_code, problems(short)) == (
        422,
        ["“佐证”不能为空，请上传文件，或写明文件名称、文号或存放位置。"],
    )
    assert "已约谈</textarea>" in short.get_data(as_text=True)
    assert filler.post(f"{base}/answer", {"measures": "已约谈", "evidence": ""}).status_code == 303
    assert "已约谈</textarea>" in filler.get(base).get_data(as_text=True)
    stale = filler.post(f"{base}/submission", {"measures": "甲", "evidence": "乙", "version": "1"})
    assert stale.status_code == 409
    assert filler.post(f"{base}/submission", {"measures": "甲", "evidence": "乙"}).status_code == 303
    assert "认定整改结果" in text(reviewer.get("/"))
    assert reviewer.post(f"{base}/return", {"comment": ""}).status_code == 422
    assert reviewer.post(f"{base}/return", {"comment": "缺照片"}).status_code == 303
    assert "缺照片" in text(filler.get(base))
    filler.post(f"{base}/submission", {"measures": "甲", "evidence": "照片"})
    assert reviewer.post(f"{base}/acceptance").status_code == 303
    assert "已完成整改" in text(filler.get(f"/projects/{project}"))


def test_the_ledger_is_listed_and_exported(app: Flask, graded: dict[str, int], visit: Visit) -> None:
    with app.app_context():
        for row in db.session.query(Rectification):
            row.due_on = dt.date(2020, 1, 1)
        db.session.commit()
    page = text(visit(REVIEWER).get(f"/rectifications?year={YEAR}"))
    assert ("2 项逾期" in page, "已逾期" in page, "待整改 2" in page) == (True, True, True)
    data = visit(REVIEWER).get(f"/rectifications/export.xlsx?year={YEAR}").data
    rows = read_rows(data, "台账.xlsx")
    assert [row[2] for row in rows] == ["整改对象", "差项目", "中项目"]
    assert [row[9] for row in rows[1:]] == ["是", "是"]


def test_a_reviewer_opens_one_from_the_sheet(app: Flask, graded: dict[str, int], visit: Visit) -> None:
    with app.app_context():
        db.session.query(Rectification).delete()
        db.session.commit()
    address = f"/evaluations/{graded['中']}/rectification"
    reviewer = visit(REVIEWER)
    assert f'href="{address}/new"' in reviewer.get(f"/evaluations/{graded['中']}").get_data(as_text=True)
    assert f'href="{address}/new"' not in visit(FILLER).get(f"/evaluations/{graded['中']}").get_data(as_text=True)
    assert reviewer.get(f"{address}/new").status_code == 200
    bad = reviewer.post(address, {"kind": "monitoring", "problem": "档案不全", "demand": "", "due_on": "2025-02-30"})
    assert (bad.status_code, len(problems(bad))) == (422, 2)
    assert "档案不全</textarea>" in bad.get_data(as_text=True)
    good = {"kind": "monitoring", "problem": "档案不全", "demand": "补齐", "due_on": "2099年1月1日"}
    answer = reviewer.post(address, good)
    assert answer.status_code == 303
    assert reviewer.post(address, good).status_code == 409
    assert reviewer.get(f"{address}/new").location == answer.location


def test_a_blocked_project_is_lifted_and_declared(app: Flask, graded: dict[str, int], visit: Visit) -> None:
    _record, project = record_of(app, graded["差"])
    filler = visit(FILLER)
    listed = filler.get(f"/projects/continuing?year={YEAR + 1}").get_data(as_text=True)
    assert (listed.count("disabled"), "一键编报 1 个" in listed) == (1, True)
    _other, allowed = record_of(app, graded["中"])
    both = {"year": YEAR + 1, f"project-{project}": "y", f"project-{allowed}": "y"}
    page = text(filler.get(filler.post("/projects/continuing", both).location))
    assert ("已按上年编报 1 个项目" in page, "“差项目”2025 年度绩效等级为“差”（取消），不能申报" in page) == (
        True,
        True,
    )
    refused = filler.post(f"/projects/{project}/declarations", {"year": YEAR + 1})
    assert (refused.status_code, "请财政评审人或系统管理员在项目页写明理由后解除限制" in text(refused)) == (422, True)
    finance = visit(FINANCE)
    assert "解除限制" in text(finance.get(f"/projects/{project}"))
    empty = finance.post(f"/projects/{project}/lift", {"year": YEAR + 1, "reason": " "})
    assert "请写明解除限制的理由" in text(finance.get(empty.location))
    finance.post(f"/projects/{project}/lift", {"year": YEAR + 1, "reason": "民生必需"})
    assert "解除申报限制" in text(finance.get(f"/projects/{project}"))
    assert filler.post(f"/projects/{project}/declarations", {"year": YEAR + 1}).status_code == 303


def test_the_advice_is_listed_and_exported(app: Flask, graded: dict[str, int], visit: Visit) -> None:
    page = text(visit(FINANCE).get(f"/consequences?year={YEAR}"))
    assert ("压缩" in page, "−20%" in page, "456.00" in page, "不是法规原文" in page) == (True,) * 4
    one = text(visit(FINANCE).get(f"/consequences?year={YEAR}&state=中"))
    assert ("只列等级为“中”的项目" in one, "共 1 项" in one) == (True, True)
    data = visit(FINANCE).get(f"/consequences/export.xlsx?year={YEAR}").data
    rows = read_rows(data, "台账.xlsx")
    assert [row[4:] for row in rows[1:]] == [
        ["差", "是", "取消", "不能继续申报", "570", "-100", "0"],
        ["中", "是", "压缩", "可以继续申报，须说明", "570", "-20", "456"],
    ]
