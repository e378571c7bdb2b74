"""The sections of a declaration: what belongs to each, how far it is, and whether it is still what somebody saw."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from perfmgr.rules.findings import ERROR, WARNING, Finding
from perfmgr.rules.numbers import plain
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.texts import N_


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its name, where it is filled in, what it stores, and what findings call its fields."""

    name: str
    title: str
    parts: tuple[str, ...]  # attributes of the declaration
    path: str = ""  # below /declarations/<id>/; empty: sections/<name>
    fields: tuple[str, ...] = ()  # heads of the findings' fields; empty: the parts

    @property
    def address(self) -> str:
        """Where the section is filled in, below the declaration's own address."""
        return self.path or f"sections/{self.name}"

    def holds(self, finding: Finding) -> bool:
        """Tell whether the finding is about this section."""
        return finding.field.split(".")[0] in (self.fields or self.parts)

    def filled(self, record: Any) -> bool:
        """Tell whether anything is stored in the section."""
        return any(getattr(record, part) for part in self.parts)


# In the order of the official form. A section more is one line more: the task list counts these.
SECTIONS: tuple[Section, ...] = (
    Section("overview", N_("项目概述"), ("overview",)),
    Section("bases", N_("立项依据"), ("bases", "rationale")),
    Section("body", N_("实施主体"), ("body",)),
    Section("plan", N_("实施方案"), ("plan", "goals", "steps"), fields=("plan", "goals", "steps", "step_spans")),
    Section("period", N_("实施周期"), ("start_on", "end_on")),
    Section("funds", N_("年度预算安排"), ("funds",), fields=("funds", "annual_amount")),
    Section("indicators", N_("绩效目标"), ("indicators",)),
    Section("attachments", N_("附件材料"), ("attachments", "no_attachments"), path="attachments"),
)
BY_NAME = {section.name: section for section in SECTIONS}

# What is stored in one row of a table, in the order of its columns.
ROW_PARTS: dict[str, tuple[str, ...]] = {
    "bases": ("title", "number"),
    "steps": ("content", "start_on", "end_on", "responsible"),
    "funds": ("source", "amount"),
    "indicators": (
        "category",
        "subcategory",
        "name",
        "sign",
        "target_value",
        "target_text",
        "unit",
        "weight",
        "rule",
        "evidence",
    ),
}

NOT_STARTED, IN_PROGRESS, DONE, PROBLEM, BLOCKED = "not_started", "in_progress", "done", "problem", "blocked"
STATUSES = {
    NOT_STARTED: N_("未开始"),
    IN_PROGRESS: N_("填写中"),
    DONE: N_("已完成"),
    PROBLEM: N_("有问题"),
    BLOCKED: N_("暂不能填写"),
}
# Codes that say that something is missing, not that something is wrong.
MISSING = ("Q01", "Q02")
MOST_SAID = 500  # characters of the sentence that justifies a warning


def section_of(field: str) -> str:
    """Return the name of the section in which a finding's field is edited; an empty one when there is none."""
    finding = Finding("", "", field)
    return next((section.name for section in SECTIONS if section.holds(finding)), "")


def section_status(findings: Iterable[Finding], *, filled: bool, pending: bool = False, may_fill: bool = True) -> str:
    """Return how far a section is.

    ``findings`` are those of this section; ``filled`` tells whether anything is stored,
    ``pending`` whether something typed was kept and not saved yet.
    """
    if not may_fill:
        return BLOCKED
    if not filled:
        return IN_PROGRESS if pending else NOT_STARTED
    blocking = {finding.code for finding in findings if finding.level == ERROR}
    if blocking - set(MISSING):
        return PROBLEM
    return IN_PROGRESS if blocking or pending else DONE


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list."""

    section: Section
    status: str


def tasks(record: Any, findings: Sequence[Finding], pending: Collection[str], *, may_fill: bool) -> list[Task]:
    """Return every section with its status; ``pending`` are the names of those with something unsaved."""
    return [
        Task(
            section,
            section_status(
                [finding for finding in findings if section.holds(finding)],
                filled=section.filled(record),
                pending=section.name in pending,
                may_fill=may_fill,
            ),
        )
        for section in SECTIONS
    ]


def next_task(listed: Sequence[Task]) -> Task | None:
    """Return what to do next: what is wrong first, then what was begun, then what is new; None when all is done."""
    for status in (PROBLEM, IN_PROGRESS, NOT_STARTED):
        for task in listed:
            if task.status == status:
                return task
    return None


# --- sentences that justify warnings -----------------------------------------------------------


def warning_key(finding: Finding) -> str:
    """Return the name under which the justification of a warning is kept."""
    return f"{finding.code}:{finding.field}"


def justified(findings: Iterable[Finding], sentences: Mapping[str, str]) -> dict[str, str]:
    """Return the sentences that belong to a warning that is there; those of mended ones fall away."""
    keys = {warning_key(finding) for finding in findings if finding.level == WARNING}
    return {key: sentences[key] for key in sorted(keys) if sentences.get(key)}


def unjustified(findings: Iterable[Finding], sentences: Mapping[str, str]) -> list[Finding]:
    """Return one finding for each warning that nobody has said a sentence about, or too long a one."""
    warned = {warning_key(finding): finding for finding in findings if finding.level == WARNING}
    found = []
    for key, finding in warned.items():
        said = sentences.get(key, "")
        at = f"why-{key}"
        if not said:
            message = N_("请用一句话说明理由，或者修改：%(warning)s")
            found.append(Finding("why", message, at, params={"warning": finding}))
        elif len(said) > MOST_SAID:
            message = N_("理由超出 %(over)s 字，最多 %(limit)s 字，请删减：%(warning)s")
            over = {"over": len(said) - MOST_SAID, "limit": MOST_SAID, "warning": finding}
            found.append(Finding("why", message, at, params=over))
    return found


# --- what a section was when somebody opened it ------------------------------------------------


class Overtaken(Conflict):
    """Somebody else has saved this section since it was opened."""

    def __init__(self) -> None:
        super().__init__(N_("这一节在您打开之后已被他人保存。请逐项选择保留哪一份。"))


def _plain(value: Any) -> Any:
    """Return a stored value in the one form in which it is compared."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value or ""


def row_mark(kind: str, row: Any) -> str:
    """Return a short mark of one row of a table: equal content, equal mark."""
    return mark([_plain(getattr(row, part)) for part in ROW_PARTS[kind]])


def mark(value: Any) -> str:
    """Return a short mark of a value: equal values, equal marks."""
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def marks(name: str, record: Any) -> dict[str, Any]:
    """Return the marks of a section's stored values: one per field, a list of them per table."""
    found: dict[str, Any] = {}
    for part in BY_NAME[name].parts:
        value = getattr(record, part)
        if part == "funds":  # one row per source: the order says nothing
            found |= {fund.source: mark(fund.amount) for fund in sorted(value, key=lambda fund: fund.source)}
        elif part in ROW_PARTS:
            found[part] = [row_mark(part, row) for row in value]
        else:
            found[part] = mark(value)
    return found


def base_of(name: str, record: Any) -> str:
    """Return the marks of a section as the text that a form carries along."""
    return json.dumps(marks(name, record), separators=(",", ":"))


def read_base(text: str) -> dict[str, Any]:
    """Return the marks that a form carried; an empty dict for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def require_unchanged(name: str, record: Any, base: str | None) -> None:
    """Raise Overtaken when the section's stored values are not those the form was made from. None is not checked."""
    if base is not None and read_base(base) != marks(name, record):
        raise Overtaken


# --- what the section itself must be, before it can be stored ----------------------------------


def check_bases(rows: Sequence[Any]) -> list[Finding]:
    """Return a finding for each row that has a document number and no title."""
    return [
        Finding("Q01", N_("有的立项依据只填了文号，请补充文件名称。"), f"bases.{n}.title")
        for n, row in enumerate(rows)
        if row.number and not row.title
    ]


def check_steps(rows: Sequence[Any]) -> list[Finding]:
    """Return a finding for each step without content, and for each that ends before it begins."""
    found: list[Finding] = []
    for n, row in enumerate(rows):
        at = {"number": n + 1}
        if not row.content and (row.start_on or row.end_on or row.responsible):
            found.append(
                Finding("Q01", N_("步骤 %(number)s 没有内容，请填写或删除这一行。"), f"steps.{n}.content", params=at)
            )
        if row.start_on and row.end_on and row.end_on < row.start_on:
            found.append(
                Finding(
                    "Q01",
                    N_("步骤 %(number)s 的结束日期早于开始日期，请调整其中一个。"),
                    f"steps.{n}.end_on",
                    params=at,
                )
            )
    return found


def check_period(start_on: dt.date | None, end_on: dt.date | None) -> list[Finding]:
    """Return a finding when the period ends before it begins."""
    if not (start_on and end_on and end_on < start_on):
        return []
    return [
        Finding(
            "Q01",
            N_("“实施周期”的结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
            "end_on",
            params={"start": start_on.isoformat(), "end": end_on.isoformat()},
        )
    ]
