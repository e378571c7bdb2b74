"""The demonstration department, built from ``data/demonstration.yaml`` by the application's own actions."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml
from sqlalchemy import select, update

from perfmgr import times
from perfmgr.actions import (
    adjustments,
    budgets,
    cycles,
    declarations,
    evaluations,
    evaluations_due,
    monitorings_due,
    projects,
    reviews,
    sessions,
    units,
)
from perfmgr.actions._action import action
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.actions.declarations import BasisDraft, IndicatorDraft, StepDraft
from perfmgr.actions.people import create_person
from perfmgr.actions.projects import ProjectDraft
from perfmgr.actions.reviews import ReviewDraft
from perfmgr.demonstration import appraisals, evidence, exceptions, monitorings, reminders, samples
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import people as people_queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from perfmgr.rules.evaluations import LineEntry
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.money import WAN
from perfmgr.rules.proofs import ProofEntry
from perfmgr.rules.reviews import LineDraft
from perfmgr.rules.units import DUTIES
from perfmgr.rules.years import usual_windows

FILE = Path(__file__).resolve().parent.parent / "data" / "demonstration.yaml"
PASSWORD = "Yanshi-2025!"  # noqa: S105 - printed for the demonstration, refused for real installations
HUNDRED = Decimal(100)
T = TypeVar("T")


def at(year: int, month: int, day: int, hour: int = 9) -> dt.datetime:
    """Return an instant on Beijing's clock."""
    return dt.datetime(year, month, day, hour, tzinfo=times.BEIJING)


def yuan(wan: str) -> Decimal:
    """Return 万元 as yuan."""
    return Decimal(wan) * WAN


class Demonstration:
    """The cast, the units and the cycles while the demonstration is being built."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        self.units: dict[str, Unit] = {}
        self.cast: dict[str, int] = {}

    def viewer(self, username: str) -> Viewer:
        """Return a member of the cast as the one who acts."""
        return people_queries.viewer(self.cast[username])

    # --- organisation -------------------------------------------------------------------------

    def build_units(self) -> None:
        """Create areas, the department and its units, and the cast with its appointments."""
        parent: Unit | None = None
        for area in self.data["areas"]:
            draft = units.tidied("area", "other", area["code"], area["name"])
            parent = _in_one_step(partial(units.add_unit, parent, draft))
            self.units[area["code"]] = parent
        department = self.data["department"]
        draft = units.tidied("department", "administrative", department["code"], department["name"])
        top = _in_one_step(partial(units.add_unit, parent, draft))
        self.units[department["code"]] = top
        for row in department["units"]:
            draft = units.tidied("unit", row["nature"], row["code"], row["name"])
            self.units[row["code"]] = _in_one_step(partial(units.add_unit, top, draft))

    def build_people(self) -> None:
        """Create the cast; everybody has the printed demonstration password."""
        password_hash = sessions.hasher.hash(PASSWORD)
        for row in self.data["people"]:
            person = create_person(row["username"], row["name"], password_hash, must_change=False)
            person.appointments.append(Appointment(unit_id=self.units[row["at"]].id, role=row["role"]))
            db.session.commit()
            self.cast[row["username"]] = person.id

    def write_duties(self) -> None:
        """Write down what the department is there for; the checker compares its projects with that."""
        row = self.data["department"]
        draft = units.tidied("department", "administrative", row["code"], row["name"])
        duties = {name: row[name] for name in DUTIES}
        units.update(self.units[row["code"]], draft, self.viewer("guanli"), active=True, duties=duties)

    def build_cycle(self, year: int, scheme: str, windows: dict[str, Span]) -> Cycle:
        """Open a fiscal year of the area."""
        ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
        area = self.units[self.data["areas"][-1]["code"]]
        return cycles.create(area, year, ids[scheme], ids["department-six"], windows, self.viewer("guanli"))

    # --- one project through its year ---------------------------------------------------------

    def declare(self, row: dict[str, Any], year: int, when: dt.datetime) -> Declaration:
        """Create a project and fill its declaration section by section."""
        by = self.viewer("tianbao")
        term = row.get("term") or [None, None]
        draft = ProjectDraft(
            code="",
            name=row["name"],
            category=row.get("category", "specific"),
            attribute="continuing" if row.get("term") else "new",
            function_code=row["function"],
            start_on=term[0],
            end_on=term[1],
            total_amount=yuan(row["total"]) if row.get("total") else None,
            goals_total=row.get("goals_total", ""),
        )
        _project, declaration = declarations.create(self.units[row["unit"]], draft, year, by, when)
        if declaration is None:
            raise RuntimeError(f"{row['name']} owes no targets")
        self.fill(declaration, row, year)
        return declaration

    def fill(self, declaration: Declaration, row: dict[str, Any], year: int) -> None:
        """Fill the six sections and the indicators."""
        by = self.viewer("tianbao")
        declarations.save_texts(declaration, {"overview": row["overview"], "body": row["body"]}, by)
        bases = [BasisDraft(b["title"], b["number"]) for b in row["bases"]]
        declarations.save_bases(declaration, bases, row.get("rationale", ""), by)
        shift = year - row["steps"][0]["start"].year
        steps = [
            StepDraft(s["content"], _shift(s["start"], shift), _shift(s["end"], shift), s["responsible"])
            for s in row["steps"]
        ]
        declarations.save_plan(declaration, row["plan"], row["goals"], steps, by)
        declarations.save_period(declaration, dt.date(year, 1, 1), dt.date(year, 12, 31), by)
        declarations.save_funds(declaration, {"general_public": yuan(row["amount"])}, by)
        declarations.save_indicators(declaration, [indicator(i) for i in row["indicators"]], by)

    def approve(self, declaration: Declaration, year: int) -> BudgetLine:
        """Submit, approve twice, release the budget."""
        declarations.take(declaration, "submit", self.viewer("tianbao"), now=at(year - 1, 10, 15))
        declarations.take(declaration, "approve", self.viewer("shenhe"), now=at(year - 1, 10, 28, 15))
        declarations.take(declaration, "approve", self.viewer("caizheng"), now=at(year - 1, 11, 20, 10))
        line = db.session.scalars(
            select(BudgetLine).where(BudgetLine.project_id == declaration.project_id, BudgetLine.year == year)
        ).one()
        budgets.take(line, "approve", self.viewer("caizheng"), now=at(year, 2, 6))
        return line

    def spend(self, line: BudgetLine, row: dict[str, Any], year: int) -> None:
        """Enter the year's spending."""
        budgets.execute(line, yuan(row["executed"]), self.viewer("tianbao"), now=at(year, 12, 31))

    def other_spending(self, rows: list[dict[str, Any]], year: int) -> None:
        """Create the projects that owe no targets, with budget and spending."""
        for row in rows:
            draft = ProjectDraft(code="", name=row["name"], category=row["category"], function_code=row["function"])
            project = self._create_plain(self.units[row["unit"]], draft, year)
            if row.get("exempt"):
                projects.set_exemption(project, row["exempt"], self.viewer("guanli"))
            line = budgets.propose(project, year, yuan(row["amount"]), self.viewer("caizheng"))
            budgets.take(line, "approve", self.viewer("caizheng"), now=at(year, 2, 6))
            self.spend(line, row, year)

    def _create_plain(self, unit: Unit, draft: ProjectDraft, year: int) -> Project:
        """Create a project without declaration, also one whose category would owe one."""
        by = self.viewer("tianbao")
        return _in_one_step(lambda: projects.add_project(unit, draft, year, by))

    # --- self-evaluation ----------------------------------------------------------------------

    def evaluate_whole(self, year: int) -> Evaluation:
        """Enter the whole-department self-evaluation indicator by indicator, submit and confirm it."""
        by, rows = self.viewer("tianbao"), self.data[f"whole_{year}"]
        evaluation = db.session.scalars(
            select(Evaluation).where(Evaluation.kind == "department", Evaluation.year == year)
        ).one()
        evaluations.save_lines(evaluation, [indicator(line["row"]) for line in rows["lines"]], by)
        entries = [_entry(line) for line in rows["lines"]]
        texts = {name: rows[name] for name in ("goal_actual", "problems", "measures")}
        evaluations.save(evaluation, entries, texts, by)
        evaluations.take(evaluation, "submit", by, now=at(year + 1, 3, 15))
        evaluations.take(evaluation, "confirm", self.viewer("caizheng"), now=at(year + 1, 4, 20))
        return evaluation


def _in_one_step(build: Callable[[], T]) -> T:
    """Run a helper of the actions as a transaction of its own."""
    return action(build)()


def _shift(day: dt.date, years: int) -> dt.date:
    return day.replace(year=day.year + years)


def indicator(row: list[str]) -> IndicatorDraft:
    """Return an indicator from its row in the data file."""
    category, subcategory, name, sign, target, unit, weight, evidence = row
    qualitative = sign == QUALITATIVE
    return IndicatorDraft(
        category=category,
        subcategory=subcategory,
        name=name,
        sign=sign,
        target_value=None if qualitative else Decimal(target),
        target_text=target if qualitative else "",
        unit=unit,
        weight=Decimal(weight),
        evidence=evidence,
    )


def _entry(line: dict[str, Any]) -> LineEntry:
    return LineEntry(
        actual_value=Decimal(line["actual"]) if "actual" in line else None,
        tier=line.get("tier", ""),
        share=Decimal(line["share"]) / HUNDRED if "share" in line else None,
        reason=line.get("reason", ""),
        measure=line.get("measure", ""),
    )


def build(today: dt.date) -> None:
    """Build everything into an empty database: 2022 complete, 2025 being evaluated, the next year being declared."""
    demo = Demonstration()
    demo.build_units()
    demo.build_people()
    demo.write_duties()
    _year_2022(demo)
    _year_2025(demo, today)
    _next_year(demo, today)
    _forget_old_notices()
    # At ten in the morning, whenever it is built: at night nothing is told.
    area = demo.units[demo.data["areas"][-1]["code"]]
    reminders.build(area, demo.viewer("guanli"), at(today.year, today.month, today.day, 10))


@action
def _forget_old_notices() -> None:
    """Count what happened in past years as read, so that the bell shows what is new."""
    old = times.now() - dt.timedelta(days=1)
    db.session.execute(update(Notice).where(Notice.created_at < old).values(read_at=Notice.created_at))


def _year_2022(demo: Demonstration) -> None:
    cycle = demo.build_cycle(2022, "five-way", usual_windows(2022))
    for row in demo.data["projects_2022"]:
        line = demo.approve(demo.declare(row, 2022, at(2021, 9, 1)), 2022)
        demo.spend(line, row, 2022)
    demo.other_spending(demo.data["other_2022"], 2022)
    evaluations_due.open_due(at(2023, 1, 5))
    demo.evaluate_whole(2022)
    cycles.set_closed(cycle, True, demo.viewer("guanli"))


def _open_windows(year: int, today: dt.date, opened: dict[str, int]) -> dict[str, Span]:
    """Return the usual windows, those named kept open for at least so many days from today."""
    windows = usual_windows(year)
    for kind, days in opened.items():
        span = windows[kind]
        closes_on = max(span.closes_on, today + dt.timedelta(days=days))
        windows[kind] = Span(min(span.opens_on, today), closes_on)
    return windows


def _year_2025(demo: Demonstration, today: dt.date) -> None:
    opened = {"monitoring": 15, "self_evaluation": 40, "review": 120}
    demo.build_cycle(2025, "10-50-30-10", _open_windows(2025, today, opened))
    lines = [(demo.approve(demo.declare(row, 2025, at(2024, 9, 2)), 2025), row) for row in demo.data["projects_2025"]]
    monitorings_due.open_due(at(2025, 8, 4))
    monitorings.build(demo.viewer("tianbao"), demo.viewer("shenhe"), today, at(2025, 8, 20))
    for line, row in lines:
        demo.spend(line, row, 2025)
    demo.other_spending(demo.data["other_2025"], 2025)
    now = times.now()
    evaluations_due.open_due(now)
    exceptions.more_time(demo.units["219002"], demo.viewer("guanli"), today)
    _some_evaluations(demo)
    samples.build(demo.viewer("caizheng"), 2025)
    appraisals.build(demo.viewer, now, today + dt.timedelta(days=30))


# How far the demonstration carries the self-evaluations of 2025, with actual values by project.
_EVALUATED = {
    "企业引才补助（示例）": (["163", "0.6", "100", "3.95", "431", "94"], "confirm"),
    "网络舆情监测服务（示例）": (["251", "0", "42", "97", "93"], "submit"),
    # Comes out as 中: a rectification is opened, and the next year is declared with a warning.
    "党群服务中心运行维护（示例）": (["231", "81", "398", "46300", "79"], "confirm"),
    "群团活动经费（示例）": (["94", "97", "172", "15820", "95"], "return"),
}


def _some_evaluations(demo: Demonstration) -> None:
    by, reviewer = demo.viewer("tianbao"), demo.viewer("shenhe")
    for evaluation in db.session.scalars(
        select(Evaluation).where(Evaluation.kind == "project", Evaluation.year == 2025)
    ).all():
        values, until = _EVALUATED.get(evaluation.title, ([], ""))
        if not values:
            continue
        entries = [LineEntry(actual_value=Decimal(value)) for value in values]
        goal = "年度目标全部完成，主要指标均达到或超过预期。"
        if evaluation.title.startswith("党群服务中心"):
            goal = "场馆改造闭馆两个月，开放天数和接待人次未达到年度目标。"
            reason, measure = "场馆改造闭馆两个月，设备老化。", "改造已完工，逐台检修设备，恢复周末开放。"
            entries = [replace(entry, reason=reason, measure=measure) for entry in entries]
        if until != "return":
            pages = [f"{evaluation.title} 2025 年度工作台账 第 {n} 页" for n in range(1, 5)]
            file = evidence.attach(evaluation, "2025年度工作台账.pdf", pages, by)
            shown = ("2-3", "4")
            entries[:2] = [
                replace(e, proofs=(ProofEntry(file.id, p),)) for e, p in zip(entries[:2], shown, strict=True)
            ]
        evaluations.save(evaluation, entries, {"goal_actual": goal, "execution_reason": ""}, by)
        evaluations.take(evaluation, "submit", by)
        if until == "confirm":
            marks = [LineDraft(None) for _line in evaluation.lines]
            opinion = "开放记录、客流统计与所报一致，未达年度目标。" if evaluation.grade == "中" else "数据与佐证一致。"
            reviews.submit(evaluation, ReviewDraft(marks, opinion, "pass"), reviewer)
        elif until == "return":
            evaluations.take(
                evaluation, "return", reviewer, comment="“参与人次”请补充各季度的签到统计，并核对与活动场次是否对应。"
            )


def _next_year(demo: Demonstration, today: dt.date) -> None:
    """Declare some projects for the year whose window is open: one in each state of the workflow, one adjusted."""
    year = max(2026, today.year + (1 if today.month >= 7 else 0))
    demo.build_cycle(year, "10-50-30-10", _open_windows(year, today, {"declaration": 30}))
    by, reviewer = demo.viewer("tianbao"), demo.viewer("shenhe")
    rows = {row["name"]: row for row in demo.data["projects_2025"]}
    for name, steps in (
        ("社区党组织服务群众经费（区级配套）", ()),
        ("党员教育培训（示例）", ("submit",)),
        ("非公党建工作经费（示例）", ("submit", "return")),
        ("党群服务中心运行维护（示例）", ("submit", "approve")),
        ("宣传与精神文明建设（示例）", ("submit", "approve", "adjust")),
    ):
        project = db.session.scalars(select(Project).where(Project.name == name)).one()
        declaration = declarations.start(project, year, by)
        if not steps:
            continue
        demo.fill(declaration, rows[name], year)
        declarations.take(declaration, "submit", by)
        if "return" in steps:
            declarations.take(
                declaration,
                "return",
                reviewer,
                comment="“新建示范阵地数”与上年相同，请说明今年的选址和标准，再核对分值。",
                remarks=[
                    {"field": "plan", "name": "", "text": "请按季度写明新建阵地的选址和验收时间。"},
                    {"field": "indicators.1", "name": declaration.indicators[0].name, "text": "与上年相同，请说明。"},
                ],
            )
        if "approve" in steps:
            declarations.take(declaration, "approve", reviewer)
        if "adjust" in steps:
            declarations.take(declaration, "approve", demo.viewer("caizheng"))
            _adjust(demo, declaration)


def _adjust(demo: Demonstration, declaration: Declaration) -> None:
    """Begin an adjustment of approved targets, with more money and a higher first target, and submit it."""
    by = demo.viewer("tianbao")
    adjustment = adjustments.start(
        declaration, "上级新增专项任务，宣传场次和经费相应增加。", "高新区党群工作部 年度重点工作任务调整通知", by
    )
    amounts = {fund.source: fund.amount + 5 * WAN for fund in adjustment.funds}
    declarations.save_funds(adjustment, amounts, by)
    drafts = [
        IndicatorDraft(**{name: getattr(row, name) for name in INDICATOR_FIELDS}) for row in adjustment.indicators
    ]
    first = drafts[0]
    drafts[0] = replace(first, target_value=None if first.target_value is None else first.target_value + 2)
    declarations.save_indicators(adjustment, drafts, by)
    declarations.take(adjustment, "submit", by)
