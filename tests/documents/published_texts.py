"""The published documents of the tests, what they hold, and reading them with something changed."""

import json
import pathlib
from typing import Any

from perfmgr.documents.published import read_published_lines

DATA = pathlib.Path(__file__).parents[1] / "data" / "published"
NAMES = ("2025-department-budget", "2022-final-accounts", "putuo-urban-management-2026-budget")
TEXTS = {name: (DATA / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES}
BUDGET, ACCOUNTS = TEXTS[NAMES[0]], TEXTS[NAMES[1]]
EXPECTED = {name: json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8")) for name in NAMES}
Q31_BUDGET, UNIT_BUDGET = EXPECTED[NAMES[0]]["findings"]
# What tests replace, and which figures they ask for.
FIGURES = BUDGET[BUDGET.index("收\n\n入预算") : BUDGET.index("二、“三公”")]
TOTALS = ("income_total_wan", "expenditure_total_wan", "basic_expenditure_wan", "project_expenditure_wan")
EVALUATED = (
    "self_evaluation_project_count",
    "self_evaluation_amount_wan",
    "whole_evaluation_count",
    "coverage_percent",
    "self_score",
)


def read(text: str) -> dict[str, Any]:
    """The facts of a document's text, with lines and findings."""
    return read_published_lines(text.split("\n"), "文本")


def changed(text: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    """Read the text after replacing each first string, which must occur, by the second."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return read(text)


def values(facts: Any) -> Any:
    """The facts without line numbers and findings."""
    if isinstance(facts, dict) and set(facts) == {"value", "line"}:
        return facts["value"]
    if isinstance(facts, dict):
        return {key: values(value) for key, value in facts.items() if key not in {"line", "findings"}}
    return [values(item) for item in facts] if isinstance(facts, list) else facts


def codes(facts: dict[str, Any]) -> list[str]:
    """The codes of the findings, in order."""
    return [finding["code"] for finding in facts["findings"]]
