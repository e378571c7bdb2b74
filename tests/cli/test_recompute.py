"""The command ``recompute``: stored scores come out of their own scheme version again, and one that does not is named."""

import re
from collections.abc import Callable

from sqlalchemy import create_engine, text

Run = Callable[..., tuple[int, str, str]]


def test_recomputing_finds_nothing_until_a_stored_score_is_changed_by_hand(database: str, run: Run) -> None:
    assert run("migrate")[0] == 0
    assert run("recompute") == (0, "重算 0 份自评，0 份与保存的不同。\n", "")
    assert run("demo")[0] == 0
    code, said, _errors = run("recompute")
    sheets = int(re.findall(r"重算 (\d+) 份", said)[0])
    assert (code, sheets > 0, said) == (0, True, f"重算 {sheets} 份自评，0 份与保存的不同。\n")
    engine = create_engine(database)
    with engine.begin() as connection:
        first = connection.execute(
            text("SELECT id, year FROM evaluation WHERE state IN ('submitted', 'confirmed') ORDER BY id LIMIT 1")
        ).one()
        connection.execute(text("UPDATE evaluation SET self_grade = '差' WHERE id = :id"), {"id": first.id})
    engine.dispose()
    code, said, _errors = run("recompute", "--year", str(first.year))
    assert code == 1
    assert f"自评 {first.id}（{first.year}）全表 自评等级：保存 差，重算 " in said
    assert "1 份与保存的不同。" in said
    assert run("recompute", "--year", "2001")[:2] == (0, "重算 0 份自评，0 份与保存的不同。\n")
