"""Commands about demonstration data."""

import argparse

from perfmgr import migrations, times
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.demonstration import department
from perfmgr.extensions import db
from perfmgr.jobs import CLOCK
from perfmgr.queries import people
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ROLES
from perfmgr.rules.texts import N_


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``demo``."""
    demo = commands.add_parser("demo", help="装入演示部门；或用 --projects 装入一个任意规模的演示区县")
    demo.add_argument("--if-empty", action="store_true", help="库中已有人员时什么也不做")
    demo.add_argument("--projects", type=int, help="演示区县的项目数")
    demo.add_argument("--years", type=int, default=1, help="演示区县的年数（默认 1）")
    demo.set_defaults(run=_demo)


def _demo(chosen: argparse.Namespace) -> None:
    app = create_app()
    with app.app_context():
        migrations.require_current(db.engine)
        if chosen.projects is not None:
            from perfmgr.demonstration import district

            district.build(chosen.projects, chosen.years, times.today())
            CLOCK["count_library"].run(times.now())
            return
        empty = people.count() == 0
        if not empty and not chosen.if_empty:
            raise Refused(N_("库中已有数据，演示部门只能装入空库。"))
        if empty:
            take_in_built_ins()
            department.build(times.today())
            CLOCK["count_library"].run(times.now())
        sign_ins(empty)


def sign_ins(loaded: bool) -> None:
    """Print how to sign in, as long as the demonstration's cast is there."""
    cast = [(row["username"], row["name"], row["role"]) for row in department.Demonstration().data["people"]]
    known = {username for username, _name, _role in cast if people.find_by_username(username)}
    db.session.rollback()
    if len(known) < len(cast):
        return
    print("已装入演示部门。" if loaded else "库中已有数据，保持不变。")
    print(f"  演示账号（密码都是 {department.PASSWORD}）：")
    for username, name, role in cast:
        print(f"    {username:<10}{name}　{ROLES[role]}")
