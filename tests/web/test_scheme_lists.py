"""The lists of a scheme in the browser: rows added, changed, moved and taken away; published, and old versions unchanged."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import schemes
from perfmgr.rules.consequences import DEFAULT
from perfmgr.rules.reviews import ReviewRules
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, Cast
from tests.web.test_trials import draft_of, form_of

Visit = Callable[[str | None], Visitor]


def typed(page: str) -> dict[str, str]:
    """Return the lists of the editor as a browser would send them."""
    start = r"(?:consequences|reasons|months)-\d+-\w+|late_\w+|rectify_days|gap"
    values = dict(re.findall(rf'<input class="form-control[^>]*name="({start})" value="([^"]*)"', page))
    for name, body in re.findall(rf'<select[^>]*name="({start})"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        values[name] = chosen[1] if chosen else ""
    boxes = re.findall(rf'<input class="form-check-input[^>]*name="({start})" value="y" checked', page)
    return values | dict.fromkeys(boxes, "y")


@pytest.fixture
def draft(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return draft_of(cast)


def stored(app: Flask, draft: int) -> dict[str, Any]:
    with app.app_context():
        return copy.deepcopy(db.session.get_one(SchemeVersion, draft).data)


def test_the_editor_shows_the_tables_in_force_and_saving_them_unchanged_stores_nothing(
    app: Flask, visit: Visit, draft: int
) -> None:
    visitor, address = visit(ADMIN), f"/schemes/{draft}/edit"
    before = stored(app, draft)
    sent = typed(visitor.get(address).get_data(as_text=True))
    assert (sent["consequences-2-advice"], sent["consequences-2-change"], sent["consequences-2-renewal"]) == (
        *("压缩", "-20"),
        "warn",
    )
    assert (sent["reasons-0-code"], sent["late_renewal"], sent["rectify_days"]) == ("evidence", "block", "60")
    assert visitor.post(address, form_of(before) | sent).status_code == 303
    after = stored(app, draft)
    assert "consequences" not in after
    assert "codes" not in after.get("review", {})


def test_rows_are_changed_added_moved_removed_and_published(app: Flask, cast: Cast, visit: Visit, draft: int) -> None:
    visitor, address = visit(ADMIN), f"/schemes/{draft}/edit"
    form = form_of(stored(app, draft)) | typed(visitor.get(address).get_data(as_text=True))

    def press(**button: str) -> dict[str, str]:
        answer = visitor.post(address, form | button)
        assert answer.status_code == 200
        return form_of(stored(app, draft)) | typed(answer.get_data(as_text=True))

    form = press(add="reasons")
    form |= {"reasons-5-code": "late", "reasons-5-name": "逾期未办结", "consequences-2-change": "很多"}
    form = press(move="reasons-5")
    assert (form["reasons-4-code"], form["reasons-5-code"]) == ("late", "other")
    assert form["consequences-2-change"] == "很多"  # what cannot be read is not lost
    form = press(remove="reasons-0")
    form = press(add="months")
    form |= {"months-0-month": "7", "months-0-rate": "50", "gap": "20"}
    form |= {"consequences-2-change": "-35", "consequences-2-advice": "压减", "rectify_days": "30"}
    form |= {"consequences-3-renewal": "warn", "late_advice": "补评"}
    assert visitor.post(address, form).status_code == 303
    data = stored(app, draft)
    assert list(data["review"]["codes"]) == ["scope", "arithmetic", "low_target", "late", "other"]
    assert data["consequences"]["grades"][2] == {
        "grade": "中",
        "advice": "压减",
        "advice_en": "Cut",
        "change": -35,
        "renewal": "warn",
        "rectify": True,
    }
    assert (data["monitoring"], data["consequences"]["rectify_days"]) == ({"execution": {"7": "0.5"}, "gap": "0.2"}, 30)
    page = text(visitor.get(f"/schemes/{draft}"))
    for words in (
        "压减 -35",
        "整改期限 30 天",
        "逾期未办结 late",
        "从 7 月起执行率低于 50% 提醒",
        "相差超过 20 个百分点提醒",
        "补评",
    ):
        assert words in page
    assert visitor.post(f"/schemes/{draft}/publication").status_code == 303
    with app.app_context():
        new, old = schemes.by_id(draft), schemes.by_id(_first(draft))
        assert (new.consequences.of("中").advice, new.consequences.not_evaluated.advice) == ("压减", "补评")
        assert new.consequences.of("差").renewal == "warn"
        assert (old.consequences, old.review) == (DEFAULT, ReviewRules())


def _first(draft: int) -> int:
    """Return the version the draft was copied from."""
    version = db.session.get_one(SchemeVersion, draft)
    statement = select(SchemeVersion.id).where(SchemeVersion.code == version.code, SchemeVersion.number == 1)
    return db.session.scalars(statement).one()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"consequences-0-advice": ""}, "第 1 行：“建议”不能为空，请填写。"),
        ({"consequences-0-change": "-101"}, "第 1 行：“预算参考变动（%）”应在 -100 到 100 之间。"),
        ({"consequences-1-grade": "优"}, "第 2 行：“等级”“优”与前面的行重复，请修改或删除。"),
        (
            {"consequences-1-grade": "特"},
            "结果应用第 2 行的等级“特”不是本方案的等级，请改为本方案的等级或删除这一行。",
        ),
        ({"reasons-1-code": "evidence"}, "第 2 行：“代码”“evidence”与前面的行重复，请修改或删除。"),
        ({"reasons-1-code": "口径"}, "第 2 行：“代码”只能用小写字母、数字和下划线，以字母开头。"),
        ({"rectify_days": "0"}, "“整改期限”应在 1 到 3650 之间。"),
        ({"months-0-month": "13", "months-0-rate": "50"}, "第 1 行：“从几月起”应在 1 到 12 之间。"),
        ({"parameter_review__red_factor": "0.5"}, "“抽查时红灯自评的权重”应在 1 到 100 之间。"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_stored(
    app: Flask, visit: Visit, draft: int, changes: dict[str, str], sentence: str
) -> None:
    visitor, address = visit(ADMIN), f"/schemes/{draft}/edit"
    before = stored(app, draft)
    form = form_of(before) | typed(visitor.get(address).get_data(as_text=True)) | changes
    refused = visitor.post(address, form)
    assert (refused.status_code, problems(refused)) == (422, [sentence])
    assert stored(app, draft) == before


def test_without_rows_the_default_tables_hold(app: Flask, visit: Visit, draft: int) -> None:
    visitor, address = visit(ADMIN), f"/schemes/{draft}/edit"
    form = form_of(stored(app, draft)) | typed(visitor.get(address).get_data(as_text=True))
    assert visitor.post(address, form | {"consequences-0-advice": "照旧"}).status_code == 303
    assert "grades" in stored(app, draft)["consequences"]
    bare = {name: value for name, value in form.items() if not name.startswith(("consequences-", "reasons-"))}
    assert visitor.post(address, bare).status_code == 303
    assert "consequences" not in stored(app, draft)
