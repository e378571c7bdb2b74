"""Disclosure text: the sentences a department publishes, composed from its records and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.coverage import Share
from perfmgr.rules.money import WAN
from perfmgr.rules.numbers import half_up, percent, plain


def short_wan(yuan: Decimal) -> str:
    """Return yuan in 万元 as documents print it: commas, at most two decimals, no trailing zeros."""
    value = half_up(yuan / WAN)
    whole, _mark, rest = f"{value:z,.2f}".partition(".")
    return f"{whole}.{rest}".rstrip("0").rstrip(".")


def short_percent(value: Decimal | None, places: int = 2) -> str:
    """Return a percentage without trailing zeros, with its sign: ``77.43%``, ``100%``."""
    return "—" if value is None else f"{plain(half_up(value, places))}%"


@dataclass(frozen=True, slots=True)
class Spent:
    """Initial budget and spending of one part, in yuan."""

    name: str
    initial: Decimal
    executed: Decimal

    def completion(self, places: int = 2) -> str:
        """Return spending as a percentage of the initial budget, rounded once; a dash without budget."""
        return short_percent(percent(self.executed, self.initial, places), places)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the sentence on targets rests on. Amounts in yuan."""

    year: int
    count: int
    money: Share
    exempt_count: int
    exempt_money: Decimal
    project_total: Decimal


@dataclass(frozen=True, slots=True)
class EvaluationFacts:
    """What the sentence on self-evaluation rests on. Amounts in yuan."""

    year: int
    projects: Share
    money: Share
    departments: Share
    total: Decimal | None
    grade: str | None
    confirmed: bool
    problems: str
    measures: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One paragraph to publish, with remarks for the department itself that are not published."""

    text: str
    remarks: tuple[str, ...] = ()


def targets_sentence(facts: TargetFacts) -> Sentence:
    """Return the sentence on targets compiled: how many projects, how much money, which share."""
    share = short_percent(facts.money.percent) if facts.money.whole else "—（无应编报项目）"
    text = (
        f"{facts.year}年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目{facts.count}项，"
        f"预算金额{short_wan(facts.money.part)}万元，占应编报绩效目标的项目支出预算比重{share}。"
    )
    remarks = [
        f"比重的分子为已批复目标的项目预算 {short_wan(facts.money.part)} 万元，"
        f"分母为应编报项目预算 {short_wan(facts.money.whole)} 万元。"
    ]
    if facts.exempt_count:
        remarks.append(
            f"另有 {facts.exempt_count} 个项目 {short_wan(facts.exempt_money)} 万元经批准不编报，未计入分母；"
            f"按全部项目支出 {short_wan(facts.project_total)} 万元计算，比重为 "
            f"{short_percent(percent(facts.money.part, facts.project_total))}。"
        )
    return Sentence(text, tuple(remarks))


def spending_sentences(total: Spent, basic: Spent, project: Spent, functions: Sequence[Spent]) -> list[Sentence]:
    """Return the sentences on spending: in total, and by function. Overall rates have one decimal,
    rates of single lines two, as the published accounts print them; without a budget there is no rate."""
    text = (
        f"本年度支出{short_wan(total.executed)}万元，其中：基本支出{short_wan(basic.executed)}万元，"
        f"项目支出{short_wan(project.executed)}万元。"
    )
    if total.initial:
        parts = [f"{part.name}完成{part.completion(1)}" for part in (basic, project) if part.initial]
        text += f"与年初预算相比，支出完成年初预算的{total.completion(1)}，其中：{'，'.join(parts)}。"
    return [Sentence(text), *(Sentence(_function_line(line)) for line in functions)]


def _function_line(line: Spent) -> str:
    rate = f"，完成年初预算的{line.completion()}" if line.initial else "，年初未安排预算"
    return f"{line.name}{short_wan(line.executed)}万元{rate}。"


def evaluation_sentence(facts: EvaluationFacts) -> Sentence:
    """Return the sentence on self-evaluation: projects, money, whole-department evaluations, coverage, score."""
    # Only what was done is said to have been done.
    subjects = "预算项目支出和部门整体支出" if facts.departments.part or not facts.projects.part else "预算项目支出"
    if facts.projects.part and not facts.departments.part:
        coverage = f"项目自评覆盖率达到{short_percent(facts.projects.percent)}"
    elif facts.departments.whole:
        coverage = f"部门整体自评覆盖率达到{short_percent(facts.departments.percent)}"
    else:
        coverage = "覆盖率—（无应评项目）"
    score = ""
    if facts.total is not None:
        score = f"，自评分{plain(facts.total)}分（等级为“{facts.grade}”）"
    text = (
        f"根据预算绩效管理要求，本部门组织对{facts.year}年度{subjects}开展绩效自评，"
        f"共涉及预算支出项目{plain(facts.projects.part)}个，涉及资金{short_wan(facts.money.part)}万元，"
        f"整体自评{plain(facts.departments.part)}个，{coverage}{score}。"
    )
    return Sentence(text, tuple(_evaluation_remarks(facts)))


def _evaluation_remarks(facts: EvaluationFacts) -> list[str]:
    remarks = [
        f"覆盖率按部门整体自评计算：已完成 {plain(facts.departments.part)} / 应评 {plain(facts.departments.whole)}。"
    ]
    if facts.departments.part < facts.departments.whole:
        remarks.append("部门整体自评尚未完成，公开前请先完成。")
    if facts.projects.whole:
        remarks.append(
            f"按项目计算为 {plain(facts.projects.part)}/{plain(facts.projects.whole)}"
            f"（{short_percent(facts.projects.percent)}），按资金计算为 {short_wan(facts.money.part)}/"
            f"{short_wan(facts.money.whole)} 万元（{short_percent(facts.money.percent)}）。"
        )
        if facts.projects.part < facts.projects.whole:
            remarks.append("项目自评尚未全部完成，公开前请核对覆盖率的口径。")
    if facts.total is not None and not facts.confirmed:
        remarks.append("部门整体自评得分尚未复核，公开前请先完成复核。")
    return remarks
