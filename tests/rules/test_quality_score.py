"""The quality score: where marks are lost, and which change brings most."""

from perfmgr.rules.copying import check_copied
from perfmgr.rules.findings import Finding
from perfmgr.rules.quality_score import score_quality
from tests.rules.sheets import D
from tests.rules.targets import BOOK


def of(*places):
    return score_quality([Finding(code, "", field) for code, field in places], BOOK)


def test_a_sheet_without_findings_has_all_marks():
    quality = of()
    assert (quality.total, quality.best_change) == (100, None)
    assert [(head.name, head.marks) for head in quality.heads] == [
        ("完整性", 20),
        ("相关性", 30),
        ("适当性", 30),
        ("可行性", 20),
    ]


def test_each_loss_is_told_under_its_head():
    quality = of(("Q03", "indicators.0.target"), ("Q03", "indicators.1.target"), ("Q05", "indicators"))
    assert quality.total == 91
    assert [[loss.sentence() for loss in head.losses] for head in quality.heads] == [
        ["分值合计（Q05）1 处，扣 3 分"],
        ["指标值笼统（Q03）2 处，扣 6 分"],
        [],
        [],
    ]


def test_the_place_with_most_to_gain_is_the_best_change():
    quality = of(("Q03", "a"), ("Q13", "b"), ("Q10", "b"), ("Q05", "indicators"))
    assert quality.best_change
    assert (quality.best_change.field, quality.best_change.gain) == ("b", D(6))


def test_where_no_single_place_gains_anything_a_whole_rule_does():
    quality = of(*(("Q14", f"indicators.{n}.name") for n in range(9)))
    assert quality.best_change
    assert (quality.best_change.gain, len(quality.best_change.findings)) == (D(8), 9)


def test_what_was_copied_and_not_looked_at_costs_marks_and_may_be_the_best_change():
    quality = score_quality(check_copied(["start_on", "funds"]), BOOK)
    assert quality.total == 94
    assert [loss.sentence() for loss in quality.heads[3].losses] == ["沿用上年，尚未核对 2 处，扣 6 分"]
    assert quality.best_change
    assert (quality.best_change.field, quality.best_change.gain) == ("start_on", D(3))


def test_a_head_has_no_less_than_nought_and_what_costs_nothing_changes_nothing():
    assert of(*(("Q01", str(n)) for n in range(50)), *(("Q02", str(n)) for n in range(50))).heads[0].marks == 0
    assert of(("Q34", "x"), ("Q26", "y")).total == 100
