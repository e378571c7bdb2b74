"""What is typed about a unit is stored tidied."""

from perfmgr.rules.units import UnitDraft, tidied


def test_a_unit_is_stored_with_a_tidy_code_and_a_name_on_one_line():
    assert tidied("unit", "institution", " ２１９ 001 ", " 党群服务中心\n（社区） ") == UnitDraft(
        kind="unit", nature="institution", code="219001", name="党群服务中心 （社区）"
    )
