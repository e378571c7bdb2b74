"""The pages of evaluation by experts: nobody sees marks too early, and each step has its page."""

import html
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from docx import Document
from flask import Flask

from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalQuestion
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.scheme import SchemeVersion
from tests import panels, records
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast
from tests.panels import EXPERTS, RUBRIC

Visit = Callable[[str | None], Visitor]
ONE, TWO, THREE = EXPERTS
# Marks and a reason that occur nowhere else on any page.
SECRET = ("13.37", "甲乙丙独有理由", "丁戊己总体意见")


@pytest.fixture
def running(app: Flask, cast: Cast) -> int:
    """The id of an evaluation of the department with three invited experts."""
    with app.app_context():
        return panels.organised(cast)


def sheet(lost: dict[str, tuple[str, str]] | None = None, opinion: str = "") -> dict[str, str]:
    """Return a posted sheet: full marks, or the marks and reason given by item code."""
    lost = lost or {}
    data = {"opinion": opinion}
    for n, item in enumerate(RUBRIC.items):
        marks, reason = lost.get(item.code, (str(item.marks), ""))
        data |= {f"lines-{n}-marks": marks, f"lines-{n}-reason": reason}
    return data


def submit(visitor: Visitor, base: str, data: dict[str, str]) -> None:
    """Declare that there is no conflict, and submit a sheet."""
    assert visitor.post(f"{base}/interests", {"interest": "none"}).status_code == 303
    assert visitor.post(f"{base}/marks/submission", data).status_code == 303


def everything(app: Flask, visitor: Visitor, appraisal_id: int) -> bytes:
    """Return all bytes that could give marks away to this visitor."""
    with app.app_context():
        record = db.session.get_one(Appraisal, appraisal_id)
        sheet_id, project_id = record.evaluation_id, record.project_id
    base = f"/appraisals/{appraisal_id}"
    addresses = [
        "/",
        "/notices",
        "/appraisals",
        f"/appraisals?year={YEAR}",
        base,
        f"{base}/marks",
        f"{base}/report.docx",
    ]
    addresses += [f"/evaluations/{sheet_id}", f"/evaluations/{sheet_id}/export.json", f"/projects/{project_id}"]
    return b"".join(visitor.get(address, follow_redirects=True).data for address in addresses)


def test_nobody_sees_marks_before_it_is_time(app: Flask, running: int, cast: Cast, visit: Visit) -> None:
    base = f"/appraisals/{running}"
    secret = {"effect": SECRET[:2]}
    first = visit(ONE)
    assert first.post(f"{base}/interests", {"interest": "none"}).status_code == 303
    others = (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER, TWO, THREE)

    def leaks(*people: str) -> set[str]:
        found = {person: everything(app, visit(person), running) for person in people}
        return {person for person, body in found.items() if any(word.encode() in body for word in SECRET)}

    # A draft is its expert's alone, a submitted sheet too.
    assert first.post(f"{base}/marks", sheet(secret, SECRET[2])).status_code == 303
    assert (leaks(ONE), leaks(*others)) == ({ONE}, set())
    assert first.post(f"{base}/marks/submission", sheet(secret, SECRET[2])).status_code == 303
    assert (leaks(ONE), leaks(*others)) == ({ONE}, set())
    page = text(visit(REVIEWER).get(base))
    assert ("组织人只能看到谁已提交" in page, page.count("待声明")) == (True, 2)
    # When all are in, the organiser alone sees them; the others with the report.
    submit(visit(TWO), base, sheet())
    submit(visit(THREE), base, sheet())
    assert leaks(*others) == {REVIEWER}
    report = {"notes-0-note": "按平均数计分。", "problems": "效益偏弱", "suggestions": "跟踪效益"}
    assert visit(REVIEWER).post(f"{base}/conclusion", report).status_code == 303
    # The unit, and experts who took part; another unit and another department see nothing of it.
    assert leaks(*others) == {FILLER, REVIEWER, FINANCE, ADMIN, TWO, THREE}
    # Who never declared anything, or stepped back, finds nothing even then.
    with app.app_context():
        for row in db.session.query(AppraisalExpert).filter(
            AppraisalExpert.person_id.in_((cast.people[TWO], cast.people[THREE]))
        ):
            row.state, row.declared_at = (
                ("excluded", row.declared_at) if row.person_id == cast.people[TWO] else ("missed", None)
            )
        db.session.commit()
    assert leaks(TWO, THREE) == set()
    # What an expert said about the whole is for the organiser, and whose marks they were is not told.
    page = visit(FILLER).get(base).get_data(as_text=True)
    assert (SECRET[2] in page, f"{panels.EXPERTS[0]} 专家1 13.37" in text(visit(FILLER).get(base))) == (False, False)
    assert f"{panels.EXPERTS[0]} 专家1 13.37" in text(visit(REVIEWER).get(base))


def test_an_expert_declares_first_and_sees_only_what_was_assigned(
    app: Flask, running: int, cast: Cast, visit: Visit
) -> None:
    base, expert = f"/appraisals/{running}", visit(ONE)
    assert "声明有无利益冲突" in text(expert.get("/"))
    page = text(expert.get(base))
    assert ("先声明有无利益冲突" in page, "自评材料" in page, "评价要点" in page) == (True, False, False)
    assert expert.get(f"{base}/marks").status_code == 302
    assert expert.post(f"{base}/marks", sheet()).status_code == 409
    nothing = expert.post(f"{base}/interests", {"interest": ""})
    assert (nothing.status_code, problems(nothing)) == (422, ["“利益冲突声明”不能为空，请填写。"])
    no_reason = expert.post(f"{base}/interests", {"interest": "conflict", "reason": " "})
    assert (no_reason.status_code, problems(no_reason)) == (422, ["请写明存在何种利益关系。"])
    assert expert.post(f"{base}/interests", {"interest": "conflict", "reason": "曾任顾问"}).status_code == 303
    page = text(expert.get(base))
    assert ("不再参加本次评价" in page, "自评材料" in page) == (True, False)
    assert "曾任顾问" in text(visit(REVIEWER).get(base))
    assert "曾任顾问" not in text(visit(FILLER).get(base))
    with app.app_context():
        other = panels.appraisals.organise(
            panels.sheet(cast, "另一项目"),
            "department_evaluation",
            panels.rubric_version(),
            panels.DUE,
            [cast.people[TWO]],
            cast.viewer(REVIEWER),
        ).id
    for path in (f"/appraisals/{other}", f"/appraisals/{other}/marks", f"/appraisals/{other}/report.docx"):
        assert expert.get(path).status_code == 404
    assert expert.post(f"/appraisals/{other}/interests", {"interest": "none"}).status_code == 404
    assert "另一项目" not in text(expert.get("/appraisals"))
    assert {
        path: expert.get(path).status_code for path in ("/projects", "/evaluations", "/schemes", "/rubrics", "/people")
    } == dict.fromkeys(("/projects", "/evaluations", "/schemes", "/rubrics", "/people"), 403)


def test_an_expert_reads_the_files_of_the_project_and_no_others(
    app: Flask, running: int, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        project_id = db.session.get_one(Appraisal, running).project_id
        panels.sheet(cast, "另一项目")
        files = {}
        for row in db.session.query(Declaration).all():
            row.state = "draft"  # files come while it is filled in
            db.session.commit()
            own = row.project_id == project_id
            files[own] = records.attach(row, f"{row.id}.txt", cast.viewer(FILLER), b"proof")
            row.state = "approved"
        db.session.commit()
    base, expert = f"/appraisals/{running}", visit(ONE)

    def downloads(person: Visitor) -> list[int]:
        return [person.get(f"/attachments/{files[own]}", buffered=True).status_code for own in (True, False)]

    assert downloads(expert) == [404, 404]
    expert.post(f"{base}/interests", {"interest": "none"})
    assert downloads(expert) == [200, 404]
    assert f'href="/attachments/{files[True]}"' in expert.get(f"{base}/marks").get_data(as_text=True)
    visit(TWO).post(f"{base}/interests", {"interest": "conflict", "reason": "曾任顾问"})
    assert downloads(visit(TWO)) == [404, 404]
    visit(REVIEWER).post(f"{base}/cancelling", {"comment": "选错项目"})
    assert downloads(expert) == [404, 404]


def test_an_expert_opens_what_the_self_evaluation_proves_at_its_page(
    app: Flask, running: int, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        evaluation = db.session.get_one(Appraisal, running).evaluation
        evaluation.state = "open"  # files come while it is filled in
        db.session.commit()
        file_id = records.attach(evaluation, "验收单.pdf", cast.viewer(FILLER), b"%PDF-1.4")
        db.session.add(EvaluationProof(line_id=evaluation.lines[0].id, attachment_id=file_id, pages="3"))
        evaluation.state = "confirmed"
        db.session.commit()
    base, expert = f"/appraisals/{running}", visit(ONE)
    address = f"/attachments/{file_id}/view"
    assert expert.get(address).status_code == 404
    expert.post(f"{base}/interests", {"interest": "none"})
    for page in (base, f"{base}/marks"):
        said = expert.get(page).get_data(as_text=True)
        assert f'href="{address}#page=3"' in said
        assert f'href="/attachments/{file_id}"' in said
    assert expert.get(address, buffered=True).status_code == 200


def test_a_sheet_is_shown_again_with_every_gap_at_its_field(running: int, visit: Visit) -> None:
    base, expert = f"/appraisals/{running}", visit(ONE)
    expert.post(f"{base}/interests", {"interest": "none"})
    bad = {**sheet({"basis": ("4", "")}), "lines-1-marks": "", "lines-2-marks": "3.5", "lines-3-marks": "三"}
    answer = expert.post(f"{base}/marks/submission", bad)
    assert (answer.status_code, problems(answer)) == (
        422,
        ["第 4 行：“评分”填的“三”不是数字，请填写数字，例如 95 或 1,200。"],
    )
    answer = expert.post(f"{base}/marks/submission", {**bad, "lines-3-marks": "3"})
    assert (answer.status_code, problems(answer)) == (
        422,
        [
            "“立项依据充分性”扣了 1 分，请写明扣分理由。",
            "“立项程序规范性”还没有评分。",
            "“绩效目标合理性”的得分应在 0 到 3 之间，最多两位小数。",
        ],
    )
    assert 'value="3.5"' in answer.get_data(as_text=True)
    stale = expert.post(f"{base}/marks", {**sheet(), "version": "99"})
    assert stale.status_code == 409
    assert expert.post(f"{base}/marks", sheet({"basis": ("4", "")})).status_code == 303
    assert 'value="4"' in expert.get(f"{base}/marks").get_data(as_text=True)


def test_from_the_self_evaluation_to_the_report_on_the_pages(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        panels.appoint(cast, *EXPERTS)
        sheet_id, rubric = panels.sheet(cast).id, panels.rubric_version().id
    reviewer, ids = visit(REVIEWER), {name: cast.people[name] for name in EXPERTS}
    address = f"/evaluations/{sheet_id}/appraisal"
    assert f'href="{address}/new"' in reviewer.get(f"/evaluations/{sheet_id}").get_data(as_text=True)
    assert f'href="{address}/new"' not in visit(FILLER).get(f"/evaluations/{sheet_id}").get_data(as_text=True)
    assert all(f"{name} 专家" in text(reviewer.get(f"{address}/new")) for name in EXPERTS)
    data = {"kind": "department_evaluation", "rubric_id": str(rubric), "due_on": "2099年1月5日"}
    bad = reviewer.post(address, {**data, "due_on": "2099-02-30", f"expert-{ids[ONE]}": "y"})
    assert (bad.status_code, bad.get_data(as_text=True).count(" checked")) == (422, 1)
    bad = reviewer.post(address, {**data, f"expert-{cast.people[FILLER]}": "y"})
    assert (bad.status_code, len(problems(bad))) == (422, 1)
    assert reviewer.post(address, {**data, "kind": "finance_evaluation", f"expert-{ids[ONE]}": "y"}).status_code == 422
    answer = reviewer.post(address, {**data, f"expert-{ids[ONE]}": "y", f"expert-{ids[TWO]}": "y"})
    assert answer.status_code == 303
    base = answer.location
    assert reviewer.post(address, {**data, f"expert-{ids[ONE]}": "y"}).status_code == 409
    assert reviewer.post(f"{base}/experts", {f"expert-{ids[THREE]}": "y"}).status_code == 303
    submit(visit(ONE), base, sheet({"basis": ("1", "依据不足")}))
    assert visit(ONE).post(f"{base}/questions", {"question": " "}).status_code == 422
    assert visit(ONE).post(f"{base}/questions", {"question": "依据文号是什么？"}).status_code == 303
    filler = visit(FILLER)
    assert "答复专家的问题" in text(filler.get("/"))
    with app.app_context():
        question = db.session.query(AppraisalQuestion.id).scalar()
    assert filler.post(f"/appraisals/questions/{question}/answer", {"answer": ""}).status_code == 422
    assert filler.post(f"/appraisals/questions/{question}/answer", {"answer": "大组〔2022〕101号"}).status_code == 303
    assert filler.post(f"/appraisals/questions/{question}/answer", {"answer": "再答"}).status_code == 409
    assert "大组〔2022〕101号" in text(visit(ONE).get(base))
    assert "大组〔2022〕101号" not in text(visit(TWO).get(base))  # who has not declared sees nothing
    early = reviewer.post(f"{base}/closing", {"comment": "专家出差"})
    assert (early.status_code, "至少要有 2 位才能结束评分" in text(early)) == (409, True)
    submit(visit(TWO), base, sheet())
    assert reviewer.get(f"{base}/report.docx").status_code == 302
    assert reviewer.post(f"{base}/closing", {"comment": " "}).status_code == 422
    assert reviewer.post(f"{base}/closing", {"comment": "专家出差"}).status_code == 303
    assert "汇总评分并形成报告" in text(reviewer.get("/"))
    short = reviewer.post(f"{base}/conclusion", {"notes-0-note": "", "problems": "依据不全", "suggestions": ""})
    assert (short.status_code, len(problems(short))) == (422, 2)
    assert "依据不全</textarea>" in short.get_data(as_text=True)
    assert reviewer.post(f"{base}/report", {"problems": "依据不全"}).status_code == 303
    report = {"notes-0-note": "以批复为准。", "problems": "依据不全", "suggestions": "补齐依据"}
    assert reviewer.post(f"{base}/conclusion", report).status_code == 303
    page = text(filler.get(base))
    assert ("98.00" in page, "依据不全" in page, "以批复为准。" in page) == (True, True, True)
    assert "98.00" in text(reviewer.get("/appraisals?state=concluded"))
    lines = document_lines(filler.get(f"{base}/report.docx").data)
    assert "评价得分98.00分，等级为“优”。其中：决策18.00分（满分20分）" in "".join(lines)
    assert ("立项依据充分性（专家评分1至5分）：以批复为准。" in lines, "答复：大组〔2022〕101号" in lines) == (
        True,
        True,
    )


def document_lines(data: bytes) -> list[str]:
    """Return the paragraphs of a Word file; its table must have a row for each item, head and sum."""
    document = Document(io.BytesIO(data))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert len(rows) == len(RUBRIC.items) + 2
    assert rows[1] == ["决策", "项目立项", "立项依据充分性", "5", "3.00", "1.00", "5.00", "2.00"]
    assert rows[-1] == ["合计", "", "", "100", "98.00", "96.00", "100.00", "2.00"]
    return [paragraph.text for paragraph in document.paragraphs]


def test_the_list_takes_as_many_statements_for_many(
    app: Flask, cast: Cast, visit: Visit, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    with app.app_context():
        panels.organised(cast)
    for more in (0, 2):
        with app.app_context():
            for n in range(more):
                evaluation = panels.sheet(cast, f"项目 {n}")
                ids = [cast.people[ONE], cast.people[TWO]]
                panels.appraisals.organise(
                    evaluation, "department_evaluation", panels.rubric_version(), panels.DUE, ids, cast.viewer(REVIEWER)
                )
        for person in (REVIEWER, ONE):
            visitor = visit(person)
            visitor.get("/appraisals")
            with count_queries() as statements:
                page = visitor.get("/appraisals").get_data(as_text=True)
            counts.append(len(statements))
            assert page.count('class="row-link"') == more + 1
    assert counts[:2] == counts[2:]
    assert max(counts) <= 8


# --- the rubric -------------------------------------------------------------------------------


def test_an_administrator_copies_edits_and_publishes_a_rubric(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        rubric = panels.rubric_version().id
    admin = visit(ADMIN)
    draft = admin.post(f"/rubrics/{rubric}/copy").location.removesuffix("/edit")
    page = admin.get(f"{draft}/edit").get_data(as_text=True)
    data = fields(page)
    assert (data["items-0-marks"], data["differ_above"], data["least"]) == ("5", "30", "2")
    wrong = admin.post(f"{draft}/edit", {**data, "items-0-marks": "6", "items-1-group": "x"})
    assert (wrong.status_code, problems(wrong)) == (
        422,
        ["上表没有这个一级指标代码，请改为上表中的代码。"],
    )
    heavy = admin.post(f"{draft}/edit", {**data, "items-0-marks": "6"})
    assert (heavy.status_code, problems(heavy)) == (422, ["各项分值合计应为 100 分，现在是 101 分。"])
    grown = admin.post(f"{draft}/edit", {**data, "add": "grades"}).get_data(as_text=True)
    assert 'name="grades-0-name"' in grown
    fewer = admin.post(f"{draft}/edit", {**data, "remove": "items-0"}).get_data(as_text=True)
    assert (fewer.count("-question"), page.count("-question")) == (2 * 16, 2 * 17)
    grades = {"grades-0-name": "合格", "grades-0-low": "70", "grades-1-name": "不合格", "grades-1-low": "0"}
    changed = {**data, **grades, "items-0-marks": "4", "items-1-marks": "4", "differ_above": "12.5", "least": "3"}
    assert admin.post(f"{draft}/edit", changed).status_code == 303
    looked_at = fields(page)["version"]
    assert admin.post(f"{draft}/publication", {"version": looked_at}).location == draft
    assert "已被他人修改" in text(admin.get(draft))
    assert admin.post(f"{draft}/publication").status_code == 303
    page = text(visit(REVIEWER).get(draft))
    assert ("至少 3 位专家" in page, "超过分值的 12.5%" in page, "合格 70 分及以上" in page) == (True, True, True)
    assert admin.get(f"{draft}/edit").status_code == 302
    assert admin.post(f"{draft}/edit", changed).status_code == 409
    with app.app_context():
        stored = db.session.get_one(SchemeVersion, int(draft.rsplit("/", 1)[1]))
        assert (stored.kind, stored.number, stored.state) == ("rubric", 2, "published")
        assert stored.data["panel"] == {"least": "3", "differ_above": "0.125"}
        assert stored.data["groups"][2]["results"] is True
    # A rubric is no scoring scheme: pages of schemes do not know it.
    assert {admin.get(f"/schemes/{rubric}{rest}").status_code for rest in ("", "/edit", "/trial")} == {404}
    again = admin.post(f"/rubrics/{rubric}/copy").location.removesuffix("/edit")
    assert admin.post(f"{again}/discarding").status_code == 303
    assert admin.get(again).status_code == 404


def fields(page: str) -> dict[str, str]:
    """Return name and value of every input and textarea of the rubric's form."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] not in ("csrf_token", "owner", "next") and ("checkbox" not in tag or " checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        found[name] = html.unescape(value)
    return found
