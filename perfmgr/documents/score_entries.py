"""Scores of the sheets of a file: the result of each entry, and what differs from the marks printed on it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from perfmgr.documents import schemes
from perfmgr.documents.score_files import no_weight, read_budget, read_number, read_row, read_weight
from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.refusals import Refused
from perfmgr.rules.schemes import FULL_MARKS, Scheme, parse_scheme
from perfmgr.rules.scoring import LineScore, Row, SheetScore, score_execution, score_line, score_sheet
from perfmgr.rules.texts import N_


def score_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of one entry as JSON data.

    Keys: id, total, grade, execution_score, lines (score, formula, flags), errors (code, message),
    differences (lines whose printed marks are not the computed ones). With errors the total is None.
    """
    result: dict[str, Any] = {
        "id": str(entry.get("id") or ""),
        "total": None,
        "grade": None,
        "execution_score": None,
        "lines": [],
        "errors": [],
        "differences": [],
    }
    try:
        if "rows" in entry:
            _score_sheet(entry, result)
        else:
            _score_formula(entry, result)
    except Refused as refusal:
        result["errors"] += [_error(finding) for finding in refusal.findings]
    except ArithmeticError:
        # Each number is within bounds, but a ratio of them may still have no two decimals that can be kept.
        result["errors"].append(_error(Finding("VALUE", N_("表中的数字相差过大，无法计算，请核对。"))))
    return result


def _error(finding: Finding) -> dict[str, str]:
    return {"code": finding.code or "ENTRY", "message": finding.sentence()}


def _line(line: LineScore) -> dict[str, Any]:
    score = None if line.score is None else f"{line.score:.2f}"
    return {"score": score, "formula": line.formula, "flags": list(line.flags)}


# --- whole sheets -----------------------------------------------------------------------------


def _scheme(entry: Mapping[str, Any]) -> Scheme:
    if entry.get("scheme_data"):
        return parse_scheme(entry["scheme_data"])
    return schemes.by_code(str(entry.get("scheme") or ""))


def _score_sheet(entry: Mapping[str, Any], result: dict[str, Any]) -> None:
    scheme = _scheme(entry)
    rows = entry["rows"]
    if not isinstance(rows, list) or not rows:
        raise Refused(N_("自评表没有指标行。"), code="ROW")
    lines = [read_row(data, number) for number, data in enumerate(rows, 1)]
    weight = read_weight(entry.get("wE"), "wE")
    score = score_sheet(
        scheme, [row for row, _marks in lines], read_budget(entry.get("A")), read_number(entry.get("E"), "E"), weight
    )
    result["lines"] = [_line(line) for line in score.lines]
    result["execution_score"] = None if score.execution.score is None else f"{score.execution.score:.2f}"
    result["differences"] = _differences(entry, lines, score)
    _require_complete(scheme, lines, score, weight)
    result["total"] = f"{score.total:.2f}"
    result["grade"] = score.grade


def _require_complete(
    scheme: Scheme, lines: list[tuple[Row, Decimal | None]], score: SheetScore, weight: Decimal | None
) -> None:
    execution = scheme.execution.weight if weight is None else weight
    total = execution + sum((row.weight for row, _marks in lines), Decimal(0))
    if total != FULL_MARKS:
        raise Refused(
            N_("分值合计为 %(total)s 分（预算执行 %(execution)s + 指标 %(lines)s），应为 100 分。"),
            code="Q05",
            total=plain(total),
            execution=plain(execution),
            lines=plain(total - execution),
        )
    if "zero_denominator" in score.execution.flags and score.execution.row[1]:
        raise Refused(N_("全年预算数为 0 而执行数不为 0，请核对预算与执行数据。"), code="Q29")
    if score.total is None:
        missing = [
            str(number)
            for number, line in enumerate(score.lines, 1)
            if line.score is None and "not_applicable" not in line.flags
        ]
        raise _no_total(f"第 {'、'.join(missing)} 行" if missing else "预算数或执行数")


def _no_total(what: str) -> Refused:
    return Refused(N_("%(what)s还没有可以计分的实际值，总分无法确定。"), code="Q23", what=what)


def _differences(
    entry: Mapping[str, Any], lines: list[tuple[Row, Decimal | None]], score: SheetScore
) -> list[dict[str, Any]]:
    printed: list[tuple[Any, Decimal | None, LineScore]] = [
        ("execution", read_number(entry.get("exec"), "exec"), score.execution)
    ]
    printed += [
        (number, marks, line) for number, ((_row_, marks), line) in enumerate(zip(lines, score.lines, strict=True), 1)
    ]
    return [
        {
            "line": number,
            "printed": f"{half_up(marks):.2f}",
            "computed": None if line.score is None else f"{line.score:.2f}",
        }
        for number, marks, line in printed
        if marks is not None and (line.score is None or half_up(marks) != line.score)
    ]


# --- single formulas --------------------------------------------------------------------------


def _score_formula(entry: Mapping[str, Any], result: dict[str, Any]) -> None:
    """Score an entry that states one rule by name instead of a whole sheet."""
    rule = str(entry.get("rule") or "")
    weight = read_weight(entry.get("weight"), "weight")
    if weight is None:
        raise no_weight(1)
    marks = read_number(entry.get("score"), "score")
    if rule.startswith("execution"):
        scheme = schemes.by_code("10-20-40-20-10" if "band" in rule else "10-50-30-10")
        line = score_execution(scheme, read_budget(entry.get("A")), read_number(entry.get("E"), "E"), weight)
        result["execution_score"] = None if line.score is None else f"{line.score:.2f}"
    else:
        line = _score_named(rule, entry, weight)
    result["lines"] = [_line(line)]
    result["total"] = result["lines"][0]["score"]
    if marks is not None and (line.score is None or half_up(marks) != line.score):
        result["differences"] = [
            {"line": 1, "printed": f"{half_up(marks):.2f}", "computed": result["lines"][0]["score"]}
        ]
    if line.score is None:
        raise _no_total("预算数或执行数" if rule.startswith("execution") else "第 1 行")


def _score_named(rule: str, entry: Mapping[str, Any], weight: Decimal) -> LineScore:
    scheme = replace(schemes.by_code("10-50-30-10"), reverse="linear" if "linear" in rule else "ratio")
    sign = next((s for word, s in (("forward", "ge"), ("reverse", "le"), ("equal", "eq")) if rule.startswith(word)), "")
    if not sign:
        raise Refused(N_("规则名“%(rule)s”无法识别。"), code="RULE", rule=rule[:40])
    row = Row(sign, read_number(entry.get("target"), "target"), read_number(entry.get("actual"), "actual"), weight)
    return score_line(scheme, row)


def report(results: list[dict[str, Any]]) -> str:
    """Return results of :func:`score_entry` as text for people."""
    lines: list[str] = []
    for result in results:
        grade = f"（{result['grade']}）" if result["grade"] else ""
        lines.append(f"{result['id'] or '自评表'}：总分 {result['total'] or '无法确定'}{grade}")
        if result["execution_score"] is not None:
            lines.append(f"  预算执行 {result['execution_score']}")
        for number, line in enumerate(result["lines"], 1):
            flags = f"  [{'、'.join(line['flags'])}]" if line["flags"] else ""
            lines.append(f"  {number}. {line['formula']}{flags}")
        lines += [f"  ! {error['code']} {error['message']}" for error in result["errors"]]
        lines += [
            f"  ≠ {difference['line']}：表上 {difference['printed']}，重算 {difference['computed']}"
            for difference in result["differences"]
        ]
    return "\n".join(lines)
