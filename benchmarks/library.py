"""Suggestions and search over an indicator library of 10,000 entries, beside a bare scan of the same entries."""

import argparse
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import config
from perfmgr import migrations
from perfmgr.app import create_app
from perfmgr.documents.library import BuiltIn, built_in
from perfmgr.documents.schemes import by_code
from perfmgr.extensions import db
from perfmgr.models.library import LibraryEntry
from perfmgr.queries import library
from perfmgr.queries.people import Post, Viewer
from perfmgr.rules.library import search_text
from perfmgr.rules.library_ranking import Asked, Entry, build_index, suggest
from perfmgr.rules.texts import same_name

SCHEME = by_code("10-50-30-10")
PREFIXES = (
    *("街道", "社区", "园区", "区级", "市级", "单位", "部门", "中心", "机关", "学校"),
    *("医院", "企业", "乡镇", "窗口", "站点", "线上", "年度", "专项", "试点", "重点"),
)
TEXT = (
    "组织党员和群众代表参加教育培训，举办主题活动，建设社区阵地，采购设备，维护信息系统，开展宣传和调研，"
    "为困难老人提供助餐服务，按季度拨付经费，接受审计和满意度调查。"
) * 25
ASKED = Asked(
    "社区党组织服务群众经费和党员教育培训",
    {"项目概述": TEXT, "主要目标": TEXT, "实施方案": TEXT, "步骤和计划": TEXT},
    "2013299",
    ["覆盖社区数", "培训人次"],
    frozenset({"quantity"}),
)


def generated(count: int) -> list[BuiltIn]:
    """Return the built-in entries and variations of them, ``count`` in all."""
    chance, rows = random.Random(7), built_in()
    made = list(rows)
    while len(made) < count:
        row = chance.choice(rows)
        name = f"{chance.choice(PREFIXES)}{chance.choice(PREFIXES)}{row.draft.name}"
        made.append(BuiltIn(f"g-{len(made)}", 1, type(row.draft)(**{**_fields(row), "name": name})))
    return made


def _fields(row: BuiltIn) -> dict[str, Any]:
    return {name: getattr(row.draft, name) for name in row.draft.__dataclass_fields__}


def entries_of(rows: list[BuiltIn]) -> list[Entry]:
    """Return the rows as ranking sees them."""
    return [
        Entry(n, row.draft.name, row.draft.field, row.draft.meaning, (*row.draft.words.split(), row.draft.name))
        for n, row in enumerate(rows, 1)
    ]


def scan(entries: list[Entry]) -> list[Entry]:
    """Look for every key word of every entry in every text, and nothing else: the bare work without an index."""
    texts = [same_name(ASKED.name), *(same_name(text) for text in ASKED.texts.values())]
    scored = []
    for entry in entries:
        score = sum(1 for word in entry.words for text in texts if word in text)
        if score:
            scored.append((score, entry.id, entry))
    return [entry for _score, _id, entry in sorted(scored, reverse=True)[:12]]


def milliseconds(run: Callable[[], Any], times: int = 15) -> float:
    """Return the median duration of a call."""
    found = []
    for _turn in range(times):
        begin = time.perf_counter()
        run()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)


def in_database(rows: list[BuiltIn]) -> None:
    """Search and suggest through the application on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({**config.load("testing", {}), "DATABASE_URL": f"sqlite:///{folder}/library.sqlite3"})
        with app.app_context():
            migrations.migrate(db.engine)
            from perfmgr.actions import library as actions

            begin = time.perf_counter()
            actions.take_in(rows)
            print(f"taking in: {time.perf_counter() - begin:.1f} s")
            viewer = Viewer(1, "b", "b", False, (Post("filler", 1, "甲", "unit", "/1/"),))
            for text in ("培训", "培训 合格", "pxkhhgl", "myd", "manyidu", "没有这样的指标"):
                took = milliseconds(lambda text=text: library.page(viewer, library.LibraryFilters(search=text)))  # type: ignore[misc]
                print(f"search {text}: {took:.1f} ms")
            db.session.execute(LibraryEntry.__table__.select().limit(1))
            print(f"index built anew: {milliseconds(lambda: _index_anew(app), 3):.0f} ms")
            print(f"suggestions with the stamp query: {milliseconds(_suggest_by_index):.1f} ms")
            db.session.rollback()
            db.engine.dispose()


def _index_anew(app: Any) -> None:
    app.extensions.pop("perfmgr_library", None)
    library.index()


def _suggest_by_index() -> None:
    suggest(library.index(), ASKED, SCHEME)


def main() -> None:
    """Print durations, the ratio to the bare scan and the memory of the index."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=10_000)
    rows = generated(parser.parse_args().entries)
    entries = entries_of(rows)
    assert search_text(rows[0].draft)
    tracemalloc.start()
    index = build_index(entries)
    memory = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    mine, bare = milliseconds(lambda: suggest(index, ASKED, SCHEME)), milliseconds(lambda: scan(entries))
    print(
        f"{len(entries):,} entries: {mine:.1f} ms for suggestions (aim: below 200 ms), {mine / bare:.2f} × a bare scan"
    )
    print(f"index: {memory:.1f} MB")
    in_database(rows)


if __name__ == "__main__":
    main()
