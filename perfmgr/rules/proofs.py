"""Proofs: which file shows what an indicator reached, and on which of its pages."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_, half_width

MOST_PROOFS = 10  # of one line
PAGES_LENGTH = 60
LARGEST_PAGE = 99_999

_FILLING = re.compile(r"[第页頁\s]|pages?|pp?\.?", re.IGNORECASE)
# Between two numbers with no other sign they are what separates: 第3页 第5页.
_APART = re.compile(r"(?<=\d)(?:[第页頁\s]|pages?|pp?\.?)+(?=\d)", re.IGNORECASE)
_DASH = re.compile(r"[-–—―－~～至到]+")
_BETWEEN = re.compile(r"[,、;和及]+")
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class ProofEntry:
    """What is typed for one proof of a line: a file by its id, and pages as ``read_pages`` gives them."""

    file: int | None = None
    pages: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        return self.file is None and not self.pages


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file that can be named: ``pages`` is None where nobody knows how many it has."""

    name: str
    pages: int | None = None
    infected: bool = False


def read_pages(text: str) -> str | None:
    """Return typed pages in one form (``第 3 页`` is ``3``, ``P3—5、8`` is ``3-5,8``); None when they cannot be read."""
    apart = _APART.sub(",", half_width(text))
    plain = _BETWEEN.sub(",", _DASH.sub("-", _FILLING.sub("", apart))).strip(",")
    if not plain:
        return None if text.strip() else ""
    parts = []
    for part in plain.split(","):
        found = _RANGE.fullmatch(part)
        if not found:
            return None
        first, last = int(found.group(1)), int(found.group(2) or found.group(1))
        if not 1 <= first <= last <= LARGEST_PAGE:
            return None
        parts.append(str(first) if first == last else f"{first}-{last}")
    return ",".join(parts)


def first_page(pages: str) -> int | None:
    """Return the page to open a file at, None for its beginning."""
    found = re.match(r"\d+", pages)
    return int(found.group()) if found else None


def last_page(pages: str) -> int:
    """Return the highest page that is named, 0 when none is."""
    return max((int(number) for number in re.findall(r"\d+", pages)), default=0)


def pages_text(pages: str) -> str:
    """Return pages as the official form prints them: ``第 3-5、8 页``."""
    return f"第 {pages.replace(',', '、')} 页" if pages else ""


def proof_text(name: str, pages: str) -> str:
    """Return file and pages as the official form prints them."""
    return f"{name} {pages_text(pages)}".strip()


def check_proofs(
    lines: Sequence[Sequence[ProofEntry]], files: Mapping[int, ProofFile], kept: Sequence[Collection[int]] = ()
) -> Iterator[Finding]:
    """Yield a finding for every proof that names no file, a file that is not there or has a virus, or a page it does not have.

    A virus is not held against the files that a line names already (``kept``, by line).
    """
    for n, entries in enumerate(lines):
        for m, entry in enumerate(entries):
            at = f"lines.{n}.proofs.{m}"
            if entry.blank:
                continue
            file = files.get(entry.file) if entry.file is not None else None
            if entry.file is None:
                yield Finding(
                    "PROOF",
                    N_("第 %(number)s 项填了页码“%(pages)s”，没有选文件，请选择这些页所在的文件。"),
                    f"{at}.file",
                    params={"number": n + 1, "pages": entry.pages},
                )
            elif file is None:
                yield Finding(
                    "PROOF",
                    N_("第 %(number)s 项选的佐证文件已被删除，请重新选择或上传。"),
                    f"{at}.file",
                    params={"number": n + 1},
                )
            elif file.infected and not (kept and entry.file in kept[n]):
                yield Finding(
                    "PROOF",
                    N_("第 %(number)s 项：“%(name)s”没有通过病毒扫描，不能作为佐证，请删除这一行或换成别的文件。"),
                    f"{at}.file",
                    params={"number": n + 1, "name": file.name},
                )
            elif file.pages is not None and last_page(entry.pages) > file.pages:
                yield Finding(
                    "PROOF",
                    N_("第 %(number)s 项：“%(name)s”只有 %(most)s 页，没有第 %(page)s 页，请核对页码。"),
                    f"{at}.pages",
                    params={
                        "number": n + 1,
                        "name": file.name,
                        "most": file.pages,
                        "page": last_page(entry.pages),
                    },
                )
