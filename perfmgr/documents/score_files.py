"""Files of self-evaluation sheets: reading them, scoring each sheet, comparing with the marks printed.

The file format is that of the published vectors: ``A`` adjusted budget, ``E`` executed, ``wE``
marks for budget execution, ``exec`` marks printed, ``rows`` = sign, target, actual, weight,
marks printed. A row may also be an object with ``rule``, ``share`` and ``not_applicable``.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfmgr.documents import schemes
from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE, parse_rule, parse_sign, parse_value
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.refusals import Refused
from perfmgr.rules.schemes import FULL_MARKS, Scheme, parse_scheme
from perfmgr.rules.scoring import LineScore, Row, SheetScore, score_execution, score_line, score_sheet
from perfmgr.rules.texts import N_

LARGEST_FILE = 50 * 1024 * 1024


# --- reading ----------------------------------------------------------------------------------


def read_score_file(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a score file: one entry, a list of entries, or a whole file of vectors.

    Numbers are read as Decimal. Raises Refused with one sentence when the file is no such file.
    """
    name = path.name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Refused(N_("文件“%(name)s”超过 50 MB，请分成几个文件。"), name=name)
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except FileNotFoundError as error:
        raise Refused(N_("找不到文件“%(name)s”，请核对路径。"), name=str(path)) from error
    except IsADirectoryError as error:
        raise Refused(N_("“%(name)s”是一个文件夹，请给出其中的文件。"), name=str(path)) from error
    except PermissionError as error:
        raise Refused(N_("没有权限读取文件“%(name)s”。"), name=str(path)) from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise Refused(N_("文件“%(name)s”不是 UTF-8 编码的 JSON 文件，请核对文件内容。"), name=name) from error
    entries = _entries(data)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(N_("文件“%(name)s”里没有可以计分的自评表（应有 rows、A、E 等字段）。"), name=name)
    return entries


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _entries(data: Any) -> list[Any]:
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return []
    if "vectors" in data or "formula_only" in data:
        vectors, formulas = data.get("vectors") or [], data.get("formula_only") or []
        if isinstance(vectors, list) and isinstance(formulas, list):
            return [
                *vectors,
                *({"id": f"F-{n:02d}", **f} for n, f in enumerate(formulas, 1) if isinstance(f, dict)),
            ]
        return []
    return [data] if "rows" in data or "rule" in data else []


# --- scoring one entry ------------------------------------------------------------------------


class _BadEntry(Exception):
    """An entry cannot be scored; carries the finding."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        self.finding = Finding(code, message, params=params)
        super().__init__(self.finding.sentence())


def _decimal(value: Any, what: str) -> Decimal | None:
    """Return a number of the file; text with a number in it counts, anything else is an error."""
    if value is None or value == "":
        return None
    number = value if isinstance(value, Decimal) else parse_value(str(value))
    if number is None or not number.is_finite() or abs(number) >= Decimal(10) ** 18:
        raise _BadEntry("VALUE", N_("“%(what)s”的值“%(value)s”不是数字，请核对。"), what=what, value=str(value)[:40])
    return number


def _row(data: Any, number: int) -> tuple[Row, Decimal | None]:
    """Return the scoring row of one line of the file and the marks printed in it."""
    if isinstance(data, list) and len(data) in (4, 5):
        names = ("sign", "target", "actual", "weight", "marks")
        data = dict(zip(names, data, strict=False))
    if not isinstance(data, Mapping):
        raise _BadEntry("ROW", N_("第 %(number)s 行应为“符号、目标、实际、分值、得分”五项。"), number=number)
    sign = parse_sign(str(data.get("sign", "")))
    if sign is None:
        raise _BadEntry(
            "Q02", N_("第 %(number)s 行的符号“%(sign)s”无法识别。"), number=number, sign=str(data.get("sign"))[:10]
        )
    qualitative = sign == QUALITATIVE
    weight = _decimal(data.get("weight"), f"第 {number} 行分值")
    if weight is None or weight < 0:
        raise _BadEntry("Q05", N_("第 %(number)s 行没有分值，请填写不小于 0 的分值。"), number=number)
    share = _decimal(data.get("share"), f"第 {number} 行比例")
    try:
        rule = parse_rule(data.get("rule"))
    except Refused as refusal:
        raise _BadEntry("RULE", refusal.findings[0].message) from refusal
    row = Row(
        sign=sign,
        target=None if qualitative else _decimal(data.get("target"), f"第 {number} 行目标值"),
        actual=None if qualitative else _decimal(data.get("actual"), f"第 {number} 行实际值"),
        weight=weight,
        rule=rule,
        tier=str(data.get("target") or "") if qualitative else "",
        share=share,
        not_applicable=bool(data.get("not_applicable")),
    )
    return row, _decimal(data.get("marks"), f"第 {number} 行得分")


def _scheme(entry: Mapping[str, Any]) -> Scheme:
    if entry.get("scheme_data"):
        return parse_scheme(entry["scheme_data"])
    return schemes.by_code(str(entry.get("scheme") or ""))


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
    except _BadEntry as bad:
        result["errors"].append(_error(bad.finding))
    except Refused as refusal:
        result["errors"] += [_error(finding) for finding in refusal.findings]
    return result


def _error(finding: Finding) -> dict[str, str]:
    return {"code": finding.code or "ENTRY", "message": finding.sentence()}


def _line(line: LineScore) -> dict[str, Any]:
    score = None if line.score is None else f"{line.score:.2f}"
    return {"score": score, "formula": line.formula, "flags": list(line.flags)}


def _score_sheet(entry: Mapping[str, Any], result: dict[str, Any]) -> None:
    scheme = _scheme(entry)
    rows = entry["rows"]
    if not isinstance(rows, list) or not rows:
        raise _BadEntry("ROW", N_("自评表没有指标行。"))
    lines = [_row(data, number) for number, data in enumerate(rows, 1)]
    weight = _decimal(entry.get("wE"), "wE")
    score = score_sheet(
        scheme, [row for row, _marks in lines], _decimal(entry.get("A"), "A"), _decimal(entry.get("E"), "E"), weight
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
        raise _BadEntry(
            "Q05",
            N_("分值合计为 %(total)s 分（预算执行 %(execution)s + 指标 %(lines)s），应为 100 分。"),
            total=plain(total),
            execution=plain(execution),
            lines=plain(total - execution),
        )
    if "zero_denominator" in score.execution.flags and score.execution.row[1]:
        raise _BadEntry("Q29", N_("全年预算数为 0 而执行数不为 0，请核对预算与执行数据。"))
    if score.total is None:
        missing = [
            str(number)
            for number, line in enumerate(score.lines, 1)
            if line.score is None and "not_applicable" not in line.flags
        ]
        what = f"第 {'、'.join(missing)} 行" if missing else "预算数或执行数"
        raise _BadEntry("Q23", N_("%(what)s还没有可以计分的实际值，总分无法确定。"), what=what)


def _differences(
    entry: Mapping[str, Any], lines: list[tuple[Row, Decimal | None]], score: SheetScore
) -> list[dict[str, Any]]:
    printed: list[tuple[Any, Decimal | None, LineScore]] = [
        ("execution", _decimal(entry.get("exec"), "exec"), score.execution)
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
    weight = _decimal(entry.get("weight"), "weight") or Decimal(0)
    if rule.startswith("execution"):
        scheme = schemes.by_code("10-20-40-20-10" if "band" in rule else "10-50-30-10")
        line = score_execution(scheme, _decimal(entry.get("A"), "A"), _decimal(entry.get("E"), "E"), weight)
        result["execution_score"] = None if line.score is None else f"{line.score:.2f}"
    else:
        line = _score_named(rule, entry, weight)
    result["lines"] = [_line(line)]
    result["total"] = result["lines"][0]["score"]
    marks = _decimal(entry.get("score"), "score")
    if marks is not None and (line.score is None or half_up(marks) != line.score):
        result["differences"] = [
            {"line": 1, "printed": f"{half_up(marks):.2f}", "computed": result["lines"][0]["score"]}
        ]


def _score_named(rule: str, entry: Mapping[str, Any], weight: Decimal) -> LineScore:
    data = {**schemes.built_in_data("10-50-30-10"), "reverse": "linear" if "linear" in rule else "ratio"}
    sign = next((s for word, s in (("forward", "ge"), ("reverse", "le"), ("equal", "eq")) if rule.startswith(word)), "")
    if not sign:
        raise _BadEntry("RULE", N_("规则名“%(rule)s”无法识别。"), rule=rule[:40])
    row = Row(sign, _decimal(entry.get("target"), "target"), _decimal(entry.get("actual"), "actual"), weight)
    return score_line(parse_scheme(data), row)


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
