"""One million indicator lines through the scoring engine, beside a bare loop with the same Decimal arithmetic."""

import argparse
import statistics
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from perfmgr.documents.schemes import by_code
from perfmgr.rules.numbers import CENT
from perfmgr.rules.scoring import Row, score_line

SCHEME = by_code("10-50-30-10")
TEN, OVER = Decimal(10), SCHEME.over_flag


def rows() -> list[Row]:
    """Return a mixture as real sheets have it: reached, short, reverse, equal and qualitative lines."""
    number = Decimal
    return [
        Row("ge", number(500), number(487), TEN),
        Row("ge", number(90), number(93), TEN),
        Row("ge", number(12), number(12), TEN),
        Row("le", number(100), number(125), TEN),
        Row("le", number(20), number("19.5"), TEN),
        Row("eq", number(100), number(100), TEN),
        Row("eq", number(8), number(7), TEN),
        Row("qualitative", None, None, TEN, tier="达成", share=number("0.9")),
    ]


def engine(lines: list[Row], count: int) -> None:
    """Score ``count`` lines."""
    size = len(lines)
    for n in range(count):
        score_line(SCHEME, lines[n % size])


def bare(lines: list[Row], count: int) -> None:
    """Do the comparisons, multiplications, divisions and roundings of the same lines, and nothing else."""
    size, share = len(lines), Decimal("0.9")
    for n in range(count):
        row = lines[n % size]
        target, actual = row.target, row.actual
        if actual is None or target is None:
            (row.weight * share).quantize(CENT, ROUND_HALF_UP)
        elif row.sign == "le":
            if actual > target:
                (row.weight * target / actual).quantize(CENT, ROUND_HALF_UP)
        elif actual >= target:
            _over = actual >= target * OVER
        else:
            (row.weight * actual / target).quantize(CENT, ROUND_HALF_UP)


def seconds(run: Callable[[list[Row], int], None], lines: list[Row], count: int) -> float:
    """Return how long one run takes."""
    begin = time.perf_counter()
    run(lines, count)
    return time.perf_counter() - begin


def main() -> None:
    """Print lines per second and the ratio; engine and bare loop take turns, the median of five counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    count = parser.parse_args().lines
    lines = rows()
    pairs = [(seconds(engine, lines, count // 5), seconds(bare, lines, count // 5)) for _turn in range(5)]
    speed = statistics.median(count / 5 / mine for mine, _floor in pairs)
    ratio = statistics.median(mine / floor for mine, floor in pairs)
    print(f"{count:,} lines: {speed:,.0f} lines/s, {ratio:.2f} times the bare loop (aim: at most 3)")


if __name__ == "__main__":
    main()
