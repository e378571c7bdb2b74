"""Two people, or two windows, on one section: who saved what, and what is chosen."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.draft import Draft
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import FILLER, FILLER_2, Cast
from tests.web.sections import Visit, fields, post, stored

MINE = {"plan": "我的办法 <script>", "goals": "我的目标"}


def conflict(
    visitor: Visitor,
    declared: int,
    name: str,
    mine: dict[str, str],
    theirs: dict[str, str],
    other: Visitor | None = None,
) -> TestResponse:
    """Open a section twice, save theirs (the other one's, or in one's own second window), then mine."""
    path = f"/declarations/{declared}/sections/{name}"
    first, second = fields((other or visitor).get(path)), fields(visitor.get(path))
    assert post(other or visitor, path, {**first, **theirs}).status_code == 303
    return post(visitor, path, {**second, **mine})


def test_two_sections_never_conflict(app: Flask, declared: int, visit: Visit) -> None:
    visitor, base = visit(FILLER), f"/declarations/{declared}/sections"
    opened = {name: fields(visitor.get(f"{base}/{name}")) for name in ("overview", "plan", "funds", "indicators")}
    for name, page in opened.items():
        assert post(visitor, f"{base}/{name}", page).status_code == 303


def test_the_same_content_is_no_conflict(app: Flask, declared: int, visit: Visit) -> None:
    answer = conflict(visit(FILLER), declared, "plan", {"goals": "同样的"}, {"goals": "同样的"})
    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["overview", "bases", "body", "plan", "period", "funds", "indicators"])
def test_opening_and_saving_a_section_again_and_again_is_no_conflict(
    app: Flask, declared: int, visit: Visit, name: str
) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/{name}"
    page = fields(visitor.get(path))
    for _time in range(3):
        assert post(visitor, path, page).status_code == 303


def test_the_conflict_page_shows_mine_and_theirs_who_and_when(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declared = make.declare(cast, unit=cast.unit_2)  # where two people fill
    theirs = {"goals": "他的目标", "steps-0-content": "他的一步"}
    answer = conflict(visit(FILLER), declared, "plan", MINE, theirs, visit(FILLER_2))
    page = text(answer)
    assert answer.status_code == 409
    assert "另一个窗口" not in page
    assert re.search(r"您打开本节之后，孙填报 于 \d{4}-\d\d-\d\d \d\d:\d\d 保存过本节。", page)
    for word in ("我的办法 <script>", "我的目标", "他的目标", "他的一步", "制定计划", "分季度实施。"):
        assert word in page
    assert "<script>" not in answer.get_data(as_text=True).split("<main")[1]
    found = fields(answer)
    # Chosen is what only one side has changed; where both did, nobody chooses for them.
    assert {k: v for k, v in found.items() if k.startswith("choice-")} == {
        "choice-plan": "mine",
        "choice-steps-0": "theirs",
    }
    assert stored(app, declared).goals == "他的目标"


def test_one_save_keeps_what_was_chosen(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    answer = conflict(visitor, declared, "plan", MINE, {"goals": "他的目标", "steps-0-content": "他的一步"})
    undecided = post(visitor, path, fields(answer))
    assert (undecided.status_code, problems(undecided)) == (422, ["请选择“主要目标”保留哪一份。"])
    assert fields(undecided)["goals"] == "我的目标"
    assert post(visitor, path, {**fields(undecided), "choice-goals": "theirs"}).status_code == 303
    found = stored(app, declared)
    assert (found.plan, found.goals, [s.content for s in found.steps]) == (
        "我的办法 <script>",
        "他的目标",
        ["他的一步"],
    )
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_until_it_is_decided_mine_is_a_draft(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    own = text(conflict(visitor, declared, "plan", MINE, {"goals": "他的目标"}))
    assert re.search(r"您打开本节之后，您在另一个窗口于 \d{4}-\d\d-\d\d \d\d:\d\d 保存过本节。", own)
    assert "保留另一个窗口里保存的" in own
    assert "林填报 于" not in own
    page = visitor.get(f"/declarations/{declared}/sections/plan")
    assert fields(page)["goals"] == "我的目标"
    assert "此后您在另一个窗口于" in text(page)
    again = post(visitor, f"/declarations/{declared}/sections/plan", fields(page))
    assert again.status_code == 409


def test_others_who_save_once_more_ask_for_one_more_choice(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    answer = conflict(visitor, declared, "plan", MINE, {"goals": "他的目标"})
    visitor.post(path, {"goals": "他又改了"})
    once_more = post(visitor, path, {**fields(answer), "choice-goals": "mine"})
    assert (once_more.status_code, "他又改了" in text(once_more)) == (409, True)
    assert post(visitor, path, {**fields(once_more), "choice-goals": "mine"}).status_code == 303
    assert stored(app, declared).goals == "我的目标"


def test_rows_of_a_table_are_chosen_one_by_one(app: Flask, declared: int, visit: Visit) -> None:
    row = {
        "category": "output",
        "subcategory": "",
        "sign": "ge",
        "target": "5",
        "unit": "次",
        "weight": "1",
        "rule_type": "",
        "rule_numbers": "",
        "evidence": "",
    }
    mine = {"indicators-0-target": "200", **{f"indicators-5-{k}": v for k, v in {**row, "name": "我加的"}.items()}}
    theirs = {
        "indicators-0-target": "180",
        "indicators-1-target": "96",
        **{f"indicators-5-{k}": v for k, v in {**row, "name": "他加的"}.items()},
    }
    visitor = visit(FILLER)
    answer = conflict(visitor, declared, "indicators", mine, theirs)
    chosen = {k: v for k, v in fields(answer).items() if k.startswith("choice-")}
    assert sorted(chosen.values()) == ["mine", "theirs", "theirs"]
    both = next(k for k in re.findall(r'name="(choice-[\w-]+)"', answer.get_data(as_text=True)) if k not in chosen)
    saved = post(visitor, f"/declarations/{declared}/sections/indicators", {**fields(answer), both: "mine"})
    assert saved.status_code == 303
    lines = [(i.name, str(i.target_value.normalize())) for i in stored(app, declared).indicators]
    assert lines[:2] == [("办理服务项目数", "2E+2"), ("验收合格率", "96")]
    assert {name for name, _value in lines[5:]} == {"我加的", "他加的"}


def test_what_was_chosen_and_does_not_fit_together_is_told_and_kept(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/period"
    mine, theirs = {"start_on": "2025-10-01", "end_on": "2025-12-31"}, {"start_on": "2025-1-1", "end_on": "2025-06-30"}
    answer = conflict(visitor, declared, "period", mine, theirs)
    chosen = {**fields(answer), "choice-start_on": "mine", "choice-end_on": "theirs"}
    refused = post(visitor, path, chosen)
    assert refused.status_code == 422
    assert problems(refused) == ["“实施周期”的结束日期 2025-06-30 早于开始日期 2025-10-01，请调整其中一个。"]
    assert post(visitor, path, {**fields(refused), "choice-end_on": "mine"}).status_code == 303


def test_amounts_are_chosen_by_source(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/funds"
    answer = conflict(
        visitor, declared, "funds", {"other": "1.5", "general_public": ""}, {"general_public": "600", "carry_over": "2"}
    )
    chosen = {k: v for k, v in fields(answer).items() if k.startswith("choice-")}
    assert chosen == {"choice-other": "mine", "choice-carry_over": "theirs"}
    assert post(visitor, path, {**fields(answer), "choice-general_public": "theirs"}).status_code == 303
    amounts = {f.source: str(f.amount) for f in stored(app, declared).funds}
    assert amounts == {"general_public": "6000000.00", "other": "15000.00", "carry_over": "20000.00"}


def test_a_double_click_on_save_is_no_conflict(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    page = {**fields(visitor.get(path)), **MINE}
    assert [post(visitor, path, page).status_code for _click in range(2)] == [303, 303]
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_a_failed_save_is_kept_as_a_draft_with_everything_typed(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    steps = {f"steps-{n}-content": f"第 {n} 步" for n in range(12)}
    page = {**fields(visitor.get(path)), **MINE, **steps, "steps-11-start_on": "二月三十"}
    answer = post(visitor, path, page)
    assert answer.status_code == 422
    typed = {k: v for k, v in page.items() if k not in ("csrf_token", "owner")}
    assert {k: v for k, v in fields(answer).items() if k in typed} == typed
    again = fields(visitor.get(path))
    assert {k: again[k] for k in (*MINE, *steps, "steps-11-start_on")} == {
        k: page[k] for k in (*MINE, *steps, "steps-11-start_on")
    }
