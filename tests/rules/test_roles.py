"""The roles and what only some of them do with budgets."""

from perfmgr.rules.roles import BUDGETERS, EXECUTORS, ROLES


def test_there_are_five_roles_with_their_names():
    assert ROLES == {
        "filler": "填报人",
        "department_reviewer": "部门审核人",
        "finance_reviewer": "财政评审人",
        "administrator": "系统管理员",
        "expert": "评价专家",
    }


def test_who_approves_budgets_and_who_enters_spending():
    assert {"finance_reviewer", "administrator"} == BUDGETERS
    assert {"filler", "administrator"} == EXECUTORS
