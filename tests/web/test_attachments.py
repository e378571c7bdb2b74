"""Files of a declaration on the pages: bringing several, fetching one, and what is refused in one sentence."""

import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, TestResponse

from perfmgr import storage
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment
from perfmgr.models.declaration import Declaration
from tests import cast as make
from tests import clamd
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast
from tests.documents import uploads
from tests.documents.uploads import EICAR, office, pdf
from tests.records import snapshot

TYPES = "PDF、OFD、Word（.docx）、Excel（.xlsx）、PPT（.pptx）、JPG、PNG、TXT、CSV。"

Visit = Callable[[str | None], Visitor]
Files = list[tuple[str, bytes]]


@pytest.fixture
def page(app: Flask, cast: Cast) -> str:
    """The address of the files of a complete draft."""
    with app.app_context():
        return f"/declarations/{make.declare(cast)}/attachments"


def upload(visitor: Visitor, page: str, files: Files, *, json: bool = False, **more: str) -> TestResponse:
    """Send files as a browser's form does."""
    data: dict[str, Any] = {"csrf_token": visitor.csrf, "kind": "evidence", "about": "", **more}
    data["files"] = [(io.BytesIO(content), name) for name, content in files]
    headers = {"Accept": "application/json"} if json else {}
    builder = EnvironBuilder(page, method="POST", data=data, headers=headers, content_type="multipart/form-data")
    environ = builder.get_environ()
    try:
        return visitor.client.open(environ)
    finally:
        builder.close()
        environ["wsgi.input"].close()  # a large body is a file of its own


def fetched(visitor: Visitor, attachment_id: int) -> TestResponse:
    """Fetch a file to its end."""
    return visitor.get(f"/attachments/{attachment_id}", buffered=True)


def stored(app: Flask) -> list[Attachment]:
    with app.app_context():
        found = db.session.query(Attachment).order_by(Attachment.id).all()
        db.session.expunge_all()
        return found


def on_disk(app: Flask) -> set[str]:
    with app.app_context():
        waiting = {path.name for path in (storage.folder() / "incoming").glob("*")}
        return set(storage.settled(age=-1)) | waiting


@pytest.fixture
def before(app: Flask) -> set[str]:
    """What lay on the disk before the test."""
    return on_disk(app)


def test_four_of_five_files_are_kept_and_the_bad_one_is_named(
    app: Flask, visit: Visit, page: str, before: set[str]
) -> None:
    files = [(name, uploads.good()[name]) for name in ("立项批复.pdf", "实施方案.docx", "测算表.xlsx", "照片.jpg")]
    answer = upload(visit(FILLER), page, [*files[:2], ("坏的.pdf", b"<html>"), *files[2:]], kind="legal_basis")
    assert answer.status_code == 422
    assert problems(answer) == ["“坏的.pdf”的内容不是 .pdf 文件，请用原来的软件重新保存或导出后再上传。"]
    assert "已上传 4 个附件。" in text(answer)
    assert "<title>错误：" in answer.get_data(as_text=True)
    rows = stored(app)
    assert [(row.name, row.kind, row.pages) for row in rows] == [
        ("立项批复.pdf", "legal_basis", 3),
        ("实施方案.docx", "legal_basis", None),
        ("测算表.xlsx", "legal_basis", None),
        ("照片.jpg", "legal_basis", None),
    ]
    assert on_disk(app) - before == {row.blob for row in rows}
    for row, (_name, content) in zip(rows, files, strict=True):
        assert fetched(visit(REVIEWER), row.id).data == content


def test_good_files_lead_back_to_the_list(visit: Visit, page: str) -> None:
    visitor = visit(FILLER)
    answer = upload(visitor, page, [("说明.txt", b"text"), ("名单.csv", b"a,b")])
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    shown = text(visitor.get(page))
    assert ("已上传 2 个附件。" in shown, "说明.txt" in shown, "请勿上传涉密文件" in shown) == (True, True, True)
    declaration = text(visitor.get(page.removesuffix("/attachments")))
    assert ("说明.txt" in declaration, "上传和管理附件" in declaration) == (True, True)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "请先选择要上传的文件。"),
        ([("空.pdf", b"")], "“空.pdf”是空文件，请检查后换一份有内容的文件。"),
        ([("大.txt", b"x" * (20 * 1024 * 1024 + 1))], "“大.txt”超过 20 MB，请压缩或拆分后再上传。"),
        ([("图.svg", b"<svg/>")], "不能上传“图.svg”这种文件。可以上传 " + TYPES),
        ([("锁.pdf", uploads.locked_pdf())], "“锁.pdf”有密码保护，请取消密码后再上传。"),
        ([("半.pdf", b"%PDF-1.7")], "“半.pdf”已损坏或不完整，请重新保存或导出后再上传。"),
        ([("宏.docx", office("docx", {"word/vbaProject.bin": b"x"}))], "“宏.docx”含有宏，请另存为不含宏的 .docx、.xlsx、.pptx 或 PDF 后再上传。"),
        ([("旧.doc", uploads.OLE)], "“旧.doc”是旧格式的文件，请在 Word、Excel 或 WPS 中另存为 .docx、.xlsx、.pptx 或 PDF 后再上传。"),
        ([("方案\u202efdp.exe", b"MZ")], "不能上传“方案fdp.exe”这种文件。可以上传 " + TYPES),
    ],
)  # fmt: skip
def test_each_refusal_has_its_own_sentence_and_leaves_nothing(
    app: Flask, visit: Visit, page: str, before: set[str], files: Files, sentence: str
) -> None:
    rows = snapshot(app)
    answer = upload(visit(FILLER), page, files)
    assert (answer.status_code, problems(answer)) == (422, [sentence])
    assert (snapshot(app), on_disk(app)) == (rows, before)


def test_a_bad_kind_or_row_is_refused_at_its_field_before_files_are_looked_at(
    app: Flask, visit: Visit, page: str, before: set[str]
) -> None:
    visitor = visit(FILLER)
    for more, sentence in (
        ({"kind": ""}, "“类别”不能为空，请填写。"),
        ({"kind": "x"}, "请从“类别”的列表中选择。"),
        ({"about": "basis:没有的"}, "请从“证明什么”的列表中选择。"),
    ):
        answer = upload(visitor, page, [("a.txt", b"text")], **more)
        assert (answer.status_code, problems(answer)) == (422, [sentence])
    assert (stored(app), on_disk(app)) == ([], before)


def test_a_file_that_proves_an_indicator(app: Flask, visit: Visit, page: str) -> None:
    visitor = visit(FILLER)
    assert 'value="indicator:居民满意度"' in visitor.get(page).get_data(as_text=True)
    assert upload(visitor, page, [("问卷.pdf", pdf())], about="indicator:居民满意度").status_code == 303
    assert [(row.about_kind, row.about_name) for row in stored(app)] == [("indicator", "居民满意度")]
    base = page.removesuffix("/attachments")
    visitor.post(
        f"{base}/sections/indicators",
        {"indicators-0-category": "output", "indicators-0-name": "另一个", "indicators-0-sign": "ge"},
    )
    assert "居民满意度 申报中已没有这一项" in text(visitor.get(page))


def test_the_script_of_the_page_gets_sentences_as_json(app: Flask, visit: Visit, page: str) -> None:
    visitor = visit(FILLER)
    good = upload(visitor, page, [("说明.txt", b"text")], json=True)
    kept = {"id": stored(app)[-1].id, "name": "说明.txt", "pages": None}
    assert (good.status_code, good.json) == (201, {"added": ["说明.txt"], "files": [kept], "problems": []})
    bad = upload(visitor, page, [("说明.exe", b"MZ")], json=True)
    assert bad.status_code == 422
    assert bad.json is not None
    assert bad.json["problems"][0].startswith("不能上传“说明.exe”这种文件。")
    signed_out = visit(None)
    late = upload(signed_out, page, [("说明.txt", b"text")], json=True)
    assert (late.status_code, "message" in (late.json or {})) == (401, True)


def test_two_people_upload_the_form_and_both_names_come_back(app: Flask, cast: Cast, visit: Visit, page: str) -> None:
    with app.app_context():
        other = make.declare(cast, by=FILLER_2, unit=cast.unit_2)
    contents = {"绩效目标申报表.docx": office("docx"), "自评表.docx": office("docx", {"word/a.bin": b"other"})}
    upload(visit(FILLER), page, [("绩效目标申报表.docx", contents["绩效目标申报表.docx"])])
    upload(visit(FILLER_2), f"/declarations/{other}/attachments", [("自评表.docx", contents["自评表.docx"])])
    rows = stored(app)
    assert len({row.blob for row in rows}) == 2
    for row, username in zip(rows, (FILLER, FILLER_2), strict=True):
        answer = fetched(visit(username), row.id)
        name = unquote(answer.headers["Content-Disposition"].split("filename*=UTF-8''")[1])
        assert (name, answer.data) == (row.name, contents[row.name])


def test_a_download_can_only_be_saved(app: Flask, visit: Visit, page: str) -> None:
    upload(visit(FILLER), page, [("关于〔2025〕1号 的批复.pdf", pdf())])
    (row,) = stored(app)
    for username in (FILLER, REVIEWER, FINANCE, ADMIN):
        answer = fetched(visit(username), row.id)
        assert answer.data == pdf()
        assert {name: answer.headers[name] for name in WANTED} == WANTED
        assert answer.headers["Content-Length"] == str(len(pdf()))
        assert answer.headers["Content-Disposition"] == (
            f"attachment; filename=attachment-{row.id}.pdf; "
            "filename*=UTF-8''%E5%85%B3%E4%BA%8E%E3%80%942025%E3%80%951%E5%8F%B7%20%E7%9A%84%E6%89%B9%E5%A4%8D.pdf"
        )
    head = visit(FILLER).client.head(f"/attachments/{row.id}", buffered=True)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(pdf())))


WANTED = {
    "Content-Type": "application/pdf",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("username", [FILLER_2, OUTSIDER])
def test_foreign_files_answer_like_none_at_all(app: Flask, visit: Visit, page: str, username: str) -> None:
    upload(visit(FILLER), page, [("a.txt", b"secret")])
    (row,) = stored(app)
    visitor, before = visit(username), snapshot(app)
    for method in ("get", "post"):
        address = "/attachments/{}" + ("" if method == "get" else "/removal")
        foreign, none = (getattr(visitor, method)(address.format(n)) for n in (row.id, 10**9))
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert text(foreign) == text(none)
    assert upload(visitor, page, [("b.txt", b"mine")]).status_code == 404
    assert visitor.get(page).status_code == 404
    assert snapshot(app) == before


@pytest.mark.parametrize(
    "path",
    [
        "/attachments/../perfmgr.sqlite3",
        "/attachments/%2e%2e%2fsecret_key",
        "/attachments/..%2f..%2fetc%2fpasswd",
        "/attachments//etc/passwd",
        "/attachments/%2fetc%2fpasswd",
        "/attachments/1.pdf",
        "/attachments/0",
        "/attachments/-1",
        "/attachments/1%00",
    ],
)
def test_no_path_leads_to_a_file(visit: Visit, page: str, path: str) -> None:
    upload(visit(FILLER), page, [("a.txt", b"text")])
    assert visit(FILLER).get(path).status_code == 404


def test_a_file_is_deleted_for_good(app: Flask, visit: Visit, page: str, before: set[str]) -> None:
    visitor = visit(FILLER)
    upload(visitor, page, [("a.txt", b"text"), ("b.txt", b"more")])
    first, second = stored(app)
    answer = visitor.post(f"/attachments/{first.id}/removal")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    shown = text(visitor.get(page))
    assert ("已删除“a.txt”。" in shown, "b.txt" in shown) == (True, True)
    assert on_disk(app) - before == {second.blob}
    assert fetched(visitor, first.id).status_code == 404
    assert visitor.post(f"/attachments/{first.id}/removal").status_code == 404
    history = text(visitor.get(page.removesuffix("/attachments")))
    assert "删除附件" in history


def test_what_is_under_review_shows_its_files_and_takes_no_more(
    app: Flask, cast: Cast, visit: Visit, page: str
) -> None:
    visitor = visit(FILLER)
    upload(visitor, page, [("a.txt", b"text")])
    (row,) = stored(app)
    with app.app_context():
        make.take(int(page.split("/")[2]), cast, (FILLER, "submit"))
    before = snapshot(app)
    for answer in (upload(visitor, page, [("b.txt", b"late")]), visitor.post(f"/attachments/{row.id}/removal")):
        assert answer.status_code == 409
        assert "申报当前为“待部门审核”，不能增加或删除附件" in text(answer)
    assert visitor.post(f"{page}/none", {"none": "y"}).status_code == 409
    assert snapshot(app) == before
    for username in (FILLER, REVIEWER, FINANCE):
        shown = visit(username).get(page).get_data(as_text=True)
        assert ("a.txt" in shown, "data-upload" in shown, "/removal" in shown) == (True, False, False)
        assert "a.txt" in text(visit(username).get(page.removesuffix("/attachments")))


def test_the_tick_that_there_is_nothing_to_add(app: Flask, visit: Visit, page: str) -> None:
    visitor, declaration_id = visit(FILLER), int(page.split("/")[2])

    def ticked() -> bool:
        with app.app_context():
            return db.session.get_one(Declaration, declaration_id).no_attachments

    for data, value in (({"none": "y"}, True), ({}, False), ({"none": "y"}, True)):
        assert visitor.post(f"{page}/none", data).status_code == 303
        assert ticked() is value
    assert "本项目没有需要上传的附件" in text(visitor.get(page.removesuffix("/attachments")))
    upload(visitor, page, [("a.txt", b"text")])
    assert not ticked()
    answer = visitor.post(f"{page}/none", {"none": "y"})
    assert (answer.status_code, "已有附件" in text(answer), ticked()) == (409, True, False)


def test_files_are_still_there_after_a_section_was_refused(app: Flask, visit: Visit, page: str) -> None:
    visitor = visit(FILLER)
    files = [("立项批复.pdf", pdf(2)), ("测算表.xlsx", office("xlsx"))]
    upload(visitor, page, files)
    base = page.removesuffix("/attachments")
    answer = visitor.post(f"{base}/sections/period", {"start_on": "2025-02-30", "end_on": "never", "version": "0"})
    assert answer.status_code == 422
    rows = stored(app)
    assert [(row.name, fetched(visitor, row.id).data) for row in rows] == files


def test_a_refused_upload_keeps_what_was_chosen(visit: Visit, page: str) -> None:
    answer = upload(visit(FILLER), page, [("a.exe", b"MZ")], kind="other", about="indicator:居民满意度")
    chosen = answer.get_data(as_text=True)
    assert 'value="other" selected' in chosen
    assert 'value="indicator:居民满意度" selected' in chosen


def test_only_uploads_may_be_large(app: Flask, visit: Visit, page: str) -> None:
    visitor = visit(FILLER)
    large = {"overview": "长" * (6 * 1024 * 1024)}  # 18 MB
    assert visitor.post(f"{page.removesuffix('/attachments')}/sections/overview", large).status_code == 413
    assert upload(visitor, page, [("a.txt", b"x" * (20 * 1024 * 1024))]).status_code == 303
    assert upload(visitor, page, [("a.txt", b"x" * (102 * 1024 * 1024))]).status_code == 413
    assert upload(visitor, page, [], kind="x" * 2_000_000).status_code == 413
    assert len(stored(app)) == 1


# --- the virus scanner ------------------------------------------------------------------------


@pytest.fixture
def scanned(another_app: Callable[..., Flask], cast: Cast) -> Iterator[tuple[clamd.Clamd, Visitor]]:
    """A virus scanner, and the filler at an application that asks it."""
    with clamd.running() as scanner:
        yield scanner, Visitor(another_app(SCANNER=scanner.address), cast, FILLER)


def test_a_virus_is_refused(app: Flask, page: str, before: set[str], scanned: tuple[clamd.Clamd, Visitor]) -> None:
    scanner, visitor = scanned
    answer = upload(visitor, page, [("好.txt", b"harmless"), ("坏.txt", EICAR)])
    assert (answer.status_code, problems(answer)) == (
        422,
        ["“坏.txt”没有通过病毒扫描，未保存。请先在本机查杀，再重新制作这份文件。"],
    )
    (row,) = stored(app)
    assert (row.name, row.scan, scanner.seen) == ("好.txt", "clean", [b"harmless", EICAR])
    assert fetched(visitor, row.id).data == b"harmless"
    assert on_disk(app) - before == {row.blob}


def test_while_the_scanner_is_down_files_are_held(
    app: Flask, visit: Visit, page: str, scanned: tuple[clamd.Clamd, Visitor]
) -> None:
    scanner, visitor = scanned
    scanner.always = b"stream: database is being loaded ERROR\0"
    assert upload(visitor, page, [("好.txt", b"harmless")]).status_code == 303
    (row,) = stored(app)
    assert row.scan == "waiting"
    for at, username in ((visitor, FILLER), (visit(REVIEWER), REVIEWER)):
        answer = fetched(at, row.id)
        assert (answer.status_code, b"harmless" in answer.data) == (409, False), username
        assert "还没有通过病毒扫描" in text(answer)
    shown = visitor.get(page).get_data(as_text=True)
    assert ("待扫描" in shown, f'href="/attachments/{row.id}"' in shown) == (True, False)


def test_a_disk_that_is_full_is_told_and_leaves_nothing(
    app: Flask, visit: Visit, page: str, before: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    answer = upload(visit(FILLER), page, [("a.txt", b"text")])
    assert problems(answer) == ["“a.txt”未能保存，请稍后再试；如果再次出现，请联系系统管理员。"]
    assert (stored(app), on_disk(app)) == ([], before)


def test_a_file_whose_bytes_are_lost_is_told(app: Flask, visit: Visit, page: str) -> None:
    upload(visit(FILLER), page, [("a.txt", b"text")])
    (row,) = stored(app)
    with app.app_context():
        storage.remove(row.blob)
    answer = fetched(visit(FILLER), row.id)
    assert (answer.status_code, "请联系系统管理员从备份恢复" in text(answer)) == (404, True)


def test_the_page_of_many_files_takes_no_more_queries(visit: Visit, page: str, count_queries: Any) -> None:
    visitor, counted = visit(FILLER), []
    for n in (1, 3):
        upload(visitor, page, [(f"{n}-{k}.txt", b"text") for k in range(n)])
        with count_queries() as statements:
            visitor.get(page)
        counted.append(len(statements))
    assert counted[0] == counted[1]
