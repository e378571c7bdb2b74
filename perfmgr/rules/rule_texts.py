"""Scoring rules of single lines as short text: how they are typed and shown."""

from decimal import Decimal
from typing import Any

from perfmgr.rules.indicators import parse_rule, rule_data
from perfmgr.rules.numbers import plain
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, half_width

ABSOLUTE = "绝对值"


def read_rule(kind: str, text: str, number: int, field: str) -> dict[str, Any] | None:
    """Return the rule typed for a line; ``field`` is the id of the field it was typed into.

    ``steps``: ``步长/每步扣分`` such as ``5/1`` (a third number: where the gap begins); ``bands``:
    ``界限:比例`` pairs such as ``90:100 80:80 60:50`` with percentages of the marks, with the word
    绝对值 when the distance from zero counts; ``direct`` needs nothing.
    """
    if not kind:
        return None
    parts = half_width(text).replace("，", " ").replace(",", " ").replace(";", " ").replace("%", "").split()
    data: dict[str, Any] = {"type": kind}
    try:
        if kind == "steps":
            step, deduct, *start = parts[0].split("/")
            data |= {"start": start[0] if start else None, "step": step, "deduct": deduct}
        elif kind == "bands":
            pairs = [part.split(":") for part in parts if part != ABSOLUTE]
            data["bands"] = [{"bound": bound, "share": str(Decimal(share) / 100)} for bound, share in pairs]
            data["absolute"] = ABSOLUTE in parts
        return rule_data(parse_rule(data))
    except (ArithmeticError, ValueError, IndexError, Refused) as error:
        raise Refused(
            N_(
                "第 %(number)s 项指标的评分规则参数“%(text)s”无法识别：扣分请写“步长/扣分”如 5/1，分档请写“界限:比例”如 90:100 80:80。"
            ),
            field=field,
            number=number,
            text=text[:60],
        ) from error


def write_rule(data: dict[str, Any] | None) -> tuple[str, str]:
    """Return a stored rule as (type, numbers) in the form in which it is typed."""
    rule = parse_rule(data)
    if rule is None:
        return "", ""
    if rule.type == "steps":
        start = "" if rule.start is None else f"/{plain(rule.start)}"
        return "steps", f"{plain(rule.step)}/{plain(rule.deduct)}{start}"
    if rule.type == "bands":
        bands = [f"{plain(b.bound)}:{plain(b.share * 100)}" for b in rule.bands]
        return "bands", " ".join([*bands, *([ABSOLUTE] if rule.absolute else [])])
    return rule.type, ""
