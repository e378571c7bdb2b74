"""Names, types and room of attachments."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfmgr.rules.attachments import (
    MEDIA_TYPES,
    MEGABYTE,
    REFUSALS,
    about_key,
    extension,
    refuse,
    require_room,
    require_type,
    shown_name,
    size_text,
)
from perfmgr.rules.refusals import Refused


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("绩效目标申报表.docx", "绩效目标申报表.docx"),
        ("大组〔2022〕101号 关于《办法》的通知（试行）.pdf", "大组〔2022〕101号 关于《办法》的通知（试行）.pdf"),
        ("𠮷林　名单.csv", "𠮷林　名单.csv"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\张三\\方案.docx", "方案.docx"),
        ("..", "未命名"),
        ("", "未命名"),
        (None, "未命名"),
        ("方案\u202efdp.exe", "方案fdp.exe"),
        ("方\u200b案\x00.pdf\x1f", "方案.pdf"),
        ("方案.pdf\n.exe", "方案.pdf .exe"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("com1.tar.txt", "_com1.tar.txt"),
        ("CONTROL.txt", "CONTROL.txt"),
        (".htaccess", "htaccess"),
        ("方案.pdf. . ", "方案.pdf"),
        ("长" * 300 + ".docx", "长" * 195 + ".docx"),
        ("长" * 300, "长" * 200),
        ("a." + "b" * 300, "a." + "b" * 198),
    ],
)
def test_the_name_a_file_is_shown_under(raw: str | None, name: str) -> None:
    assert shown_name(raw) == name


@given(st.text(max_size=400))
@example("CON .txt")
@example("a" * 199 + ". .pdf")
def test_any_name_becomes_a_harmless_one(raw: str) -> None:
    name = shown_name(raw)
    assert 1 <= len(name) <= 200
    assert not set(name) & set('/\\<>:"|?*\n\r\t\0')
    assert not {
        c
        for c in name
        if unicodedata.category(c) in ("Cc", "Cs")
        or unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
    }
    assert name.strip(" .") == name
    assert shown_name(name) == name


@given(
    st.text(alphabet="预算绩效目标申报表（）〔〕《》、0123456789年号", min_size=1, max_size=150),
    st.sampled_from(sorted(MEDIA_TYPES)),
)
def test_chinese_names_stay_as_they_are(stem: str, end: str) -> None:
    assert shown_name(f"{stem}.{end}") == f"{stem}.{end}"


@given(
    st.text(st.characters(exclude_characters="/\\"), min_size=150, max_size=400), st.sampled_from(sorted(MEDIA_TYPES))
)
def test_a_long_name_keeps_its_extension(stem: str, end: str) -> None:
    assert require_type(shown_name(f"文{stem}.{end}")) == end


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.exe", "type"),
        ("a.pdf.exe", "type"),
        ("a", "type"),
        ("a.zip", "type"),
        ("a.doc", "old"),
        ("a.XLS", "old"),
        ("a.docm", "macros"),
    ],
)
def test_what_is_refused_by_its_name(name: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        require_type(name)
    assert (refused.value.findings[0].code, refused.value.status) == (reason, 422)


def test_every_reason_makes_a_sentence_that_says_what_to_do() -> None:
    said = [str(refuse(reason, "方案.docx", limit=20)) for reason in REFUSALS]
    assert len(set(said)) == len(REFUSALS)
    assert [sentence for sentence in said if not sentence.endswith("。") or "%" in sentence] == []


@pytest.mark.parametrize(
    ("size", "count", "total", "reason"),
    [
        (1, 29, 0, None),
        (1, 30, 0, "many"),
        (20 * MEGABYTE, 3, 180 * MEGABYTE, None),
        (20 * MEGABYTE + 1, 3, 180 * MEGABYTE, "full"),
    ],
)
def test_thirty_files_and_two_hundred_megabytes(size: int, count: int, total: int, reason: str | None) -> None:
    if reason is None:
        require_room("a.pdf", size, count, total)
        return
    with pytest.raises(Refused) as refused:
        require_room("a.pdf", size, count, total)
    assert refused.value.findings[0].code == reason


def test_a_row_is_found_again_by_its_name() -> None:
    assert about_key("basis", "经费 管理办法（试行）") == about_key("basis", "经费管理办法(试行)")
    assert about_key("basis", "a") != about_key("indicator", "a")
    assert about_key("", "a") == ""


@pytest.mark.parametrize(("size", "text"), [(0, "1 KB"), (1500, "1 KB"), (900_000, "879 KB"), (1_572_864, "1.5 MB")])
def test_sizes_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_extension_is_what_follows_the_last_dot() -> None:
    assert [extension(name) for name in ("a.PDF", "a.b.docx", "a", "a.")] == ["pdf", "docx", "", ""]
