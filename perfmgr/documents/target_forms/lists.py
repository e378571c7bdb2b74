"""The list layout: one workbook with a sheet for projects and one each for what belongs to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from perfmgr.documents.target_forms.labels import in_yuan, plain
from perfmgr.rules.import_checks import SOURCE_NAMES
from perfmgr.rules.imports import Draft, Line, Source, at_cell
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean_line, same_name

PROJECTS, FUNDS, BASES, STEPS, INDICATORS = "项目", "资金", "依据", "步骤", "指标"
KEY, CODE = "项目序号", "项目代码"
# Heading and field of every column, in the order in which they are written.
COLUMNS: dict[str, dict[str, str]] = {
    PROJECTS: {
        KEY: "key",
        CODE: "code",
        "项目名称": "name",
        "实施单位": "unit_name",
        "年度": "year",
        "项目类别": "category",
        "项目属性": "attribute",
        "功能分类": "function_code",
        "项目期开始": "start_on",
        "项目期结束": "end_on",
        "项目总额": "total_amount",
        "项目总目标": "goals_total",
        "年度总体目标": "goals",
        "项目概述": "overview",
        "立项理由": "rationale",
        "实施主体": "body",
        "实施方案": "plan",
        "实施周期开始": "period_start",
        "实施周期结束": "period_end",
    },
    FUNDS: {KEY: "key", "资金来源": "source", "金额": "amount"},
    STEPS: {KEY: "key", "步骤内容": "content", "开始日期": "start_on", "结束日期": "end_on", "责任人": "responsible"},
    BASES: {KEY: "key", "文件名称": "title", "文号": "number"},
    INDICATORS: {
        KEY: "key",
        "一级指标": "category",
        "二级指标": "subcategory",
        "三级指标": "name",
        "符号": "sign",
        "指标值": "target",
        "计量单位": "unit",
        "分值": "weight",
        "评分规则": "rule",
        "规则参数": "rule_numbers",
        "数据来源与佐证": "evidence",
    },
}
MUST = {PROJECTS: ("项目名称",), FUNDS: ("资金来源", "金额"), STEPS: ("步骤内容",), BASES: ("文件名称",)}
MUST[INDICATORS] = ("一级指标", "三级指标", "指标值")
MONEY = ("项目总额", "金额")
ASKED = {"tables": list(COLUMNS), "keys": [KEY, CODE], "must": [PROJECTS, INDICATORS], "most": 500}


class ListReader:
    """Makes projects from the records of the child process."""

    def __init__(self, tables: Mapping[str, Any], name: str) -> None:
        self.places: dict[str, dict[str, int]] = {}
        self.formulas = {table: about["formulas"] for table, about in tables.items()}
        self.wan = True
        for table, about in tables.items():
            titles = [plain(title) for title in about["head"]]
            missing = [title for title in MUST[table] if title not in titles]
            if missing:
                raise Refused(
                    N_(
                        "“%(name)s”的“%(sheet)s”表缺少表头“%(missing)s”，请使用下载的批量表模板（表头应有“%(head)s”）。"
                    ),
                    field="file",
                    name=clean_line(name)[:80],
                    sheet=table,
                    missing="、".join(missing),
                    head="、".join(COLUMNS[table]),
                )
            self.places[table] = {COLUMNS[table][t]: n for n, t in enumerate(titles) if t in COLUMNS[table]}
            stated = [in_yuan(title) for title in about["head"] if plain(title) in MONEY]
            self.wan = self.wan and True not in stated

    def project(self, number: int, cells: list[str], rows: Mapping[str, Any]) -> Draft:
        """Return one project with its lines of the other tables."""
        lines = {
            table: [Line(table, places, at, row) for at, row in rows.get(table, ())]
            for table, places in self.places.items()
            if table != PROJECTS
        }
        head = Line(PROJECTS, self.places[PROJECTS], number, cells)
        draft = Draft(sheet=PROJECTS, layout="list", head=head, wan=self.wan, row=number)
        draft.bases, draft.steps = lines.get(BASES), lines.get(STEPS)
        draft.indicators = lines[INDICATORS]
        if FUNDS in lines:
            draft.funds = list(self._funds(draft, lines[FUNDS]))
        return draft

    def _funds(self, draft: Draft, lines: list[Line]) -> Iterator[tuple[str, Source, str]]:
        for line in lines:
            text = line.text("source").strip()
            source = SOURCE_NAMES.get(same_name(text), "")
            if source:
                yield source, line, "amount"
            elif text or line.text("amount").strip():
                sentence = N_("“资金来源”填的是“%(text)s”，应为 %(allowed)s 之一。")
                allowed = "、".join(FUND_SOURCES.values())
                draft.findings.append(at_cell(line.at("source"), sentence, text=text[:40], allowed=allowed))

    def strays(self, found: list[list[Any]]) -> Iterator[Draft]:
        """Yield a refused project for every line that belongs to no project."""
        for table, number, key in found:
            line = Line(table, self.places[table], number, ())
            draft = Draft(sheet=table, layout="list", head=line, wan=self.wan, row=number, stray=True)
            sentence = (
                N_("“项目”表里没有序号或代码为“%(key)s”的项目，请核对这一行属于哪个项目。")
                if key
                else N_("没有写明这一行属于哪个项目，请在“项目序号”列填写“项目”表里的序号。")
            )
            draft.findings.append(at_cell(line.at("key"), sentence, key=clean_line(key)[:40]))
            yield draft
