"""The commands: one module per group of commands, one sentence and an exit code for every mistake."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from sqlalchemy.exc import ArgumentError, DBAPIError

from config import ConfigError
from perfmgr.assets import AssetsMissingError
from perfmgr.rules.refusals import Refused

MODULES = ("serving", "database", "people", "mail", "evaluations", "targets", "published", "demonstration")


def parser() -> argparse.ArgumentParser:
    """Return the parser with every command; each module adds its own."""
    top = argparse.ArgumentParser(prog="python -m perfmgr", description="预算绩效目标管理")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")
    for name in MODULES:
        import_module(f"perfmgr.cli.{name}").add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 done, 1 refused, 2 wrong use or bad input)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal set to another encoding must not turn a sentence into a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except Refused as refusal:
        for finding in refusal.findings:
            print(finding.sentence(), file=sys.stderr)
        return 1
    except (ConfigError, AssetsMissingError) as error:
        print(error, file=sys.stderr)
        return 1
    except ArgumentError:
        sentence = (
            "PERFMGR_DATABASE_URL 不是可用的数据库地址，请写成 postgresql+psycopg://用户:密码@主机/数据库 的样子。"
        )
        print(sentence, file=sys.stderr)
        return 1
    except DBAPIError as error:
        print(f"数据库无法使用：{str(error.orig).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
