"""Sections of a declaration: the task list, and what saving and showing them costs."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from tests import cast as make
from tests.browser import text
from tests.cast import ADMIN, FILLER, REVIEWER, Cast
from tests.web.sections import Visit, fields, keep, post, stored

# --- task list --------------------------------------------------------------------------------


def statuses(page: TestResponse) -> list[tuple[str, str]]:
    """Return section and status of the task list."""
    block = page.get_data(as_text=True).split('class="card task-list"')[1].split("</ol>")[0]
    rows = re.findall(r"<li>(.*?)</li>", block, re.DOTALL)
    cells = [[c for c in re.sub(r"<[^>]+>", "\n", row).split("\n") if c.strip()] for row in rows]
    return [(name.strip(), state.strip()) for _number, name, state in cells]


def test_the_task_list_names_every_section_with_a_status_in_words(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declaration_id}/sections/overview", {"overview": "概述"})
    visitor.post(f"/declarations/{declaration_id}/sections/plan", {"plan": "办法"})
    visitor.post(f"/declarations/{declaration_id}/sections/body/draft", {"body": "科室", "tab": "t1"})
    row = {"category": "output", "name": "次数", "sign": "ge", "target": "9", "unit": "次", "weight": "49"}
    visitor.post(
        f"/declarations/{declaration_id}/sections/indicators", {f"indicators-0-{k}": v for k, v in row.items()}
    )
    page = visitor.get(f"/declarations/{declaration_id}")
    assert statuses(page) == [
        ("项目概述", "已完成"),
        ("立项依据", "未开始"),
        ("实施主体", "填写中"),
        ("实施方案", "填写中"),
        ("实施周期", "未开始"),
        ("年度预算安排", "未开始"),
        ("绩效目标", "有问题"),
        ("附件材料", "未开始"),
    ]
    assert "已完成 1/8" in text(page)
    assert "下一步：填写“绩效目标”" in text(page)


def test_when_all_is_done_the_next_step_is_the_check(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    with app.app_context():
        db.session.get_one(Declaration, declared).no_attachments = True
        db.session.commit()
    page = text(visitor.get(f"/declarations/{declared}"))
    assert ("已完成 8/8" in page, "下一步：核对并送审" in page) == (True, True)


def test_in_a_year_that_is_over_nothing_can_be_filled_in(app: Flask, cast: Cast, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    visit(ADMIN).post(f"/cycles/{cast.cycle}/closing")
    page = visitor.get(f"/declarations/{declared}")
    assert {state for _name, state in statuses(page)} == {"暂不能填写"}
    assert "这一年度已经结束，不能再填写。" in text(page)
    answer = visitor.post(f"/declarations/{declared}/sections/body", {"body": "别人"})
    assert (answer.status_code, "2025 年度已经结束" in text(answer), "别人" in text(answer)) == (422, True, True)


def test_reviewers_see_no_task_list(app: Flask, declared: int, visit: Visit) -> None:
    assert "task-list" not in visit(REVIEWER).get(f"/declarations/{declared}").get_data(as_text=True)


# --- saving and showing ----------------------------------------------------------------------


def test_fields_that_are_none_of_the_forms_change_nothing_else(app: Flask, declared: int, visit: Visit) -> None:
    more = {
        "state": "approved",
        "unit_id": "1",
        "version": "999",
        "filled_by_id": "5",
        "annual_amount": "1",
        "saves": "{}",
    }
    assert visit(FILLER).post(f"/declarations/{declared}/sections/body", {"body": "新主体", **more}).status_code == 303
    found = stored(app, declared)
    assert (found.state, found.body, found.overview, found.annual_amount) == (
        "draft",
        "新主体",
        "为居民办实事。",
        5_700_000,
    )


def test_sections_take_as_many_statements_with_many_rows_as_with_few(
    app: Flask, cast: Cast, declared: int, visit: Visit, count_queries: Any
) -> None:
    visitor, path, found = visit(FILLER), f"/declarations/{declared}/sections/plan", []
    for count in (1, 100):
        page = {**fields(visitor.get(path)), **{f"steps-{n}-content": f"步骤 {n}" for n in range(count)}}
        with count_queries() as saving:
            assert post(visitor, path, page).status_code == 303
        with count_queries() as showing:
            visitor.get(path)
        with count_queries() as checking:
            visitor.get(f"/declarations/{declared}/check")
        with count_queries() as keeping:
            keep(visitor, declared, "plan", page | {"tab": f"q{count}"})
        visitor.post(f"{path}/draft/discarding", {"draft": f"q{count}"})
        found.append((len(showing), len(checking), len(keeping), sum("UPDATE declaration" in s for s in saving)))
    assert found[0] == found[1]
    assert max(found[0]) <= 18, found


def test_nothing_here_writes_history(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    keep(visitor, declared, "plan", {"goals": "x"})
    visitor.get(f"/declarations/{declared}/sections/plan")
    with app.app_context():
        assert [event.step for event in db.session.query(Event).filter_by(subject_kind="declaration")] == ["start"]
