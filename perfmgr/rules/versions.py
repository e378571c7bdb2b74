"""Versions of a declaration: the comparable fields of a frozen content, and what differs between two of them.

Content is plain data as ``models.version`` writes it: dates and numbers are strings. Fields that
nobody described here are compared too, under their own names, so that none is overlooked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgr.rules.differences import Part, pair_rows, text_parts
from perfmgr.rules.indicators import target_text
from perfmgr.rules.texts import N_, same_name

SAME, CHANGED, ADDED, REMOVED, MOVED = "same", "changed", "added", "removed", "moved"

OCCASIONS = {
    "submit": N_("送审"),
    "before": N_("调整前（批复目标）"),
    "adjust": N_("调整批复"),
}
STATUS_NAMES = {
    SAME: N_("未改"),
    CHANGED: N_("有修改"),
    ADDED: N_("新增"),
    REMOVED: N_("删除"),
    MOVED: N_("移动位置"),
}

# The sections in the order of the form: title, single fields (name, label, kind), lists of rows.
_SECTIONS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...], tuple[str, ...]], ...] = (
    (
        "adjustment",
        N_("调整说明"),
        (("adjust_reason", N_("调整理由"), "text"), ("adjust_basis", N_("调整依据"), "text")),
        (),
    ),
    ("overview", N_("项目概述"), (("overview", N_("项目概述"), "text"),), ()),
    ("bases", N_("立项依据"), (("rationale", N_("立项理由"), "text"),), ("bases",)),
    ("body", N_("实施主体"), (("body", N_("实施主体"), "text"),), ()),
    ("plan", N_("实施方案"), (("plan", N_("实施方案"), "text"), ("goals", N_("主要目标"), "text")), ("steps",)),
    ("period", N_("实施周期"), (("start_on", N_("开始日期"), "date"), ("end_on", N_("结束日期"), "date")), ()),
    ("funds", N_("年度预算安排"), (("annual_amount", N_("年度预算合计"), "amount"),), ("funds",)),
    ("indicators", N_("绩效目标"), (), ("indicators",)),
    ("attachments", N_("附件材料"), (), ("attachments",)),
)
SECTION_TITLES = {"project": N_("项目基本信息"), **{name: title for name, title, _fields, _rows in _SECTIONS}}

_PROJECT = (
    ("name", N_("项目名称"), "text"),
    ("code", N_("项目代码"), "text"),
    ("category", N_("项目类别"), "project_category"),
    ("attribute", N_("项目属性"), "attribute"),
    ("function_code", N_("功能分类"), "text"),
    ("start_on", N_("项目期开始"), "date"),
    ("end_on", N_("项目期结束"), "date"),
    ("total_amount", N_("项目总额"), "amount"),
    ("goals_total", N_("项目总目标"), "text"),
    ("unit", N_("单位"), "text"),
    ("department", N_("部门"), "text"),
)

# Rows: which field names them, and what their fields are called. A field that is part of another is left out.
_ROWS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "bases": ("title", (("title", N_("文件名称"), "text"), ("number", N_("文号"), "text"))),
    "steps": (
        "content",
        (
            ("content", N_("内容"), "text"),
            ("start_on", N_("开始日期"), "date"),
            ("end_on", N_("结束日期"), "date"),
            ("responsible", N_("责任人"), "text"),
        ),
    ),
    "funds": ("source", (("source", N_("资金来源"), "source"), ("amount", N_("金额"), "amount"))),
    "indicators": (
        "name",
        (
            ("category", N_("一级指标"), "category"),
            ("subcategory", N_("二级指标"), "text"),
            ("name", N_("三级指标"), "text"),
            ("target", N_("指标值"), "text"),
            ("weight", N_("分值"), "number"),
            ("rule", N_("评分规则"), "rule"),
            ("evidence", N_("数据来源与佐证"), "text"),
        ),
    ),
    "attachments": (
        "name",
        (
            ("name", N_("文件名"), "text"),
            ("kind", N_("文件类型"), "attachment_kind"),
            ("about_name", N_("证明内容"), "text"),
            ("sha256", "SHA-256", "text"),
        ),
    ),
}
# What an adjustment shows twice: as it was in the beginning of the year, and adjusted.
TWICE = {"indicators": "target", "funds": "amount"}
# What ties a row to other records, and what says nothing beside the other fields.
_UNREAD = ("id", "library_id", "about_kind", "size")
_TARGET = ("sign", "target_value", "target_text", "unit")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in both versions. ``kind`` says how its values are printed; texts come in parts."""

    name: str
    label: str
    kind: str
    before: Any
    after: Any
    parts: tuple[Part, ...] = ()

    @property
    def status(self) -> str:
        """Whether the field changed."""
        return SAME if self.before == self.after else CHANGED


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row of a list in both versions, with its fields; ``before`` and ``after`` are its places, from 1."""

    name: Any
    kind: str
    status: str
    before: int | None
    after: int | None
    fields: tuple[Difference, ...]

    @property
    def changes(self) -> int:
        """How many changes a reader counts here: a row that came or went is one."""
        if self.status in (ADDED, REMOVED):
            return 1
        return sum(field.status != SAME for field in self.fields) + (self.status == MOVED)


@dataclass(frozen=True, slots=True)
class SectionDifference:
    """One section in both versions."""

    name: str
    title: str
    fields: tuple[Difference, ...]
    rows: tuple[RowDifference, ...]

    @property
    def changes(self) -> int:
        """How many changes there are in the section."""
        return sum(field.status != SAME for field in self.fields) + sum(row.changes for row in self.rows)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[SectionDifference]:
    """Return every section with its fields and rows, changed or not, in the order of the form."""
    before, after = old.get("project", {}), new.get("project", {})
    project = SectionDifference("project", SECTION_TITLES["project"], _fields(_PROJECT, before, after), ())
    return [project, *(_section(old, new, *section) for section in _SECTIONS)]


def count_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """Return how many changes lie between two contents."""
    return sum(section.changes for section in compare(old, new))


def _section(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    name: str,
    title: str,
    fields: Sequence[tuple[str, str, str]],
    lists: Sequence[str],
) -> SectionDifference:
    rows = tuple(row for kind in lists for row in _rows(kind, old.get(kind, []), new.get(kind, [])))
    return SectionDifference(name, title, _fields(fields, old, new), rows)


def _fields(
    known: Sequence[tuple[str, str, str]], old: Mapping[str, Any], new: Mapping[str, Any], *, whole: bool = False
) -> tuple[Difference, ...]:
    """Compare the known fields; with ``whole`` those nobody described too."""
    names = {name for name, _label, _kind in known}
    others = [(n, n, "text") for n in {**old, **new} if n not in names and n != "position"] if whole else []
    return tuple(
        _difference(name, label, kind, old.get(name), new.get(name)) for name, label, kind in (*known, *others)
    )


def _difference(name: str, label: str, kind: str, old: Any, new: Any) -> Difference:
    old, new = ("" if value is None else value for value in (old, new))
    if kind == "text":
        old, new = str(old), str(new)
        return Difference(name, label, kind, old, new, tuple(text_parts(old, new)))
    return Difference(name, label, kind, old, new)


def _readable(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it is read: sign, value and unit of an indicator are one target."""
    if kind != "indicators":
        return {name: value for name, value in row.items() if name not in _UNREAD}
    rest = {name: value for name, value in row.items() if name not in (*_TARGET, *_UNREAD)}
    return {**rest, "target": printed_target(row)}


def printed_target(row: Mapping[str, Any]) -> str:
    """Return the target of a frozen indicator as forms print it."""
    value = row.get("target_value")
    number = None if value in (None, "") else Decimal(str(value))
    return target_text(str(row["sign"]), number, row.get("target_text") or "", row.get("unit") or "")


def _rows(kind: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[RowDifference]:
    naming, known = _ROWS[kind]
    before, after = [_readable(kind, row) for row in old], [_readable(kind, row) for row in new]
    names = [[same_name(str(row.get(naming) or "")) for row in rows] for rows in (before, after)]
    found = []
    for pair in pair_rows(*names):
        was = {} if pair.old is None else before[pair.old]
        now = {} if pair.new is None else after[pair.new]
        fields = _fields(known, was, now, whole=True)
        found.append(
            RowDifference(
                (now or was).get(naming) or "",
                kind,
                _status(pair.old, pair.new, pair.moved, fields),
                None if pair.old is None else pair.old + 1,
                None if pair.new is None else pair.new + 1,
                fields,
            )
        )
    return found


def _status(old: int | None, new: int | None, moved: bool, fields: Sequence[Difference]) -> str:
    if old is None or new is None:
        return ADDED if old is None else REMOVED
    if moved:
        return MOVED
    return CHANGED if any(field.status != SAME for field in fields) else SAME


def initial_targets(
    initial: Mapping[str, Any], indicators: Sequence[str]
) -> tuple[dict[str, str], list[Mapping[str, Any]]]:
    """Return the 年初指标值 of indicators by name (as stored), and the initial indicators that are gone."""
    rows = initial.get("indicators", [])
    pairs = pair_rows([same_name(row["name"]) for row in rows], [same_name(name) for name in indicators])
    kept = {indicators[p.new]: printed_target(rows[p.old]) for p in pairs if p.old is not None and p.new is not None}
    return kept, [rows[p.old] for p in pairs if p.old is not None and p.new is None]
