"""The labels of the official target forms, as they are printed and as they are recognised."""

import re

from perfmgr.rules.texts import half_width

# Labels whose value stands to the right.
RIGHT = {
    "项目名称": "name",
    "项目代码": "code",
    "项目编码": "code",
    "项目属性": "attribute",
    "项目性质": "nature",
    "项目类别": "category",
    "功能分类": "function_code",
    "主管部门": "department",
    "主管部门及代码": "department",
    "主管部门名称": "department",
    "实施单位": "unit_name",
    "项目实施单位": "unit_name",
    "项目单位": "unit_name",
    "填报单位": "unit_name",
    "项目期": "term",
    "项目起止时间": "term",
    "项目起止年限": "term",
    "计划开始日期": "start_on",
    "项目期开始": "start_on",
    "计划完成日期": "end_on",
    "项目期结束": "end_on",
    "项目概述": "overview",
    "项目概况": "overview",
    "立项理由": "rationale",
    "立项必要性": "rationale",
    "实施主体": "body",
    "实施方案": "plan",
    "实施周期开始": "period_start",
    "实施周期结束": "period_end",
}
# Labels whose value stands below (or, in some local forms, to the right).
BELOW = {
    "中期目标": "goals_total",
    "长期目标": "goals_total",
    "项目总体目标": "goals_total",
    "项目总目标": "goals_total",
    "年度目标": "goals",
    "年度总体目标": "goals",
}
# Totals of the two blocks of money; the lines below each belong to the block in whose column they stand.
TOTALS = {
    "中期资金总额": "total_amount",
    "项目资金总额": "total_amount",
    "年度资金总额": "annual",
    "年度资金申请总额": "annual",
    "资金总额": "annual",
}
FUNDS = {
    "财政拨款": "fiscal",
    "当年财政拨款": "fiscal",
    "财政资金": "fiscal",
    "一般公共预算": "general_public",
    "政府性基金": "government_fund",
    "国有资本经营": "state_capital",
    "国有资本经营预算": "state_capital",
    "上年结转": "carry_over",
    "上年结转资金": "carry_over",
    "其他": "other",
    "其他资金": "other",
}
INDICATOR_HEADS = {
    "一级指标": "category",
    "二级指标": "subcategory",
    "三级指标": "name",
    "指标内容": "name",
    "指标名称": "name",
    "符号": "sign",
    "指标性质": "sign",
    "指标值": "target",
    "目标值": "target",
    "年度指标值": "target",
    "年度/项目指标值": "target",
    "数值": "target",
    "计量单位": "unit",
    "单位": "unit",
    "度量单位": "unit",
    "分值": "weight",
    "权重": "weight",
    "分值权重": "weight",
    "评分规则": "rule",
    "赋分规则": "rule",
    "规则参数": "rule_numbers",
    "数据来源与佐证": "evidence",
    "佐证资料": "evidence",
    "佐证": "evidence",
}
BASIS_HEADS = {"文件名称": "title", "文号": "number"}
STEP_HEADS = {"步骤内容": "content", "开始日期": "start_on", "结束日期": "end_on", "责任人": "responsible"}
TABLES = {"indicators": INDICATOR_HEADS, "bases": BASIS_HEADS, "steps": STEP_HEADS}
# The heading that makes a row the head of a table, together with at least one other of its headings.
MARKS = {"三级指标": "indicators", "指标内容": "indicators", "文件名称": "bases", "步骤内容": "steps"}
# What may stand in the first column beside a table without ending it.
BESIDE = {"绩效指标", "立项依据", "步骤和计划", "实施进度计划"}
# What ends a table whose first column is its own.
ENDS = {"填报人", "单位负责人", "其他说明", "填报日期", "项目概述", "立项依据", "立项理由", "实施主体", "实施方案"}

_PARENTHESES = re.compile(r"[(][^()]*[)]")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]、|\d+[.、])")
_TITLE = re.compile(r"\d{4}年度")


def plain(text: str) -> str:
    """Return a label without blanks, colons, stars and what stands in parentheses."""
    text = "".join(half_width(text).split()).rstrip("*:").lstrip("*")
    return _PARENTHESES.sub("", text).rstrip(":") if "(" in text else text


def fund_label(text: str) -> str:
    """Return the label of a line of money without its 其中."""
    return _NUMBERING.sub("", plain(text).removeprefix("其中").lstrip(":"))


def is_title(text: str) -> bool:
    """Tell whether a text is the year line below the title: （2026年度）."""
    return bool(_TITLE.fullmatch("".join(half_width(text).split()).strip("()")))


def in_yuan(text: str) -> bool | None:
    """Return whether a label states yuan (True) or 万元 (False) as unit of money; None for no unit."""
    flat = "".join(half_width(text).split())
    if "万元" in flat:
        return False
    return True if "(元)" in flat or "单位:元" in flat else None
