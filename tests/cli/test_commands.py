"""Commands: what they do, and one sentence with an exit code for every mistake."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

import config
from perfmgr import jobs, migrations
from perfmgr.demonstration.department import PASSWORD as SHOWN

Run = Callable[..., tuple[int, str, str]]
PASSWORD = "Xitong-Kouling-2026"
AREA = ("--area-code", "210291", "--area-name", "试验区")


def count(database: str, table: str) -> int:
    """Return the number of rows of a table."""
    engine = create_engine(database)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(found)


@pytest.fixture
def migrated(database: str, run: Run) -> str:
    """The database after ``migrate``."""
    assert run("migrate")[0] == 0
    return database


def test_migrating_builds_everything_and_can_be_repeated(database: str, run: Run) -> None:
    assert run("migrate") == (0, f"数据库结构已是 {migrations.head()}。\n", "")
    schemes = count(database, "scheme_version")
    assert run("migrate") == (0, f"数据库结构已是 {migrations.head()}。\n", "")
    assert (schemes, count(database, "scheme_version"), count(database, "person")) == (6, 6, 0)


def test_migrating_to_base_empties_the_database(migrated: str, run: Run) -> None:
    assert run("migrate", "--to", "base") == (0, "数据库结构已是 base。\n", "")
    engine = create_engine(migrated)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


@pytest.mark.parametrize(
    "command",
    [("run", "open_evaluations"), ("create-admin", "guanli", *AREA), ("demo",), ("clock",), ("web",), ("serve",)],
)
def test_an_unmigrated_database_is_one_sentence(database: str, run: Run, command: tuple[str, ...]) -> None:
    assert run(*command, typed=f"{PASSWORD}\n") == (
        1,
        "",
        "数据库结构不是最新的，请先运行 python -m perfmgr migrate。\n",
    )


def test_the_first_administrator_is_made_with_a_password_from_a_pipe(migrated: str, run: Run) -> None:
    assert run("create-admin", "Guanli", *AREA, typed=f"{PASSWORD}\n") == (
        0,
        "已建立系统管理员 guanli，管理范围：试验区。\n",
        "",
    )
    assert (count(migrated, "person"), count(migrated, "appointment"), count(migrated, "unit")) == (1, 1, 1)
    assert run("create-admin", "erhao", typed=f"{PASSWORD}\n")[1] == "已建立系统管理员 erhao，管理范围：试验区。\n"
    assert count(migrated, "unit") == 1


@pytest.mark.parametrize(
    ("password", "sentences"),
    [
        ("", ["“新密码”应为 12–128 位，现在是 0 位。", "“新密码”应至少包含大写字母、小写字母、数字、符号中的三种。"]),
        ("guanli-2026-Abc", ["“新密码”不能包含用户名或常见密码，请换一个。"]),
        ("Password-2026-x", ["“新密码”不能包含用户名或常见密码，请换一个。"]),
    ],
)
def test_a_weak_password_is_refused_and_nothing_is_made(
    migrated: str, run: Run, password: str, sentences: list[str]
) -> None:
    code, out, err = run("create-admin", "guanli", *AREA, typed=f"{password}\n")
    assert (code, out, err.splitlines()) == (1, "", sentences)
    assert (count(migrated, "person"), count(migrated, "unit")) == (0, 0)


def test_without_any_area_one_must_be_named(migrated: str, run: Run) -> None:
    code, _out, err = run("create-admin", "guanli", typed=f"{PASSWORD}\n")
    assert (code, err) == (
        1,
        "还没有行政区划，请用 --area-code 和 --area-name 给出，例如 --area-code 210200 --area-name 大连市。\n",
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("张三", *AREA), "“用户名”应为 2–64 位小写字母、数字或 . _ -，并以字母或数字开头。\n"),
        (("guanli", "--area-code", "21", "--area-name", "区"), "“行政区划代码”应为 6 位数字，例如 210200。\n"),
    ],
)
def test_a_bad_name_or_code_is_one_sentence(migrated: str, run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    assert run("create-admin", *arguments, typed=f"{PASSWORD}\n") == (1, "", sentence)
    assert count(migrated, "person") == 0


def test_a_user_name_that_is_taken_is_one_sentence(migrated: str, run: Run) -> None:
    run("create-admin", "guanli", *AREA, typed=f"{PASSWORD}\n")
    assert run("create-admin", "GUANLI", typed=f"{PASSWORD}\n") == (1, "", "用户名“guanli”已被使用，请换一个。\n")


def test_a_job_runs_by_hand_now_then_and_dry(migrated: str, run: Run) -> None:
    run("create-admin", "guanli", *AREA, typed=f"{PASSWORD}\n")
    engine = create_engine(migrated)
    with engine.begin() as connection:
        columns = "token_hash, person_id, created_at, seen_at"
        values = "SELECT 'x', id, '2025-03-01 00:00:00', '2025-03-01 00:00:00' FROM person"
        connection.execute(text(f"INSERT INTO sign_in ({columns}) {values}"))
    engine.dispose()
    done = [
        run("run", "forget_sessions", *options)
        for options in (["--now", "2025-03-30T09:00"], ["--dry-run"], ["--now", "2025-04-01T09:00"], [])
    ]
    assert done == [
        (0, "forget_sessions：清理过期登录 0 条\n", ""),
        (0, "forget_sessions：清理过期登录 1 条（试运行，未写入）\n", ""),
        (0, "forget_sessions：清理过期登录 1 条\n", ""),
        (0, "forget_sessions：清理过期登录 0 条\n", ""),
    ]
    assert run("run", "open_evaluations") == (0, "open_evaluations：建立自评 0 份\n", "")


def test_an_unknown_job_is_one_sentence(migrated: str, run: Run) -> None:
    assert run("run", "cleanup") == (
        1,
        "",
        f"没有名为“cleanup”的定时任务；可用的有：{'、'.join(jobs.CLOCK)}。\n",
    )


@pytest.mark.parametrize("instant", ["tomorrow", "2026-02-30T09:00", "", "9"])
def test_an_unreadable_time_is_one_sentence(migrated: str, run: Run, instant: str) -> None:
    code, out, err = run("run", "open_evaluations", f"--now={instant}")
    expected = (0, "") if instant == "" else (1, f"“{instant}”不是时间，请写成 2026-03-01T09:00 的样子。\n")
    assert (code, err) == expected
    assert (out == "") == (instant != "")


def test_the_demonstration_is_loaded_once(migrated: str, run: Run) -> None:
    code, out, err = run("demo", "--if-empty")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["已装入演示部门。", f"  演示账号（密码都是 {SHOWN}）："]
    assert re.findall(r"^    (\w+)", out, re.MULTILINE) == [
        "tianbao",
        "rencai",
        "shenhe",
        "caizheng",
        "guanli",
        *(f"zhuanjia{n}" for n in (1, 2, 3)),
    ]
    projects = count(migrated, "project")
    code, out, err = run("demo", "--if-empty")
    assert (code, out.splitlines()[0], err, count(migrated, "project")) == (0, "库中已有数据，保持不变。", "", projects)


def test_the_demonstration_does_not_go_into_a_database_with_people(migrated: str, run: Run) -> None:
    run("create-admin", "zhuren", *AREA, typed=f"{PASSWORD}\n")
    assert run("demo") == (1, "", "库中已有数据，演示部门只能装入空库。\n")
    assert run("demo", "--if-empty") == (0, "", "")
    assert (count(migrated, "person"), count(migrated, "project")) == (1, 0)


@pytest.mark.parametrize("command", ["web", "serve"])
def test_a_port_in_use_is_one_sentence(migrated: str, run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PERFMGR_PORT", str(port))
        assert run(command) == (
            1,
            "",
            f"地址 127.0.0.1:{port} 已被占用或不可用，请结束占用它的程序，或用 PERFMGR_PORT 换一个端口。\n",
        )


def test_a_database_that_cannot_be_reached_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PERFMGR_PLACE", "testing")
    for url in (f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3", "postgresql://u:p@127.0.0.1:1/none"):
        monkeypatch.setenv("PERFMGR_DATABASE_URL", url)
        code, out, err = run("migrate")
        assert (code, out, err.startswith("数据库无法使用："), err.count("\n")) == (1, "", True, 1)
        assert "u:p" not in err


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PERFMGR_PLACE", "moon", "PERFMGR_PLACE 只能是 local、production、testing 之一，现在是“moon”。\n"),
        ("PERFMGR_PORT", "abc", "PERFMGR_PORT 应为整数，现在是“abc”。\n"),
        (
            "PERFMGR_DATABASE_URL",
            "not an address",
            "PERFMGR_DATABASE_URL 不是可用的数据库地址，请写成 postgresql+psycopg://用户:密码@主机/数据库 的样子。\n",
        ),
        (
            "PERFMGR_DATABASE_URL",
            "nosuch://u:p@h/d",
            "PERFMGR_DATABASE_URL 不是可用的数据库地址，请写成 postgresql+psycopg://用户:密码@主机/数据库 的样子。\n",
        ),
    ],
)
def test_a_bad_setting_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv("PERFMGR_PLACE", "testing")
    monkeypatch.setenv(name, value)
    assert run("migrate") == (1, "", sentence)


def test_a_command_nobody_knows_shows_how_to_use_it(run: Run) -> None:
    code, _out, err = run("fly")
    assert (code, "usage: python -m perfmgr" in err) == (2, True)


def test_the_module_runs_as_a_program(database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perfmgr", "run", "nothing"],
        capture_output=True,
        text=True,
        cwd=config.ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert done.stderr.startswith("没有名为“nothing”的定时任务")
