"""The check before submission: every answer, every gap, and a sentence for each warning."""

import pytest
from flask import Flask

from perfmgr.extensions import db
from perfmgr.models.draft import Draft
from perfmgr.rules.findings import Finding
from tests import cast as make
from tests.browser import problems, text
from tests.cast import FILLER, REVIEWER, Cast
from tests.web.sections import Visit, fields, post, stored


def test_the_check_page_shows_every_answer_and_every_gap_as_a_link(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    page = visit(FILLER).get(f"/declarations/{declaration_id}/check")
    body = page.get_data(as_text=True)
    assert text(page).count("未填写") == 7
    for anchor in (
        "overview?back=check#overview",
        "plan?back=check#goals",
        "plan?back=check#step_spans",
        "period?back=check#start_on",
    ):
        assert f'href="/declarations/{declaration_id}/sections/{anchor}"' in body
    assert "还有 11 处需要补齐：" in text(page)


def test_saving_leads_back_to_the_check(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    page = visitor.get(f"/declarations/{declared}/sections/body?back=check")
    answer = post(visitor, f"/declarations/{declared}/sections/body", {**fields(page), "body": "新主体"})
    assert answer.headers["Location"] == f"/declarations/{declared}/check#body"


@pytest.mark.parametrize("back", ["//evil.example", "/projects", "javascript:alert(1)", "check2", ""])
def test_back_leads_nowhere_else(app: Flask, declared: int, visit: Visit, back: str) -> None:
    data = {"body": "新主体", "back": back}
    answer = visit(FILLER).post(f"/declarations/{declared}/sections/body", data)
    assert answer.headers["Location"] == f"/declarations/{declared}"


def test_submitting_with_gaps_lists_them_and_says_so_in_the_title(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    answer = visit(FILLER).post(f"/declarations/{declaration_id}/submission")
    assert (answer.status_code, len(problems(answer))) == (422, 11)
    body = answer.get_data(as_text=True)
    assert "<title>错误：" in body
    assert body.index('class="problems"') < body.index("<h1>")


def test_a_warning_needs_a_sentence_which_reviewers_then_see(
    app: Flask, cast: Cast, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/submission"
    page = visitor.get(f"/declarations/{declared}/check")
    assert "“主要目标”里的“办成”说得不具体。 写成数字。" in text(page)
    refused = visitor.post(path)
    said = "请用一句话说明理由，或者修改：“主要目标”里的“办成”说得不具体。"
    assert (refused.status_code, problems(refused)) == (422, [said])
    assert 'href="#why-Q03:goals"' in refused.get_data(as_text=True)
    too_long = visitor.post(path, {"why-Q03:goals": "字" * 501})
    assert (too_long.status_code, "字" * 501 in too_long.get_data(as_text=True)) == (422, True)
    assert visitor.post(path, {"why-Q03:goals": "<b>事项</b>已列入清单。", "why-Q99:x": "无关"}).status_code == 303
    assert stored(app, declared).justifications == {"Q03:goals": "<b>事项</b>已列入清单。"}
    seen = visit(REVIEWER).get(f"/declarations/{declared}")
    assert "填报人对提示的说明" in text(seen)
    assert "&lt;b&gt;事项&lt;/b&gt;已列入清单。" in seen.get_data(as_text=True)


def test_a_sentence_goes_when_what_it_explains_was_mended(
    app: Flask, cast: Cast, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declared}/submission", {"why-Q03:goals": "说明"})
    visitor.post(f"/declarations/{declared}/withdrawal")
    visitor.post(f"/declarations/{declared}/sections/plan", {"goals": "解决 190 件实事。"})
    assert "填报人对提示的说明" not in text(visitor.get(f"/declarations/{declared}"))
    assert visitor.post(f"/declarations/{declared}/submission").status_code == 303
    assert stored(app, declared).justifications == {}


def test_sentences_typed_on_the_check_page_are_kept_too(
    app: Flask, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declared}/sections/check/draft", {"why-Q03:goals": "写到一半", "tab": "t1"})
    page = visitor.get(f"/declarations/{declared}/check").get_data(as_text=True)
    assert 'name="why-Q03:goals" value="写到一半"' in page
    assert visitor.post(f"/declarations/{declared}/submission", {"why-Q03:goals": "写完"}).status_code == 303
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_a_declaration_that_is_with_others_has_nothing_to_check(
    app: Flask, cast: Cast, declared: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(declared, cast, (FILLER, "submit"))
    answer = visit(FILLER).get(f"/declarations/{declared}/check")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/declarations/{declared}")
