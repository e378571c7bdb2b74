"""The pages of an adjustment: beginning it, its grounds, both values on the page, in print and in the document."""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import time_machine
from docx import Document
from flask import Flask

from perfmgr.actions import adjustments, declarations
from perfmgr.extensions import db
from perfmgr.models.cycle import Window
from perfmgr.models.declaration import Declaration
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import APPROVED, FILLER, FINANCE, REVIEWER, WAN, YEAR, Cast

Visit = Callable[[str | None], Visitor]
GROUNDS = {"reason": "服务范围扩大", "basis": "大财预〔2025〕12号"}


@pytest.fixture(autouse=True)
def summer() -> Iterator[None]:
    """The middle of the year: targets may be adjusted."""
    with time_machine.travel(dt.datetime(YEAR, 6, 1, 2, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def original(app: Flask, cast: Cast) -> int:
    """Approved targets whose self-evaluation begins with the next year."""
    with app.app_context():
        for window in db.session.query(Window).filter_by(kind="self_evaluation"):
            window.opens_on = dt.date(YEAR + 1, 1, 1)
        db.session.commit()
        declaration_id = make.declare(cast)
        make.take(declaration_id, cast, *APPROVED)
    return declaration_id


@pytest.fixture
def adjustment(app: Flask, cast: Cast, original: int) -> int:
    """An adjustment of them with more money and a higher target."""
    with app.app_context():
        by = cast.viewer(FILLER)
        record = adjustments.start(db.session.get_one(Declaration, original), *GROUNDS.values(), by)
        declarations.save_funds(record, {"general_public": Decimal(700) * WAN}, by)
        drafts = make.indicator_drafts()
        drafts[3] = declarations.IndicatorDraft(
            "benefit", "惠及居民人次", "ge", Decimal(80000), unit="人次", weight=Decimal(30)
        )
        declarations.save_indicators(record, drafts, by)
        return record.id


def test_a_filler_begins_an_adjustment(original: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    page = visitor.get(f"/declarations/{original}").get_data(as_text=True)
    assert f'href="/declarations/{original}/adjustments/new"' in page
    assert visitor.get(f"/declarations/{original}/adjustments/new").status_code == 200
    refused = visitor.post(f"/declarations/{original}/adjustments", {**GROUNDS, "basis": " "})
    assert (refused.status_code, len(problems(refused))) == (422, 1)
    assert "服务范围扩大</textarea>" in refused.get_data(as_text=True)
    answer = visitor.post(f"/declarations/{original}/adjustments", GROUNDS)
    assert answer.status_code == 303
    page = text(visitor.get(answer.location))
    assert ("绩效目标调整" in page, "服务范围扩大" in page, "在调整获批前继续有效" in page) == (True, True, True)
    assert "这份目标正在调整。" in text(visitor.get(f"/declarations/{original}"))
    assert "调整中" in text(visitor.get(f"/projects?year={YEAR}"))


def test_nobody_else_is_offered_it(original: int, visit: Visit) -> None:
    for person in (REVIEWER, FINANCE):
        assert "adjustments/new" not in visit(person).get(f"/declarations/{original}").get_data(as_text=True)


def test_too_late_the_page_says_why(original: int, visit: Visit) -> None:
    with time_machine.travel(dt.datetime(YEAR + 1, 2, 1, tzinfo=dt.UTC)):
        visitor = visit(FILLER)
        page = visitor.get(f"/declarations/{original}").get_data(as_text=True)
        assert ("adjustments/new" in page, "绩效自评已于 2026年1月1日 开始" in page) == (False, True)
        assert visitor.get(f"/declarations/{original}/adjustments/new").status_code == 302
        answer = visitor.post(f"/declarations/{original}/adjustments", GROUNDS)
        assert (answer.status_code, "绩效自评已于" in text(answer)) == (422, True)


def test_a_second_one_is_refused_with_what_was_typed(adjustment: int, original: int, visit: Visit) -> None:
    answer = visit(FILLER).post(f"/declarations/{original}/adjustments", GROUNDS)
    assert (answer.status_code, "已有一份调整正在办理" in text(answer)) == (409, True)
    assert "服务范围扩大</textarea>" in answer.get_data(as_text=True)


def test_grounds_are_edited_where_they_are_shown(adjustment: int, original: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    page = visitor.get(f"/declarations/{adjustment}/adjustment").get_data(as_text=True)
    assert "服务范围扩大</textarea>" in page
    answer = visitor.post(f"/declarations/{adjustment}/adjustment", {**GROUNDS, "reason": "新的理由"})
    assert (answer.status_code, "新的理由" in text(visitor.get(answer.location))) == (303, True)
    stale = visitor.post(f"/declarations/{adjustment}/adjustment", {**GROUNDS, "version": "1"})
    assert stale.status_code == 409
    assert visitor.get(f"/declarations/{original}/adjustment").status_code == 302
    assert visitor.post(f"/declarations/{original}/adjustment", GROUNDS).status_code == 409


def targets(page: str) -> list[str]:
    """Return the row of the changed target, cell by cell."""
    row = re.search(r"<tr>(?:(?!<tr>).)*惠及居民人次.*?</tr>", page, re.DOTALL)
    assert row is not None
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row[0], re.DOTALL)]


def test_both_values_stand_beside_each_other(
    app: Flask, cast: Cast, adjustment: int, original: int, visit: Visit
) -> None:
    visitor = visit(FILLER)
    before = visitor.get(f"/declarations/{original}").get_data(as_text=True)
    assert ("年初指标值" in before, "≥80,000人次" in before) == (False, False)
    page = visitor.get(f"/declarations/{adjustment}").get_data(as_text=True)
    assert targets(page)[2:4] == ["≥60,000人次", "≥80,000人次"]
    with app.app_context():
        make.take(adjustment, cast, *APPROVED)
    page = visitor.get(f"/declarations/{original}").get_data(as_text=True)
    assert targets(page)[2:4] == ["≥60,000人次", "≥80,000人次"]
    assert re.search(r"570\.00</td>\s*<td class=\"amount\">700\.00", page)
    for heading in ("年初指标值", "调整指标值", "年初金额（万元）", "调整金额（万元）", "绩效目标已调整"):
        assert heading in page
    frozen = visitor.get(f"/declarations/{original}/versions/4").get_data(as_text=True)
    assert ("年初指标值" in frozen, "≥80,000人次" in frozen, "≥60,000人次" in frozen) == (True, True, True)


def test_the_document_shows_both_values(app: Flask, cast: Cast, adjustment: int, original: int, visit: Visit) -> None:
    with app.app_context():
        make.take(adjustment, cast, *APPROVED)
    document = Document(io.BytesIO(visit(FILLER).get(f"/declarations/{original}/versions/4.docx").data))
    funds, indicators = ([[c.text for c in row.cells] for row in table.rows] for table in document.tables[-2:])
    assert funds == [["资金来源", "年初金额", "调整金额"], ["一般公共预算", "570.00 万元", "700.00 万元"]]
    assert indicators[0][3:5] == ["年初指标值", "调整指标值"]
    assert [row[3:5] for row in indicators if row[2] == "惠及居民人次"] == [["≥60,000人次", "≥80,000人次"]]


def test_the_reviewer_sees_the_changes_against_the_approval(
    app: Flask, cast: Cast, adjustment: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(adjustment, cast, (FILLER, "submit"))
    page = text(visit(REVIEWER).get(f"/declarations/{adjustment}"))
    assert "与批复的目标相比，本次调整有" in page
    assert "绩效目标调整" in text(visit(REVIEWER).get("/"))


def test_giving_up_leads_back_to_what_stays_in_force(adjustment: int, original: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    answer = visitor.post(f"/declarations/{adjustment}/dropping")
    assert (answer.status_code, answer.location) == (303, f"/declarations/{original}")
    assert "批复的目标继续有效" in text(visitor.get(answer.location))
    assert "已放弃" in text(visitor.get(f"/declarations/{adjustment}"))
    assert visitor.post(f"/declarations/{original}/dropping").location == f"/declarations/{original}"
