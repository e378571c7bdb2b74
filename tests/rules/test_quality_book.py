"""The rule book: what is wrong with it is told at once, and words are found as written."""

import copy

import pytest
import yaml

from perfmgr.queries.quality import FILE, rule_book
from perfmgr.rules.quality_book import Words, parse_book
from perfmgr.rules.refusals import Invalid
from tests.rules.sheets import D

DATA = yaml.safe_load(FILE.read_text(encoding="utf-8"))
# The level of each rule in §9.2 of the field's rules; COPY is what nobody looked at since it was copied.
LEVELS = {
    "error": "Q01 Q02 Q05 Q10 Q18 Q19 Q37 COPY",
    "warning": "Q03 Q04 Q06 Q07 Q08 Q09 Q11 Q12 Q13 Q14 Q15 Q16 Q17 Q20 Q21 Q22 Q32 Q33 Q35 Q36 Q38",
    "info": "Q34",
}


def changed(change):
    data = copy.deepcopy(DATA)
    change(data)
    return data


def test_the_levels_are_those_of_the_table():
    wanted = {code: level for level, codes in LEVELS.items() for code in codes.split()}
    assert {code: rule.level for code, rule in rule_book().rules.items()} == wanted


def test_the_limits_of_the_table():
    limits = rule_book().limits
    assert (
        limits["qualitative_share"],
        limits["leaf_share"],
        limits["lines"],
        limits["outputs"],
        limits["easy_share"],
    ) == (
        D("0.4"),
        D("0.3"),
        5,
        3,
        D("0.9"),
    )


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (lambda d: d["rules"].pop("Q05"), ["rules.Q05"]),
        (lambda d: d["rules"].update(Q99={"level": "error"}), ["rules.Q99"]),
        (lambda d: d["rules"]["Q05"].update(level="fatal"), ["rules.Q05.level"]),
        (lambda d: d["rules"]["Q05"].update(head="beauty", points=-1), ["rules.Q05.points", "rules.Q05.head"]),
        (lambda d: d["limits"].update(lines="viele"), ["limits.lines"]),
        (lambda d: d["limits"].update(lines=float("nan")), ["limits.lines"]),
        (lambda d: d["words"].update(vague=[]), ["words.vague"]),
        (lambda d: d["words"].update(vague=["合理", "…"]), ["words.vague"]),
        (lambda d: d["words"].pop("vague"), ["words.vague"]),
        (lambda d: d["places"].update(数量="beauty"), ["places.数量"]),
        (
            lambda d: d.update(heads=None),
            ["heads", *(f"heads.{h}" for h in ("completeness", "relevance", "adequacy", "feasibility"))],
        ),
    ],
    ids=[str(n) for n in range(11)],
)
def test_everything_wrong_is_told_with_its_place(change, fields):
    with pytest.raises(Invalid) as refused:
        parse_book(changed(change))
    assert [finding.field for finding in refused.value.findings] == fields


@pytest.mark.parametrize("data", [None, [], "text", {}])
def test_what_is_no_rule_book_is_refused(data):
    with pytest.raises(Invalid):
        parse_book(data)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("合格率",), "验收合格率", "合格率"),
        (("及时…率",), "及时发放到位率", "及时发放到位率"),
        (("及时…率",), "及时完成了九个以上字的比率", ""),
        (("数$",), "培训人数", "数"),
        (("数$",), "数据", ""),
        (("^完成",), "完成采购", "完成"),
        (("^完成",), "已完成", ""),
        (("成本", "单位成本"), "单位成本", "单位成本"),
        (("a.b",), "axb", ""),
    ],
)
def test_words_are_found_as_written(words, text, found):
    assert Words(words).find(text) == found
