"""Re-checks through the pages: what is sealed is seen by nobody else, and the ranking of risk is one query a page."""

from collections.abc import Callable
from decimal import Decimal

from flask import Flask

from perfmgr.actions import evaluations, reviews
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries
from tests.browser import Visitor
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, YEAR, Cast

SECRET = "只有本层知道"


def test_a_draft_is_sealed_and_a_submitted_tier_stands_beside_the_self_evaluation(
    app: Flask, cast: Cast, visit: Callable[[str | None], Visitor]
) -> None:
    with app.app_context():
        make.budgeted(cast)
        sheet_id = make.opened(cast)["社区服务经费"]

        def sheet() -> Evaluation:
            return db.session.get_one(Evaluation, sheet_id)

        evaluations.submit(sheet(), entries(), TEXTS, cast.viewer(FILLER))
        lines = [LineDraft(None), LineDraft(Decimal("7.77"), SECRET, "evidence"), *[LineDraft(None)] * 3]
        reviews.save(sheet(), ReviewDraft(lines, SECRET), cast.viewer(REVIEWER))
    address = f"/evaluations/{sheet_id}"

    def seen(username: str) -> list[bool]:
        pages = (address, f"{address}/export.json", f"{address}/review")
        found = [visit(username).get(page).get_data(as_text=True) for page in pages]
        return [SECRET in page or "7.77" in page for page in found]

    assert [seen(username) for username in (FILLER, FINANCE, ADMIN)] == [[False] * 3] * 3
    assert seen(REVIEWER) == [False, False, True]
    refused = visit(FINANCE).post(f"{address}/review", {"opinion": "看一看"})
    assert (refused.status_code, SECRET in refused.get_data(as_text=True)) == (403, False)
    with app.app_context():
        evaluations.take(sheet(), "confirm", cast.viewer(REVIEWER))
    assert [seen(username)[0] for username in (FILLER, FINANCE, ADMIN)] == [True] * 3
    page = visit(FINANCE).get(address).get_data(as_text=True)
    assert ("部门复核" in page, "-6.48" in page, "佐证不足" in page) == (True, True, True)
    with app.app_context():
        reviews.save(sheet(), ReviewDraft([LineDraft(None)] * 5, "抽查草稿"), cast.viewer(FINANCE))
    assert ["抽查草稿" in visit(name).get(address).get_data(as_text=True) for name in (FILLER, REVIEWER)] == [False] * 2


def test_submitted_sheets_are_ranked_by_risk(app: Flask, cast: Cast, visit: Callable[[str | None], Visitor]) -> None:
    with app.app_context():
        for name, executed in (("花得少", "300"), ("花得够", "560")):
            make.budgeted(cast, name, executed=executed)
        ids = make.opened(cast)
        for name in ("花得够", "花得少"):
            sheet = db.session.get_one(Evaluation, ids[name])
            texts = {**TEXTS, "execution_reason": "付款推迟", "goal_actual": f"{name}，全年办成实事。"}
            evaluations.submit(sheet, entries(), texts, cast.viewer(FILLER))
    for query, names in (("", ["花得少", "花得够"]), ("&state=red", ["花得少"]), ("&q=够", ["花得够"])):
        page = visit(REVIEWER).get(f"/inflation?year={YEAR}{query}").get_data(as_text=True)
        places = {name: page.find(f">{name}</a>") for name in ("花得少", "花得够")}
        assert sorted((n for n in places if places[n] > 0), key=places.__getitem__) == names
    assert visit(FILLER).get("/inflation").status_code == 403
    assert "虚高提示" in visit(FILLER).get(f"/evaluations/{ids['花得少']}").get_data(as_text=True)
