"""Commands about published documents: reading one."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from perfmgr import migrations
from perfmgr.actions import published as actions
from perfmgr.documents.published import read_published, report
from perfmgr.extensions import db


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``read-document``."""
    read = commands.add_parser("read-document", help="读取已公开的部门预算或决算文本，列出数据及所在行")
    read.add_argument("file", type=Path, help="文本文件（UTF-8、GBK）或 PDF")
    read.add_argument("--json", action="store_true", help="输出 JSON")
    read.add_argument("--save", action="store_true", help="保存到系统，在“信息公开 → 已公开文件核对”中查看")
    read.set_defaults(run=_read)


def _read(chosen: argparse.Namespace) -> None:
    facts = read_published(chosen.file)
    if chosen.save:
        _save(chosen.file, facts)
    print(json.dumps(facts, ensure_ascii=False, indent=1) if chosen.json else report(facts))


def _save(path: Path, facts: dict[str, Any]) -> None:
    from perfmgr.app import create_app

    app = create_app()
    with app.app_context():
        migrations.require_current(db.engine)
        actions.save(facts, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
