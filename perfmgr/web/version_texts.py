"""Values of frozen versions as pages print them, in the page's language."""

import datetime as dt
from decimal import Decimal
from typing import Any

from perfmgr.queries import schemes
from perfmgr.rules.attachments import KINDS
from perfmgr.rules.dates import chinese
from perfmgr.rules.money import wan
from perfmgr.rules.numbers import quantity
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, FUND_SOURCES
from perfmgr.web.language import english, gettext
from perfmgr.web.rule_texts import write_rule

RULES = {"": "按符号", "direct": "直接赋分", "steps": "按差距扣分", "bands": "分档计分"}
_NAMES = {"source": FUND_SOURCES, "project_category": CATEGORIES, "attribute": ATTRIBUTES, "attachment_kind": KINDS}


def version_value(kind: str, value: Any, scheme_id: int) -> str:
    """Return a value of a frozen version; an empty string for none. Amounts are in 万元."""
    if value in ("", None):
        return ""
    if kind in _NAMES:
        return gettext(_NAMES[kind].get(value, value))
    if kind == "amount":
        return wan(Decimal(value))
    if kind == "number":
        return quantity(Decimal(value))
    if kind == "date":
        return str(value) if english() else chinese(dt.date.fromisoformat(value))
    if kind == "category":
        category = schemes.by_id(scheme_id).category(value)
        return value if category is None else category.name_en if english() else category.name
    if kind == "rule":
        name, numbers = write_rule(value)
        return f"{gettext(RULES[name])} {numbers}".strip()
    return str(value)
