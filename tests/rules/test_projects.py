"""Which projects owe performance targets."""

import pytest

from perfmgr.rules.projects import (
    BASIC_CATEGORIES,
    CATEGORIES,
    CATEGORY_NUMBERS,
    OWING_CATEGORIES,
    owes_targets,
)


@pytest.mark.parametrize(
    ("category", "exempt_reason", "owes"),
    [
        ("other_operation", "", True),
        ("specific", "", True),
        ("specific", "涉密项目", False),
        ("other_operation", "一次性小额支出", False),
        ("staff", "", False),
        ("public", "", False),
        ("staff", "涉密项目", False),
    ],
)
def test_other_operation_and_specific_projects_owe_targets_unless_exempt(category, exempt_reason, owes):
    assert owes_targets(category, exempt_reason) is owes


def test_every_category_is_either_basic_or_owing_and_has_its_number():
    assert sorted((*BASIC_CATEGORIES, *OWING_CATEGORIES)) == sorted(CATEGORIES)
    assert CATEGORY_NUMBERS == {"staff": "1", "public": "21", "other_operation": "22", "specific": "3"}
