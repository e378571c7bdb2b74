"""What the database itself refuses, whatever the code above it does."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from perfmgr.actions import monitorings_due
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.unit import Unit
from tests import cast as make
from tests.cast import Cast


@pytest.fixture
def run(app: Flask, cast: Cast) -> Callable[..., None]:
    """A function that runs one SQL statement on a database with one project through its whole year."""
    with app.app_context():
        make.budgeted(cast)
        make.opened(cast)
        monitorings_due.open_due(dt.datetime(make.YEAR, 8, 4, 1, tzinfo=dt.UTC))

    def running(statement: str, **values: Any) -> None:
        with app.app_context():
            try:
                db.session.execute(text(statement), values)
                db.session.commit()
            finally:
                db.session.rollback()

    return running


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("unit", "kind = 'city'"),
        ("unit", "nature = 'club'"),
        ("project", "category = 'x'"),
        ("project", "attribute = 'x'"),
        ("project", "total_amount = -1"),
        ("project", "start_on = '2025-12-31', end_on = '2025-01-01'"),
        ("declaration", "state = 'lost'"),
        ("declaration", "annual_amount = -1"),
        ("declaration", "start_on = '2025-12-31', end_on = '2025-01-01'"),
        ("step", "start_on = '2025-12-31', end_on = '2025-01-01'"),
        ("fund", "source = 'lottery'"),
        ("fund", "amount = -1"),
        ("indicator", "sign = '~'"),
        ("indicator", "weight = -1"),
        ("budget_line", "state = 'lost'"),
        ("budget_line", "initial = -1"),
        ("budget_line", "adjusted = -1"),
        ("budget_line", "executed = -1"),
        ("monitoring", "state = 'lost'"),
        ("monitoring", "light = 'pink'"),
        ("monitoring", "cut_off = 13"),
        ("monitoring", "executed = -1"),
        ("monitoring_line", "tier = 'x'"),
        ("monitoring_line", "likelihood = 'x'"),
        ("evaluation", "state = 'lost'"),
        ("evaluation", "kind = 'x'"),
        ("evaluation", "initial = -1"),
        ("evaluation", "adjusted = -1"),
        ("evaluation", "executed = -1"),
        ("evaluation", "kind = 'department' WHERE kind = 'project'"),
        ("evaluation", "project_id = NULL WHERE kind = 'project'"),
        ("evaluation_line", "sign = '~'"),
        ("evaluation_line", "weight = -1"),
        ("cycle", "year = 1999"),
        ("cycle", "year = 2101"),
        ("cycle_window", "kind = 'x'"),
        ("cycle_window", "closes_on = '1999-01-01'"),
        ("appointment", "role = 'king'"),
        ("library_entry", "scope = 'x'"),
        ("library_entry", "scope = 'own', owner_id = NULL"),
        ("library_entry", "state = 'x'"),
        ("library_entry", "meaning = 'x'"),
        ("library_entry", "sign = '~'"),
        ("library_entry", "basis = 'x'"),
        ("scheme_version", "kind = 'x'"),
        ("scheme_version", "state = 'x'"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(run: Callable[..., None], table: str, change: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table} SET {change}")


COPIES = {
    "declaration": "project_id, year, cycle_id, scheme_id, unit_id, department_id, state, overview, rationale, body,"
    " plan, goals, annual_amount, updated_at",
    "budget_line": "project_id, year, unit_id, department_id, state, initial, adjusted, executed",
    "fund": "declaration_id, source, amount",
    "cycle": "unit_id, year, project_scheme_id, department_scheme_id",
    "cycle_window": "cycle_id, kind, opens_on, closes_on",
    "appointment": "person_id, unit_id, role",
    "scheme_version": "code, number, kind, name, state, data",
    "person": "username, name, password_hash, must_change_password, active, failures",
    "notice": "person_id, kind, subject_kind, subject_id, occurrence, params, created_at",
    "evaluation": "kind, year, cycle_id, scheme_id, unit_id, department_id, project_id, state, due_on, goal_expected,"
    " goal_actual, execution_reason, problems, measures, updated_at",
}


@pytest.mark.parametrize("table", sorted(COPIES))
def test_the_same_thing_cannot_be_stored_twice(run: Callable[..., None], table: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"INSERT INTO {table} ({COPIES[table]}) SELECT {COPIES[table]} FROM {table}")


def test_two_units_cannot_share_code_name_or_place(run: Callable[..., None]) -> None:
    for change in ("code = '219001'", "name = '甲部门（本级）'", "path = '/1/'"):
        with pytest.raises(IntegrityError):
            run(f"UPDATE unit SET {change} WHERE kind = 'unit'")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("indicator", "library_id"),
        ("project", "unit_id"),
        ("declaration", "project_id"),
        ("evaluation", "scheme_id"),
        ("appointment", "person_id"),
    ],
)
def test_a_reference_to_nothing_is_refused(run: Callable[..., None], table: str, column: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table} SET {column} = 99999999")


def test_a_unit_in_use_cannot_be_deleted(run: Callable[..., None]) -> None:
    with pytest.raises(IntegrityError):
        run("DELETE FROM unit WHERE code = '219001'")


def test_every_constraint_has_a_name_of_our_own(app: Flask) -> None:
    with app.app_context():
        tables = inspect(db.engine)
        names = [
            constraint["name"]
            for table in tables.get_table_names()
            if table != "alembic_version"
            for constraint in (
                *tables.get_check_constraints(table),
                *tables.get_unique_constraints(table),
                *tables.get_foreign_keys(table),
                tables.get_pk_constraint(table),
            )
        ]
    assert {name[:3] for name in names} == {"ck_", "uq_", "fk_", "pk_"}


def test_deleting_a_declaration_takes_its_parts_along(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration = db.session.get_one(Declaration, make.declare(cast))
        db.session.delete(declaration)
        db.session.commit()
        parts = ("legal_basis", "step", "fund", "indicator")
        assert [db.session.scalar(text(f"SELECT count(*) FROM {part}")) for part in parts] == [0, 0, 0, 0]


def test_each_change_of_a_record_counts_its_version_up(app: Flask, cast: Cast) -> None:
    with app.app_context():
        unit = db.session.get_one(Unit, cast.unit)
        before = unit.version
        unit.name = "甲部门机关"
        db.session.commit()
        assert unit.version == before + 1
