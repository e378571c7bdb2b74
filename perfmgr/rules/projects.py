"""Projects: their categories, sources of funds, and who owes performance targets."""

from perfmgr.rules.texts import N_

# 项目类别 of the budget platform with its own numbers: 1, 21, 22, 3 (§8.4 of the field's rules).
CATEGORIES = {
    "staff": N_("人员类"),
    "public": N_("运转类-公用经费"),
    "other_operation": N_("其他运转类"),
    "specific": N_("特定目标类"),
}
CATEGORY_NUMBERS = {"staff": "1", "public": "21", "other_operation": "22", "specific": "3"}
USUAL_CATEGORY = "specific"  # of a project whose form does not say
OWING_CATEGORIES = ("other_operation", "specific")
BASIC_CATEGORIES = ("staff", "public")

ATTRIBUTES = {"new": N_("新增项目"), "continuing": N_("延续项目")}

FUND_SOURCES = {
    "general_public": N_("一般公共预算"),
    "government_fund": N_("政府性基金"),
    "state_capital": N_("国有资本经营"),
    "carry_over": N_("上年结转"),
    "other": N_("其他"),
}


def owes_targets(category: str, exempt_reason: str) -> bool:
    """Tell whether a project of this category owes performance targets and a self-evaluation."""
    return category in OWING_CATEGORIES and not exempt_reason
