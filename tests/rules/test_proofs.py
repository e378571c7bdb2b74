"""Pages as people type them, and proofs that name what is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.proofs import ProofEntry, ProofFile, check_proofs, first_page, last_page, pages_text, read_pages


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("3", "3"),
        ("第 3 页", "3"),
        ("第3-5页", "3-5"),
        ("３—５", "3-5"),
        ("P3~5、p.8", "3-5,8"),
        ("3至5页，第8页", "3-5,8"),
        ("7-7", "7"),
        ("第3页 第5页", "3,5"),
        ("P3 P5", "3,5"),
        ("3页5页", "3,5"),
        ("3 5", "3,5"),
        ("0", None),
        ("5-3", None),
        ("附件", None),
        ("3-", None),
        ("页", None),
        ("100000", None),
    ],
)
def test_pages_are_read_as_they_are_usually_typed(typed: str, read: str | None) -> None:
    assert read_pages(typed) == read


@given(st.lists(st.tuples(st.integers(1, 99_999), st.integers(0, 50)), min_size=1, max_size=8))
def test_what_is_printed_is_read_back(ranges: list[tuple[int, int]]) -> None:
    stored = read_pages(",".join(f"{first}-{min(first + more, 99_999)}" for first, more in ranges))
    assert stored
    assert read_pages(pages_text(stored)) == stored
    assert first_page(stored) == ranges[0][0]
    assert last_page(stored) == max(min(first + more, 99_999) for first, more in ranges)


def test_every_proof_that_names_what_is_not_there_is_named_with_its_place() -> None:
    files = {1: ProofFile("报告.pdf", 4), 2: ProofFile("台账.xlsx")}
    good = [ProofEntry(1, "4"), ProofEntry(2, "99"), ProofEntry(), ProofEntry(1)]
    bad = [ProofEntry(None, "3"), ProofEntry(7), ProofEntry(1, "2,5")]
    found = [(f.field, f.sentence(lambda text, **_: text)) for f in check_proofs([good, bad], files)]
    assert found == [
        ("lines.1.proofs.0.file", "第 2 项填了页码“3”，没有选文件，请选择这些页所在的文件。"),
        ("lines.1.proofs.1.file", "第 2 项选的佐证文件已被删除，请重新选择或上传。"),
        ("lines.1.proofs.2.pages", "第 2 项：“报告.pdf”只有 4 页，没有第 5 页，请核对页码。"),
    ]
