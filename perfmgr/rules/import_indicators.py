"""Checking the indicator table of an uploaded form, line by line."""

from decimal import Decimal
from typing import Any, NamedTuple

from perfmgr.rules.findings import INFO, WARNING
from perfmgr.rules.import_fields import Fields, text_of
from perfmgr.rules.import_targets import LONGEST_UNIT, read_target
from perfmgr.rules.imports import Line
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS, parse_sign, parse_value
from perfmgr.rules.numbers import decimals, plain
from perfmgr.rules.refusals import Refused
from perfmgr.rules.rule_texts import read_rule
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, clean_line, half_width, same_name

MOST_LINES = 200
RULE_NAMES = {"": "按符号", "direct": "直接赋分", "steps": "按差距扣分", "bands": "分档计分"}
_RULES = {name: kind for kind, name in RULE_NAMES.items()}
SIGN_NAMES = tuple(SYMBOLS.values())


class CategoryNames(NamedTuple):
    """Categories of a scheme by every spelling of their names, and by the names of their second level."""

    first: dict[str, str]
    second: dict[str, str]
    allowed: str


def category_names(scheme: Scheme) -> CategoryNames:
    """Return the names under which the categories of a scheme are recognised."""
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    for category in scheme.categories:
        for name in (category.code, category.name, category.name_en, category.name.removesuffix("指标")):
            first[name] = first[same_name(name)] = category.code
        for child in category.children:
            second.setdefault(same_name(child), category.code)
            second.setdefault(same_name(child.removesuffix("指标")), category.code)
    return CategoryNames(first, second, "、".join(category.name for category in scheme.categories))


def indicators(fields: Fields, lines: list[Line], names: CategoryNames) -> list[list[Any]]:
    """Return the indicators in the order of ``ROW_PARTS``; empty lines are passed over."""
    if len(lines) > MOST_LINES:
        sentence = N_("一个项目最多 %(most)s 行，请合并或删减。")
        fields.refuse(lines[MOST_LINES], "name", sentence, most=MOST_LINES)
    found: list[list[Any]] = []
    for line in lines[:MOST_LINES]:
        if any(line.text(name).strip() for name in ("name", "target", "unit", "weight", "evidence")):
            found.append(_indicator(fields, line, names, len(found) + 1))
    return found


def _indicator(fields: Fields, line: Line, names: CategoryNames, number: int) -> list[Any]:
    category, subcategory = _category(fields, line, names)
    name = fields.line(line, "name")
    if not name:
        fields.refuse(line, "name", N_("“三级指标”不能为空，请填写指标名称。"))
    sign, value, words, unit = _target(fields, line)
    weight = fields.number(line, "weight", 2, 1000)
    return [
        category,
        subcategory,
        name,
        sign,
        text_of(value),
        words,
        unit,
        plain(weight) if weight is not None else "0",
        _rule(fields, line, number),
        fields.line(line, "evidence"),
    ]


def _category(fields: Fields, line: Line, names: CategoryNames) -> tuple[str, str]:
    """Return the scheme's category, and the second level; a second level in the first column finds its own."""
    text, subcategory = line.text("category").strip(), fields.line(line, "subcategory")
    category = names.first.get(text) or names.first.get(same_name(text), "")
    if not category and text:
        category = names.second.get(same_name(text), "")
        subcategory = subcategory or (clean_line(text) if category else "")
    if not category:
        sentence = (
            N_("“一级指标”填的是“%(text)s”，本年度评分方案里应为 %(allowed)s 之一。")
            if text
            else N_("“一级指标”不能为空，应为 %(allowed)s 之一。")
        )
        fields.refuse(line, "category", sentence, text=clean_line(text)[:40], allowed=names.allowed)
    return category, subcategory


def _target(fields: Fields, line: Line) -> tuple[str, Decimal | None, str, str]:
    """Return sign, number, words and unit of the target, from columns of their own or from one cell."""
    unit, written = fields.line(line, "unit"), line.text("sign").strip()
    text = fields.line(line, "target")
    if not written:
        return _one_cell(fields, line, text, unit)
    sign = parse_sign(written)
    if sign is None:
        sentence = N_("符号“%(sign)s”无法识别，请从 ≥ ＞ ＝ ＜ ≤ 定性 中选一个。")
        fields.refuse(line, "sign", sentence, sign=clean_line(written)[:10])
        return QUALITATIVE, None, text, unit
    if sign == QUALITATIVE or not text:
        return sign, None, text, unit
    value = parse_value(text)
    if value is None:
        # ≥95% although the sign has a column of its own: the same sign twice is no contradiction.
        again = read_target(text)
        if again.sign == sign and not again.guessed:
            value, unit = again.value, unit or again.unit
    if value is None or decimals(value) > 6 or abs(value) >= 10**12:
        sentence = N_("目标值“%(text)s”不是数字；定量指标请填数字，定性指标请把符号选为“定性”。")
        fields.refuse(line, "target", sentence, text=text[:40])
        return sign, None, "", unit
    return sign, value, "", unit or ("%" if half_width(text).endswith("%") else "")


def _one_cell(fields: Fields, line: Line, text: str, unit: str) -> tuple[str, Decimal | None, str, str]:
    """Read a target such as ≥95% that an official form has in one cell."""
    if not text:
        fields.refuse(line, "target", N_("指标没有目标值，请填写符号和目标值，例如 ≥ 和 95。"))
        return QUALITATIVE, None, "", unit
    target = read_target(text)
    if target.sign == QUALITATIVE:
        return QUALITATIVE, None, text, unit
    if target.value is None or decimals(target.value) > 6 or abs(target.value) >= 10**12:
        fields.refuse(line, "target", N_("目标值“%(text)s”过大或过细，请核对单位。"), text=text[:40])
        return target.sign, None, "", unit
    if target.misread:
        sentence = N_("目标值“%(text)s”可能是“≥%(meant)s%%”被误识别而成，请核对。")
        fields.refuse(line, "target", sentence, level=INFO, code="Q34", text=text[:40], meant=target.misread)
    elif target.guessed:
        sentence = N_("目标值“%(text)s”没有写符号，将按“＝”导入，请核对。")
        fields.refuse(line, "target", sentence, level=WARNING, text=text[:40])
    return target.sign, target.value, "", (unit or target.unit)[:LONGEST_UNIT]


def _rule(fields: Fields, line: Line, number: int) -> dict[str, Any] | None:
    text = line.text("rule").strip()
    if not text:
        return None
    kind = _RULES.get(text)
    if kind is None:
        sentence = N_("“评分规则”填的是“%(text)s”，应为 %(allowed)s 之一。")
        fields.refuse(line, "rule", sentence, text=clean_line(text)[:40], allowed="、".join(_RULES))
        return None
    try:
        return read_rule(kind, line.text("rule_numbers"), number, "") if kind else None
    except Refused as refusal:
        finding = refusal.findings[0]
        fields.refuse(line, "rule_numbers", finding.message, **finding.params)
        return None
