"""Reads a text file or PDF into numbered lines, or says in one sentence why it cannot."""

import codecs
import json
import pathlib
import re
import subprocess
import sys
from typing import Any

from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean_line

LIMIT_BYTES = 20 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 30.0
MEMORY_BYTES = 1024 * 1024 * 1024
PDF_READER = pathlib.Path(__file__).with_name("pdf_reader.py")

_LINE_END = re.compile(r"\r\n|\r|\n")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd\ue000-\uf8ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_SAMPLE = 100_000
# Text really written in GBK consists of the common characters of GB 2312 level 1 to well over
# nine tenths; another encoding that merely decodes as GBK scatters over all levels.
_COMMON_SHARE = 0.85
_OFFICE_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_PDF_REFUSALS = {
    "password": N_("“%(name)s”是加密的 PDF，请解除密码后再读。"),
    "broken": N_("“%(name)s”不是完整的 PDF，请重新下载或重新导出后再读。"),
    "empty": N_("“%(name)s”里没有文字（可能是扫描件），请改用能选中文字的 PDF 或文本文件。"),
    "costly": N_("“%(name)s”太复杂，未能在限定的时间和内存内读完，请把正文另存为文本文件后再读。"),
}


def read_lines(path: pathlib.Path) -> list[str]:
    """Return the lines of the file without line ends; line 1 is at index 0.

    A PDF gives the text lines of its pages, counted through. Raises Refused for a file that
    is missing, empty, larger than LIMIT_BYTES, in an unknown encoding or an unreadable PDF.
    """
    name = clean_line(path.name)[:80]
    return lines_of(_bytes(path, name), name)


def lines_of(data: bytes, name: str) -> list[str]:
    """Return the lines of a file's content; ``name`` is what refusals call the file."""
    if len(data) > LIMIT_BYTES:
        raise Refused(N_("“%(name)s”超过 20 MB，请只保留正文后再读。"), name=name)
    if not data.strip():
        raise Refused(N_("“%(name)s”是空文件，请换一份有内容的文件。"), name=name)
    text = _pdf_text(data, name) if b"%PDF-" in data[:1024] else decode(data, name)
    if not text.strip():
        raise Refused(N_("“%(name)s”里没有文字，请换一份有内容的文件。"), name=name)
    return _LINE_END.split(text)


def decode(data: bytes, name: str) -> str:
    """Return the text of UTF-8, UTF-16 with mark, or GB 18030 (GBK) bytes; raises Refused otherwise."""
    if data.startswith(_OFFICE_FILES):
        raise Refused(N_("“%(name)s”是 Word、Excel 或压缩文件，请另存为 PDF 或文本文件后再读。"), name=name)
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text) and (encoding != "gb18030" or _is_common_chinese(text)):
            return text
    if b"\x00" in data[:_SAMPLE]:
        raise Refused(N_("“%(name)s”既不是文本文件也不是 PDF，请另存为 PDF 或文本文件后再读。"), name=name)
    raise Refused(N_("认不出“%(name)s”的文字编码，请用 UTF-8 编码另存为文本文件后再读。"), name=name)


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    # UTF-8 first: Chinese text in GBK is hardly ever valid UTF-8, while the reverse happens often.
    return ("utf-8-sig", "gb18030")


def _is_text(text: str) -> bool:
    """Return whether at most one character in a thousand is a control or replacement character."""
    return len(_NOT_TEXT.findall(text)) * 1000 <= len(text)


def _is_common_chinese(text: str) -> bool:
    han = _HAN.findall(text[:_SAMPLE])
    common = sum(1 for character in han if b"\xb0\xa1" <= character.encode("gb2312", "replace") <= b"\xd7\xf9")
    return bool(han) and common >= _COMMON_SHARE * len(han)


def _bytes(path: pathlib.Path, name: str) -> bytes:
    try:
        if path.is_dir():
            raise Refused(N_("“%(name)s”是文件夹，请指定其中的一个文件。"), name=name)
        if not path.exists():
            raise Refused(N_("找不到文件“%(name)s”，请核对文件名和所在的文件夹。"), name=name)
        if not path.is_file():  # a device or pipe could be read for ever
            raise Refused(N_("“%(name)s”不是普通文件，请指定一个文本文件或 PDF。"), name=name)
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError):
        raise Refused(N_("打不开“%(name)s”，请核对文件名和读取权限。"), name=name) from None


def _pdf_text(data: bytes, name: str) -> str:
    """Return the text of all pages, read by a child process that can be killed without harm."""
    result = _run_reader(data)
    reason = result.get("error", "")
    # A page without text gets no line, so that lines count through.
    text = "\n".join(page for page in result.get("pages", []) if page.strip())
    # Unmapped glyphs come out as control or private characters: such text would be garbage.
    if not reason and not (text and _is_text(text)):
        reason = "empty"
    if reason:
        raise Refused(_PDF_REFUSALS[reason], name=name)
    return text


def _run_reader(data: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(PDF_READER), str(CPU_SECONDS), str(MEMORY_BYTES)]
    try:
        done = subprocess.run(  # noqa: S603 - fixed command, the file's content only comes in by stdin
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False, start_new_session=True
        )
    except subprocess.TimeoutExpired:
        return {"error": "costly"}
    if done.returncode:
        return {"error": "costly"}
    result: dict[str, Any] = json.loads(done.stdout)
    return result
