"""Re-checks: a tier's marks, sealed until it submits them, with coded reasons; the last tier's result is in force."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from perfmgr.actions import evaluations, reviews
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.review import Review
from perfmgr.queries import reviews as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed
from perfmgr.rules.reviews import LineDraft
from tests.actions.test_evaluations import TEXTS, entries, sentences, sheet, stored, submitted
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast

__all__ = ["sheet", "submitted"]

By = Callable[[str], Viewer]


def marks(opinion: str = "", conclusion: str = "", despite: bool = False, **second: Any) -> ReviewDraft:
    """Return what a tier enters: all confirmed but for the second line."""
    lines = [LineDraft(None), LineDraft(**second) if second else LineDraft(None), *[LineDraft(None)] * 3]
    return ReviewDraft(lines, opinion, conclusion, despite)


def of_tier(evaluation_id: int, tier: int = 1) -> Review | None:
    """Return a tier's row as the database has it now."""
    db.session.expire_all()
    return queries.of_tier(evaluation_id, tier)


def test_confirming_without_correction_keeps_the_score(submitted: Evaluation, by: By) -> None:
    assert reviews.submit(submitted, marks("数据与佐证一致。"), by(REVIEWER)) is True
    found = stored(submitted.id)
    assert (found.state, found.total, found.grade, queries.of_tier(found.id, 1).opinion) == (
        "confirmed",
        Decimal("98.76"),
        "优",
        "数据与佐证一致。",
    )
    assert found.confirmed_at is not None


def test_a_correction_changes_the_result_and_leaves_the_fillers_score(submitted: Evaluation, by: By) -> None:
    reviews.submit(submitted, marks(score=Decimal("5.5"), reason="佐证不足", code="evidence"), by(REVIEWER))
    found = stored(submitted.id)
    assert (found.self_total, found.self_grade, found.total, found.grade) == (
        Decimal("98.76"),
        "优",
        Decimal("90.01"),
        "优",
    )
    assert found.explanation is not None
    assert queries.of_tier(found.id, 1).explanation == {
        "total": "90.01",
        "grade": "优",
        "execution": found.explanation["execution"],
        "lines": [
            {"self_score": "20.00", "score": "20.00", "code": "", "reason": ""},
            {"self_score": "14.25", "score": "5.50", "code": "evidence", "reason": "佐证不足"},
            {"self_score": "15.00", "score": "15.00", "code": "", "reason": ""},
            {"self_score": "30.00", "score": "30.00", "code": "", "reason": ""},
            {"self_score": "10.00", "score": "10.00", "code": "", "reason": ""},
        ],
    }


@pytest.mark.parametrize(("score", "grade"), [("5.49", "优"), ("5.48", "良"), ("0", "良")])
def test_the_grade_follows_the_corrected_total(submitted: Evaluation, by: By, score: str, grade: str) -> None:
    reviews.submit(submitted, marks(score=Decimal(score), reason="佐证不足", code="evidence"), by(REVIEWER))
    assert stored(submitted.id).grade == grade


@pytest.mark.parametrize("score", ["-0.01", "15.01", "100"])
def test_marks_outside_zero_and_the_weight_are_refused(submitted: Evaluation, by: By, score: str) -> None:
    with pytest.raises(Invalid) as refused:
        reviews.save(submitted, marks(score=Decimal(score), reason="理由"), by(REVIEWER))
    assert [(f.code, f.field, f.sentence()) for f in refused.value.findings] == [
        ("Q24", "lines.1.score", "指标“验收合格率”的复核得分应在 0 到 15.00 之间，请修改。")
    ]


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_correction_needs_a_reason(submitted: Evaluation, by: By, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        reviews.submit(submitted, marks("意见", score=Decimal(12), reason=reason), by(REVIEWER))
    assert sentences(refused) == ["指标“验收合格率”的复核得分与自评不同，请写明理由。"]
    found = stored(submitted.id)
    assert (found.state, of_tier(found.id)) == ("submitted", None)


def test_the_same_marks_are_no_correction(submitted: Evaluation, by: By) -> None:
    reviews.save(submitted, marks(score=Decimal("14.25")), by(REVIEWER))
    assert of_tier(submitted.id).lines == []


def test_half_a_review_can_be_saved_and_is_gone_after_a_return(submitted: Evaluation, by: By) -> None:
    reviews.save(submitted, marks("先记下", score=Decimal(10), reason="佐证不足", code="evidence"), by(REVIEWER))
    assert (of_tier(submitted.id).lines[0].score, stored(submitted.id).state) == (
        Decimal(10),
        "submitted",
    )
    evaluations.take(stored(submitted.id), "return", by(REVIEWER), comment="请补充")
    evaluations.take(stored(submitted.id), "submit", by(FILLER))
    assert of_tier(submitted.id) is None


@pytest.mark.parametrize("person", [FILLER, FILLER_2, FINANCE, ADMIN, OUTSIDER])
def test_projects_are_reviewed_by_their_own_department(submitted: Evaluation, by: By, person: str) -> None:
    for act in (reviews.save, reviews.submit):
        with pytest.raises(NotAllowed):
            act(submitted, marks(), by(person))
    assert stored(submitted.id).state == "submitted"


def test_nobody_reviews_their_own_work(cast: Cast, sheet: Evaluation, by: By) -> None:
    evaluations.save(sheet, entries(), TEXTS, by(FILLER))
    evaluations.take(sheet, "submit", by(FILLER))
    sheet.filled_by_id = cast.people[REVIEWER]
    db.session.commit()
    attempts = (
        lambda: reviews.save(sheet, marks(), by(REVIEWER)),
        lambda: reviews.submit(sheet, marks(), by(REVIEWER)),
        lambda: evaluations.take(sheet, "confirm", by(REVIEWER)),
        lambda: evaluations.take(sheet, "return", by(REVIEWER), comment="请改"),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert sentences(refused) == ["不能审核本人填报的材料，请由其他审核人办理。"]
    assert stored(sheet.id).state == "submitted"


def test_a_review_made_from_an_older_version_is_refused(submitted: Evaluation, by: By) -> None:
    with pytest.raises(Conflict, match="已被他人修改"):
        reviews.submit(submitted, marks(), by(REVIEWER), submitted.version - 1)
    assert stored(submitted.id).state == "submitted"


@pytest.mark.parametrize("state", ["open", "returned", "confirmed"])
def test_only_what_was_handed_in_is_reviewed(submitted: Evaluation, by: By, state: str) -> None:
    submitted.state = state
    db.session.commit()
    with pytest.raises(Conflict, match="不能复核。"):
        reviews.save(submitted, marks(), by(REVIEWER))


# --- tiers ------------------------------------------------------------------------------------


def test_a_large_difference_needs_a_code_from_the_list(submitted: Evaluation, by: By) -> None:
    for draft, wrong in (
        (marks(score=Decimal("11"), reason="佐证不足"), "相差 3.25 分，请从列表中选择差异原因。"),
        (marks(score=Decimal("14"), reason="略低", code="mood"), "请从列表中选择指标“验收合格率”的差异原因。"),
    ):
        with pytest.raises(Invalid) as refused:
            reviews.save(submitted, draft, by(REVIEWER))
        assert [f.field for f in refused.value.findings] == ["lines.1.code"]
        assert sentences(refused)[0].endswith(wrong)
    reviews.save(submitted, marks(score=Decimal("11.25"), reason="略低"), by(REVIEWER))  # 3.00, 20 %: not above


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (marks("总体较好，得分 88.5。"), "意见中写的得分是 88.5，计算得分是 98.76，请改成一致后再提交。"),
        (marks("自评得分 97.00，核定得分 98.76。"), "意见中写的得分是 97.00，计算得分是 98.76，请改成一致后再提交。"),
        (marks("等级为良。"), "意见中写的等级是“良”，按得分应为“优”，请改成一致后再提交。"),
    ],
)
def test_words_and_numbers_must_agree(submitted: Evaluation, by: By, draft: ReviewDraft, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        reviews.submit(submitted, draft, by(REVIEWER))
    assert sentences(refused) == [said]
    assert (stored(submitted.id).state, of_tier(submitted.id)) == ("submitted", None)


def test_a_draft_that_contradicts_is_not_confirmed_by_the_bare_step_either(submitted: Evaluation, by: By) -> None:
    reviews.save(submitted, marks("得分 88.5。"), by(REVIEWER))
    with pytest.raises(Invalid):
        evaluations.take(submitted, "confirm", by(REVIEWER))
    assert stored(submitted.id).state == "submitted"


def test_the_lowest_grade_passes_only_when_that_is_said(submitted: Evaluation, by: By) -> None:
    lines = [LineDraft(Decimal(0), "不实", "evidence") for _n in range(5)]
    with pytest.raises(Invalid) as refused:
        reviews.submit(submitted, ReviewDraft(lines, "同意", "pass"), by(REVIEWER))
    assert [f.field for f in refused.value.findings] == ["conclusion"]
    reviews.submit(stored(submitted.id), ReviewDraft(lines, "因灾停工，同意", "pass", True), by(REVIEWER))
    assert (stored(submitted.id).total, stored(submitted.id).grade) == (Decimal("9.51"), "差")


def test_the_spot_check_stands_beside_the_first_tier_and_its_result_is_in_force(
    submitted: Evaluation, by: By, told: Any, history: Any
) -> None:
    reviews.submit(submitted, marks(score=Decimal("5.5"), reason="佐证不足", code="evidence"), by(REVIEWER))
    reviews.save(stored(submitted.id), marks(score=Decimal("10"), reason="部分认可", code="scope"), by(FINANCE))
    assert [r.tier for r in queries.submitted(submitted.id)] == [1]  # sealed
    assert stored(submitted.id).total == Decimal("90.01")
    draft = marks("得分94.51", "pass", score=Decimal("10"), reason="部分认可", code="scope")
    assert reviews.submit(stored(submitted.id), draft, by(FINANCE)) is True
    assert reviews.submit(stored(submitted.id), draft, by(FINANCE)) is False  # a double click
    found = stored(submitted.id)
    assert (found.state, found.total, found.grade, found.self_total) == (
        "confirmed",
        Decimal("94.51"),
        "优",
        Decimal("98.76"),
    )
    assert [(r.tier, r.total) for r in queries.submitted(found.id)] == [(1, Decimal("90.01")), (2, Decimal("94.51"))]
    assert told()[-2:] == [(FILLER, "evaluation_spot_check"), (REVIEWER, "evaluation_spot_check")]
    assert history("evaluation", found.id)[-1] == ("spot_check", "confirmed", "confirmed")


def test_a_spot_check_is_finances_and_happens_once(submitted: Evaluation, by: By) -> None:
    evaluations.take(submitted, "confirm", by(REVIEWER))
    for person in (FILLER, ADMIN, OUTSIDER):
        with pytest.raises(NotAllowed):
            reviews.submit(stored(submitted.id), marks(), by(person))
    with pytest.raises(Conflict):
        reviews.save(stored(submitted.id), marks(), by(REVIEWER))
    reviews.submit(stored(submitted.id), marks(), by(FINANCE))
    with pytest.raises(Conflict, match="已经提交"):
        reviews.save(stored(submitted.id), marks(), by(FINANCE))
