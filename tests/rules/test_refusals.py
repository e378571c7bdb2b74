"""The ways of saying no: each has its status and its sentences."""

import pytest

from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.rules.sheets import told


@pytest.mark.parametrize(("kind", "status"), [(Refused, 422), (NotAllowed, 403), (NotFound, 404), (Conflict, 409)])
def test_a_refusal_has_its_status_and_one_sentence(kind, status):
    refusal = kind("“%(name)s”不能为空。", code="Q01", field="name", name="项目名称")
    assert (refusal.status, str(refusal)) == (status, "“项目名称”不能为空。")
    assert told(refusal.findings) == [("Q01", "name", "“项目名称”不能为空。")]
    assert isinstance(refusal, Refused)


def test_a_refusal_needs_neither_code_nor_field():
    assert told(Refused("请重新登录。").findings) == [("", "", "请重新登录。")]


def test_invalid_content_has_all_its_sentences():
    findings = [Finding("Q01", "“%(a)s”没有填写。", "a", params={"a": "甲"}), Finding("Q05", "分值不对。", "b")]
    refusal = Invalid(iter(findings))
    assert (refusal.status, str(refusal)) == (422, "“甲”没有填写。；分值不对。")
    assert refusal.findings == findings
