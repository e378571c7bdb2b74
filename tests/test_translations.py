"""The English catalogue: every sentence of the program, complete, and fit to be filled in."""

import datetime as dt
import gettext
import io
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import config
from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_, Named, Term
from perfmgr.web import filters, language

TEMPLATES = config.ROOT / "templates"
CATALOGUE = config.ROOT / "perfmgr" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# As in ``make messages``: folders such as templates/_macros are read too.
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None}
SKIPPED = {"node_modules", "var", "docs", "tests", "benchmarks", "migrations"}

CHINESE = re.compile("[\u3400-\u9fff，。；：（）！？]")
PLACES = re.compile(r"%(?:\(\w+\))?[sd]|%%")
# Chinese that an English sentence may quote: examples of what is typed or read.
# Labels as they stand in the official workbook, where an English reader has to find them too.
FORM = (
    "实施单位",
    "“项目”",
    "项目序号",
    "项目名称",
    "项目期",
    "资金来源",
    "评分规则",
    "一级指标",
    "二级指标",
    "三级指标",
    "指标值",
)
FORM += ("2024年-2026年", "2024-01-01至2026-12-31", "定性")
# What is typed into, or found in, the notice of days off.
DAYS = ("“2027-01-01 休 元旦”", "“2027-02-14 班 春节”", "“休”", "“班”", "国办发明电〔2026〕7号")
QUOTED = ("大组〔2022〕101号", "大连市", "“万元”", "“元”", "%%, 个 or 万元", *DAYS, *FORM)
CALL = re.compile(r"""_\(\s*('[^']*'|"[^"]*")""")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
OUR_OWN_NAME = "中文"  # the language switch names each language in itself


def _wanted(folder: str | Path) -> bool:
    name = Path(folder).name
    return not name.startswith(".") and name not in SKIPPED


@lru_cache(maxsize=1)
def sentences() -> set[str]:
    """Return every sentence marked in the program, extracted anew."""
    with (config.ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(config.ROOT, methods, options, KEYWORDS, directory_filter=_wanted)
    return {message for _file, _line, message, _comments, _context in found if message}


@lru_cache(maxsize=1)
def catalogue() -> Catalog:
    """Return the English catalogue as it is committed."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def translations() -> dict[str, str]:
    """Return sentence and translation of every entry."""
    return {str(message.id): str(message.string) for message in catalogue() if message.id}


def test_the_catalogue_has_every_sentence_and_no_other() -> None:
    assert len(sentences()) > 800
    missing, left_over = sentences() - translations().keys(), translations().keys() - sentences()
    assert not missing, f"run make messages, then translate: {sorted(missing)}"
    assert not left_over, f"run make messages: {sorted(left_over)}"
    assert not catalogue().obsolete


def test_every_sentence_is_translated_and_none_is_a_guess() -> None:
    assert [message.id for message in catalogue() if message.id and not str(message.string).strip()] == []
    assert [message.id for message in catalogue() if message.id and message.fuzzy] == []


def test_the_header_says_language_and_encoding_and_no_more() -> None:
    head = CATALOGUE.read_text(encoding="utf-8").split("\n\n")[0]
    assert '"Language: en\\n"' in head
    assert "charset=utf-8" in head
    assert not re.search("Date|Generated|Translator", head)


def test_a_translation_keeps_every_place_to_fill_in() -> None:
    changed = [
        (message, english)
        for message, english in translations().items()
        if Counter(PLACES.findall(message)) != Counter(PLACES.findall(english))
    ]
    assert changed == []


def test_places_without_a_name_keep_their_order() -> None:
    for message, english in translations().items():
        unnamed = [place for place in PLACES.findall(message) if place in ("%s", "%d")]
        assert [place for place in PLACES.findall(english) if place in ("%s", "%d")] == unnamed


def test_every_sentence_can_be_filled_in() -> None:
    for message, english in translations().items():
        places = [place for place in PLACES.findall(message) if place != "%%"]
        named = {place[2:-2]: 1 for place in places if place.startswith("%(")}
        for text in (message, english):
            assert "%" not in PLACES.sub("", text), f"a lone percent sign: {text}"
            if places or "%%" in text:
                assert "%(" not in text % (named or (1,) * len(places))


def test_english_sentences_are_english() -> None:
    chinese = []
    for english in translations().values():
        rest = english
        for quoted in QUOTED:
            rest = rest.replace(quoted, "")
        if CHINESE.search(rest):
            chinese.append(english)
    assert chinese == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_shows_no_chinese_that_is_not_translated(path: Path) -> None:
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    left = CALL.sub("", text).replace(f"'{OUR_OWN_NAME}'", "")
    assert re.findall("[^\n]{0,20}[\u3400-\u9fff]+", left) == []


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch):
    """Make the page English, with the catalogue as it is committed, compiled or not."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    known = gettext.GNUTranslations(compiled)
    monkeypatch.setattr(language, "_catalogue", lambda _language: known)
    before = language._current.set(language.ENGLISH)
    yield
    language._current.reset(before)


FINDING = Finding(
    "",
    N_("%(year)s 年度“%(window)s”将于 %(day)s 开始，现在还不能送审。"),
    params={"year": 2025, "window": Term("绩效自评"), "day": dt.date(2026, 1, 31)},
)
NAMED = Finding("", N_("“%(category)s”还没有指标，请至少设置一项。"), params={"category": Named("产出指标", "Outputs")})


@pytest.mark.usefixtures("english")
def test_an_english_sentence_has_english_terms_names_and_days() -> None:
    assert FINDING.sentence(language.gettext) == (
        "“Self-evaluation” for 2025 starts on 2026-1-31. It cannot be submitted before."
    )
    assert NAMED.sentence(language.gettext) == "“Outputs” has no indicator. Please set at least one."


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("125 未达到 ≤ 100.5 → 7.50", "125 does not meet ≤ 100.5 → 7.50"),
        ("90 所在档：10 × 80% = 8.00", "90 in its band: 10 × 80% = 8.00"),
        ("10 × 487 ÷ 500 = 9.74", "10 × 487 ÷ 500 = 9.74"),
        ("—", "—"),
    ],
)
def test_an_english_page_shows_formulas_in_english(stored: str, shown: str) -> None:
    assert filters.formula(stored) == shown


@pytest.mark.usefixtures("english")
def test_an_english_label_has_one_percent_sign() -> None:
    assert str(language.lazy_gettext("执行率超过 100%% 时按满分封顶")).endswith("above 100%")


def test_a_chinese_page_shows_what_is_written() -> None:
    assert FINDING.sentence(language.gettext) == "2025 年度“绩效自评”将于 2026年1月31日 开始，现在还不能送审。"
    assert NAMED.sentence(language.gettext) == "“产出指标”还没有指标，请至少设置一项。"
    assert filters.formula("125 未达到 ≤ 100.5 → 7.50") == "125 未达到 ≤ 100.5 → 7.50"
    assert str(language.lazy_gettext("执行率超过 100%% 时按满分封顶")) == "执行率超过 100% 时按满分封顶"
