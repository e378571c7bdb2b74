"""Checks of targets: kept at submission and by the clock, and copied texts found again."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import func, select, update

from perfmgr import times
from perfmgr.actions import declarations as actions
from perfmgr.actions import quality as quality_actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.quality import QualityCheck, QualityFinding, TextMark
from perfmgr.queries import declarations, quality
from perfmgr.queries.people import Viewer
from perfmgr.rules.targets import Alike
from tests import cast as make
from tests.cast import FILLER, OUTSIDER, Cast

By = Callable[[str], Viewer]
GOALS = "全年办理服务群众项目一百九十个，惠及居民六万人次。验收合格率达到百分之九十五以上。"
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


def _written(cast: Cast, by: By, name: str, who: str = FILLER, unit: int | None = None) -> Declaration:
    declaration = declarations.find(make.declare(cast, name, by=who, unit=unit), by(who))
    assert declaration is not None
    actions.save_texts(declaration, {"goals": GOALS, "overview": "为居民办实事。", "plan": "分季度实施。"}, by(who))
    return declaration


def _kept(declaration: Declaration) -> tuple[int, int, dict[str, int]]:
    check = db.session.get_one(QualityCheck, declaration.id)
    codes = db.session.scalars(select(QualityFinding).where(QualityFinding.declaration_id == declaration.id))
    return check.errors, check.warnings, {row.code: row.count for row in codes}


def test_the_result_of_the_check_is_kept_at_submission(cast: Cast, by: By) -> None:
    declaration = _written(cast, by, "社区服务经费")
    report = quality.examined(declaration, times.today())
    make.take(declaration.id, cast, (FILLER, "submit"))
    errors, warnings, codes = _kept(declaration)
    assert (errors, warnings) == (0, len([f for f in report.findings if f.level == "warning"]))
    assert sum(codes.values()) == len(report.findings)


def test_a_sheet_that_is_refused_keeps_nothing(cast: Cast, by: By) -> None:
    declaration = declarations.find(make.declare(cast, complete=False), by(FILLER))
    assert declaration is not None
    try:
        actions.take(declaration, "submit", by(FILLER))
    except Exception:
        db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(QualityCheck)) == 0
    assert db.session.scalar(select(func.count()).select_from(TextMark)) == 0


def test_the_clock_checks_what_changed_once(cast: Cast, by: By) -> None:
    first, second = make.declare(cast, "甲项目"), make.declare(cast, "乙项目", complete=False)
    now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    assert quality_actions.check_due(now, dry_run=True) == 2
    assert db.session.scalar(select(func.count()).select_from(QualityCheck)) == 0
    assert quality_actions.check_due(now) == 2
    before = db.session.get_one(Declaration, first).version
    assert quality_actions.check_due(now) == 0
    db.session.execute(update(Declaration).where(Declaration.id == second).values(updated_at=LATER))
    db.session.commit()
    assert quality_actions.check_due(LATER) == 1
    assert db.session.get_one(Declaration, first).version == before
    errors, _warnings, codes = _kept(db.session.get_one(Declaration, second))
    assert errors > 5
    assert codes["Q01"] > 5


def test_a_text_copied_from_another_project_is_named(cast: Cast, by: By) -> None:
    source = _written(cast, by, "甲社区经费")
    make.take(source.id, cast, (FILLER, "submit"))
    copy = _written(cast, by, "乙社区经费")
    found = {one.field: one for one in quality.sheet(copy, times.today()).alike or ()}
    assert found["goals"] == Alike("goals", "甲社区经费", found["goals"].share)
    assert found["goals"].share == 1
    assert found["indicators"].project == "甲社区经费"
    assert {(f.code, f.field) for f in quality.examined(copy, times.today()).findings} >= {
        ("Q14", "goals"),
        ("Q14", "indicators"),
    }


def test_a_project_of_another_department_is_not_named(cast: Cast, by: By) -> None:
    make.take(_written(cast, by, "甲社区经费").id, cast, (FILLER, "submit"))
    copy = _written(cast, by, "外部门经费", OUTSIDER, cast.other_unit)
    assert {one.project for one in quality.sheet(copy, times.today()).alike or ()} == {"其他部门的一个项目"}


def test_what_was_never_submitted_and_what_is_ones_own_is_no_source(cast: Cast, by: By) -> None:
    _written(cast, by, "甲社区经费")
    own = _written(cast, by, "乙社区经费")
    assert quality.sheet(own, times.today()).alike == []
    make.take(own.id, cast, (FILLER, "submit"))
    assert quality.sheet(own, times.today()).alike == []


def test_a_rewritten_text_is_no_copy(cast: Cast, by: By) -> None:
    make.take(_written(cast, by, "甲社区经费").id, cast, (FILLER, "submit"))
    other = _written(cast, by, "乙社区经费")
    actions.save_texts(other, {"goals": "年内建成养老服务站三个，每站服务老人不少于二百名。"}, by(FILLER))
    assert [one.field for one in quality.sheet(other, times.today()).alike or ()] == ["indicators"]
