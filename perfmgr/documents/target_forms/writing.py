"""Writing one project as the official form, as it looks in print, with the columns the system needs."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perfmgr.documents.target_forms.styles import Choices, Styles, attribute_name, join, put, put_day, put_number
from perfmgr.rules.import_indicators import RULE_NAMES
from perfmgr.rules.import_targets import borrowed, term_text
from perfmgr.rules.indicators import QUALITATIVE, SYMBOLS
from perfmgr.rules.money import WAN
from perfmgr.rules.projects import CATEGORIES, FUND_SOURCES
from perfmgr.rules.rule_texts import write_rule
from perfmgr.rules.schemes import Scheme

WIDTHS = (11, 13, 16, 28, 9, 13, 10, 8, 11, 15, 24)
LAST = len(WIDTHS) - 1
FISCAL = ("general_public", "government_fund", "state_capital")
TITLES = {"national": "项目支出绩效目标申报表", "yuan": "财政项目支出绩效目标申报表"}
SPARE = {"indicators": 5, "steps": 2, "bases": 2}
EMPTY = {"indicators": 15, "steps": 6, "bases": 4}


@dataclass(frozen=True)
class Form:
    """One project as it is written: the values as in ``rules.import_checks``, and the names around them."""

    year: int
    scheme: Scheme
    values: dict[str, Any] = field(default_factory=dict)
    unit: str = ""
    department: str = ""
    department_code: str = ""

    def part(self, name: str) -> dict[str, Any]:
        """Return a group of values, empty in a template."""
        found: dict[str, Any] = self.values.get(name) or {}
        return found

    def rows(self, name: str) -> list[list[Any]]:
        """Return the lines of a table."""
        found: list[list[Any]] = self.values.get(name) or []
        return found


class FormWriter:
    """Writes a form into a sheet from top to bottom."""

    def __init__(self, sheet: Any, styles: Styles, choices: Choices, form: Form, layout: str) -> None:
        self.sheet, self.styles, self.choices, self.form = sheet, styles, choices, form
        self.yuan = layout == "yuan"
        self.layout = layout
        self.row = 0

    def write(self) -> None:
        """Write the whole form and set up its page."""
        sheet = self.sheet
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        self._title()
        self._identity()
        self._money()
        self._goals()
        self._indicators()
        sheet.set_h_pagebreaks([self.row])
        self._narrative()
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.print_area(0, 0, self.row - 1, LAST)

    def _join(self, left: int, right: int, text: str | None, style: Any, rows: int = 1) -> None:
        join(self.sheet, (self.row, left, self.row + rows - 1, right), text, style)

    def _height(self, text: str | None, width: int, least: int = 20) -> None:
        """Make the row high enough for text in a merged area, which no program does by itself."""
        lines = sum(1 + 2 * len(line) // max(1, width - 2) for line in (text or "").split("\n"))
        self.sheet.set_row(self.row, min(400, max(least, 16 * lines + 4)))

    def _title(self) -> None:
        self._join(0, LAST, TITLES[self.layout], self.styles.title)
        self.sheet.set_row(0, 30)
        self.row = 1
        self._join(0, LAST, f"（{self.form.year}年度）", self.styles.year)
        self.row = 2
        self._join(0, LAST, "金额单位：元" if self.yuan else "金额单位：万元", self.styles.note)
        self.row = 3

    # --- head ---------------------------------------------------------------------------------

    def _pair(self, left: tuple[str, str, str], right: tuple[str, str, str]) -> None:
        """Write two labels with their values; each is (label, value, name of its drop-down or "day")."""
        self._height(left[1], 66, 24)
        for (label, value, kind), at in ((left, (0, 1, 2, 4)), (right, (5, 6, 7, LAST))):
            self._join(at[0], at[1], label, self.styles.label)
            self._join(at[2], at[3], value, self.styles.text)
            if kind == "day":
                put_day(self.sheet, self.row, at[2], value, self.styles.day)
            elif kind:
                self.sheet.data_validation(self.row, at[2], self.row, at[2], self.choices.validation(kind))
        self.row += 1

    def _identity(self) -> None:
        form, project = self.form, self.form.part("project")
        category = ("项目类别", CATEGORIES.get(project.get("category", ""), ""), "category")
        attribute = ("项目属性", attribute_name(project.get("attribute", "")), "attribute")
        function = ("功能分类", project.get("function_code") or "", "")
        self._pair(("项目名称", project.get("name", ""), ""), ("项目代码", project.get("code", ""), ""))
        department = form.department if self.yuan else " ".join(filter(None, (form.department, form.department_code)))
        self._pair(("主管部门" if self.yuan else "主管部门及代码", department, ""), ("实施单位", form.unit, ""))
        start, end, own = self._term()
        if self.yuan:
            kind = "day" if own else ""
            days = [text if own else borrowed(text) for text in (start, end)]
            self._pair(("项目性质", _nature(start, end) if project else "", "nature"), category)
            self._pair(attribute, function)
            self._pair(("计划开始日期", days[0], kind), ("计划完成日期", days[1], kind))
        else:
            term = term_text(start, end)
            self._pair(attribute, category)
            self._pair(("项目期", term if own else borrowed(term), ""), function)

    def _term(self) -> tuple[str, str, bool]:
        """Return the project's term; without one the declaration's period, and False, as it is not the project's own."""
        project, period = self.form.part("project"), self.form.part("period")
        own = bool(project.get("start_on") or project.get("end_on") or not any(period.values()))
        found = project if own else period
        return found.get("start_on") or "", found.get("end_on") or "", own

    def _amount(self, column: int, right: int, yuan: Decimal | None) -> None:
        style = self.styles.money if self.yuan else self.styles.wan
        self._join(column, right, None, style)
        value = yuan if yuan is None or self.yuan else yuan / WAN
        put_number(self.sheet, self.row, column, value, style, self.styles.text)

    def _money(self) -> None:
        project = self.form.part("project")
        funds = {source: Decimal(amount) for source, amount in self.form.part("funds").items()}
        fiscal = sum((funds.get(source, Decimal(0)) for source in FISCAL), Decimal(0))
        total = Decimal(project["total_amount"]) if project.get("total_amount") else None
        whole = sum(funds.values(), Decimal(0)) if funds else None
        kind = "当年财政拨款" if self.yuan else "财政拨款"
        left: list[tuple[str, Decimal | None]] = [
            ("项目资金总额" if self.yuan else "中期资金总额", total),
            ("其中：财政资金" if self.yuan else "其中：财政拨款", None),
            ("　　　其他资金", None),
        ]
        right: list[tuple[str, Decimal | None]] = [
            ("年度资金申请总额" if self.yuan else "年度资金总额", whole),
            (f"其中：{kind}", fiscal if fiscal else None),
            *((f"　　　　{FUND_SOURCES[source]}", funds.get(source)) for source in FISCAL),
            ("　　　上年结转资金", funds.get("carry_over")),
            ("　　　其他资金", funds.get("other")),
        ]
        self._join(0, 0, "项目资金\n（元）" if self.yuan else "项目资金\n（万元）", self.styles.label, len(right))
        for n, (label, amount) in enumerate(right):
            name, value = left[n] if n < len(left) else ("", None)
            self._join(1, 2, name, self.styles.part)
            self._amount(3, 3, value)
            self._join(4, 6, label, self.styles.part)
            self._amount(7, LAST, amount)
            self.row += 1

    def _goals(self) -> None:
        project, texts = self.form.part("project"), self.form.part("texts")
        start, end, _own = self._term()
        years = f"（{start[:4]}年—{end[:4]}年）" if start and end else ""
        self._join(0, 0, "项目绩效目标" if self.yuan else "总体目标", self.styles.label, 2)
        self._join(1, 3, ("项目总体目标" if self.yuan else "中期目标") + years, self.styles.label)
        self._join(4, LAST, "年度总体目标" if self.yuan else "年度目标", self.styles.label)
        self.row += 1
        whole, year = project.get("goals_total"), texts.get("goals")
        self._height(max(whole or "", year or "", key=len), 60, 80)
        self._join(1, 3, whole, self.styles.long)
        self._join(4, LAST, year, self.styles.long)
        self.row += 1

    # --- tables -------------------------------------------------------------------------------

    def _lines(self, name: str) -> list[list[Any] | None]:
        rows = self.form.rows(name)
        spare = SPARE[name] if self.form.values else EMPTY[name]
        return [*rows, *([None] * spare)]

    def _indicators(self) -> None:
        lines, styles = self._lines("indicators"), self.styles
        self._join(0, 0, "绩效指标", styles.label, len(lines) + 2)
        for column, label in enumerate(("一级指标", "二级指标", "三级指标"), 1):
            self._join(column, column, label, styles.label, 2)
        self._join(4, 6, "年度（/项目）指标值" if self.yuan else "年度指标值", styles.label)
        for column, label in enumerate(("分值", "评分规则", "规则参数", "数据来源与佐证"), 7):
            self._join(column, column, label, styles.label, 2)
        self.row += 1
        for column, label in enumerate(("符号", "指标值", "计量单位"), 4):
            put(self.sheet, self.row, column, label, styles.label)
        self.row += 1
        first = self.row
        for line in lines:
            self._height(max(line[2] or "", line[9] or "", key=len) if line else "", 26, 24)
            write_indicator(self.sheet, self.row, 1, line, self.form.scheme, styles)
            self.row += 1
        for column, name in ((1, "first"), (2, "second"), (4, "sign"), (8, "rule")):
            self.sheet.data_validation(first, column, self.row - 1, column, self.choices.validation(name))

    def _narrative(self) -> None:
        texts, period = self.form.part("texts"), self.form.part("period")
        self._join(0, LAST, "项目申报文本", self.styles.heading)
        self.sheet.set_row(self.row, 28)
        self.row += 1
        self._text("项目概述", texts.get("overview"))
        self._bases()
        self._text("立项理由", texts.get("rationale"))
        self._text("实施主体", texts.get("body"))
        self._text("实施方案", texts.get("plan"))
        self._steps()
        for left, label, name in ((0, "实施周期开始", "start_on"), (5, "实施周期结束", "end_on")):
            self._join(left, left + 1, label, self.styles.label)
            self._join(left + 2, 4 if left == 0 else LAST, None, self.styles.day)
            put_day(self.sheet, self.row, left + 2, period.get(name), self.styles.day)
        self.row += 1

    def _text(self, label: str, text: str | None) -> None:
        self._height(text, 150, 48)
        put(self.sheet, self.row, 0, label, self.styles.label)
        self._join(1, LAST, text, self.styles.long)
        self.row += 1

    def _bases(self) -> None:
        lines = self._lines("bases")
        self._join(0, 0, "立项依据", self.styles.label, len(lines) + 1)
        self._join(1, 6, "文件名称", self.styles.label)
        self._join(7, LAST, "文号", self.styles.label)
        self.row += 1
        for line in lines:
            title, number = line or ("", "")
            self._height(title, 88)
            self._join(1, 6, title, self.styles.text)
            self._join(7, LAST, number, self.styles.text)
            self.row += 1

    def _steps(self) -> None:
        lines, styles = self._lines("steps"), self.styles
        self._join(0, 0, "步骤和计划", styles.label, len(lines) + 1)
        for left, right, label in ((1, 6, "步骤内容"), (7, 8, "开始日期"), (9, 9, "结束日期"), (10, 10, "责任人")):
            self._join(left, right, label, styles.label)
        self.row += 1
        for line in lines:
            content, start, end, responsible = line or ("", None, None, "")
            self._height(content, 88, 24)
            self._join(1, 6, content, styles.long)
            self._join(7, 8, None, styles.day)
            put_day(self.sheet, self.row, 7, start, styles.day)
            put_day(self.sheet, self.row, 9, end, styles.day)
            put(self.sheet, self.row, 10, responsible, styles.text)
            self.row += 1


def write_indicator(
    sheet: Any, row: int, first: int, line: list[Any] | None, scheme: Scheme, styles: Styles, plain: bool = False
) -> None:
    """Write one indicator from column ``first`` on, empty when None; ``plain`` without borders, for lists."""
    text, centre = (styles.cell, styles.cell) if plain else (styles.text, styles.centre)
    number = None if plain else styles.number
    if line is None:
        for column, style in enumerate((text, text, text, centre, centre, centre, number, centre, text, text), first):
            sheet.write_blank(row, column, None, style)
        return
    category, subcategory, name, sign, value, words, unit, weight, rule, evidence = line
    known = scheme.category(category)
    kind, numbers = write_rule(rule)
    put(sheet, row, first, known.name if known else category, text)
    put(sheet, row, first + 1, subcategory, text)
    put(sheet, row, first + 2, name, text)
    put(sheet, row, first + 3, SYMBOLS[sign], centre)
    if sign == QUALITATIVE or value is None:
        put(sheet, row, first + 4, words, centre)
    else:
        put_number(sheet, row, first + 4, value, number, centre)
    put(sheet, row, first + 5, unit, centre)
    put_number(sheet, row, first + 6, weight, number, centre)
    put(sheet, row, first + 7, RULE_NAMES[kind] if kind else "", centre)
    put(sheet, row, first + 8, numbers, text)
    put(sheet, row, first + 9, evidence, text)


def _nature(start: str, end: str) -> str:
    """Return the 项目性质 of a term: one year, several years, or without end."""
    if not end:
        return "经常性项目"
    return "一次性项目" if start[:4] == end[:4] else "阶段性项目"
