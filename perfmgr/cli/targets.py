"""Commands about targets: checking a file of target sheets."""

import argparse
import json
import sys
from pathlib import Path

from perfmgr.documents import target_reports, target_sheets
from perfmgr.documents.target_forms import sheets_as_targets
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

# What workbooks begin with: a ZIP archive (xlsx) or a compound file (xls).
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``check-targets``."""
    check = commands.add_parser(
        "check-targets",
        help="检查绩效目标申报表（Excel 或 JSON），列出问题、建议和理由",
        description="检查绩效目标申报表，列出问题、建议和理由。不需要数据库。",
        epilog="退出码：0 没有错误（可以有警告）；1 有会阻止送审的错误；2 文件读不出来。",
    )
    check.add_argument("file", type=Path, help="一张或多张目标申报表：官方表式或批量表的 .xlsx，或 JSON")
    check.add_argument("--json", action="store_true", help="输出 JSON：code、level、field、message、suggestion")
    check.add_argument("--scheme", default="", help="评分方案代码，例如 10-50-30-10；不写时按类别名称选最相符的")
    check.set_defaults(run=_check)


def _check(chosen: argparse.Namespace) -> int:
    try:
        checked = target_reports.check(_sheets(chosen.file), chosen.scheme)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(target_reports.as_data(checked), ensure_ascii=False, indent=1))
    else:
        print(target_reports.as_text(checked))
    return 1 if any(one.has_errors for one in checked) else 0


def _sheets(path: Path) -> list[target_sheets.FiledSheet]:
    """Return the sheets of a file; its first bytes, not its name, tell what it is."""
    data, name = _bytes(path), path.name[:80]
    if data.startswith(WORKBOOKS):
        entries = [entry for _sheet, entry in sheets_as_targets(data, name)]
        return target_sheets.of_entries(entries, name)
    return target_sheets.read(data, name)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(target_sheets.LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refused(N_("找不到文件“%(name)s”，请核对路径。"), name=str(path)) from error
    except IsADirectoryError as error:
        raise Refused(N_("“%(name)s”是一个文件夹，请给出其中的文件。"), name=str(path)) from error
    except (OSError, ValueError) as error:
        raise Refused(N_("打不开文件“%(name)s”，请核对文件名和读取权限。"), name=str(path)[:80]) from error
