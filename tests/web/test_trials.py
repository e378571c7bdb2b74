"""Trying a scheme on last year's sheets: before and after on the page and in the workbook, and nothing written."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import evaluations, reviews, schemes
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, REVIEWER, YEAR, Cast
from tests.records import snapshot

Visit = Callable[[str | None], Visitor]


def draft_of(cast: Cast, **changes: Any) -> int:
    """Return the id of a new draft of 10-50-30-10 with these changes to its data."""
    by = cast.viewer(ADMIN)
    source = db.session.scalars(
        select(SchemeVersion).where(SchemeVersion.code == "10-50-30-10", SchemeVersion.number == 1)
    ).one()
    draft = schemes.copy(source, by)
    schemes.save(draft, {**copy.deepcopy(source.data), **changes}, by)
    return draft.id


def submitted(cast: Cast) -> int:
    """Hand in one sheet with 98.76 points; returns its id."""
    make.budgeted(cast)
    sheet = db.session.get_one(Evaluation, make.opened(cast)["社区服务经费"])
    evaluations.submit(sheet, entries(), TEXTS, cast.viewer(FILLER))
    return sheet.id


GRADES = [{"name": "好", "low": "99"}, {"name": "差", "low": "0"}]


def test_a_trial_shows_before_and_after_and_writes_nothing(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        submitted(cast)
        draft = draft_of(cast, grades=GRADES)
    visitor, before = visit(ADMIN), snapshot(app)
    page = text(visitor.get(f"/schemes/{draft}/trial?year={YEAR}"))
    assert "社区服务经费" in page
    assert "98.76 优 自评 98.76 差 0.00" in page
    assert "1 / 1 能计分" in page
    assert "98.76 → 98.76" in page
    assert f"{YEAR + 1} 年度" in text(visitor.get(f"/schemes/{draft}/trial?year={YEAR + 1}"))
    head, row = read_rows(visitor.get(f"/schemes/{draft}/trial/export.xlsx?year={YEAR}").data, "试算.xlsx")
    assert head[4:10] == ["原得分", "原等级", "原得分来源", "试算得分", "试算等级", "变动"]
    assert [row[1], *row[3:10]] == ["社区服务经费", "v1", "98.76", "优", "自评", "98.76", "差", "0"]
    assert snapshot(app) == before


def test_a_trial_compares_with_the_score_of_the_last_tier(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        sheet_id = submitted(cast)
        lines = [LineDraft(None), LineDraft(Decimal("5.5"), "佐证不足", "evidence"), *[LineDraft(None)] * 3]
        sheet = db.session.get_one(Evaluation, sheet_id)
        reviews.submit(sheet, ReviewDraft(lines), cast.viewer(REVIEWER))
        draft = draft_of(cast)
    assert "90.01 优 部门复核 90.01 优 0.00" in text(visit(ADMIN).get(f"/schemes/{draft}/trial?year={YEAR}"))


def test_a_sheet_that_cannot_be_scored_is_named_with_the_reason(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        submitted(cast)
        draft = draft_of(cast)
        version = db.session.get_one(SchemeVersion, draft)
        data = copy.deepcopy(version.data)
        data["categories"][2] |= {"code": "opinion", "unused_to": {}}
        schemes.save(version, data, cast.viewer(ADMIN))
    page = text(visit(ADMIN).get(f"/schemes/{draft}/trial?year={YEAR}"))
    assert "0 / 1 能计分" in page
    assert "试算的方案没有“满意度指标”这一类，而本表有这一类的指标。" in page


def test_the_trial_takes_as_many_statements_for_many_sheets(
    app: Flask, cast: Cast, visit: Visit, count_queries: Callable[[], Any]
) -> None:
    with app.app_context():
        submitted(cast)
        draft = draft_of(cast, grades=GRADES)
    visitor, numbers = visit(ADMIN), []
    for more in (0, 2):
        with app.app_context():
            for n in range(more):
                make.budgeted(cast, f"另一个项目{n}")
            opened = make.opened(cast) if more else {}
            for name, id_ in opened.items():
                if name.startswith("另一个项目"):
                    evaluations.submit(db.session.get_one(Evaluation, id_), entries(), TEXTS, cast.viewer(FILLER))
        visitor.get(f"/schemes/{draft}/trial?year={YEAR}")
        with count_queries() as statements:
            assert f"{more + 1} / {more + 1} 能计分" in text(visitor.get(f"/schemes/{draft}/trial?year={YEAR}"))
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 8, numbers


FORM = {"name": "方案", "execution_weight": "10", "execution_mode": "linear", "when_empty": "zero", "reverse": "ratio"}


def form_of(data: dict[str, Any], **changes: str) -> dict[str, str]:
    """Return the editor's form as a browser would send it for this data."""
    sent = {**FORM, "equal": "forward", "over_flag": "1.2", "over_explain": "1.3", "reason_below": "90"}
    for n, row in enumerate(data["categories"]):
        moved = " ".join(f"{k}:{v}" for k, v in (row.get("unused_to") or {}).items())
        sent |= {f"categories-{n}-{key}": str(row[key]) for key in ("code", "name", "weight")}
        sent |= {f"categories-{n}-children": "、".join(row["children"]), f"categories-{n}-unused_to": moved}
    for n, row in enumerate(data["tiers"]):
        sent |= {f"tiers-{n}-{key}": str(row[key]) for key in ("code", "name", "label")}
        sent |= {f"tiers-{n}-{key}": str(float(row[key]) * 100) for key in ("low", "high")}
    for n, row in enumerate(data["grades"]):
        sent |= {f"grades-{n}-{key}": str(row[key]) for key in ("name", "low")}
    return sent | changes


def test_the_editor_writes_parameters_and_leaves_what_it_does_not_know(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        draft = draft_of(cast, local={"note": "本地", "limits": {"a": 1}}, trial={"other": "x"})
        data = copy.deepcopy(db.session.get_one(SchemeVersion, draft).data)
        data["categories"][0]["hint"] = "本地提示"
        schemes.save(db.session.get_one(SchemeVersion, draft), data, cast.viewer(ADMIN))
    visitor, address = visit(ADMIN), f"/schemes/{draft}/edit"
    page = text(visitor.get(address))
    assert "默认 5分" in page
    assert "local.note" in page

    def stored() -> dict[str, Any]:
        with app.app_context():
            return db.session.get_one(SchemeVersion, draft).data

    name = "parameter_trial__notable"
    assert visitor.post(address, form_of(data, **{name: "2.5"})).status_code == 303
    after = stored()
    assert (after["trial"], after["local"]) == ({"other": "x", "notable": "2.5"}, data["local"])
    assert after["categories"][0]["hint"] == "本地提示"
    assert "变动不小于 2.5 分" in text(visitor.get(f"/schemes/{draft}/trial"))
    refused = visitor.post(address, form_of(data, **{name: "500"}))
    assert (refused.status_code, problems(refused)) == (422, ["“试算：变动不小于多少算较大”应在 0 到 100 之间。"])
    assert stored() == after
    assert visitor.post(address, form_of(data, **{name: ""})).status_code == 303
    assert stored()["trial"] == {"other": "x"}


@pytest.mark.parametrize("page", ["abc", "0"])
def test_an_odd_page_is_not_there(cast: Cast, visit: Visit, app: Flask, page: str) -> None:
    with app.app_context():
        draft = draft_of(cast)
    assert visit(ADMIN).get(f"/schemes/{draft}/trial?page={page}").status_code == 404
