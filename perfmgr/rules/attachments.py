"""Attachments: which files may be kept with a record, what they are called, and why one is refused."""

import re
from typing import Any

from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean, same_name

KINDS = {"legal_basis": N_("立项依据"), "evidence": N_("佐证材料"), "other": N_("其他")}
# What files belong to, and why they stay as they are while it cannot be changed.
OWNERS = {
    "declaration": N_("申报当前为“%(state)s”，不能增加或删除附件；如需修改请先撤回或由审核人退回。"),
    "evaluation": N_("自评当前为“%(state)s”，不能增加或删除佐证文件；如需修改请先撤回或由复核人退回。"),
    "rectification": N_("整改事项当前为“%(state)s”，不能增加或删除佐证文件。"),
}
# What a file proves when it is not the declaration as a whole.
ABOUT = {"basis": N_("立项依据"), "indicator": N_("绩效指标")}
# "off": nobody scans here; "waiting": the scanner did not answer, so nobody may have the file yet.
SCANS = {"off": N_("未扫描"), "waiting": N_("待扫描"), "clean": N_("已扫描"), "infected": N_("发现病毒")}

MOST_FILES = 30
MOST_TOTAL_MB = 200
MEGABYTE = 1024 * 1024
NAME_LENGTH = 200

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OPEN_XML}.wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "pptx": f"{_OPEN_XML}.presentationml.presentation",
    # Files of WPS Office that it has saved in the open format under its own extension.
    "wps": f"{_OPEN_XML}.wordprocessingml.document",
    "et": f"{_OPEN_XML}.spreadsheetml.sheet",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain",
    "csv": "text/csv",
}
# Binary formats that hide macros and embedded programs where only their own programs look.
OLD_FORMATS = ("doc", "xls", "ppt", "dot", "xlt", "pps", "dps")
MACRO_FORMATS = ("docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam")

REFUSALS = {
    "none": N_("请先选择要上传的文件。"),
    "empty": N_("“%(name)s”是空文件，请检查后换一份有内容的文件。"),
    "large": N_("“%(name)s”超过 %(limit)s MB，请压缩或拆分后再上传。"),
    "type": N_(
        "不能上传“%(name)s”这种文件。可以上传 PDF、OFD、Word（.docx）、Excel（.xlsx）、PPT（.pptx）、JPG、PNG、TXT、CSV。"
    ),
    "old": N_("“%(name)s”是旧格式的文件，请在 Word、Excel 或 WPS 中另存为 .docx、.xlsx、.pptx 或 PDF 后再上传。"),
    "macros": N_("“%(name)s”含有宏，请另存为不含宏的 .docx、.xlsx、.pptx 或 PDF 后再上传。"),
    "password": N_("“%(name)s”有密码保护，请取消密码后再上传。"),
    "mismatch": N_("“%(name)s”的内容不是 .%(extension)s 文件，请用原来的软件重新保存或导出后再上传。"),
    "broken": N_("“%(name)s”已损坏或不完整，请重新保存或导出后再上传。"),
    "external": N_(
        "“%(name)s”引用了别处的文件（链接的图片、模板、表格或对象），请断开这些链接，或另存为 PDF 后再上传。"
    ),
    "costly": N_("“%(name)s”解开后太大或太复杂，未能在限定的时间和内存内检查完，请另存为 PDF 或拆分后再上传。"),
    "infected": N_("“%(name)s”没有通过病毒扫描，未保存。请先在本机查杀，再重新制作这份文件。"),
    "failed": N_("“%(name)s”未能保存，请稍后再试；如果再次出现，请联系系统管理员。"),
    "many": N_("“%(name)s”没有保存：一份材料最多 %(most)s 个附件，请先删除不需要的。"),
    "full": N_("“%(name)s”没有保存：一份材料的附件合计最多 %(total)s MB，请先删除不需要的或压缩后再上传。"),
}

# Names that Windows takes for devices, whatever extension follows.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$", re.IGNORECASE)
_BLANK = re.compile(r"[^\S\u3000]")  # tabs and line ends; the ideographic space is part of a name
_UNSAFE = re.compile(r'[<>:"|?*]')


def refuse(reason: str, name: str = "", **params: Any) -> Refused:
    """Return the refusal of a file; ``reason`` is a key of ``REFUSALS``."""
    return Refused(
        REFUSALS[reason],
        code=reason,
        field="files",
        name=short(name),
        extension=extension(name),
        most=MOST_FILES,
        total=MOST_TOTAL_MB,
        **params,
    )


def short(name: str) -> str:
    """Return a name that fits into a sentence: beginning, and the end with its extension."""
    return name if len(name) <= 60 else f"{name[:40]}…{name[-16:]}"


def shown_name(raw: str | None) -> str:
    """Return the name a file is listed and downloaded under.

    Chinese stays as it is. Path parts, control and direction marks, and what file systems
    refuse are taken away; device names of Windows are made harmless; at most 200 characters,
    of which the extension is kept.
    """
    text = _BLANK.sub(" ", clean(raw)).replace("\\", "/").rsplit("/", 1)[-1]
    text = _UNSAFE.sub("_", text).strip(" .\u3000")
    if not text:
        return "未命名"
    if _DEVICE.match(text.split(".", 1)[0].strip(" \u3000")):
        text = f"_{text}"
    stem, dot, end = text.rpartition(".")
    if len(text) <= NAME_LENGTH:
        return text
    if not dot or len(end) > 10:
        return text[:NAME_LENGTH].rstrip(" .\u3000")
    return f"{stem[: NAME_LENGTH - len(end) - 1].rstrip(' .')}.{end}"


def extension(name: str) -> str:
    """Return the extension of a shown name in lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def require_type(name: str) -> str:
    """Return the extension of a file that may be uploaded by its name; raises Refused otherwise."""
    end = extension(name)
    if end in OLD_FORMATS:
        raise refuse("old", name)
    if end in MACRO_FORMATS:
        raise refuse("macros", name)
    if end not in MEDIA_TYPES:
        raise refuse("type", name)
    return end


def require_room(name: str, size: int, count: int, total: int) -> None:
    """Raise Refused unless a file of this size fits beside ``count`` others of ``total`` bytes."""
    if count >= MOST_FILES:
        raise refuse("many", name)
    if total + size > MOST_TOTAL_MB * MEGABYTE:
        raise refuse("full", name)


def about_key(kind: str, name: str) -> str:
    """Return what finds a legal basis or indicator again after its section was saved anew.

    Rows are made again with every save and may move; their names stay.
    """
    return f"{kind}:{same_name(name)}" if kind else ""


def size_text(size: int) -> str:
    """Return a size as people read it, never as 0."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / MEGABYTE:.1f} MB"
