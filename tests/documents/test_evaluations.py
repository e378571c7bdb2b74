"""An exported self-evaluation is complete: scored again from its file it has the marks that are stored."""

import json
from decimal import Decimal

import pytest

from perfmgr.documents import schemes
from perfmgr.documents.evaluations import export_json
from perfmgr.documents.score_entries import score_entry
from perfmgr.documents.score_files import read_score_file
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.rules.schemes import parse_scheme
from perfmgr.rules.scoring import score_sheet

TEN = [data for data in schemes.built_in() if data["execution"]["weight"] == 10]


def filled(scheme):
    """A submitted self-evaluation as it is stored, with every kind of line."""
    steps = {"type": "steps", "start": "90", "step": "5", "deduct": "1"}
    lines = [
        EvaluationLine(
            category="output",
            name="覆盖社区数",
            sign="ge",
            target_value=Decimal(12),
            actual_value=Decimal("11.5"),
            weight=Decimal("33.33"),
        ),
        EvaluationLine(
            category="output",
            name="人均成本",
            sign="le",
            target_value=Decimal("0.3"),
            actual_value=Decimal("0.35"),
            weight=Decimal("16.67"),
        ),
        EvaluationLine(
            category="benefit",
            name="治理水平",
            sign="qualitative",
            not_applicable=False,
            tier="partly",
            share=Decimal("0.75"),
            weight=Decimal(20),
        ),
        EvaluationLine(
            category="benefit",
            name="政策知晓度",
            sign="ge",
            target_value=Decimal(90),
            not_applicable=True,
            weight=Decimal(10),
        ),
        EvaluationLine(
            category="satisfaction",
            name="居民满意度",
            sign="ge",
            target_value=Decimal(90),
            actual_value=Decimal(84),
            rule=steps,
            weight=Decimal(10),
        ),
    ]
    evaluation = Evaluation(
        id=7,
        kind="project",
        year=2025,
        project=Project(name="社区党组织服务群众经费"),
        lines=lines,
        adjusted=Decimal("5700000.00"),
        executed=Decimal("5123456.78"),
    )
    score = score_sheet(scheme, [line.as_row() for line in lines], evaluation.adjusted, evaluation.executed)
    evaluation.explanation, evaluation.self_total = score.as_dict(), score.total
    for line, marks in zip(lines, score.lines, strict=True):
        line.self_score = marks.score
    return evaluation


@pytest.mark.parametrize("data", TEN, ids=lambda data: data["code"])
def test_an_exported_self_evaluation_is_scored_again_without_any_difference(data, tmp_path):
    evaluation = filled(parse_scheme(data))
    exported = export_json(evaluation, SchemeVersion(code=data["code"], number=3, data={**data, "code": "本地方案"}))
    path = tmp_path / "sheet.json"
    path.write_text(exported, encoding="utf-8")
    (result,) = map(score_entry, read_score_file(path))
    assert (result["id"], result["errors"], result["differences"]) == (
        "2025-7",
        [],
        [],
    )
    assert (result["total"], [line["formula"] for line in result["lines"]]) == (
        evaluation.explanation["total"],
        [line["formula"] for line in evaluation.explanation["lines"]],
    )


def test_an_export_names_what_it_was_made_of():
    exported = json.loads(
        export_json(filled(schemes.by_code("10-50-30-10")), SchemeVersion(code="本地", number=3, data={"a": 1}))
    )
    assert {key: value for key, value in exported.items() if key != "rows"} == {
        "format": "perfmgr-evaluation-1",
        "id": "2025-7",
        "name": "社区党组织服务群众经费",
        "year": 2025,
        "scheme": "本地",
        "scheme_version": 3,
        "scheme_data": {"a": 1},
        "unit": "万元",
        "A": "570",
        "E": "512.345678",
        "exec": "9.99",
        "total": "88.14",
    }
    assert exported["rows"][2] == {
        "category": "benefit",
        "name": "治理水平",
        "sign": "qual",
        "target": "partly",
        "actual": None,
        "share": "0.75",
        "weight": "20",
        "rule": None,
        "not_applicable": False,
        "marks": "16.67",
        "evidence": [],
    }
