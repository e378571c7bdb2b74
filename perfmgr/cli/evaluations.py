"""Commands about scores: scoring a file."""

import argparse
import json
from pathlib import Path

from perfmgr.documents.score_entries import report, score_entry
from perfmgr.documents.score_files import read_score_file


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``score``."""
    score = commands.add_parser("score", help="给自评表文件（JSON）计分，列出公式和与表上得分的差异")
    score.add_argument("file", type=Path, help="一张表、多张表，或导出的自评")
    score.add_argument("--json", action="store_true", help="输出 JSON")
    score.set_defaults(run=_score)


def _score(chosen: argparse.Namespace) -> int:
    results = [score_entry(entry) for entry in read_score_file(chosen.file)]
    print(json.dumps(results, ensure_ascii=False, indent=1) if chosen.json else report(results))
    return 2 if any(result["errors"] for result in results) else 0
