"""Importing a workbook of 10,000 projects, beside reading the same workbook and inserting the bare rows."""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import delete, insert, select

import config
from perfmgr import migrations, times
from perfmgr.actions import imports
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.documents import target_forms
from perfmgr.documents.schemes import by_code
from perfmgr.documents.target_forms import books
from perfmgr.documents.target_forms.lists import BASES, COLUMNS, FUNDS, INDICATORS, PROJECTS, STEPS
from perfmgr.documents.target_forms.writing import Form
from perfmgr.extensions import db
from perfmgr.models import Base
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.import_batch import ImportBatch
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import parse_sign
from tests import cast as make

SCHEME = by_code("10-50-30-10")
TABLES = (Project, Declaration, Fund, Step, LegalBasis, Indicator)


def forms(count: int) -> Iterator[Form]:
    """Yield projects of the usual size: texts, two sources of money, two documents, three steps, eight indicators."""
    texts = {
        "overview": "为社区居民提供就近的公共服务，涵盖便民、养老、助残、文化等内容，由街道组织实施。" * 3,
        "rationale": "居民需求调查显示，现有服务不能满足要求。",
        "body": "甲部门（本级）",
        "plan": "分季度实施，按月检查，年底验收。" * 4,
        "goals": "全年开展服务项目二百个，惠及居民六万人次。",
    }
    names = (
        "办理服务项目数",
        "验收合格率",
        "按期完成率",
        "项目总成本",
        "惠及居民人次",
        "问题处置率",
        "制度健全率",
        "居民满意度",
    )
    categories = ("output",) * 4 + ("benefit",) * 3 + ("satisfaction",)
    for n in range(count):
        yield Form(
            make.YEAR,
            SCHEME,
            {
                "project": {
                    "code": f"21029125T{n:012d}",
                    "name": f"社区服务经费第 {n} 号",
                    "category": "specific",
                    "attribute": "continuing",
                    "function_code": "",
                    "start_on": "2024-01-01",
                    "end_on": "2026-12-31",
                    "total_amount": "10308000",
                    "goals_total": "三年内建成完善的社区服务体系。",
                },
                "texts": texts,
                "period": {"start_on": "2025-01-01", "end_on": "2025-12-31"},
                "bases": [["社区服务管理办法", "大组〔2022〕101号"], ["关于加强基层治理的意见", ""]],
                "steps": [[f"第 {q} 阶段", f"2025-0{q}-01", f"2025-0{q}-28", "社区科"] for q in (1, 4, 7)],
                "funds": {"general_public": "3498000", "carry_over": "120000.5"},
                "indicators": [
                    [c, "", f"{name}", "ge", str(90 + i), "", "%", "11.25", None, "台账、验收报告"]
                    for i, (c, name) in enumerate(zip(categories, names, strict=True))
                ],
            },
            "甲部门（本级）",
        )


def bare(data: bytes, cast: make.Cast) -> None:
    """Read the workbook and insert its rows, with no check and nothing beside: what any import has to do."""
    import io

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    tables = {
        name: [
            dict(zip(COLUMNS[name].values(), row, strict=False)) for row in book.get_sheet_by_name(name).to_python()[1:]
        ]
        for name in COLUMNS
    }
    scheme_id = db.session.scalar(select(Declaration.scheme_id).limit(1)) or _scheme(cast)
    at = {"unit_id": cast.unit, "department_id": cast.department}
    connection, now = db.session.connection(), times.now()
    projects = [
        {
            **at,
            "id": n,
            "code": row["code"],
            "name": row["name"],
            "category": "specific",
            "attribute": "continuing",
            "start_on": row["start_on"],
            "end_on": row["end_on"],
            "total_amount": Decimal(str(row["total_amount"])),
            "goals_total": row["goals_total"],
        }
        for n, row in enumerate(tables[PROJECTS], 1)
    ]
    declared = [
        {
            **at,
            "id": n,
            "project_id": n,
            "year": make.YEAR,
            "cycle_id": cast.cycle,
            "scheme_id": scheme_id,
            "state": "draft",
            "updated_at": now,
            "start_on": row["period_start"],
            "end_on": row["period_end"],
            "annual_amount": Decimal(0),
            **{name: row[name] for name in ("overview", "rationale", "body", "plan", "goals")},
        }
        for n, row in enumerate(tables[PROJECTS], 1)
    ]
    sources = {"一般公共预算": "general_public", "上年结转": "carry_over"}
    codes = {category.name: category.code for category in SCHEME.categories}
    funds = [
        {"declaration_id": int(r["key"]), "source": sources[r["source"]], "amount": Decimal(str(r["amount"]))}
        for r in tables[FUNDS]
    ]
    steps = [
        {
            "declaration_id": int(r["key"]),
            "position": 1,
            "content": r["content"],
            "start_on": r["start_on"],
            "end_on": r["end_on"],
            "responsible": r["responsible"],
        }
        for r in tables[STEPS]
    ]
    bases = [
        {"declaration_id": int(r["key"]), "position": 1, "title": r["title"], "number": r.get("number", "")}
        for r in tables[BASES]
    ]
    indicators = [
        {
            "declaration_id": int(r["key"]),
            "position": 1,
            "category": codes[r["category"]],
            "subcategory": r["subcategory"],
            "name": r["name"],
            "sign": parse_sign(r["sign"]),
            "target_value": Decimal(str(r["target"])),
            "unit": r["unit"],
            "weight": Decimal(str(r["weight"])),
            "rule": None,
            "evidence": r["evidence"],
        }
        for r in tables[INDICATORS]
    ]
    for model, rows in zip(TABLES, (projects, declared, funds, steps, bases, indicators), strict=True):
        connection.execute(insert(model.__table__), rows)
    db.session.commit()


def _scheme(cast: make.Cast) -> int:
    from perfmgr.models.cycle import Cycle

    return db.session.get_one(Cycle, cast.cycle).project_scheme_id


def ours(data: bytes, cast: make.Cast) -> tuple[float, float]:
    """Check the workbook, confirm and write it as the pages do; returns the seconds of both parts."""
    by = cast.viewer(make.FILLER)
    unit = db.session.get_one(Unit, cast.unit)
    db.session.rollback()
    begin = time.perf_counter()
    batch = imports.take_in(target_forms.drafts(data, "lists.xlsx"), make.YEAR, unit, data, "lists.xlsx", by)
    checked = time.perf_counter()
    imports.confirm(batch, by)
    while imports.work(batch.id, by):
        pass
    return checked - begin, time.perf_counter() - checked


def empty() -> None:
    """Delete what a run has written."""
    db.session.rollback()
    for model in (*reversed(TABLES), ImportBatch):
        db.session.execute(delete(model.__table__))
    for name in ("event", "import_row"):
        db.session.execute(Base.metadata.tables[name].delete())
    db.session.commit()


def prepared(folder: Path) -> tuple[Any, make.Cast]:
    """Return an application on a fresh SQLite database with the cast of the tests."""
    settings = {**config.load("testing", {}), "DATABASE_URL": f"sqlite:///{folder}/imports.sqlite3"}
    app = create_app(settings)
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
        return app, make.build()


def peak() -> float:
    """Return the most memory this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(count: int, turns: int, memory: bool) -> None:
    """Print seconds and ratio for one size; with ``memory`` only the peak of the checking and writing process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app, cast = prepared(folder)
        with app.app_context():
            made = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "benchmarks.imports",
                    "--write",
                    str(folder / "lists.xlsx"),
                    "--projects",
                    str(count),
                ],
                check=True,
            )
            data = (folder / "lists.xlsx").read_bytes()
            assert made.returncode == 0
            if memory:
                before = peak()
                ours(data, cast)
                print(f"{count:>6,} projects: peak {peak():.0f} MB (before the import {before:.0f} MB)")
                return
            pairs = []
            for _turn in range(turns):
                begin = time.perf_counter()
                bare(data, cast)
                floor = time.perf_counter() - begin
                empty()
                checking, writing = ours(data, cast)
                assert db.session.scalar(select(Declaration.id).order_by(Declaration.id.desc()).limit(1)) is not None
                empty()
                pairs.append((floor, checking, writing))
            floor, checking, writing = min(pairs, key=lambda each: each[1] + each[2])
            floor = min(each[0] for each in pairs)
            print(
                f"{count:,} projects, {len(data) / 1e6:.1f} MB: bare {floor:.1f} s, ours {checking + writing:.1f} s "
                f"(checking {checking:.1f}, writing {writing:.1f}): {(checking + writing) / floor:.2f} times (aim: at most 3)"
            )


def main() -> None:
    """Print the ratio at 10,000 projects and the peak memory at 1,000 and 10,000, each in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--memory", action="store_true")
    chosen = parser.parse_args()
    if chosen.write:
        books.lists(chosen.write, forms(chosen.projects), SCHEME)
        return
    if not chosen.memory:
        # First of all: a process begins with the peak of the one that started it.
        for count in (chosen.projects // 10, chosen.projects):
            command = [sys.executable, "-m", "benchmarks.imports", "--memory", "--projects", str(count)]
            subprocess.run(command, check=True)
    measure(chosen.projects, chosen.turns, chosen.memory)


if __name__ == "__main__":
    main()
