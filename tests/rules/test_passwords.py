"""User names and passwords: how they are stored, what is refused and why."""

import pytest

from perfmgr.rules.passwords import check_password, check_username, fold_username
from tests.rules.sheets import slowest, told

USERNAME = ("USERNAME", "username", "“用户名”应为 2–64 位小写字母、数字或 . _ -，并以字母或数字开头。")
KINDS = ("PASSWORD", "new", "“新密码”应至少包含大写字母、小写字母、数字、符号中的三种。")
COMMON = ("PASSWORD", "new", "“新密码”不能包含用户名或常见密码，请换一个。")


def length(count):
    return ("PASSWORD", "new", f"“新密码”应为 12–128 位，现在是 {count} 位。")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Zhang.San", "zhang.san"), (" ＺＨＡＮＧ１ ", "zhang1"), ("zhang\u200bsan\n", "zhangsan"), ("", "")],
)
def test_a_user_name_is_stored_half_width_in_small_letters(typed, stored):
    assert fold_username(typed) == stored


@pytest.mark.parametrize("username", ["zs", "zhang.san", "2024-zhang_san", "a" * 64, "0a"])
def test_a_plain_user_name_is_accepted(username):
    assert check_username(username) is None


@pytest.mark.parametrize(
    "username", ["", "z", ".zhang", "-zhang", "_z", "Zhang", "zhang san", "张三", "a" * 65, "zs\n", "z@s", "zs٣"]
)
def test_any_other_user_name_is_refused(username):
    assert told([check_username(username)]) == [USERNAME]


@pytest.mark.parametrize(
    ("password", "findings"),
    [
        ("Shuang-Yu-2025", []),
        ("shuangyu-2025", []),
        ("SHUANGYU-2025", []),
        ("ShuangYu2025", []),
        ("春眠不觉晓Ab3春眠不觉晓", []),
        ("A1-" + "x" * 125, []),
        ("A1-" + "x" * 126, [length(129)]),
        ("A1-" + "x" * 8, [length(11)]),
        ("A1-" + "x" * 9, []),
        ("shuangyu2025", [KINDS]),
        ("shuangyushuangyu", [KINDS]),
        ("202520252025", [KINDS]),
        ("春眠不觉晓处处闻啼鸟夜来", [KINDS]),
        ("", [length(0), KINDS]),
        ("MyPassword-2025", [COMMON]),
        ("QwErTy-2025-xx", [COMMON]),
        ("xxAdmin-xx-2025", [COMMON]),
        ("Wo-123456-Wo", [COMMON]),
        ("Zhang.San-2025", [COMMON]),
        ("zhang.san", [length(9), KINDS, COMMON]),
    ],
)
def test_everything_wrong_with_a_password_is_told_at_once(password, findings):
    assert told(check_password(password, "zhang.san")) == findings


def test_a_user_name_of_two_letters_may_be_part_of_a_password():
    assert check_password("Shuang-Yu-2025", "yu") == []
    assert told(check_password("Shuang-Yu-2025", "yu-")) == [COMMON]


def test_hostile_texts_are_refused_in_a_moment():
    def refuse(text):
        assert check_username(fold_username(text)) is not None
        assert length(len(text)) in told(check_password(text, "zhang.san"))

    assert slowest(refuse) < 2
