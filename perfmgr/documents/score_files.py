"""Files of self-evaluation sheets: finding the sheets in a file, and reading their figures and rows.

The file format is that of the published vectors: ``A`` adjusted budget, ``E`` executed, ``wE``
marks for budget execution, ``exec`` marks printed, ``rows`` = sign, target, actual, weight,
marks printed. A row may also be an object with ``rule``, ``share`` and ``not_applicable``.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from perfmgr.rules.indicators import QUALITATIVE, parse_rule, parse_sign, parse_value
from perfmgr.rules.numbers import decimals
from perfmgr.rules.refusals import Refused
from perfmgr.rules.scoring import Row
from perfmgr.rules.texts import N_

LARGEST_FILE = 50 * 1024 * 1024
# Wide and fine enough for yuan and for what floats leave behind, short enough to be printed in a formula.
_LARGEST, _FINEST = 10**18, 30


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
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refused(N_("找不到文件“%(name)s”，请核对路径。"), name=str(path)) from error
    except IsADirectoryError as error:
        raise Refused(N_("“%(name)s”是一个文件夹，请给出其中的文件。"), name=str(path)) from error
    except OSError as error:
        raise Refused(N_("打不开文件“%(name)s”，请核对文件名和读取权限。"), name=str(path)[:80]) from error
    except (ValueError, RecursionError, InvalidOperation) as error:
        # Undecodable bytes, broken JSON, lists nested too deep, and exponents that Decimal cannot hold.
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
                *({"id": f"F-{n:02d}", **f} if isinstance(f, dict) else f for n, f in enumerate(formulas, 1)),
            ]
        return []
    return [data] if "rows" in data or "rule" in data else []


# --- figures and rows --------------------------------------------------------------------------


def read_number(value: Any, what: str) -> Decimal | None:
    """Return a number of the file; text with a number in it counts, anything else is refused."""
    if value is None or value == "":
        return None
    number = value if isinstance(value, Decimal) else parse_value(str(value))
    if number is None or not number.is_finite() or abs(number) >= _LARGEST or decimals(number) > _FINEST:
        raise Refused(N_("“%(what)s”的值“%(value)s”不是数字，请核对。"), code="VALUE", what=what, value=str(value)[:40])
    return number


def read_weight(value: Any, what: str) -> Decimal | None:
    """Return marks: not negative, in hundredths as on the forms, so that the printed lines add up."""
    number = _not_negative(value, what, "Q05")
    if number is not None and decimals(number) > 2:
        raise Refused(N_("“%(what)s”最多两位小数，现在是“%(value)s”。"), code="Q05", what=what, value=str(value)[:40])
    return number


def read_budget(value: Any) -> Decimal | None:
    """Return the adjusted budget, which is never negative (spending may be, by refunds)."""
    return _not_negative(value, "A", "Q29")


def _not_negative(value: Any, what: str, code: str) -> Decimal | None:
    number = read_number(value, what)
    if number is not None and number < 0:
        raise Refused(N_("“%(what)s”不能是负数，现在是“%(value)s”。"), code=code, what=what, value=str(value)[:40])
    return number


def _share(value: Any, what: str) -> Decimal | None:
    number = read_number(value, what)
    if number is not None and not 0 <= number <= 1:
        raise Refused(
            N_("“%(what)s”应在 0 到 1 之间，现在是“%(value)s”。"), code="Q24", what=what, value=str(value)[:40]
        )
    return number


def no_weight(number: int) -> Refused:
    """Return the refusal of a line without marks to earn."""
    return Refused(N_("第 %(number)s 行没有分值，请填写不小于 0 的分值。"), code="Q05", number=number)


def read_row(data: Any, number: int) -> tuple[Row, Decimal | None]:
    """Return the scoring row of one line of the file and the marks printed in it."""
    if isinstance(data, list) and len(data) in (4, 5):
        names = ("sign", "target", "actual", "weight", "marks")
        data = dict(zip(names, data, strict=False))
    if not isinstance(data, Mapping):
        raise Refused(N_("第 %(number)s 行应为“符号、目标、实际、分值、得分”五项。"), code="ROW", number=number)
    sign = parse_sign(str(data.get("sign", "")))
    if sign is None:
        raise Refused(
            N_("第 %(number)s 行的符号“%(sign)s”无法识别。"),
            code="Q02",
            number=number,
            sign=str(data.get("sign"))[:10],
        )
    qualitative = sign == QUALITATIVE
    weight = read_weight(data.get("weight"), f"第 {number} 行分值")
    if weight is None:
        raise no_weight(number)
    row = Row(
        sign=sign,
        target=None if qualitative else read_number(data.get("target"), f"第 {number} 行目标值"),
        actual=None if qualitative else read_number(data.get("actual"), f"第 {number} 行实际值"),
        weight=weight,
        rule=parse_rule(data.get("rule")),
        tier=str(data.get("target") or "") if qualitative else "",
        share=_share(data.get("share"), f"第 {number} 行比例"),
        not_applicable=bool(data.get("not_applicable")),
    )
    return row, read_number(data.get("marks"), f"第 {number} 行得分")
