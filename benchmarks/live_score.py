"""The live score of 10,000 random sheets, typed as text: as quick as typing, and equal to the stored one."""

import argparse
import random
import statistics
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import delete, update

import config
from perfmgr import migrations
from perfmgr.actions import sessions
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.queries import evaluations
from perfmgr.rules.schemes import Scheme
from tests import cast as make
from tests.browser import Visitor

SIGNS = ("ge", "gt", "eq", "le", "lt", "qualitative")


def application(folder: Path) -> Any:
    """Return the application on a fresh SQLite database with cheap password hashes."""
    sessions.hasher = make.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    settings = {**config.load("testing", {}), "DATABASE_URL": f"sqlite:///{folder}/live.sqlite3", "VAR": str(folder)}
    return create_app(settings)


def weights(chance: random.Random, count: int) -> list[Decimal]:
    """Return ``count`` weights in hundredths that add up to 90."""
    cuts = sorted(chance.sample(range(1, 9000), count - 1))
    return [Decimal(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 9000], strict=True)]


def number(chance: random.Random) -> str:
    """Return a number as somebody may type it: whole, with decimals, with commas, in full-width digits, nothing."""
    kind = chance.randrange(8)
    if kind == 0:
        return chance.choice(("0", "", "0.00"))
    value = chance.randrange(1, 10 ** chance.randrange(1, 7))
    if kind < 4:
        return str(value)
    if kind < 6:
        return f"{value / 10 ** chance.randrange(1, 5):.6f}".rstrip("0").rstrip(".")
    if kind == 6:
        return f"{value:,}"
    return str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def new_sheet(evaluation_id: int, chance: random.Random, count: int) -> list[str]:
    """Give the sheet other indicators and other money; returns the signs of its lines."""
    adjusted = Decimal(chance.randrange(0, 10**9)) / 100 * chance.choice((0, 1, 1, 1))
    executed = (adjusted * Decimal(chance.randrange(0, 130)) / 100).quantize(Decimal("0.01"))
    db.session.execute(
        update(Evaluation).where(Evaluation.id == evaluation_id).values(adjusted=adjusted, executed=executed)
    )
    db.session.execute(delete(EvaluationLine).where(EvaluationLine.evaluation_id == evaluation_id))
    signs = []
    for n, weight in enumerate(weights(chance, count), 1):
        sign = chance.choice(SIGNS)
        signs.append(sign)
        target = None if sign == "qualitative" else Decimal(chance.randrange(0, 10**6)) / chance.choice((1, 10, 1000))
        line = EvaluationLine(evaluation_id=evaluation_id, position=n, category="output", name=f"指标 {n}", sign=sign)
        line.target_value, line.target_text, line.weight = target, "提升" if target is None else "", weight
        line.not_applicable = False
        db.session.add(line)
    db.session.commit()
    return signs


def typed(signs: list[str], scheme: Scheme, chance: random.Random) -> dict[str, str]:
    """Return a posted form for these lines."""
    form = {"goal_actual": "已完成。", "lines-rows": str(len(signs))}
    for n, sign in enumerate(signs):
        form[f"lines-{n}-present"] = "1"
        if sign == "qualitative":
            tier = chance.choice(scheme.tiers)
            low, high = int(tier.low * 100), int(tier.high * 100)
            form[f"lines-{n}-tier"] = tier.code
            form[f"lines-{n}-share"] = chance.choice(("", str(chance.randrange(low, high))))
        else:
            form[f"lines-{n}-actual"] = number(chance)
        if chance.random() < 0.05:
            form[f"lines-{n}-not_applicable"] = "y"
    return form


def stored(evaluation_id: int) -> dict[str, Any]:
    """Return the score that submission would store, from what is saved."""
    db.session.expire_all()
    score = evaluations.score(db.session.get_one(Evaluation, evaluation_id))
    answer = {
        "total": None if score.total is None else f"{score.total:.2f}",
        "grade": score.grade,
        "lines": [(line.as_dict()["score"], line.as_dict()["weight"]) for line in score.lines],
        "execution": score.execution.as_dict()["score"],
    }
    db.session.rollback()
    return answer


def run(sheets: int, count: int, compare: bool, seed: int = 1) -> list[float]:
    """Type so many sheets; returns the milliseconds of each live answer. Raises when a live and a stored score differ."""
    chance, taken = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        app = application(Path(name))
        with app.app_context():
            migrations.migrate(db.engine)
            take_in_built_ins()
            cast = make.build()
            make.budgeted(cast)
            evaluation_id = make.opened(cast)["社区服务经费"]
            scheme = evaluations.schemes.by_id(db.session.get_one(Evaluation, evaluation_id).scheme_id)
            db.session.rollback()
        visitor = Visitor(app, cast, make.FILLER)
        base = f"/evaluations/{evaluation_id}"
        for _n in range(sheets):
            with app.app_context():
                form = typed(new_sheet(evaluation_id, chance, count), scheme, chance)
            begin = time.perf_counter()
            answer = visitor.post(f"{base}/preview", form)
            taken.append((time.perf_counter() - begin) * 1000)
            live = answer.get_json()
            assert answer.status_code == 200, answer.status_code
            assert not live["errors"], (live, form)
            if not compare:
                continue
            with app.app_context():
                version = db.session.get_one(Evaluation, evaluation_id).version
                db.session.rollback()
            saved = visitor.post(f"{base}/edit", {**form, "version": str(version)})
            assert saved.status_code == 303, saved.status_code
            with app.app_context():
                kept = stored(evaluation_id)
            shown = {
                "total": live["total"],
                "grade": live["grade"],
                "lines": [(line["score"], line["weight"]) for line in live["lines"]],
                "execution": live["execution"]["score"],
            }
            assert shown == kept, (shown, kept, form)
        with app.app_context():
            db.engine.dispose()
    return taken


def main() -> None:
    """Print how long a live answer takes, and over how many sheets it was equal to the stored score."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sheets", type=int, default=10_000)
    chosen = parser.parse_args()
    for count, sheets, compare in ((10, chosen.sheets, True), (40, max(20, chosen.sheets // 50), False)):
        taken = sorted(run(sheets, count, compare))
        print(
            f"{sheets:>6,} sheets of {count} indicators: live answer {statistics.median(taken):.1f} ms, "
            f"p95 {taken[int(len(taken) * 0.95)]:.1f} ms (aim: at most 100)"
            + ("; every one equal to the stored score" if compare else ""),
            flush=True,
        )


if __name__ == "__main__":
    main()
