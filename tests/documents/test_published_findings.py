"""What is found wrong in a published document: shares, sums, units, text left from a form."""

from typing import Any

import pytest

from tests.documents.published_texts import ACCOUNTS, BUDGET, FIGURES, Q31_BUDGET, UNIT_BUDGET, changed, codes


def added(facts: dict[str, Any], known: list[dict[str, str]]) -> list[dict[str, str]]:
    return [finding for finding in facts["findings"] if finding not in known]


def test_share_that_follows_from_the_amounts_is_no_finding() -> None:
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.73%"))) == ["UNIT"]
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.7%"))) == ["UNIT"]
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.8%"))) == ["Q31", "UNIT"]


def test_coverage_that_holds_by_money_is_no_finding() -> None:
    facts = changed(ACCOUNTS, ("项目0个，涉及资金0万元", "项目5个，涉及资金932.14万元"))
    assert facts["findings"] == []


@pytest.mark.parametrize(
    ("text", "old", "new", "sentence"),
    [
        (
            BUDGET,
            "8407.98",
            "8407.89",
            "第202行收入预算9,358.59万元，列出的各项合计却是9,358.50万元，相差0.09万元。",
        ),
        (
            BUDGET,
            "增加 34 万元",
            "增加 43 万元",
            None,  # one of the parts has no unit: nothing is certain
        ),
        (
            BUDGET.replace("103.53", "103.53 万元"),
            "增加 34 万元",
            "增加 43 万元",
            "第214行比2024年预算数减少527.77万元，列出的各项合计却是518.77万元，相差9.00万元。",
        ),
        (
            BUDGET,
            "收\n\n入预算 9358.59",
            "收\n\n入预算 9358.60",
            "收入总数9,358.60万元（第202行）与支出总数9,358.59万元（第204行）不相等，相差0.01万元。",
        ),
        (
            ACCOUNTS,
            "901.17万元",
            "900.17万元",
            "第71行支出933.74万元，各功能科目合计却是932.74万元，相差1.00万元。",
        ),
        (
            ACCOUNTS,
            "8.上年结转和结余0万元",
            "8.上年结转和结余5万元",
            "第30行收入总计为933.74万元，列出的各项合计却是938.74万元，相差5.00万元。",
        ),
        (
            ACCOUNTS,
            "（三）年末结转和结余0万元",
            "（三）2022年度支出总计9万元",
            "支出总数前后不一：第48行为933.74万元，第59行为9.00万元。",
        ),
        (
            ACCOUNTS,
            "科学技术支出0万元",
            "科学技术支出1万元",
            "第69行2022年度财政拨款支出933.74万元，列出的各项合计却是934.74万元，相差1.00万元。",
        ),
    ],
)
def test_sums(text: str, old: str, new: str, sentence: str | None) -> None:
    facts = changed(text, (old, new))
    assert [finding["message"] for finding in facts["findings"] if finding["code"] == "SUM"] == (
        [sentence] if sentence else []
    )


def test_a_list_with_brackets_and_comparisons_adds_up() -> None:
    text = (
        "收入预算100万元，其中：财政拨款收入90万元，比上年增加5万元，占90%；其他收入10万元。"
        "支出预算100万元，其中：基本支出40万元（其中人员30万元，公用10万元），项目支出60万元。\n\n"
    )
    assert "SUM" not in codes(changed(BUDGET, (FIGURES, text)))


def test_a_list_that_names_money_twice_proves_nothing() -> None:
    text = "收入预算100万元，其中：财政拨款收入100万元，一般公共预算收入90万元，政府性基金收入10万元。\n\n"
    assert "SUM" not in codes(changed(BUDGET, (FIGURES, text)))


def test_amount_without_unit() -> None:
    assert changed(BUDGET, ("103.53", "103.53 万元"))["findings"] == [Q31_BUDGET]
    facts = changed(BUDGET, ("其他支出 995.5 万元。", "其他支出 995.5。"))
    assert added(facts, [Q31_BUDGET, UNIT_BUDGET]) == [
        {"code": "UNIT", "message": "第210行“其他支出995.5”没有写计量单位，请补上“万元”或“元”。"}
    ]


@pytest.mark.parametrize("filler", ["（绩效目标管理工作情况，以及…）", "本部门XX个项目。", "收入总计为 万元。"])
def test_text_left_from_a_form(filler: str) -> None:
    facts = changed(BUDGET, ("无政府采购事项。", filler))
    assert codes(facts) == ["Q31", "UNIT", "Q32"]
    assert facts["findings"][2]["message"].startswith("第238行起有1处还留着模板里待填写的文字")
