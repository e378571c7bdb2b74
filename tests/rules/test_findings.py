"""A finding fills its sentence, in the source language or in another, and becomes plain text."""

import ast
import pathlib
import re

import pytest

from perfmgr import rules
from perfmgr.rules.findings import ERROR, INFO, WARNING, Finding, errors
from perfmgr.rules.texts import Term

SUM = Finding(
    "Q05",
    "“%(category)s”的分值合计为 %(sum)s 分，应为 100%%。",
    "indicators",
    suggestion="请把 %(sum)s 分改为 50 分。",
    params={"category": "产出指标", "sum": 60},
)


def test_a_sentence_and_its_remedy_have_their_places_filled():
    assert (SUM.sentence(), SUM.remedy()) == (
        "“产出指标”的分值合计为 60 分，应为 100%。",
        "请把 60 分改为 50 分。",
    )


def test_the_template_is_translated_before_its_places_are_filled():
    catalogue = {SUM.message: "Marks of %(category)s: %(sum)s.", SUM.suggestion: "Not %(sum)s but 50."}
    assert (SUM.sentence(catalogue.get), SUM.remedy(catalogue.get)) == ("Marks of 产出指标: 60.", "Not 60 but 50.")


def test_a_finding_inside_a_sentence_is_translated_too():
    outer = Finding("ROW", "第 3 行：%(why)s", params={"why": SUM})
    assert outer.sentence() == "第 3 行：“产出指标”的分值合计为 60 分，应为 100%。"
    assert outer.sentence({SUM.message: "%(sum)s!", outer.message: "Row 3: %(why)s"}.get) == "Row 3: 60!"


def test_a_term_of_ours_is_translated_and_what_was_typed_is_not():
    finding = Finding("X", "“%(state)s”：%(name)s", params={"state": Term("已批复"), "name": "已批复"})
    catalogue = {finding.message: "%(name)s is %(state)s", "已批复": "approved"}
    assert (finding.sentence(), finding.sentence(catalogue.get)) == ("“已批复”：已批复", "已批复 is approved")


def test_what_was_typed_is_never_taken_for_a_template():
    assert Finding("X", "“%(text)s”", params={"text": "100% %(name)s %s"}).sentence() == "“100% %(name)s %s”"


def test_a_finding_without_remedy_has_an_empty_one():
    assert Finding("X", "请填写。").remedy() == ""


def test_a_finding_as_plain_text():
    assert SUM.as_dict() == {
        "code": "Q05",
        "level": "error",
        "field": "indicators",
        "message": "“产出指标”的分值合计为 60 分，应为 100%。",
        "suggestion": "请把 60 分改为 50 分。",
    }


def test_only_errors_block():
    found = [Finding("A", "a", level=level) for level in (INFO, ERROR, WARNING)] + [SUM]
    assert errors(found) == [found[1], SUM]


def marked_sentences():
    """Every sentence marked for translation in the rules."""
    for path in sorted(pathlib.Path(rules.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
                yield pytest.param(ast.literal_eval(node.args[0]), id=f"{path.stem}:{node.lineno}")


@pytest.mark.parametrize("sentence", list(marked_sentences()))
def test_every_sentence_of_the_rules_is_a_template_with_named_places(sentence):
    places = dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), "〇")
    assert "%(" not in sentence % places
    assert sentence == sentence.strip()
