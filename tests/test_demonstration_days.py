"""The demonstration on other days than today: something is always going on."""

import datetime as dt

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from perfmgr.demonstration import department
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation


@pytest.mark.parametrize("day", ["2028-02-29", "2031-07-01"])
def test_the_demonstration_is_lively_on_any_day(app: Flask, day: str) -> None:
    with time_machine.travel(f"{day} 09:00+08:00", tick=True), app.app_context():
        department.build(dt.date.fromisoformat(day))
        sheets = db.session.scalars(select(Evaluation).where(Evaluation.year == 2025)).all()
        assert sorted(sheet.state for sheet in sheets) == [
            "confirmed",
            "confirmed",
            *["open"] * 6,
            "returned",
            "submitted",
        ]
        newest = db.session.scalars(select(Declaration).order_by(Declaration.year.desc()).limit(6)).all()
        assert sorted((d.subject, d.state) for d in newest) == [
            ("adjustment", "submitted"),
            *(
                ("declaration", state)
                for state in ("approved", "department_approved", "draft", "returned", "submitted")
            ),
        ]
