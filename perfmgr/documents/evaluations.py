"""Self-evaluation sheets as JSON, in the format that ``documents.score_files`` reads back."""

import json
from decimal import Decimal

from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.money import WAN
from perfmgr.rules.numbers import plain

FORMAT = "perfmgr-evaluation-1"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def export_json(evaluation: Evaluation, version: SchemeVersion | None) -> str:
    """Return one self-evaluation as JSON text that ``python -m perfmgr score`` reads back.

    The scheme version it was scored with is included, so that the file can be recomputed anywhere.
    """
    explanation = evaluation.explanation or {}
    data = {
        "format": FORMAT,
        "id": f"{evaluation.year}-{evaluation.id}",
        "name": evaluation.title,
        "year": evaluation.year,
        "scheme": version.code if version else "",
        "scheme_version": version.number if version else None,
        "scheme_data": version.data if version else None,
        "unit": "万元",
        "A": _text(None if evaluation.adjusted is None else evaluation.adjusted / WAN),
        "E": _text(None if evaluation.executed is None else evaluation.executed / WAN),
        "exec": explanation.get("execution", {}).get("score"),
        "rows": [
            {
                "category": line.category,
                "name": line.name,
                "sign": "qual" if line.sign == QUALITATIVE else line.sign,
                "target": line.tier if line.sign == QUALITATIVE else _text(line.target_value),
                "actual": _text(line.actual_value),
                "share": _text(line.share),
                "weight": _text(line.weight),
                "rule": line.rule,
                "not_applicable": line.not_applicable,
                "marks": _text(line.self_score),
                "evidence": [
                    {"file": proof.attachment.name, "pages": proof.pages} for proof in line.proofs if proof.counts
                ]
                + ([{"text": line.proof}] if line.proof else []),
            }
            for line in evaluation.lines
        ],
        "total": _text(evaluation.self_total),
    }
    return json.dumps(data, ensure_ascii=False, indent=1)
