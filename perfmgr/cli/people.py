"""Commands about people: the first administrator of an installation."""

import argparse
import getpass
import sys

from sqlalchemy import select

from perfmgr import migrations
from perfmgr.actions import people as actions
from perfmgr.actions import units
from perfmgr.app import create_app
from perfmgr.extensions import db
from perfmgr.models.unit import Unit
from perfmgr.rules.passwords import check_password, fold_username
from perfmgr.rules.refusals import Conflict, Invalid
from perfmgr.rules.texts import N_


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``create-admin``."""
    create = commands.add_parser("create-admin", help="建立一个系统管理员（密码从键盘输入，不出现在命令里）")
    create.add_argument("username", help="用户名")
    create.add_argument("--name", default="系统管理员", help="姓名")
    create.add_argument("--area-code", default="", help="管理的行政区划代码；还没有区划时与 --area-name 一起建立")
    create.add_argument("--area-name", default="", help="行政区划名称，例如 大连高新技术产业园区")
    create.set_defaults(run=_create)


def _password(username: str) -> str:
    """Return the password from the keyboard, or one line from a pipe."""
    if sys.stdin.isatty():
        password = getpass.getpass("密码：")
        if password != getpass.getpass("再次输入密码："):
            raise Conflict(N_("两次输入的密码不一致。"))
    else:
        password = sys.stdin.readline().rstrip("\n")
    findings = check_password(password, fold_username(username))
    if findings:
        raise Invalid(findings)
    return password


def _area(code: str, name: str) -> Unit:
    statement = select(Unit).where(Unit.kind == "area").order_by(Unit.path)
    if code:
        statement = statement.where(Unit.code == code)
    area = db.session.scalar(statement.limit(1))
    if area:
        return area
    if not (code and name):
        raise Conflict(
            N_("还没有行政区划，请用 --area-code 和 --area-name 给出，例如 --area-code 210200 --area-name 大连市。")
        )
    return units.create_root(units.tidied("area", "other", code, name))


def _create(chosen: argparse.Namespace) -> None:
    app = create_app()
    with app.app_context():
        migrations.require_current(db.engine)
        password = _password(chosen.username)
        area = _area(chosen.area_code, chosen.area_name)
        person = actions.create_administrator(chosen.username, chosen.name, password, area.id)
        print(f"已建立系统管理员 {person.username}，管理范围：{area.name}。")
