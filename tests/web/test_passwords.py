"""Changing the password: what is refused and why, and the forced change at the first sign-in."""

from collections.abc import Callable

import pytest
from flask import Flask

from perfmgr.actions import people
from perfmgr.extensions import db
from perfmgr.models.person import Person
from tests import records
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, PASSWORD, Cast

Visit = Callable[[str | None], Visitor]
GOOD = "Xin-Kouling-2026"


def change(visitor: Visitor, new: str, again: str | None = None, old: str = PASSWORD) -> tuple[int, list[str]]:
    """Fill in the form; returns the status and the sentences of the summary."""
    response = visitor.post("/password", {"old": old, "new": new, "again": new if again is None else again})
    return response.status_code, problems(response)


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        ("Ab-3456789", ["“新密码”应为 12–128 位，现在是 10 位。"]),
        ("A-3" + "x" * 126, ["“新密码”应为 12–128 位，现在是 129 位。"]),
        ("abcdefghijkl", ["“新密码”应至少包含大写字母、小写字母、数字、符号中的三种。"]),
        ("Filler-2026-xyz", ["“新密码”不能包含用户名或常见密码，请换一个。"]),
        ("Password-2026-x", ["“新密码”不能包含用户名或常见密码，请换一个。"]),
        ("Aa-123456-xyzw", ["“新密码”不能包含用户名或常见密码，请换一个。"]),
        (PASSWORD, ["“新密码”不能与原密码相同。"]),
        ("", ["“新密码”不能为空，请填写。", "“再次输入新密码”不能为空，请填写。"]),
        (
            "abc",
            ["“新密码”应为 12–128 位，现在是 3 位。", "“新密码”应至少包含大写字母、小写字母、数字、符号中的三种。"],
        ),
    ],
)
def test_a_weak_password_is_refused_with_every_reason(app: Flask, visit: Visit, new: str, sentences: list[str]) -> None:
    visitor = visit(FILLER)
    assert change(visitor, new) == (422, sentences)
    assert visit(None).sign_in(FILLER).status_code == 303


def test_two_different_new_passwords_are_refused(visit: Visit) -> None:
    assert change(visit(FILLER), GOOD, GOOD + "x") == (422, ["两次输入的新密码不一致，请重新输入。"])


def test_a_wrong_old_password_is_refused(visit: Visit) -> None:
    assert change(visit(FILLER), GOOD, old="wrong") == (422, ["“原密码”不正确，请重新输入。"])


@pytest.mark.parametrize("new", [GOOD, "密码Mima-2026xyzw", "a B3" + " " * 8 + "x", "A-3" + "x" * 125])
def test_a_good_password_is_taken_letter_by_letter(visit: Visit, new: str) -> None:
    assert change(visit(FILLER), new) == (303, [])
    assert visit(None).sign_in(FILLER, new).status_code == 303
    assert visit(None).sign_in(FILLER, new + " ").status_code == 403


class Newcomer(Visitor):
    """A visitor who remembers the first password that was handed over."""

    first = ""


@pytest.fixture
def newcomer(app: Flask, cast: Cast) -> Newcomer:
    """Somebody at a browser who has just signed in with their first password."""
    with app.app_context():
        _person, first = people.create(cast.viewer(ADMIN), "xinren", "新人", [(cast.unit, "filler")])
    visitor = Newcomer(app, cast)
    assert visitor.sign_in("xinren", first).status_code == 303
    visitor.first = first
    return visitor


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/new", "/coverage", "/notices", "/manual"])
def test_the_first_password_opens_nothing_but_its_own_change(newcomer: Newcomer, path: str) -> None:
    response = newcomer.get(path)
    assert (response.status_code, response.headers["Location"]) == (303, "/password")
    assert "首次登录或密码被重置后，请先修改密码。" in text(newcomer.get("/password"))


def test_with_the_first_password_nothing_can_be_changed(app: Flask, newcomer: Newcomer) -> None:
    before = records.snapshot(app)
    response = newcomer.post("/projects", {"name": "新项目"})
    assert (response.status_code, response.headers["Location"], records.snapshot(app)) == (303, "/password", before)


def test_after_the_change_everything_is_open(newcomer: Newcomer) -> None:
    assert change(newcomer, GOOD, old=newcomer.first) == (303, [])
    assert newcomer.get("/projects").status_code == 200


def test_the_first_password_cannot_be_kept(newcomer: Newcomer) -> None:
    first = newcomer.first
    assert change(newcomer, first, old=first) == (422, ["“新密码”不能与原密码相同。"])
    assert newcomer.get("/").headers["Location"] == "/password"


def test_signing_out_works_before_the_first_change(newcomer: Newcomer) -> None:
    assert newcomer.post("/sign-out").headers["Location"] == "/sign-in"


def test_a_reset_asks_for_a_change_again(app: Flask, cast: Cast, visit: Visit) -> None:
    response = visit(ADMIN).post(f"/people/{cast.people[FILLER]}/password")
    first = text(response).split("首次登录后须修改。")[1].split()[0]
    assert visit(None).sign_in(FILLER).status_code == 403
    visitor = visit(None)
    assert visitor.sign_in(FILLER, first).status_code == 303
    assert visitor.get("/").headers["Location"] == "/password"


def test_first_passwords_are_strong_and_never_the_same(app: Flask, cast: Cast) -> None:
    from perfmgr.rules.passwords import check_password

    found = {people.first_password() for _n in range(200)}
    assert (
        len(found),
        [check_password(password, "xinren") for password in found if check_password(password, "xinren")],
    ) == (
        200,
        [],
    )


def test_no_password_is_stored_in_the_clear(app: Flask, cast: Cast, visit: Visit) -> None:
    change(visit(FILLER), GOOD)
    with app.app_context():
        stored = db.session.get_one(Person, cast.people[FILLER]).password_hash
    assert (GOOD in stored, stored.startswith("$argon2id$")) == (False, True)
