"""Source files become numbered lines, or one sentence says why not."""

import pathlib

import pypdfium2
import pytest

from perfmgr.documents import source_files
from perfmgr.documents.source_files import lines_of, read_lines
from perfmgr.rules.refusals import Refused

DATA = pathlib.Path(__file__).parents[1] / "data" / "published"
BUDGET = (DATA / "2025-department-budget.txt").read_bytes().decode("utf-8")
PDF = (DATA / "final-accounts-template-2024.pdf").read_bytes()
LINES = BUDGET.split("\n")


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        lines_of(data, "文件")
    return str(refused.value)


def handmade_pdf(objects: list[bytes], trailer: str = "") -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end.encode()


PAGES = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]


def stream(entries: str, content: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries.encode(), len(content), content)


def form_bomb(levels: int) -> bytes:
    """A page of 10 forms, each of which draws 10 forms, and so on."""
    forms = [stream("", b"/F Do " * 10)]
    for level in range(levels):
        inner = f"/Resources << /XObject << /F {6 + level} 0 R >> >>" if level < levels - 1 else ""
        content = b"/F Do " * 10 if level < levels - 1 else b"0 0 1 1 re f"
        forms.append(stream(f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {inner}", content))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>"
    )
    return handmade_pdf([*PAGES, page, *forms])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_same_lines_from_every_encoding(encoding: str, line_end: str) -> None:
    assert lines_of(line_end.join(LINES).encode(encoding), "x") == LINES


def test_utf16_of_both_byte_orders() -> None:
    assert lines_of(b"\xff\xfe" + BUDGET.encode("utf-16-le"), "x") == LINES
    assert lines_of(b"\xfe\xff" + BUDGET.encode("utf-16-be"), "x") == LINES


def test_reads_a_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "预算.txt"
    path.write_text("第一行\n\n第三行", encoding="utf-8")
    assert read_lines(path) == ["第一行", "", "第三行"]


def test_pdf_pages_are_counted_through() -> None:
    lines = lines_of(PDF, "x")
    assert (lines[0], lines[1], lines[2], lines[458]) == ("上海市 XX 局", "2024 年度部门决算", "目 录", "用经费支出。")
    assert len(lines) == 459


UNKNOWN = "认不出“文件”的文字编码，请用 UTF-8 编码另存为文本文件后再读。"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "“文件”是空文件，请换一份有内容的文件。"),
        (b" \n\r\n", "“文件”是空文件，请换一份有内容的文件。"),
        ("\u3000\n".encode(), "“文件”里没有文字，请换一份有内容的文件。"),
        (b"PK\x03\x04 docx", "“文件”是 Word、Excel 或压缩文件，请另存为 PDF 或文本文件后再读。"),
        (b"\xd0\xcf\x11\xe0 doc", "“文件”是 Word、Excel 或压缩文件，请另存为 PDF 或文本文件后再读。"),
        (bytes(range(256)) * 50, "“文件”既不是文本文件也不是 PDF，请另存为 PDF 或文本文件后再读。"),
        (BUDGET.encode("utf-16-le"), "“文件”既不是文本文件也不是 PDF，请另存为 PDF 或文本文件后再读。"),
        ("預算績效管理辦法與資金使用情況說明報告部門".encode("big5") * 9, UNKNOWN),
        ("部門決算報告書".encode("shift_jis") * 9, UNKNOWN),
        (BUDGET.encode()[:-30] + b"\xe4", UNKNOWN),
        (("收入预算" + "\ufffd" * 9).encode(), UNKNOWN),
        (b"%PDF-1.7 broken", "“文件”不是完整的 PDF，请重新下载或重新导出后再读。"),
        (PDF[:100_000], "“文件”不是完整的 PDF，请重新下载或重新导出后再读。"),
    ],
)
def test_refuses_in_one_sentence(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_refuses_encrypted_pdf() -> None:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>" % (b"41" * 32, b"42" * 32)
    data = handmade_pdf([*PAGES, page, lock], "/Encrypt 4 0 R /ID [<00><00>] ")
    assert refusal(data) == "“文件”是加密的 PDF，请解除密码后再读。"


def test_refuses_scan_without_text(tmp_path: pathlib.Path) -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(100, 100)
    document.save(tmp_path / "scan.pdf")
    document.close()
    assert refusal((tmp_path / "scan.pdf").read_bytes()) == (
        "“文件”里没有文字（可能是扫描件），请改用能选中文字的 PDF 或文本文件。"
    )


COSTLY = "“文件”太复杂，未能在限定的时间和内存内读完，请把正文另存为文本文件后再读。"


def test_pdf_bomb_ends_with_its_process_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "CPU_SECONDS", 1)
    assert refusal(form_bomb(12)) == COSTLY


def test_pdf_reader_is_limited_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "MEMORY_BYTES", 20_000_000)
    assert refusal(PDF) == COSTLY


def test_pdf_reader_that_waits_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    monkeypatch.setattr(source_files, "PDF_READER", sleeper)
    monkeypatch.setattr(source_files, "WALL_SECONDS", 0.3)
    assert refusal(PDF) == COSTLY


def test_refuses_missing_folder_and_device(tmp_path: pathlib.Path) -> None:
    for path, sentence in (
        (tmp_path / "无.txt", "找不到文件“无.txt”，请核对文件名和所在的文件夹。"),
        (tmp_path, f"“{tmp_path.name}”是文件夹，请指定其中的一个文件。"),
        (pathlib.Path("/dev/zero"), "“zero”不是普通文件，请指定一个文本文件或 PDF。"),
        (tmp_path / "a\0b", "找不到文件“ab”，请核对文件名和所在的文件夹。"),
        (tmp_path / ("长" * 300), f"打不开“{'长' * 80}”，请核对文件名和读取权限。"),
    ):
        with pytest.raises(Refused) as refused:
            read_lines(path)
        assert str(refused.value) == sentence


def test_refuses_more_than_20_megabytes(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(source_files.LIMIT_BYTES + 1)
    with pytest.raises(Refused) as refused:
        read_lines(path)
    assert str(refused.value) == "“大.txt”超过 20 MB，请只保留正文后再读。"
