"""Files to upload, made from raw bytes: good ones of every kind, and hostile ones."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
OVERRIDE = '<Override PartName="/{}" ContentType="application/vnd.openxmlformats-officedocument.{}+xml"/>'
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
RELATION = '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}" TargetMode="{}"/>'
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main", WORD.format("<w:p/>")),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main", "<workbook/>"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main", "<presentation/>"),
}
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&l9;</a>"
)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def package(parts: dict[str, str | bytes] | Iterable[tuple[str, str | bytes]]) -> bytes:
    """Return a ZIP file of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def office(kind: str, more: dict[str, str | bytes] | None = None, content: str = "") -> bytes:
    """Return a small document of this kind, with more parts (or others in place of its own)."""
    name, media, usual = MAIN[kind]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES.format(OVERRIDE.format(name, media)),
        "_rels/.rels": RELS.format(RELATION.format("officeDocument", name, "Internal")),
        name: content or usual,
    }
    return package({**parts, **(more or {})})


def external(kind: str, where: str = "word/_rels/document.xml.rels") -> bytes:
    """Return a document that refers to something outside it."""
    return office("docx", {where: RELS.format(RELATION.format(kind, "http://127.0.0.1:9/x", "External"))})


def word_field(*runs: str) -> bytes:
    """Return a document with a field whose code is cut into these runs."""
    pieces = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return office("docx", content=WORD.format(f"<w:p>{mark.format('begin')}{pieces}{mark.format('end')}</w:p>"))


def ofd() -> bytes:
    """Return a small OFD package."""
    return package(
        {"OFD.xml": '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>', "Doc_0/Document.xml": "<Document/>"}
    )


def pdf(pages: int = 1, trailer: str = "", more: tuple[bytes, ...] = ()) -> bytes:
    """Return a PDF of empty pages."""
    kids = b" ".join(b"%d 0 R" % (3 + n) for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, pages),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"] * pages,
        *more,
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R {trailer}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end.encode()


def locked_pdf() -> bytes:
    """Return a PDF that cannot be opened without its password."""
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>" % (b"41" * 32, b"42" * 32)
    return pdf(1, "/Encrypt 4 0 R /ID [<00><00>] ", (lock,))


def png(width: int = 2, height: int = 2) -> bytes:
    """Return a PNG; only its head knows its size when that is large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + b"\0" * (width * 3) for _row in range(min(height, 8)))
    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows[:999])) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """Return a JPEG: its segments are whole, its picture is made up."""
    app = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
    scan = b"\xff\xda\x00\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0" + b"\x00" * 20
    return b"\xff\xd8" + app + frame + scan + b"\xff\xd9"


def good() -> dict[str, bytes]:
    """Return one good file of every kind by name."""
    return {
        "立项批复.pdf": pdf(3),
        "实施方案.docx": office("docx"),
        "测算表.xlsx": office("xlsx"),
        "汇报.PPTX": office("pptx"),
        "方案.wps": office("docx"),
        "明细.et": office("xlsx"),
        "公文.ofd": ofd(),
        "照片.jpg": jpeg(),
        "照片.JPEG": jpeg(),
        "截图.png": png(),
        "说明.txt": "项目说明\r\n第二行".encode("gb18030"),
        "名单.csv": "\ufeff姓名,单位\n张三,甲部门\n".encode(),
    }


def false_sizes() -> bytes:
    """Return a document whose directory says of a large part that it is small."""
    data = office("docx", {"word/media/image1.bin": b"\0" * 3_000_000})
    return data.replace(struct.pack("<L", 3_000_000), struct.pack("<L", 30))


def wrong_checksum() -> bytes:
    """Return a document with a part that is not what the directory says it is."""
    return office("docx", {"word/a.bin": b"abc"}).replace(
        struct.pack("<L", zlib.crc32(b"abc")), struct.pack("<L", zlib.crc32(b"abd"))
    )


def bomb() -> bytes:
    """Return 300 MB of one comment in about 300 kB."""
    return office("docx", {"word/comments.xml": b"<c><!--" + b"a" * 300_000_000 + b"--></c>"})


def many_rows() -> bytes:
    """Return a workbook of two million rows in about 300 kB."""
    rows = b"<sheetData>" + b'<row r="1"><c r="A1"><v>1</v></c></row>' * 2_000_000 + b"</sheetData>"
    return office("xlsx", {"xl/worksheets/sheet1.xml": rows})


def many_entries(count: int = 10_000) -> bytes:
    """Return a document of many parts."""
    return office("docx", {f"word/media/{n}.bin": b"" for n in range(count)})


def password_office() -> bytes:
    """Return the beginning and the directory of an encrypted document of Office."""
    return OLE + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0") + b"\1" * 4096
