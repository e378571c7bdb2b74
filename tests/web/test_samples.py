"""Samples through the pages: drawing, assigning, checking one after the other, repeating the draw, exporting."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import update

from perfmgr.actions import samples
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.sample import SampleSheet
from perfmgr.models.unit import Unit
from perfmgr.queries import samples as queries
from perfmgr.rules.samples import Draw
from tests.actions.test_samples import confirmed, finance_person
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, YEAR, Cast

Visit = Callable[[str | None], Visitor]


def test_from_the_draw_to_the_last_sheet(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        sheets = confirmed(cast)
    visitor = visit(FINANCE)
    page = text(visitor.get(f"/samples/new?year={YEAR}"))
    assert "5 可抽取的项目自评" in page
    asked = {"unit": str(cast.area), "year": str(YEAR), "known": "0", "share": "15", "factor": "2", "seed": "号码7"}
    refused = visitor.post("/samples", {**asked, "share": "0"})
    assert (refused.status_code, problems(refused)) == (
        422,
        ["“抽查比例”应大于 0%、不超过 100%，最多两位小数，请修改。"],
    )
    assert 'value="号码7"' in refused.get_data(as_text=True)
    assert visitor.post("/samples", {**asked, "unit": "", "year": "x"}).status_code == 422
    drawn = visitor.post("/samples", {**asked, "share": "40"})
    assert drawn.status_code == 303
    address = drawn.headers["Location"]
    assert visitor.post("/samples", {**asked, "share": "40"}).status_code == 409
    assert "种子 号码7" in text(visitor.get(address))
    for username, status in ((ADMIN, 200), (FILLER, 403), (REVIEWER, 403)):
        assert visit(username).get(address).status_code == status
    assert visit(ADMIN).post(f"{address}/sharing").status_code == 403
    assert visitor.post(f"{address}/sharing").status_code == 303
    assert "分给我的 2" in text(visitor.get(address))
    assert "一致：用保存的总体、种子和参数重新抽取，2 份" in text(visitor.get(f"{address}/verification"))
    assert "号码7" in text(visitor.get(f"/samples?year={YEAR}"))

    with app.app_context():
        sample = queries.find(int(address.rsplit("/", 1)[1]), cast.viewer(FINANCE))
        assert sample is not None
        first, second = queries.drawn_ids(sample)
    form = text(visitor.get(f"/evaluations/{first}/review"))
    assert "抽查样本第 1 份" in form
    assert "提交并抽查下一份" in form
    done = visitor.post(f"/evaluations/{first}/confirmation", {"opinion": "", "next": "1"})
    assert done.headers["Location"] == f"/evaluations/{second}/review"
    assert "已抽查 1/2" in text(visitor.get(f"{address}?state=open"))
    done = visitor.post(f"/evaluations/{second}/confirmation", {"opinion": "属实", "next": "1"})
    assert done.headers["Location"] == address
    head, *rows = read_rows(visitor.get(f"{address}/export.xlsx").data, "样本.xlsx")
    assert [row[1] for row in rows] == [str(first), str(second)]
    found = dict(zip(head, rows[0], strict=True))
    assert (found["状态"], found["抽查得分"], found["抽查人"]) == ("已抽查", "98.76", "郑财政")
    assert "种子 号码7；比例 40%；红灯权重 2；总体 5 份" in found["抽取参数"]

    outside = next(id_ for id_ in sheets if id_ not in (first, second))
    refused = visitor.post(f"/evaluations/{outside}/confirmation", {"opinion": "看过"})
    assert (refused.status_code, problems(refused)) == (
        422,
        ["本年度已抽取样本，这份自评不在样本之内，请填写“抽查理由”。"],
    )
    told = visitor.post(f"/evaluations/{outside}/confirmation", {"opinion": "看过", "cause": "来信反映"})
    assert told.headers["Location"] == f"/evaluations/{outside}"
    assert "来信反映" in text(visit(FILLER).get(f"/evaluations/{outside}"))


def test_assignments_and_a_sample_that_was_tampered_with(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        sheets = confirmed(cast)
        other = finance_person("finance2", cast.area)
        stranger = finance_person("finance3", cast.other_department)
        area = db.session.get_one(Unit, cast.area)
        sample = samples.create(area, YEAR, Draw("1", Decimal("0.2"), Decimal(1)), cast.viewer(FINANCE))
        address = f"/samples/{sample.id}"
        row = queries.open_sheets(sample)[0][0]
        spare = next(id_ for id_ in sheets if id_ != row.evaluation_id)
        sheet_id, name = row.evaluation_id, f"sheet-{row.id}"
    visitor = visit(FINANCE)
    assert visitor.post(f"{address}/assignment", {name: str(other)}).status_code == 303
    assert "finance2" in text(visitor.get(address))
    for value in (str(stranger), "nobody"):
        refused = visitor.post(f"{address}/assignment", {name: value})
        assert (refused.status_code, "第 1 份不能交给所选的人" in text(refused)) == (422, True)
    assert f"/evaluations/{sheet_id}/review" not in visitor.get("/").get_data(as_text=True)
    with app.app_context():
        db.session.execute(update(SampleSheet).values(evaluation_id=spare))
        db.session.commit()
    assert "不一致：少 1 份，多 1 份" in text(visitor.get(f"{address}/verification"))


def test_an_older_page_overwrites_no_newer_assignment(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        confirmed(cast)
        others = [finance_person(name, cast.area) for name in ("finance2", "finance3")]
        area = db.session.get_one(Unit, cast.area)
        sample = samples.create(area, YEAR, Draw("1", Decimal("0.6"), Decimal(1)), cast.viewer(FINANCE))
        address = f"/samples/{sample.id}"
        ids = [sheet.id for sheet, _people in queries.open_sheets(sample)]
    visitor = visit(FINANCE)

    def post(wanted: list[object], known: list[object]) -> Any:
        fields = {f"sheet-{id_}": str(value) for id_, value in zip(ids, wanted, strict=True)}
        fields |= {f"known-{id_}": str(value) for id_, value in zip(ids, known, strict=True)}
        return visitor.post(f"{address}/assignment", fields)

    def stored() -> list[int | None]:
        with app.app_context():
            return [db.session.get_one(SampleSheet, id_).assigned_to_id for id_ in ids]

    page = visitor.get(address).get_data(as_text=True)
    assert all(f'name="known-{id_}" value=""' in page for id_ in ids)
    assert post([others[0], "", ""], ["", "", ""]).status_code == 303
    # The same page in another window: what it did not touch stays, what it did is asked about.
    assert post(["", others[1], ""], ["", "", ""]).status_code == 303
    assert stored() == [others[0], others[1], None]
    late = post([others[1], others[1], others[1]], ["", "", ""])
    assert (late.status_code, "第 1 份在您打开本页之后已由他人改派" in text(late)) == (409, True)
    assert text(late).count("刚改派给 finance2") == 1
    assert stored() == [others[0], others[1], None]
    body = late.get_data(as_text=True)
    assert body.count(f'<option value="{others[1]}" selected>') == 3
    assert f'name="known-{ids[0]}" value="{others[0]}"' in body
    assert post([others[1]] * 3, [others[0], others[1], ""]).status_code == 303
    assert stored() == [others[1]] * 3
    taken = text(visitor.get(f"/evaluations/{_evaluation(app, ids[0])}/review"))
    assert "这份自评已指派给 finance3" in taken


def _evaluation(app: Flask, sheet_id: int) -> int:
    with app.app_context():
        return db.session.get_one(SampleSheet, sheet_id).evaluation_id


def test_the_sample_takes_as_many_statements_for_many_sheets(
    app: Flask, cast: Cast, visit: Visit, count_queries: Callable[[], Any]
) -> None:
    visitor, numbers = visit(FINANCE), []
    for names in (("甲",), ("乙", "丙", "丁")):
        with app.app_context():
            confirmed(cast, names)
            area = db.session.get_one(Unit, cast.area)
            sample = samples.create(area, YEAR, Draw("1", Decimal(1), Decimal(1)), cast.viewer(FINANCE))
        pages = (f"/samples/{sample.id}", f"/samples?year={YEAR}", "/", f"/samples/new?year={YEAR}")
        for page in pages:
            visitor.get(page)
        counted = []
        for page in (*pages, f"/samples/{sample.id}/export.xlsx", f"/samples/{sample.id}/verification"):
            with count_queries() as statements:
                assert visitor.get(page).status_code == 200
            counted.append(len(statements))
        with count_queries() as statements:
            visitor.post(f"/samples/{sample.id}/sharing")
        numbers.append([*counted, len([one for one in statements if one.startswith("SELECT")])])
    assert numbers[0] == numbers[1], numbers
