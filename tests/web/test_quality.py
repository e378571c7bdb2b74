"""The pages of target quality: the year's list, by rule, one sheet, and the csv."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import quality as quality_actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.quality import QualityCheck
from perfmgr.models.unit import Unit
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, OUTSIDER, REVIEWER, YEAR, Cast

Visit = Callable[[str | None], Visitor]


@pytest.fixture
def sheets(app: Flask, cast: Cast) -> dict[str, int]:
    """A complete and an empty declaration, both checked, and one of another department."""
    with app.app_context():
        ids = {
            "good": make.declare(cast, "完整的项目"),
            "empty": make.declare(cast, "空白的项目", complete=False),
            "foreign": make.declare(cast, "外部门项目", by=OUTSIDER, unit=cast.other_unit),
        }
        quality_actions.check_due(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    return ids


def test_the_worst_sheet_stands_first_and_foreign_ones_are_not_there(
    app: Flask, sheets: dict[str, int], visit: Visit
) -> None:
    page = text(visit(REVIEWER).get(f"/quality?year={YEAR}"))
    assert page.index("空白的项目") < page.index("完整的项目")
    assert "外部门项目" not in page
    assert "2 / 2 已检查 / 全部申报" in page
    with app.app_context():
        scores = [
            row.score for row in db.session.scalars(select(QualityCheck)) if row.declaration_id != sheets["foreign"]
        ]
    assert f"{sum(scores) / 2:.2f} 平均质量分" in page


def test_a_rule_limits_the_list(sheets: dict[str, int], visit: Visit) -> None:
    page = text(visit(ADMIN).get(f"/quality?year={YEAR}&rule=Q01"))
    assert "空白的项目" in page
    assert "完整的项目" not in page


def test_an_unknown_rule_and_an_odd_page_are_no_error(sheets: dict[str, int], visit: Visit) -> None:
    visitor = visit(REVIEWER)
    assert visitor.get(f"/quality?year={YEAR}&rule=Q99").status_code == 200
    assert visitor.get("/quality?page=0").status_code == 404


def test_a_year_without_sheets_says_so(visit: Visit) -> None:
    assert "没有符合条件的申报" in text(visit(REVIEWER).get("/quality?year=2031"))


def test_one_sheet_shows_findings_with_remedies_and_the_marks(sheets: dict[str, int], visit: Visit) -> None:
    page = text(visit(FILLER).get(f"/quality/{sheets['empty']}"))
    assert "“项目概述”还没有填写" in page
    assert "/ 100" in page
    assert "改这一处提高最多" in page
    assert "去修改这一处" in page


def test_a_reviewer_is_not_sent_to_the_form(sheets: dict[str, int], visit: Visit) -> None:
    assert "去修改" not in text(visit(REVIEWER).get(f"/quality/{sheets['empty']}"))


def test_a_foreign_sheet_looks_like_none(sheets: dict[str, int], visit: Visit) -> None:
    assert visit(FILLER).get(f"/quality/{sheets['foreign']}").status_code == 404


def test_the_csv_has_a_row_for_each_sheet(sheets: dict[str, int], visit: Visit) -> None:
    lines = visit(REVIEWER).get(f"/quality/export.csv?year={YEAR}").get_data(as_text=True).splitlines()
    assert lines[0] == "\ufeff项目代码,项目名称,单位,状态,质量分,须改正,须说明"
    assert [line.split(",")[1] for line in lines[1:]] == ["空白的项目", "完整的项目"]


def test_what_was_copied_and_not_looked_at_is_listed_like_a_rule(
    app: Flask, sheets: dict[str, int], cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        declaration = db.session.get_one(Declaration, make.declare(cast, "沿用上年的项目"))
        declaration.to_check = ["funds"]
        db.session.commit()
        copied = declaration.id
        quality_actions.check_due(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    visitor = visit(REVIEWER)
    for address in (f"/quality?year={YEAR}", f"/quality?year={YEAR}&rule=COPY", f"/quality/{copied}"):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "沿用上年，尚未核对" in text(page)


def test_duties_of_the_department_are_compared_with_its_projects(
    app: Flask, sheets: dict[str, int], cast: Cast, visit: Visit
) -> None:
    filler, reviewer = visit(FILLER), visit(REVIEWER)
    assert "没有部门职责可以对照。" in text(filler.get(f"/quality/{sheets['good']}"))
    with app.app_context():
        at = db.session.get_one(Unit, cast.department)
        stored = {"code": at.code, "name": at.name, "kind": at.kind, "nature": at.nature, "active": "y"}
    typed = {
        "duties": "（一）指导全区侨务工作。\n\n2. 负责对外宣传工作",
        "key_tasks": "建设侨务服务阵地\n整治空白的片区",
    }
    assert visit(ADMIN).post(f"/units/{cast.department}", {**stored, **typed}).status_code == 303
    assert "2. 负责" not in text(visit(ADMIN).get(f"/units/{cast.department}"))
    page = text(filler.get(f"/quality/{sheets['good']}"))
    assert "项目“完整的项目”与部门的 4 项职责都对不上。" in page
    shown = text(reviewer.get(f"/quality?year={YEAR}"))
    assert "重点任务还没有对应的项目" in shown
    assert "建设侨务服务阵地" in shown
    assert "整治空白的片区" not in shown
    for other in (filler, visit(OUTSIDER)):
        assert "重点任务" not in text(other.get(f"/quality?year={YEAR}&department={cast.department}"))
    too_long = visit(ADMIN).post(f"/units/{cast.department}", {**stored, "duties": "长" * 4001})
    assert (too_long.status_code, problems(too_long)) == (422, ["“主要职责”超出 1 字，最多 4000 字，请删减。"])
