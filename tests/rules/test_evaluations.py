"""What is typed on a line of a self-evaluation becomes the line that is scored."""

import dataclasses

from perfmgr.rules.evaluations import LineEntry, entered
from perfmgr.rules.indicators import LineRule
from perfmgr.rules.scoring import Row
from tests.rules.sheets import D, qualitative, quantitative

FULL = LineEntry(
    actual_value=D(95),
    actual_text="已完成",
    tier="达成",
    share=D("0.9"),
    not_applicable=True,
    na_reason="项目取消",
    reason="原因",
    measure="措施",
)


def test_a_quantitative_line_takes_the_actual_value_and_no_tier():
    declared = quantitative("ge", 90, None, 20, rule=LineRule("direct"))
    assert entered(declared, FULL) == Row("ge", D(90), D(95), D(20), rule=LineRule("direct"), not_applicable=True)


def test_a_qualitative_line_takes_tier_and_share_and_no_actual_value():
    assert entered(qualitative(""), FULL) == Row(
        "qualitative", None, None, D(10), tier="达成", share=D("0.9"), not_applicable=True
    )


def test_an_empty_entry_takes_back_what_was_entered_before():
    before = dataclasses.replace(quantitative("ge", 90, 95), not_applicable=True)
    assert entered(before, LineEntry()) == quantitative("ge", 90, None)
    assert entered(qualitative("达成", "0.9"), LineEntry()) == qualitative("")
