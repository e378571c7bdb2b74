"""Files that show what an indicator reached: from uploading on the sheet to the reviewer who opens a page."""

from collections.abc import Callable

import pytest
from flask import Flask

from perfmgr import storage
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment
from perfmgr.models.evaluation import Evaluation
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast
from tests.documents.uploads import pdf
from tests.web.test_attachments import upload
from tests.web.test_evaluations import typed

Visit = Callable[[str], Visitor]


@pytest.fixture
def sheet(app: Flask, cast: Cast) -> str:
    """The address of an open self-evaluation."""
    with app.app_context():
        make.budgeted(cast)
        return f"/evaluations/{make.opened(cast)['社区服务经费']}"


def brought(visitor: Visitor, sheet: str, name: str = "验收报告.pdf", pages: int = 12) -> str:
    """Upload a PDF as the script of the form does; returns its id."""
    answer = upload(visitor, f"{sheet}/attachments", [(name, pdf(pages))], json=True)
    assert answer.status_code == 201
    (file,) = answer.get_json()["files"]
    assert (file["name"], file["pages"]) == (name, pages)
    return str(file["id"])


def test_a_file_is_named_on_a_line_and_opened_by_the_reviewer_at_its_page(visit: Visit, sheet: str) -> None:
    filler = visit(FILLER)
    one, other = brought(filler, sheet), brought(filler, sheet, "照片.pdf", 1)
    rows = {"lines-0-proofs-0-file": one, "lines-0-proofs-0-pages": "第3—5页"}
    wrong = {**rows, "lines-0-proofs-0-pages": "三", "lines-1-reason": "没有丢"}
    refused = filler.post(f"{sheet}/edit", typed(**wrong))
    assert (refused.status_code, problems(refused)) == (
        422,
        ["第 1 行：“页码”填的“三”不是页码，请填页码，例如 3 或 3-5、8。"],
    )
    beyond = {**rows, "lines-0-proofs-1-file": other, "lines-0-proofs-1-pages": "2", "lines-1-reason": "没有丢"}
    refused = filler.post(f"{sheet}/edit", typed(**beyond))
    said = "第 1 项：“照片.pdf”只有 1 页，没有第 2 页，请核对页码。"
    assert (refused.status_code, problems(refused), "没有丢" in text(refused)) == (422, [said], True)
    again = {"lines-0-proofs-1-file": one, "lines-0-proofs-1-pages": "8", "lines-1-proofs-0-file": other}
    assert filler.post(f"{sheet}/edit", typed(**rows, **again)).status_code == 303
    kept = filler.post(f"{sheet}/edit", typed(then="files"))  # a form without rows of files leaves them as they are
    assert kept.headers["Location"] == f"{sheet}/attachments"
    assert "第 1 项指标正在使用它" in text(filler.get(f"{sheet}/attachments"))
    assert filler.post(f"{sheet}/submission", {}).status_code == 303
    reviewer = visit(REVIEWER)
    for page in (sheet, f"{sheet}/review"):
        body = reviewer.get(page).get_data(as_text=True)
        assert f'href="/attachments/{one}/view#page=3"' in body
        assert f'href="/attachments/{other}/view"' in body
    assert "佐证：验收报告.pdf 第 3-5、8 页" in text(reviewer.get(sheet))
    assert reviewer.get(f"{sheet}/export.json").get_json()["rows"][0]["evidence"] == [
        {"file": "验收报告.pdf", "pages": "3-5,8"}
    ]
    answer = reviewer.get(f"/attachments/{one}/view", buffered=True)
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert (answer.mimetype, "sandbox" in answer.headers["Content-Security-Policy"]) == ("application/pdf", False)
    saved = reviewer.get(f"/attachments/{one}", buffered=True)
    assert saved.headers["Content-Disposition"].startswith("attachment; ")


def test_only_the_filler_changes_files_and_only_while_the_sheet_is_open(app: Flask, visit: Visit, sheet: str) -> None:
    filler = visit(FILLER)
    file = brought(filler, sheet)
    for stranger in (FILLER_2, OUTSIDER):
        assert visit(stranger).get(f"/attachments/{file}/view").status_code == 404
        assert upload(visit(stranger), f"{sheet}/attachments", [("a.pdf", pdf())], json=True).status_code == 404
    for reader in (REVIEWER, FINANCE):
        assert visit(reader).get(f"/attachments/{file}", buffered=True).status_code == 200
        assert upload(visit(reader), f"{sheet}/attachments", [("a.pdf", pdf())], json=True).status_code == 403
        assert visit(reader).post(f"/attachments/{file}/removal").status_code == 403
    named = typed(**{"lines-0-proofs-0-file": file})
    assert filler.post(f"{sheet}/submission", named).status_code == 303
    late = upload(filler, f"{sheet}/attachments", [("b.pdf", pdf())], json=True)
    assert (late.status_code, "“待复核”，不能增加或删除佐证文件" in late.get_json()["message"]) == (409, True)
    assert filler.post(f"/attachments/{file}/removal").status_code == 409
    assert filler.post(f"{sheet}/withdrawal").status_code == 303
    removed = filler.post(f"/attachments/{file}/removal")
    assert (removed.status_code, removed.headers["Location"]) == (303, f"{sheet}/attachments")
    with app.app_context():
        record = db.session.get_one(Attachment, int(file))
        assert (record.frozen, record.removed_at is not None, storage.path_of(record.blob).exists()) == (True,) * 3
        evaluation = db.session.get_one(Evaluation, int(sheet.rpartition("/")[2]))
        assert [line.proofs for line in evaluation.lines] == [[]] * 5
    gone = filler.post(f"{sheet}/edit", named)  # a form that was open meanwhile
    assert (gone.status_code, problems(gone)) == (422, ["第 1 行：请从“佐证文件”的列表中选择。"])


def test_the_answer_to_a_rectification_takes_files_instead_of_words(app: Flask, visit: Visit, world: object) -> None:
    base = f"/rectifications/{world.ids['own']['rectification_id']}"  # type: ignore[attr-defined]
    filler = visit(FILLER)
    assert filler.post(f"{base}/answer", {"measures": "已约谈", "evidence": "", "then": "files"}).headers[
        "Location"
    ] == (f"{base}/attachments")
    short = filler.post(f"{base}/submission", {"measures": "已约谈", "evidence": ""})
    assert short.status_code == 422
    assert upload(filler, f"{base}/attachments", [("约谈记录.pdf", pdf(2))]).status_code == 303
    assert filler.post(f"{base}/submission", {"measures": "已约谈", "evidence": ""}).status_code == 303
    assert "约谈记录.pdf" in text(visit(REVIEWER).get(base))
    late = upload(filler, f"{base}/attachments", [("b.pdf", pdf())], json=True)
    assert late.status_code == 409
