"""Files that show what an indicator reached: from uploading on the sheet to the reviewer who opens a page."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

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


def infect(app: Flask, *files: str) -> None:
    """Let the virus scanner have found something in these files after they came."""
    with app.app_context():
        ids = [int(file) for file in files]
        db.session.execute(update(Attachment).where(Attachment.id.in_(ids)).values(scan="infected"))
        db.session.commit()


def test_a_file_with_a_virus_is_no_evidence(app: Flask, visit: Visit, sheet: str) -> None:
    filler = visit(FILLER)
    file = brought(filler, sheet)
    named = typed(**{"lines-1-proofs-0-file": file, "lines-1-proofs-0-pages": "3"})
    assert filler.post(f"{sheet}/edit", named).status_code == 303
    infect(app, file)
    said = "第 2 项：“验收报告.pdf”没有通过病毒扫描，不能作为佐证，请删除这一行或换成别的文件。"
    assert problems(filler.get(f"{sheet}/edit")) == [said]
    # What is typed elsewhere can still be saved, but not named on another line, and not submitted.
    assert filler.post(f"{sheet}/edit", named | {"lines-0-reason": "没有丢"}).status_code == 303
    more = filler.post(f"{sheet}/edit", named | {"lines-0-proofs-0-file": file})
    assert (more.status_code, problems(more)) == (422, [said.replace("2", "1", 1)])
    for late in (filler.post(f"{sheet}/submission", named), filler.post(f"{sheet}/submission", {})):
        assert (late.status_code, said in text(late)) == (422, True)
    with app.app_context():
        evaluation = db.session.get_one(Evaluation, int(sheet.rpartition("/")[2]))
        assert evaluation.state == "open"
        assert [line.evidenced for line in evaluation.lines] == [False] * 5
    without = named | {"lines-1-proofs-0-file": "", "lines-1-proofs-0-pages": ""}
    assert filler.post(f"{sheet}/submission", without).status_code == 303


def test_a_replaced_file_hands_lines_and_pages_on(app: Flask, visit: Visit, sheet: str) -> None:
    filler = visit(FILLER)
    file = brought(filler, sheet)
    rows = {"lines-0-proofs-0-file": file, "lines-0-proofs-0-pages": "3-5", "lines-2-proofs-0-file": file}
    assert filler.post(f"{sheet}/submission", typed(**rows)).status_code == 303
    late = upload(filler, f"/attachments/{file}/replacement", [("新.pdf", pdf(4))])
    assert late.status_code == 409
    assert filler.post(f"{sheet}/withdrawal").status_code == 303
    bad = upload(filler, f"/attachments/{file}/replacement", [("坏.pdf", b"<html>")])
    assert (bad.status_code, "“坏.pdf”的内容不是 .pdf 文件" in text(bad)) == (422, True)
    none = upload(filler, f"/attachments/{file}/replacement", [])
    assert none.status_code == 422
    assert upload(visit(OUTSIDER), f"/attachments/{file}/replacement", [("新.pdf", pdf(4))]).status_code == 404
    done = upload(filler, f"/attachments/{file}/replacement", [("新.pdf", pdf(4))])
    assert (done.status_code, done.headers["Location"]) == (303, f"{sheet}/attachments")
    with app.app_context():
        old = db.session.get_one(Attachment, int(file))
        assert (old.removed_at is not None, storage.path_of(old.blob).exists()) == (True, True)
        evaluation = db.session.get_one(Evaluation, int(sheet.rpartition("/")[2]))
        proofs = [[proof.text for proof in line.proofs] for line in evaluation.lines]
        assert proofs == [["新.pdf 第 3-5 页"], [], ["新.pdf"], [], []]
    page = text(filler.get(sheet))
    assert "文件：验收报告.pdf → 新.pdf" in page
    # It has no page 5: said before it is submitted.
    short = filler.post(f"{sheet}/submission", {})
    assert (short.status_code, "“新.pdf”只有 4 页，没有第 5 页" in text(short)) == (422, True)
    # What a removed file showed stays in the history.
    assert filler.post(f"/attachments/{int(file) + 1}/removal").status_code == 303
    assert "用于指标：第 1 项 第 3-5 页；第 3 项" in text(filler.get(sheet))
