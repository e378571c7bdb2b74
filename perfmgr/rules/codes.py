"""The field's codes: project code, budget-unit code, functional classification."""

import re

from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_, half_width

# ASCII: a code is compared and joined as text, so the digits of other scripts must not pass.
# 8.4 of the field's rules: 6 digits 行政区划, 2 digits year, 1 letter, 12 digits serial number.
_PROJECT = re.compile(r"(\d{6})(\d{2})([RYT])(\d{12})", re.ASCII)
_UNIT = re.compile(r"\d{3}(\d{3}){0,3}", re.ASCII)
_FUNCTION = re.compile(r"\d{3}(\d{2}){0,2}", re.ASCII)

# Letter of the project code for each 项目类别. R and T were seen in published forms, Y is the remaining one.
CATEGORY_LETTERS = {"staff": "R", "public": "Y", "other_operation": "Y", "specific": "T"}


def tidy(code: str) -> str:
    """Return a code as it is stored: half-width, upper case, without blanks."""
    return "".join(half_width(code).split()).upper()


def check_project_code(code: str, category: str) -> Finding | None:
    """Return what is wrong with a tidied 项目代码 for a project of this category, or None."""
    match = _PROJECT.fullmatch(code)
    if not match:
        return Finding(
            "CODE",
            N_("“项目代码”应为 21 位：6 位区划、2 位年份、1 位字母、12 位流水号；现在是 %(count)s 位“%(code)s”。"),
            "code",
            params={"count": len(code), "code": code[:30]},
        )
    letter = CATEGORY_LETTERS[category]
    if match[3] != letter:
        return Finding(
            "CODE",
            N_("“项目代码”第 9 位是 %(found)s，与所选项目类别应有的 %(letter)s 不符，请核对代码或类别。"),
            "code",
            params={"found": match[3], "letter": letter},
        )
    return None


def make_project_code(area: str, year: int, category: str, serial: int) -> str:
    """Return a project code of our own for one that has none yet.

    ``serial`` is placed behind a 9, a range in which no code of the budget platform has been seen.
    """
    return f"{area[:6]:0<6}{year % 100:02d}{CATEGORY_LETTERS[category]}9{serial:011d}"


def check_unit_code(code: str) -> Finding | None:
    """Return what is wrong with a tidied 预算单位编码 (three digits per level), or None."""
    if _UNIT.fullmatch(code):
        return None
    return Finding(
        "CODE",
        N_("“预算单位编码”每级 3 位数字，例如部门 219、单位 219001；现在是“%(code)s”。"),
        "code",
        params={"code": code[:30]},
    )


def check_function_code(code: str) -> Finding | None:
    """Return what is wrong with a tidied 功能分类 code (类 3, 款 5 or 项 7 digits), or None."""
    if _FUNCTION.fullmatch(code):
        return None
    return Finding(
        "CODE",
        N_("“功能分类编码”应为类 3 位、款 5 位或项 7 位数字，例如 2013202；现在是“%(code)s”。"),
        "code",
        params={"code": code[:30]},
    )


def function_level(code: str) -> str:
    """Return 类, 款 or 项 for a function code of 3, 5 or 7 digits."""
    return {3: "类", 5: "款", 7: "项"}[len(code)]
