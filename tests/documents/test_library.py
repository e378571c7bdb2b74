"""The built-in indicator library: every entry complete, unlike the others, at home in every scheme."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from perfmgr.documents.library import BuiltIn, built_in
from perfmgr.documents.schemes import parsed
from perfmgr.queries.quality import rule_book
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.library import GROUPS, MEANINGS, place
from perfmgr.rules.library_fields import FIELDS
from perfmgr.rules.numbers import parse_number
from perfmgr.rules.quality import examine
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.targets import TargetLine, TargetSheet
from perfmgr.rules.texts import clean_line, half_width, same_name

ENTRIES = built_in()
# What reviewers complain about in names (§9.2 Q03, Q08, Q09, Q13).
VAGUE = ("完成情况", "落实情况", "提升", "提高", "改善", "合理", "明显", "健全", "显著", "执行率", "支付率", "人员编制")
TWO = re.compile("[、，和与并]|(?<!普)及(?!时)")
MEANT = {
    "合格率": {"quality"},
    "达标率": {"quality", "ecological"},
    "按期": {"timeliness"},
    "及时": {"timeliness"},
    "成本": {"cost", "efficiency"},
    "满意": {"satisfaction"},
}


def names(entry: BuiltIn) -> str:
    """Return how a test names an entry."""
    return entry.code


def test_there_are_enough_for_every_field() -> None:
    assert len(ENTRIES) >= 180
    fields = Counter(entry.draft.field for entry in ENTRIES)
    assert set(fields) == set(FIELDS)
    assert min(fields.values()) >= 8


def test_codes_and_names_are_given_once() -> None:
    for values in (
        [entry.code for entry in ENTRIES],
        [same_name(entry.draft.name) for entry in ENTRIES],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_complete_set(field: str) -> None:
    groups = {MEANINGS[entry.draft.meaning].group for entry in ENTRIES if entry.draft.field == field}
    # What a meeting, a training or a subsidy brings is a benefit too; no group is left to guess.
    assert groups == set(GROUPS)


@pytest.mark.parametrize("entry", ENTRIES, ids=names)
def test_an_entry_says_all_that_is_needed(entry: BuiltIn) -> None:
    draft = entry.draft
    assert re.fullmatch(f"{draft.field}-[0-9]{{2}}", entry.code)
    for text in (draft.name, draft.definition, draft.formula, draft.evidence, draft.words):
        assert text
        assert text == clean_line(text)
    assert 3 <= len(draft.name) <= 20
    assert draft.sign != QUALITATIVE
    assert draft.unit
    assert (len(draft.evidence) <= 200, len(draft.words) <= 200) == (True, True)
    assert len(draft.words.split()) >= 2
    assert bool(draft.survey) == (draft.meaning == "satisfaction")


@pytest.mark.parametrize("entry", ENTRIES, ids=names)
def test_a_name_is_one_measurable_question_in_its_category(entry: BuiltIn) -> None:
    name = entry.draft.name
    assert [word for word in VAGUE if word in name] == []
    assert TWO.search(name) is None
    assert [word for word, meanings in MEANT.items() if word in name and entry.draft.meaning not in meanings] == []
    if entry.draft.meaning == "satisfaction":
        assert "满意" in name


@pytest.mark.parametrize("entry", ENTRIES, ids=names)
def test_typical_values_are_numbers_in_order_with_their_situation(entry: BuiltIn) -> None:
    draft = entry.draft
    read = [parse_number(t.value) for t in draft.typical]
    assert len(read) == 3
    assert None not in read
    values = [value for value in read if value is not None]
    assert all(t.when for t in draft.typical)
    assert values == sorted(values) or values == sorted(values, reverse=True)
    if draft.unit == "%" and draft.sign in ("ge", "gt"):
        assert max(values) <= 100


@pytest.mark.parametrize("code", sorted(parsed()))
@pytest.mark.parametrize("meaning", MEANINGS)
def test_every_meaning_has_a_place_in_every_scheme(code: str, meaning: str) -> None:
    scheme = parsed()[code]
    found = place(scheme, meaning)
    assert found is not None
    category = scheme.category(found[0])
    assert category is not None
    assert found[1] in category.children


def test_no_unit_is_written_in_two_ways() -> None:
    units = {entry.draft.unit for entry in ENTRIES}
    assert {unit for unit in units if half_width(unit) in units - {unit}} == set()


@pytest.mark.parametrize("scheme", [s for s in parsed().values() if s.kind == "project"], ids=lambda s: s.code)
def test_the_checker_finds_no_fault_with_an_entry(scheme: Scheme) -> None:
    """What the program proposes must not be what it complains about."""
    found = []
    for entry in ENTRIES:
        findings = examine(_sheet(_line(entry, scheme)), scheme, rule_book()).findings
        found += [(entry.draft.name, f.code) for f in findings if f.field.startswith("indicators.0")]
    assert found == []


def _line(entry: BuiltIn, scheme: Scheme) -> TargetLine:
    draft = entry.draft
    category, subcategory = place(scheme, draft.meaning) or ("", "")
    qualitative = draft.sign == QUALITATIVE
    return TargetLine(
        category=category,
        subcategory=subcategory,
        name=draft.name,
        sign=draft.sign,
        value=None if qualitative else parse_number(draft.starting_value),
        text=draft.starting_value if qualitative else "",
        unit=draft.unit,
        weight=Decimal(10),
        evidence=draft.evidence,
    )


def _sheet(line: TargetLine) -> TargetSheet:
    """Return a sheet of which only its one indicator is known."""
    texts: dict[str, Any] = dict.fromkeys(("overview", "body", "plan", "goals"), "")
    rest: dict[str, Any] = {
        "bases": (),
        "step_spans": (),
        "start_on": None,
        "end_on": None,
        "annual_amount": Decimal(0),
    }
    unknown = frozenset((*texts, *rest))
    return TargetSheet(year=2027, total_amount=None, lines=[line], unknown=unknown, **texts, **rest)
