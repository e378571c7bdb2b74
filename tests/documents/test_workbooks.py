"""Hostile workbooks: each is refused in one sentence, quickly, in a child that takes its memory and its crash with it."""

import io
import random
import resource
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from perfmgr.documents import workbooks
from perfmgr.documents.target_forms import drafts, read
from perfmgr.rules.refusals import Refused
from tests import target_books as given

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
CONTENT = f"{HEAD}<sheetData>%s</sheetData></worksheet>"
LONGEST = 6.0  # seconds; two on a machine of its own, more where others work beside the test


def good() -> bytes:
    """Return a workbook that is read."""
    return given.book("national", [given.form(given.plain())], Path())


def with_sheet(rows: str) -> bytes:
    """Return the workbook with other content in its first sheet."""
    return given.package(good(), **{SHEET.replace("/", "__"): (CONTENT % rows).encode()})


def lying(data: bytes, name: str, size: int) -> bytes:
    """Return the package with another unpacked size in the headers of one part."""
    changed = bytearray(data)
    encoded = name.encode()
    for mark, at_size, at_name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        begin = 0
        while (begin := changed.find(mark, begin)) >= 0:
            if changed[begin + at_name : begin + at_name + len(encoded)] == encoded:
                struct.pack_into("<I", changed, begin + at_size, size)
            begin += 4
    return bytes(changed)


def entity(name: str) -> bytes:
    """Return a part with a document type that would read a file and grow for ever."""
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>'
    return f'<?xml version="1.0"?>{bomb}<{name}>&b;</{name}>'.encode()


def nested() -> bytes:
    """Return a package in a package."""
    return given.package(good(), xl__embeddings__inner__xlsx=good())


def comments() -> bytes:
    """Return a workbook whose comments unpack to 300 MB."""
    return given.package(
        good(), **{"xl__comments1.xml": HEAD.encode() + b"<t>" + b"x" * 300_000_000 + b"</t></worksheet>"}
    )


def two_million_rows() -> bytes:
    """Return a sheet with two million rows."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 2_000_001))
    return with_sheet(rows)


def ten_thousand_parts() -> bytes:
    """Return a package of ten thousand parts."""
    return given.package(good(), **{f"xl__x{n}.bin": b"" for n in range(10_000)})


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "不是完整的 Excel 工作簿"),
    "text": (lambda: "项目名称,甲".encode(), "不是完整的 Excel 工作簿"),
    "cut off": (lambda: good()[:-200], "不是完整的 Excel 工作簿"),
    "word": (
        lambda: given.package(good(), **{"xl__workbook.xml": None, "word__document.xml": b"<w/>"}),
        "不是 Excel 工作簿",
    ),
    "old format": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 4000, "旧格式的 Excel 文件"),
    "password": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "设有打开密码"),
    "too many bytes": (lambda: b"PK\x03\x04" + b"\x00" * 16_000_000, "超过 15 MB"),
    "bomb in comments": (comments, "解压后过大"),
    "two million rows": (two_million_rows, "解压后过大|超出 300000 行"),
    "nested zip": (nested, "嵌有其他文件"),
    "ten thousand parts": (ten_thousand_parts, "太复杂"),
    "size too small": (lambda: lying(good(), SHEET, 10), "不是完整的 Excel 工作簿"),
    "size too large": (lambda: lying(good(), SHEET, 4_000_000_000), "不是完整的 Excel 工作簿"),
    "macros": (lambda: given.package(good(), **{"xl__vbaProject.bin": b"x"}), "含有宏"),
    "last cell": (lambda: with_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "超出 300000 行"),
    "first and last cell": (
        lambda: with_sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        "超出 300000 行",
    ),
    "last cell first": (
        lambda: with_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + '<row r="1"/>' * 9000),
        "超出 300000 行|太复杂",
    ),
    "wide": (lambda: with_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "100 列"),
    "two million rows without numbers": (
        lambda: with_sheet("".join(f"<row><c><v>{n * 7919 % 1_000_003}</v></c></row>" for n in range(2_000_000))),
        "超出 300000 行",
    ),
    "one row two million times": (
        lambda: with_sheet("".join(f'<row r="1"><c r="A1"><v>{n * 7919}</v></c></row>' for n in range(2_000_000))),
        "超出 300000 行",
    ),
    "rows under a prefix": (
        lambda: given.package(
            good(),
            **{
                "xl__worksheets__sheet1.xml": (
                    '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
                    + "".join(f"<x:row r='{n}'><x:c r='A{n}'><x:v>{n}</x:v></x:c></x:row>" for n in range(1, 400_000))
                    + "</x:sheetData></x:worksheet>"
                ).encode()
            },
        ),
        "超出 300000 行",
    ),
    "a far column first": (
        lambda: with_sheet(
            '<row r="1"><c r="XFD1"><v>1</v></c></row>'
            + "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919}</v></c></row>' for n in range(2, 3000))
        ),
        "100 列",
    ),
    "long and wide": (
        lambda: with_sheet(
            "".join(
                f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="CU{n}"><v>1</v></c></row>' for n in range(1, 299_000)
            )
        ),
        "太复杂",
    ),
    "millions of empty rows": (
        lambda: with_sheet("".join(f'<row r="{n}" ht="{n % 97}"/>' for n in range(1, 1_000_001))),
        "解压后过大|超出 300000 行",
    ),
}
DTD = ("[Content_Types].xml", "xl/workbook.xml", SHEET, "docProps/core.xml", "customXml/item1.xml", "xl/comments1.xml")
DTD += ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml")


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_workbook_is_refused_in_one_sentence_and_soon(what: str) -> None:
    make, sentence = HOSTILE[what]
    data = make()
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Refused, match=sentence) as refused:
        list(drafts(data, "表.xlsx"))
    assert time.monotonic() - begin < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert len(refused.value.findings) == 1


@pytest.mark.parametrize("part", DTD)
def test_a_document_type_in_any_part_is_refused(part: str) -> None:
    data = given.package(good(), **{part.replace("/", "__"): entity("worksheet")})
    with pytest.raises(Refused, match="文档类型声明") as refused:
        list(drafts(data, "表.xlsx"))
    assert "root:" not in str(refused.value)


def test_a_document_type_that_begins_late_or_in_utf_16_is_refused_too() -> None:
    late = (CONTENT % "").encode().replace(b"<sheetData>", b"<!--" + b"x" * (1 << 20) + b"--><sheetData>")
    late = late.replace(b"?><w", b"?>" + b" " * ((1 << 20) - 60) + b"<!DOCTYPE x><w")
    for content in (late, entity("worksheet").decode().encode("utf-16")):
        with pytest.raises(Refused):
            list(drafts(given.package(good(), **{SHEET.replace("/", "__"): content}), "表.xlsx"))


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A web server of our own that nobody may ask anything; its address, and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/canary", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_external_links_and_dde_are_never_followed(canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    rels = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="x/externalLinkPath" Target="{address}" TargetMode="External"/></Relationships>'
    )
    link = f'<?xml version="1.0"?><externalLink><ddeLink ddeService="cmd" ddeTopic="/c curl {address}"/></externalLink>'
    data = given.package(
        good(),
        **{
            "xl__externalLinks__externalLink1.xml": link.encode(),
            "xl__externalLinks___rels__externalLink1.xml.rels": rels.encode(),
        },
    )
    assert [draft.head.text("name") for draft in read(data, "表.xlsx")] == ["社区服务经费"]
    assert asked == []


def test_the_child_may_neither_write_files_nor_outlive_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "WALL_SECONDS", 0.001)
    with pytest.raises(Refused, match="太复杂"):
        list(drafts(good(), "表.xlsx"))


def test_whoever_stops_reading_leaves_no_child_behind() -> None:
    found = workbooks.lines(good(), "表.xlsx", {"most": 500})
    next(found)
    found.close()  # would hang, or warn about an open pipe, if the child were still there


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the workbook with some of its bytes, or of the bytes of one part, changed."""
    if chance.random() < 0.4:
        changed = bytearray(data)
        for _n in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed[: chance.choice((len(changed), chance.randrange(len(changed))))])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        name = chance.choice([n for n in package.namelist() if n.endswith((".xml", ".rels"))])
        content = bytearray(package.read(name))
    for _n in range(chance.choice((1, 3, 30))):
        at = chance.randrange(len(content))
        piece = chance.choice(
            (b"", b"<", b">", b'"', b"&", b"\x00", b"\xff", b"-1", b"99999999999", b"</row>", b"<c/>")
        )
        content[at : at + chance.randrange(4)] = piece
    return given.package(data, **{name.replace("/", "__"): bytes(content)})


def test_three_hundred_mutated_workbooks_are_read_or_refused() -> None:
    chance, base = random.Random(20260301), good()
    outcomes = {"read": 0, "refused": 0}
    for _n in range(300):
        outcomes["read" if is_read(mutated(base, chance)) else "refused"] += 1
    assert outcomes["read"] > 20
    assert outcomes["refused"] > 100


def is_read(data: bytes) -> bool:
    """Tell whether a workbook is read; what is neither read nor refused fails the test by itself."""
    try:
        return all(draft.sheet is not None for draft in drafts(data, "变.xlsx"))
    except Refused:
        return False
