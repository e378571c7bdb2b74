"""The roles of the field and how people call them."""

from perfmgr.rules.texts import N_

FILLER = "filler"
DEPARTMENT_REVIEWER = "department_reviewer"
FINANCE_REVIEWER = "finance_reviewer"
ADMINISTRATOR = "administrator"
EXPERT = "expert"

ROLES = {
    FILLER: N_("填报人"),
    DEPARTMENT_REVIEWER: N_("部门审核人"),
    FINANCE_REVIEWER: N_("财政评审人"),
    ADMINISTRATOR: N_("系统管理员"),
    EXPERT: N_("评价专家"),
}

# Who sees nothing by the place of the post, only what was given to them by name.
BY_ASSIGNMENT = frozenset({EXPERT})

# Who approves and adjusts budgets, and who enters spending.
BUDGETERS = frozenset({FINANCE_REVIEWER, ADMINISTRATOR})
EXECUTORS = frozenset({FILLER, ADMINISTRATOR})
