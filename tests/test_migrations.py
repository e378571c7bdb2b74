"""Migrations with rows in the tables: going down and up again loses nothing that has a place."""

import importlib.util
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

import config
from perfmgr import migrations
from perfmgr.actions import adjustments, evaluations, reviews
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.cycle import Window
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import reviews as queries
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests import panels
from tests.actions.test_evaluations import TEXTS, entries
from tests.cast import APPROVED, FILLER, FINANCE, REVIEWER
from tests.conftest import new_database, test_settings

VERSIONS = config.ROOT / "migrations" / "versions" / "2026_11_24_06_versions.py"


def older(path: Path) -> str:
    """Return the revision before the one in this file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.down_revision)


def counts() -> dict[str, int]:
    """Return how many rows the tables around declarations have."""
    tables = ("declaration", "legal_basis", "step", "fund", "indicator", "event")
    with db.engine.connect() as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_declarations_keep_their_rows_when_the_table_is_rebuilt(kind: str, tmp_path: Path, worker_id: str) -> None:
    app = create_app(test_settings(new_database(kind, f"perfmgr_rows_{worker_id}", tmp_path)))
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
        cast = make.build()
        declaration_id = make.declare(cast)
        make.take(declaration_id, cast, *APPROVED)
        before = counts()
        db.session.query(Window).filter_by(kind="self_evaluation").delete()
        db.session.commit()
        db.session.expire_all()
        adjustments.start(db.session.get_one(Declaration, declaration_id), "理由", "依据", cast.viewer(FILLER))
        assert counts()["declaration"] == 2
        db.session.close()
        migrations.migrate(db.engine, older(VERSIONS))
        # The adjustment goes with its rows and its history; what was there before stays.
        assert counts() == {**before, "event": before["event"] + 1}
        migrations.migrate(db.engine)
        found = db.session.get_one(Declaration, declaration_id)
        assert (found.adjusts_id, found.adjust_reason, found.to_check, len(found.indicators)) == (None, "", [], 5)
        db.session.close()
        db.engine.dispose()


REVIEWS = config.ROOT / "migrations" / "versions" / "2026_11_24_11_add_reviews.py"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_only_re_check_becomes_the_first_tier_and_goes_back(kind: str, tmp_path: Path, worker_id: str) -> None:
    app = create_app(test_settings(new_database(kind, f"perfmgr_tiers_{worker_id}", tmp_path)))
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
        cast = make.build()
        make.budgeted(cast)
        sheet_id = make.opened(cast)["社区服务经费"]

        def sheet() -> Evaluation:
            return db.session.get_one(Evaluation, sheet_id)

        evaluations.submit(sheet(), entries(), TEXTS, cast.viewer(FILLER))
        lines = [LineDraft(None), LineDraft(Decimal("5.5"), "佐证不足", "evidence"), *[LineDraft(None)] * 3]
        reviews.submit(sheet(), reviews.ReviewDraft(lines, "基本属实"), cast.viewer(REVIEWER))
        reviews.submit(sheet(), reviews.ReviewDraft([LineDraft(None)] * 5), cast.viewer(FINANCE))
        db.session.close()
        migrations.migrate(db.engine, older(REVIEWS))
        with db.engine.connect() as connection:
            old = connection.execute(text("SELECT review_opinion, total FROM evaluation WHERE project_id > 0")).one()
            marks = connection.execute(
                text("SELECT review_score, review_reason FROM evaluation_line ORDER BY id")
            ).all()
        assert tuple(old) == ("基本属实", 9001)
        assert [tuple(row) for row in marks] == [(None, ""), (550, "佐证不足"), (None, ""), (None, ""), (None, "")]
        migrations.migrate(db.engine)
        (first,) = queries.submitted(sheet_id)
        assert (first.tier, first.by_id, first.opinion) == (1, cast.people[REVIEWER], "基本属实")
        assert (first.total, [row.score for row in first.lines]) == (Decimal("90.01"), [Decimal("5.5")])
        assert first.explanation is not None
        assert first.explanation["lines"][1]["score"] == "5.50"
        db.session.close()
        db.engine.dispose()


EXPERTS = config.ROOT / "migrations" / "versions" / "2026_11_24_25_experts.py"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_experts_and_rubrics_go_and_everything_else_stays(kind: str, tmp_path: Path, worker_id: str) -> None:
    app = create_app(test_settings(new_database(kind, f"perfmgr_experts_{worker_id}", tmp_path)))
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
        cast = make.build()
        panels.organised(cast)
        db.session.close()
        tables = ("person", "appointment", "scheme_version", "evaluation", "cycle")

        def rows() -> list[int]:
            with db.engine.connect() as connection:
                return [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables]

        people, posts, schemes, *rest = rows()
        migrations.migrate(db.engine, older(EXPERTS))
        assert rows() == [people, posts - 3, schemes - 1, *rest]
        with db.engine.connect() as connection:
            told = connection.execute(text("SELECT count(*) FROM notice WHERE subject_kind = 'appraisal'")).scalar_one()
        assert told == 0
        migrations.migrate(db.engine)
        take_in_built_ins()
        assert rows() == [people, posts - 3, schemes, *rest]
        panels.appoint(cast, "expert4")
        assert db.session.query(Appraisal).count() == 0
        db.session.close()
        db.engine.dispose()
