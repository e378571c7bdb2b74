"""Column types: what goes in comes out again, and what does not fit is refused."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Indicator
from perfmgr.models.person import Person
from tests import cast as make
from tests.cast import Cast


def kept(record: object, name: str, value: object) -> object:
    """Store a value and return what another session reads."""
    setattr(record, name, value)
    db.session.commit()
    db.session.expire_all()
    return getattr(record, name)


@pytest.fixture
def line(app: Flask, cast: Cast) -> Callable[[], BudgetLine]:
    """A budget line, loaded anew on each call; needs an application context."""
    with app.app_context():
        line_id = make.budgeted(cast)
    return lambda: db.session.get_one(BudgetLine, line_id)


@pytest.mark.parametrize("yuan", ["0", "0.01", "61832500", "932.14", "999999999999.99", "33.30"])
def test_money_keeps_every_fen(app: Flask, line: Callable[[], BudgetLine], yuan: str) -> None:
    with app.app_context():
        assert kept(line(), "executed", Decimal(yuan)) == Decimal(yuan)


def test_money_is_stored_as_whole_fen(app: Flask, line: Callable[[], BudgetLine]) -> None:
    with app.app_context():
        kept(line(), "executed", Decimal("932.14"))
        assert db.session.scalar(text("SELECT executed FROM budget_line")) == 93214


@pytest.mark.parametrize("value", ["0.001", "1.005", "NaN", "Infinity", "-Infinity", "sNaN"])
def test_money_refuses_what_is_no_whole_fen(app: Flask, line: Callable[[], BudgetLine], value: str) -> None:
    with app.app_context():
        record = line()
        before = record.executed
        with pytest.raises((StatementError, ValueError, ArithmeticError)):
            kept(record, "executed", Decimal(value))
        db.session.rollback()
        assert line().executed == before


@pytest.mark.parametrize("marks", ["0", "0.01", "33.33", "100"])
def test_marks_keep_two_decimals(app: Flask, line: Callable[[], BudgetLine], marks: str) -> None:
    with app.app_context():
        line()
        indicator = db.session.query(Indicator).order_by(Indicator.id).first()
        assert kept(indicator, "weight", Decimal(marks)) == Decimal(marks)


@pytest.mark.parametrize("value", ["0.000001", "-12.5", "999999999999.999999", "0", "487"])
def test_quantities_keep_six_decimals(app: Flask, line: Callable[[], BudgetLine], value: str) -> None:
    with app.app_context():
        line()
        indicator = db.session.query(Indicator).order_by(Indicator.id).first()
        assert kept(indicator, "target_value", Decimal(value)) == Decimal(value)


def test_quantities_refuse_a_seventh_decimal(app: Flask, line: Callable[[], BudgetLine]) -> None:
    with app.app_context():
        line()
        indicator = db.session.query(Indicator).order_by(Indicator.id).first()
        with pytest.raises(StatementError):
            kept(indicator, "target_value", Decimal("0.0000001"))


@pytest.mark.parametrize(
    "instant",
    [
        dt.datetime(2026, 3, 1, 4, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        dt.datetime(1986, 7, 15, 0, 0, tzinfo=dt.timezone(dt.timedelta(hours=9))),
    ],
)
def test_instants_come_back_as_the_same_moment_in_utc(app: Flask, cast: Cast, instant: dt.datetime) -> None:
    with app.app_context():
        found = kept(db.session.get_one(Person, cast.people["filler"]), "locked_until", instant)
        assert found == instant
        assert found.tzinfo == dt.UTC


def test_an_instant_without_zone_is_refused(app: Flask, cast: Cast) -> None:
    with app.app_context():
        person = db.session.get_one(Person, cast.people["filler"])
        with pytest.raises(StatementError):
            kept(person, "locked_until", dt.datetime(2026, 3, 1, 4, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    "day", [dt.date(1900, 1, 1), dt.date(1940, 7, 15), dt.date(1991, 4, 14), dt.date(9999, 12, 31)]
)
def test_days_come_back_as_the_same_day(app: Flask, line: Callable[[], BudgetLine], day: dt.date) -> None:
    with app.app_context():
        project = line().project
        project.start_on = None
        assert kept(project, "end_on", day) == day


@pytest.mark.parametrize("letters", ["𠮷", "𬭎㛃·〔2022〕", "大组〔2022〕101号", "“引号”—×÷≥", "a'b\\c%_d"])
def test_rare_letters_come_back_unchanged(app: Flask, line: Callable[[], BudgetLine], letters: str) -> None:
    with app.app_context():
        assert kept(line().project, "name", letters) == letters
