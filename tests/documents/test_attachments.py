"""What an uploaded file is, and the one sentence for everything it must not be."""

import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document

import config
from perfmgr.documents import attachments, packages
from perfmgr.documents.attachments import check
from perfmgr.rules.attachments import MEDIA_TYPES, extension
from perfmgr.rules.refusals import Refused
from tests.documents import uploads
from tests.documents.uploads import DOCTYPE, LAUGHS, OLE, office, package, pdf, word_field

DAMAGED = "“{}”已损坏或不完整，请重新保存或导出后再上传。"
OTHER = "“{}”的内容不是 .{} 文件，请用原来的软件重新保存或导出后再上传。"
MACROS = "“{}”含有宏，请另存为不含宏的 .docx、.xlsx、.pptx 或 PDF 后再上传。"
OUTSIDE = "“{}”引用了别处的文件（链接的图片、模板、表格或对象），请断开这些链接，或另存为 PDF 后再上传。"
COSTLY = "“{}”解开后太大或太复杂，未能在限定的时间和内存内检查完，请另存为 PDF 或拆分后再上传。"
LOCKED = "“{}”有密码保护，请取消密码后再上传。"
OLD = "“{}”是旧格式的文件，请在 Word、Excel 或 WPS 中另存为 .docx、.xlsx、.pptx 或 PDF 后再上传。"
TYPE = "不能上传“{}”这种文件。可以上传 PDF、OFD、Word（.docx）、Excel（.xlsx）、PPT（.pptx）、JPG、PNG、TXT、CSV。"


def refusal(folder: Path, name: str, data: bytes) -> str:
    """Return the sentence with which this file is refused."""
    path = folder / "file"
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        check(path, name)
    return str(refused.value)


@pytest.mark.parametrize("name", list(uploads.good()))
def test_good_files_of_every_kind(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(uploads.good()[name])
    found = check(path, name)
    assert (found.media_type, found.pages) == (MEDIA_TYPES[extension(name)], 3 if name.endswith("pdf") else None)


def test_files_of_real_programs(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("立项依据")
    document.save(str(tmp_path / "a.docx"))
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("明细")
        sheet.write_row(0, 0, ["名称", 1.5])
        sheet.write_url(1, 0, "https://example.org/")  # a link that waits for a click is no reference
        sheet.write_comment(2, 0, "批注")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=明细!$B$1:$B$1"})
        sheet.insert_chart("D2", chart)
        sheet.insert_image("D20", "a.png", {"image_data": io.BytesIO(uploads.png(8, 8))})
    for name in ("a.docx", "a.xlsx"):
        assert check(tmp_path / name, name).media_type == MEDIA_TYPES[extension(name)]


def utf16(text: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-16"?>' + text.removeprefix('<?xml version="1.0"?>')).encode("utf-16")


HOSTILE: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    # Not what the name says (S35).
    "a program as .docx": ("方案.docx", b"MZ\x90\0" + b"\0" * 500, OTHER),
    "a program behind two extensions": ("方案.pdf.exe", b"MZ\x90\0", TYPE),
    "a page as .pdf": ("方案.pdf", b"<!DOCTYPE html><script>alert(1)</script>", OTHER),
    "a page before a PDF": ("方案.pdf", b"<html><!--\n" + pdf() + b"--></html>", OTHER),
    "a PDF that begins as a page too": ("方案.pdf", b"%PDF-1.7\n%<script>alert(1)</script>\n" + pdf()[9:], OTHER),
    "a picture that can hold programs": ("图.svg", b"<svg onload='alert(1)'/>", TYPE),
    "svg as .png": ("图.png", b"<svg onload='alert(1)'/>", OTHER),
    "png as .jpg": ("图.jpg", uploads.png(), OTHER),
    "xlsx as .docx": ("方案.docx", office("xlsx"), OTHER),
    "a bare archive as .docx": ("方案.docx", package({"a.txt": "a"}), OTHER),
    "an archive": ("材料.zip", package({"a.txt": "a"}), TYPE),
    "an archive as .ofd": ("公文.ofd", package({"a.txt": "a"}), OTHER),
    "a program before a package": ("方案.docx", b"MZ\x90\0" + office("docx"), OTHER),
    "flat OpenDocument": ("方案.fodt", b"<office:document/>", TYPE),
    "no extension": ("方案", b"%PDF-1.7", TYPE),
    "a program as text": ("说明.txt", bytes(range(256)) * 40, OTHER),
    # Old formats, macros, passwords.
    "Word 97": ("方案.doc", OLE + b"\0" * 2048, OLD),
    "Kingsoft's own": ("方案.wps", OLE + b"\0" * 2048, OLD),
    "Word 97 as .docx": ("方案.docx", OLE + b"\0" * 2048, OTHER),
    "docm": ("方案.docm", b"", MACROS),
    "docm as .docx": ("方案.docx", office("docx", {"word/vbaProject.bin": b"\0" * 99}), MACROS),
    "docm by its types": (
        "方案.docx",
        office("docx", {"[Content_Types].xml": '<T C="application/vnd.ms-word.document.macroEnabled.main+xml"/>'}),
        MACROS,
    ),
    "docm by its types in UTF-16": (
        "方案.docx",
        office("docx", {"[Content_Types].xml": utf16('<T C="application/vnd.ms-word.document.macroEnabled.x"/>')}),
        MACROS,
    ),
    "Excel 4 macros": ("表.xlsx", office("xlsx", {"xl/macrosheets/sheet1.xml": "<a/>"}), MACROS),
    "encrypted Office": ("方案.docx", uploads.password_office(), LOCKED),
    "encrypted PDF": ("方案.pdf", uploads.locked_pdf(), LOCKED),
    # Damaged.
    "half a PDF": ("方案.pdf", b"%PDF-1.7\n1 0 obj", DAMAGED),
    "half a package": ("方案.docx", office("docx")[:-60], DAMAGED),
    "half a PNG": ("图.png", uploads.png()[:40], DAMAGED),
    "a PNG without size": ("图.png", uploads.png(0, 2), DAMAGED),
    "half a JPEG": ("图.jpg", uploads.jpeg()[:-2], DAMAGED),
    "a checksum that is wrong": ("方案.docx", uploads.wrong_checksum(), DAMAGED),
    "a part that is no XML": ("方案.docx", office("docx", {"word/styles.xml": "<a><b></a>"}), DAMAGED),
    "a way out of the folder": ("方案.docx", office("docx", {"../../etc/cron.d/x": "x"}), DAMAGED),
    "an absolute name": ("方案.docx", office("docx", {"/etc/passwd": "x"}), DAMAGED),
    "two parts of one name": ("方案.docx", office("docx", {"WORD/document.xml": "<a/>"}), DAMAGED),
    # Definitions in every part there is (S28).
    **{
        f"a document type in {part}": (name, office(name[-4:], {part: DOCTYPE}), DAMAGED)
        for name, part in (
            ("表.xlsx", "xl/worksheets/sheet1.xml"),
            ("方案.docx", "[Content_Types].xml"),
            ("方案.docx", "word/document.xml"),
            ("方案.docx", "word/_rels/document.xml.rels"),
            ("方案.docx", "docProps/core.xml"),
            ("方案.docx", "customXml/item1.xml"),
            ("方案.docx", "word/comments.xml"),
            ("表.xlsx", "xl/drawings/vmlDrawing1.vml"),
            ("方案.docx", "word/other.bin"),
        )
    },
    "a document type in UTF-16": ("方案.docx", office("docx", {"word/styles.xml": utf16(DOCTYPE)}), DAMAGED),
    "a document type in UTF-16 under another name": (
        "方案.docx",
        office("docx", {"word/a.bin": utf16(DOCTYPE)}),
        DAMAGED,
    ),
    "a document type behind much": (
        "方案.docx",
        office("docx", {"a.vml": "<!--" + "x" * 5_000_000 + "-->" + LAUGHS}),
        DAMAGED,
    ),
    "a billion laughs": ("表.xlsx", office("xlsx", {"xl/sharedStrings.xml": LAUGHS}), DAMAGED),
    "a definition in an OFD": ("公文.ofd", package({"OFD.xml": DOCTYPE}), DAMAGED),
    # References that are followed when the file is opened (S29).
    **{
        f"a {kind} elsewhere": ("方案.docx", uploads.external(kind), OUTSIDE)
        for kind in ("image", "attachedTemplate", "oleObject", "frame", "subDocument")
    },
    "a template elsewhere": (
        "方案.docx",
        uploads.external("attachedTemplate", "word/_rels/settings.xml.rels"),
        OUTSIDE,
    ),
    "a field that fetches": ("方案.docx", word_field(' INCLUDETEXT "http://127.0.0.1:9/x" '), OUTSIDE),
    "a field cut into runs": ("方案.docx", word_field(" INCL", "UDE", "PICTURE &quot;http://x&quot;"), OUTSIDE),
    "a field that starts a program": ("方案.docx", word_field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"'), OUTSIDE),
    # Bombs (S26). Nested archives are parts like others: they are counted as they are, and not unpacked.
    "300 MB of a comment": ("方案.docx", uploads.bomb, COSTLY),
    "two million rows": ("表.xlsx", uploads.many_rows, COSTLY),
    "ten thousand parts": ("方案.docx", uploads.many_entries, COSTLY),
    "sizes that lie": ("方案.docx", uploads.false_sizes, DAMAGED),
    "a picture of a whole field": ("图.png", uploads.png(100_000, 100_000), COSTLY),
}


@pytest.mark.parametrize("what", list(HOSTILE))
def test_hostile_files_are_refused_in_one_sentence_and_in_time(tmp_path: Path, what: str) -> None:
    name, data, sentence = HOSTILE[what]
    content = data() if callable(data) else data
    began = time.monotonic()
    said = refusal(tmp_path, name, content)
    assert said == sentence.format(name, extension(name))
    assert time.monotonic() - began < 5
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


SERVE = """
import resource, sys
from tests.documents.test_attachments import bombs_in_this_process
sys.exit(bombs_in_this_process(sys.argv[1]))
"""


def bombs_in_this_process(folder: str) -> int:
    """Take in every bomb in a process of its own; returns how many MB it has grown by."""
    path = Path(folder) / "file"
    contents = [("a.docx", "bomb"), ("a.xlsx", "many_rows"), ("a.docx", "many_entries"), ("a.docx", "false_sizes")]
    grown = 0
    for name, made in contents:
        path.write_bytes((Path(folder) / made).read_bytes())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            check(path, name)
        except Refused:
            grown = max(grown, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        else:
            return 99
    return grown // 1024


def test_bombs_do_not_make_the_web_process_grow(tmp_path: Path) -> None:
    for made in ("bomb", "many_rows", "many_entries", "false_sizes"):
        (tmp_path / made).write_bytes(getattr(uploads, made)())
    environment = {**os.environ, "PYTHONPATH": str(config.ROOT)}
    done = subprocess.run([sys.executable, "-c", SERVE, str(tmp_path)], env=environment, cwd=config.ROOT, check=False)
    assert done.returncode < 20


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "空.pdf", b"") == "“空.pdf”是空文件，请检查后换一份有内容的文件。"


def test_a_field_that_only_links_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(word_field(' HYPERLINK "https://example.org/" '))
    assert check(path, "方案.docx").media_type == MEDIA_TYPES["docx"]


def test_an_archive_inside_a_document_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "file"
    inner = package({"bomb": b"\0" * 30_000_000})
    path.write_bytes(office("docx", {"word/embeddings/a.xlsx": package({"b.zip": inner})}))
    assert check(path, "方案.docx").pages is None


def test_the_reader_is_limited_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MEMORY_BYTES", 24_000_000)
    assert refusal(tmp_path, "方案.pdf", pdf()) == COSTLY.format("方案.pdf")


def test_the_reader_is_limited_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "CPU_SECONDS", 1)
    monkeypatch.setattr(attachments, "PROGRAM", "while True: pass")
    monkeypatch.setattr(attachments, "WALL_SECONDS", 0.3)
    assert refusal(tmp_path, "方案.pdf", pdf()) == COSTLY.format("方案.pdf")


def test_what_the_reader_must_know_is_never_kept_whole() -> None:
    parts = packages.check(io.BytesIO(office("docx", {"word/media/a.bin": b"\0" * 10_000_000})))
    assert sum(map(len, parts.values())) < 1000


def test_a_long_name_is_shortened_in_sentences(tmp_path: Path) -> None:
    said = refusal(tmp_path, "长" * 190 + ".exe", b"")
    assert said.startswith("不能上传“" + "长" * 40 + "…" + "长" * 12 + ".exe”")
