"""Commands about scores: scoring a file, recomputing what is stored."""

import argparse
import json
from pathlib import Path

from perfmgr import migrations
from perfmgr.app import create_app
from perfmgr.documents.score_entries import report, score_entry
from perfmgr.documents.score_files import read_score_file
from perfmgr.extensions import db
from perfmgr.queries import schemes, trials
from perfmgr.rules.recomputing import differences


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``score`` and ``recompute``."""
    score = commands.add_parser("score", help="给自评表文件（JSON）计分，列出公式和与表上得分的差异")
    score.add_argument("file", type=Path, help="一张表、多张表，或导出的自评")
    score.add_argument("--json", action="store_true", help="输出 JSON")
    score.set_defaults(run=_score)
    recompute = commands.add_parser("recompute", help="按各表当时的评分方案重算已送审的自评，列出与保存的得分不同之处")
    recompute.add_argument("--year", type=int, help="只算这一年度（默认全部）")
    recompute.set_defaults(run=_recompute)


def _score(chosen: argparse.Namespace) -> int:
    results = [score_entry(entry) for entry in read_score_file(chosen.file)]
    print(json.dumps(results, ensure_ascii=False, indent=1) if chosen.json else report(results))
    return 2 if any(result["errors"] for result in results) else 0


def _recompute(chosen: argparse.Namespace) -> int:
    """Print every difference as it is found, and the count at the end; 1 when there is any."""
    app = create_app()
    sheets = wrong = 0
    with app.app_context():
        migrations.require_current(db.engine)
        for sheet in trials.handed_in(chosen.year):
            sheets += 1
            found = differences(sheet, schemes.by_id(sheet.scheme_id))
            wrong += bool(found)
            for one in found:
                place = f"第 {one.line} 行" if one.line else "全表"
                print(f"自评 {one.sheet_id}（{one.year}）{place} {one.what}：保存 {one.stored}，重算 {one.computed}")
    print(f"重算 {sheets} 份自评，{wrong} 份与保存的不同。")
    return 1 if wrong else 0
