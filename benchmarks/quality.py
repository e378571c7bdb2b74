"""The target checker: precision and recall over hand-made sheets, and how long sheets and near-duplicates take."""

import argparse
import dataclasses
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from perfmgr.documents import target_reports, target_sheets
from perfmgr.documents.schemes import by_code
from perfmgr.queries.quality import rule_book
from perfmgr.rules.likeness import Index, as_alike, marks, pairs
from perfmgr.rules.quality import examine
from perfmgr.rules.scheme_fit import placed
from perfmgr.rules.targets import TargetLine, TargetSheet

SHEETS = Path(__file__).resolve().parent.parent / "tests" / "data" / "targets"


def _words(text: str) -> list[str]:
    return text.split()


# Words to make indicator names from, as varied as those of a district.
WHO = _words(
    """
    居民 学员 老年人 残疾人 企业 社区 村民 学生 教师 患者 商户 游客 职工 青年
    妇女 儿童 退役军人 农户 司机 业主
    """
)
WHAT = _words(
    """
    培训 体检 补贴 救助 走访 巡查 养护 改造 采购 宣传 演练 监测 评审 普查 检修
    清运 绿化 执法 调解 招聘 指导 展演 抽检 认证 数字化 维修 清淤 植树 消毒
    安装 登记 审核
    """
)
WHERE = _words(
    """
    城区 街道 道路 河道 公园 学校 医院 市场 园区 小区 村庄 桥梁 管网 电梯 工地
    餐饮 图书 档案 平台 系统 设备 车辆 消防 燃气
    """
)
HOW = _words(
    """
    次数 人数 场次 覆盖率 合格率 及时率 完成率 满意度 知晓率 户数 面积 件数
    处置率 到位率 增长率 成本
    """
)


def measured() -> tuple[float, float, int]:
    """Return precision and recall over (sheet, code), and how many such pairs were expected."""
    expected: dict[str, list[str]] = json.loads((SHEETS / "expected.json").read_text(encoding="utf-8"))
    right = wrong = missed = 0
    for name, codes in expected.items():
        (checked,) = target_reports.check(target_sheets.read((SHEETS / f"{name}.json").read_bytes(), name))
        found, wanted = {finding.code for finding in checked.report.findings}, set(codes)
        right, wrong, missed = right + len(found & wanted), wrong + len(found - wanted), missed + len(wanted - found)
    return right / (right + wrong), right / (right + missed), right + missed


def name(chance: random.Random) -> str:
    """Return a name that looks like an indicator's."""
    parts = [chance.choice(WHERE), chance.choice(WHO), chance.choice(WHAT), chance.choice(HOW)]
    if chance.random() < 0.5:
        parts.insert(chance.randrange(3), chance.choice((*WHO, *WHERE, *WHAT)))
    return "".join(parts)


def large_sheet(chance: random.Random) -> TargetSheet:
    """Return the sheet of a real form, with 40 indicators."""
    (filed,) = target_sheets.read((SHEETS / "good-10-old-community-renewal.json").read_bytes(), "")
    lines = [
        TargetLine(
            "产出指标", name(chance), "ge", Decimal(n + 1), "", "件", Decimal(1), ("数量指标", "质量指标")[n % 2]
        )
        for n in range(40 - len(filed.sheet.lines))
    ]
    scheme = by_code("10-50-30-10")
    return dataclasses.replace(filed.sheet, lines=placed([*filed.sheet.lines, *lines], scheme))


def bare(sheet: TargetSheet) -> None:
    """Look for every word of the rule book in every name of the sheet, and nothing else."""
    patterns = [words.pattern for words in rule_book().words.values()]
    for line in sheet.lines:
        for pattern in patterns:
            pattern.search(line.name)


def seconds(run: Callable[[], object]) -> float:
    """Return how long one run takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def median(run: Callable[[], object], times: int) -> float:
    """Return the median of several runs in milliseconds."""
    return statistics.median(seconds(run) for _turn in range(times)) * 1000


def database(names: Sequence[str]) -> sqlite3.Connection:
    """Return the names in an SQLite table, with their marks in an indexed one."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE indicator (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    connection.execute(
        "CREATE TABLE mark (mark INTEGER, indicator_id INTEGER, PRIMARY KEY (mark, indicator_id)) WITHOUT ROWID"
    )
    connection.executemany("INSERT INTO indicator VALUES (?, ?)", enumerate(names))
    connection.executemany(
        "INSERT INTO mark VALUES (?, ?)", ((m, n) for n, text in enumerate(names) for m in marks(text))
    )
    return connection


def search(connection: sqlite3.Connection, wanted: Sequence[str]) -> int:
    """Return how many pairs are alike, found by one query over the marks of all names."""
    by_mark: dict[int, list[int]] = {}
    for n, text in enumerate(wanted):
        for mark in marks(text):
            by_mark.setdefault(mark, []).append(n)
    places = ",".join("?" * len(by_mark))
    rows = connection.execute(
        f"SELECT m.mark, i.id, i.name FROM mark m JOIN indicator i ON i.id = m.indicator_id WHERE m.mark IN ({places})",
        list(by_mark),
    )
    sets = [pairs(text) for text in wanted]
    known: dict[int, frozenset[str]] = {}
    found: set[tuple[int, int]] = set()
    for mark, number, text in rows:
        if number not in known:
            known[number] = pairs(text)
        stored = known[number]
        for n in by_mark[mark]:
            if as_alike(sets[n], stored):
                found.add((n, number))
    return len(found)


def main() -> None:
    """Print precision and recall, the time of a sheet of 40, and the search among many indicators."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--indicators", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=15)
    chosen = parser.parse_args()
    precision, recall, labels = measured()
    print(f"60 hand-made sheets, {labels} expected codes: precision {precision:.3f}, recall {recall:.3f}")

    chance = random.Random(3)
    sheet, scheme, book = large_sheet(chance), by_code("10-50-30-10"), rule_book()
    pairs_of_runs = [
        (seconds(lambda: examine(sheet, scheme, book)), seconds(lambda: bare(sheet))) for _ in range(chosen.times)
    ]
    mine = statistics.median(run for run, _floor in pairs_of_runs) * 1000
    ratio = statistics.median(run / floor for run, floor in pairs_of_runs)
    print(f"one sheet of 40 indicators: {mine:.2f} ms (aim: at most 5), {ratio:.1f} times the bare search for words")

    names = [name(chance) for _n in range(chosen.indicators)]
    wanted = [line.name for line in sheet.lines]
    index = Index()
    for n, text in enumerate(names):
        index.add(n, text)
    connection = database(names)
    found = sum(1 for text in wanted for _hit in index.like(text))
    if found != search(connection, wanted):
        raise SystemExit("index and table disagree")
    memory = median(lambda: [list(index.like(text)) for text in wanted], chosen.times)
    table = median(lambda: search(connection, wanted), chosen.times)
    everything = [pairs(text) for text in names]
    first = pairs(wanted[0])
    compared = seconds(lambda: [as_alike(first, other) for other in everything]) * 1000 * len(wanted)
    print(
        f"40 indicators against {len(names):,}: {memory:.1f} ms in memory, {table:.1f} ms by marks in SQLite "
        f"(aim: at most 50); comparing everything {compared:,.0f} ms; {found} pairs alike"
    )


if __name__ == "__main__":
    main()
