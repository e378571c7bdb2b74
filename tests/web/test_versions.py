"""The pages of versions: receipt, list, comparison, document; remarks, and the note that a review was opened."""

import html
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from flask import Flask

from perfmgr.actions import declarations
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.version import DeclarationVersion
from tests import cast as make
from tests.actions.declared import next_cycle
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]


@pytest.fixture
def declaration_id(app: Flask, cast: Cast) -> int:
    """A complete draft."""
    with app.app_context():
        return make.declare(cast)


def reasons(visitor: Visitor, declaration_id: int) -> dict[str, str]:
    """Return one sentence for every warning that the check page asks about."""
    page = visitor.get(f"/declarations/{declaration_id}/check").get_data(as_text=True)
    return {html.unescape(name): "已经集体研究。" for name in re.findall(r'name="(why-[^"]+)"', page)}


def changed(app: Flask, cast: Cast, declaration_id: int) -> None:
    """Submit, return, change and submit again."""
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"), (REVIEWER, "return"))
        record = db.session.get_one(Declaration, declaration_id)
        declarations.save_texts(record, {"overview": "为社区居民办实事<b>。"}, cast.viewer(FILLER))
        drafts = make.indicator_drafts()
        drafts.insert(0, drafts.pop(2))
        declarations.save_indicators(record, drafts, cast.viewer(FILLER))
        make.take(declaration_id, cast, (FILLER, "submit"))


def test_a_submission_leads_to_its_receipt(app: Flask, declaration_id: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    answer = visitor.post(f"/declarations/{declaration_id}/submission", reasons(visitor, declaration_id))
    assert (answer.status_code, answer.location) == (303, f"/declarations/{declaration_id}/versions/1/receipt")
    page = text(visitor.get(answer.location))
    with app.app_context():
        version = db.session.query(DeclarationVersion).one()
    assert version.receipt is not None
    for part in (
        version.receipt,
        "社区服务经费",
        "林填报",
        "由部门审核人审核",
        "周审核",
        "2099年12月31日",
        "待部门审核",
    ):
        assert part in page


def test_a_second_click_leads_to_the_same_receipt(app: Flask, declaration_id: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    said = reasons(visitor, declaration_id)
    answers = [visitor.post(f"/declarations/{declaration_id}/submission", said) for _n in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [
        (303, f"/declarations/{declaration_id}/versions/1/receipt")
    ] * 2


def test_the_receipt_names_nobody_who_prepared_it(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    from perfmgr.models.person import Appointment, Person

    with app.app_context():
        filler = db.session.get_one(Person, cast.people[FILLER])
        filler.appointments = [*filler.appointments, Appointment(unit_id=cast.department, role="department_reviewer")]
        db.session.commit()
        make.take(declaration_id, cast, (FILLER, "submit"))
    page = visit(FILLER).get(f"/declarations/{declaration_id}/versions/1/receipt").get_data(as_text=True)
    found = re.search(r"<dt>由谁办理</dt><dd>(.*?)</dd>", page)
    assert found is not None
    assert found[1] == "周审核"


def test_a_receipt_names_the_next_step_only_while_it_lies_ahead(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit
) -> None:
    address, filler = f"/declarations/{declaration_id}/versions/%s/receipt", visit(FILLER)
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    assert "由谁办理" in text(filler.get(address % 1))
    with app.app_context():
        make.take(declaration_id, cast, (REVIEWER, "return"))
    page = text(filler.get(address % 1))
    assert "目前状态 已退回" in page
    assert "由谁办理" not in page
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    assert "由谁办理" not in text(filler.get(address % 1))
    assert "由谁办理" in text(filler.get(address % 2))


@pytest.mark.parametrize("person", [FILLER, REVIEWER, FINANCE, ADMIN])
def test_everybody_who_sees_the_declaration_sees_its_versions(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit, person: str
) -> None:
    changed(app, cast, declaration_id)
    for path in ("", "/1", "/2/receipt", "/2.docx", "/compare?from=1&to=2", "/compare?from=2&to=draft", "/compare"):
        assert visit(person).get(f"/declarations/{declaration_id}/versions{path}").status_code == 200, path


@pytest.mark.parametrize("person", [FILLER_2, OUTSIDER])
def test_others_find_nothing(app: Flask, cast: Cast, declaration_id: int, visit: Visit, person: str) -> None:
    changed(app, cast, declaration_id)
    for path in ("", "/1", "/2/receipt", "/2.docx", "/compare?from=1&to=2"):
        assert visit(person).get(f"/declarations/{declaration_id}/versions{path}").status_code == 404, path


@pytest.mark.parametrize(
    "path",
    ["/9", "/0", "/9/receipt", "/9.docx", "/compare?from=9&to=1", "/compare?from=x&to=1", "/compare?from=1&to=x"],
)
def test_a_version_that_does_not_exist_is_not_found(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit, path: str
) -> None:
    changed(app, cast, declaration_id)
    assert visit(FILLER).get(f"/declarations/{declaration_id}/versions{path}").status_code == 404


def test_a_draft_without_version_has_an_empty_list(declaration_id: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    assert "还没有版本" in text(visitor.get(f"/declarations/{declaration_id}/versions"))
    assert visitor.get(f"/declarations/{declaration_id}/versions/compare").status_code == 404


def test_the_comparison_shows_only_what_changed(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    changed(app, cast, declaration_id)
    visitor, path = visit(REVIEWER), f"/declarations/{declaration_id}/versions/compare?from=1&to=2"
    page = visitor.get(path).get_data(as_text=True)
    assert "共 2 处修改" in page
    assert (
        '为<ins><span class="visually-hidden">【加入：</span>社区<span class="visually-hidden">】</span></ins>' in page
    )
    assert "&lt;b&gt;" in page
    assert re.findall(r"<h2>(.+?)</h2>", page) == ["项目概述", "绩效目标"]
    whole = visitor.get(f"{path}&all=1").get_data(as_text=True)
    assert "实施方案" in re.findall(r"<h2>(.+?)</h2>", whole)


def test_the_second_round_says_how_much_changed(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    changed(app, cast, declaration_id)
    page = visit(REVIEWER).get(f"/declarations/{declaration_id}").get_data(as_text=True)
    assert "本次与上次送审相比有 2 处修改。" in page
    assert f'href="/declarations/{declaration_id}/versions/compare?from=1&amp;to=2"' in page


def test_the_document_says_what_the_version_says(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    changed(app, cast, declaration_id)
    answer = visit(FILLER).get(f"/declarations/{declaration_id}/versions/2.docx")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    document = Document(io.BytesIO(answer.data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert "为社区居民办实事<b>。" in lines
    cells = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert cells[0] == ["一级指标", "二级指标", "三级指标", "指标值", "分值", "数据来源与佐证"]
    assert cells[1] == ["产出指标", "成本指标", "项目总成本", "≤570万元", "15", "台账"]
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


# --- remarks ----------------------------------------------------------------------------------


def test_remarks_are_shown_where_they_were_made(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    typed = {"comment": "请改", "remark-overview": "写<清楚>", "remark-indicators.2": "标准？", "remark-plan": " "}
    assert visit(REVIEWER).post(f"/declarations/{declaration_id}/return", typed).status_code == 303
    visitor = visit(FILLER)
    page = visitor.get(f"/declarations/{declaration_id}").get_data(as_text=True)
    section = re.search(r'<section[^>]*id="overview">.*?</section>', page, re.DOTALL)
    assert section is not None
    assert "写&lt;清楚&gt;" in section[0]
    assert "周审核" in section[0]
    assert f'href="/declarations/{declaration_id}#indicators"' in page
    assert "标准？" in text(visitor.get(f"/declarations/{declaration_id}/sections/indicators"))
    assert "标准？" not in text(visitor.get(f"/declarations/{declaration_id}/sections/overview"))


def test_nothing_typed_is_lost_when_the_opinion_is_missing(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    answer = visit(REVIEWER).post(f"/declarations/{declaration_id}/return", {"remark-overview": "写清楚"})
    assert answer.status_code == 422
    assert "写清楚</textarea>" in answer.get_data(as_text=True)


def test_a_remark_that_is_too_long_is_refused_and_kept(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    answer = visit(REVIEWER).post(
        f"/declarations/{declaration_id}/return", {"comment": "改", "remark-body": "长" * 1001}
    )
    assert (answer.status_code, "批注最多 1000 字" in text(answer)) == (422, True)
    assert "长" * 1001 in answer.get_data(as_text=True)


# --- opening ----------------------------------------------------------------------------------


def test_the_reviewers_page_notes_once_that_it_was_opened(
    app: Flask, cast: Cast, declaration_id: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(declaration_id, cast, (FILLER, "submit"))
    reviewer, address = visit(REVIEWER), f"/declarations/{declaration_id}"
    assert f'action="{address}/opening" data-opening' in reviewer.get(address).get_data(as_text=True)
    assert "/withdrawal" in visit(FILLER).get(address).get_data(as_text=True)
    assert reviewer.post(f"{address}/opening").status_code == 204
    assert "data-opening" not in reviewer.get(address).get_data(as_text=True)
    filler = visit(FILLER)
    page = filler.get(address).get_data(as_text=True)
    assert ("/withdrawal" in page, "打开审核，不能撤回" in page) == (False, True)
    assert filler.post(f"{address}/withdrawal").status_code == 409


def test_gaps_of_a_copied_year_are_linked_and_marked(app: Flask, cast: Cast, declaration_id: int, visit: Visit) -> None:
    with app.app_context():
        make.take(declaration_id, cast, *APPROVED)
        next_cycle(cast, cast.viewer)
        project_id = db.session.get_one(Declaration, declaration_id).project_id
    visitor = visit(FILLER)
    answer = visitor.post("/projects/continuing", {"year": "2026", f"project-{project_id}": "y"})
    assert (answer.status_code, answer.location) == (303, "/projects?year=2026&state=draft")
    again = visitor.post("/projects/continuing", {"year": "2026", f"project-{project_id}": "y"})
    assert again.location == "/projects/continuing?year=2026"
    with app.app_context():
        following = db.session.query(Declaration).filter_by(year=2026).one()
    address = f"/declarations/{following.id}"
    page = visitor.get(address).get_data(as_text=True)
    assert page.count('class="check-mark"') == 4
    gap = f'<a href="{address}/sections/funds(#[^"]+)?">“年度预算安排”沿用上年金额，请核对本年金额后保存。</a>'
    assert re.search(gap, page)
    refused = visitor.post(f"{address}/submission", reasons(visitor, following.id))
    assert (refused.status_code, len(problems(refused))) == (422, 4)
    assert 'class="check-mark"' in visitor.get(f"{address}/sections/period").get_data(as_text=True)
