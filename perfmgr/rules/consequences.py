"""What follows from the grade of a self-evaluation: advice for the budget, and whether the project may go on."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgr.rules.findings import ERROR, INFO, WARNING, Finding
from perfmgr.rules.numbers import half_up
from perfmgr.rules.texts import N_, Named

ALLOW, WARN, BLOCK = "allow", "warn", "block"
RENEWALS = {ALLOW: N_("可以继续申报"), WARN: N_("可以继续申报，须说明"), BLOCK: N_("不能继续申报")}
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one grade leads to. ``change`` is a hint for the next budget in percent of this one, or None.

    ``rectify`` opens a rectification when the grade is confirmed.
    """

    grade: str
    advice: str
    advice_en: str
    change: int | None
    renewal: str
    rectify: bool = False

    @property
    def label(self) -> Named:
        """The advice with its English form, for sentences."""
        return Named(self.advice, self.advice_en)

    def hint(self, amount: Decimal | None) -> Decimal | None:
        """Return the amount (yuan) the hint leads to, half up to the fen; None without hint or amount."""
        if amount is None or self.change is None:
            return None
        return half_up(amount * (100 + self.change) / 100)


@dataclass(frozen=True, slots=True)
class Consequences:
    """The table of one scheme: a row for each grade, one for what was not evaluated, days to rectify."""

    rows: tuple[Consequence, ...]
    not_evaluated: Consequence
    rectify_days: int

    def of(self, grade: str | None) -> Consequence:
        """Return what follows from a grade; None means not evaluated.

        A grade the table does not name is neither waved through nor blocked: it is left to people.
        """
        if grade is None:
            return self.not_evaluated
        unknown = Consequence(grade, N_("由预算审核时研究确定"), "To be decided with the budget", None, WARN)
        return next((row for row in self.rows if row.grade == grade), unknown)


# 优→优先保障, 良→保障, 中→压缩, 差→取消 is in use in one province; percentages and days are our proposal.
# All of it is the configuration of an installation, not a quotation of the law.
DEFAULT = Consequences(
    (
        Consequence("优", N_("优先保障"), "Give priority", 0, ALLOW),
        Consequence("良", N_("保障"), "Keep", 0, ALLOW),
        Consequence("中", N_("压缩"), "Cut", -20, WARN, rectify=True),
        Consequence("差", N_("取消"), "Cancel", -100, BLOCK, rectify=True),
    ),
    Consequence("", N_("先完成自评"), "Evaluate first", None, BLOCK),
    60,
)


@dataclass(frozen=True, slots=True)
class LastResult:
    """How a project came out of the last year that counts. ``grade`` None: its self-evaluation is overdue.

    ``lifted`` is the written reason for which somebody lifted the block for the new year;
    ``rectifying`` counts rectifications that are not finished.
    """

    year: int | None
    grade: str | None
    consequence: Consequence | None
    evaluation_id: int | None = None
    confirmed: bool = False
    due_on: dt.date | None = None
    lifted: str = ""
    rectifying: int = 0


def renewal(name: str, year: int, result: LastResult | None) -> list[Finding]:
    """Return what stands against declaring the project for ``year`` (Q36): an error blocks, a warning tells."""
    if result is None:
        return []
    findings = []
    row = result.consequence
    if row is not None and row.renewal == BLOCK:
        findings.append(_lifted(name, year, result) if result.lifted else _blocked(name, year, result, row))
    elif row is not None and row.renewal == WARN:
        findings.append(_warned(name, year, result, row))
    if result.rectifying:
        findings.append(
            Finding(
                "Q36",
                N_("“%(name)s”还有 %(count)s 项整改没有完成，请先报送整改结果；预算审核时会看到。"),
                level=WARNING,
                params={"name": name, "count": result.rectifying},
            )
        )
    return findings


def _blocked(name: str, year: int, result: LastResult, row: Consequence) -> Finding:
    params = {"name": name, "year": result.year, "next": year, "grade": result.grade, "advice": row.label}
    if result.grade is None:
        message = N_(
            "“%(name)s”%(year)s 年度绩效自评已过截止日仍未送审，不能申报 %(next)s 年度：请先完成自评，"
            "或由财政评审人、系统管理员写明理由后解除限制。"
        )
    else:
        message = N_(
            "“%(name)s”%(year)s 年度绩效等级为“%(grade)s”（%(advice)s），不能申报 %(next)s 年度：确需继续的，"
            "请财政评审人或系统管理员在项目页写明理由后解除限制。"
        )
    return Finding("Q36", message, "year", ERROR, params=params)


def _lifted(name: str, year: int, result: LastResult) -> Finding:
    message = N_("“%(name)s”按上年结果本不能申报 %(next)s 年度，限制已解除，理由：%(reason)s")
    return Finding("Q36", message, level=INFO, params={"name": name, "next": year, "reason": result.lifted})


def _warned(name: str, year: int, result: LastResult, row: Consequence) -> Finding:
    params = {"name": name, "year": result.year, "grade": result.grade or "", "advice": row.label, "next": year}
    if result.grade is None:
        message = N_("“%(name)s”%(year)s 年度绩效自评已过截止日仍未送审，请尽快完成；预算审核时会看到。")
    elif row.change is None:
        message = N_("“%(name)s”%(year)s 年度绩效等级为“%(grade)s”，结果应用表没有规定，%(advice)s。")
    else:
        message = N_(
            "“%(name)s”%(year)s 年度绩效等级为“%(grade)s”，结果应用建议“%(advice)s”"
            "（预算参考变动 %(change)s%%），请核减并写明改进措施。"
        )
        params["change"] = f"{row.change:+d}" if row.change else "0"
    return Finding("Q36", message, level=WARNING, params=params)


def hint_sum(row: Consequence, groups: Iterable[tuple[int, int, int]]) -> int | None:
    """Return the sum (fen) of the hints of many amounts, each rounded as :meth:`Consequence.hint` does.

    ``groups`` are (remainder of the amounts by 100 fen, how many of them, their sum in fen): what
    rounding does to an amount depends on its remainder alone, so no single amount is needed.
    """
    change = row.change
    if change is None:
        return None
    total = 0
    for rest, count, amount in groups:
        rounded = int(half_up(Decimal(rest) * (100 + change) / 100, 0))
        total += (amount - rest * count) // 100 * (100 + change) + count * rounded
    return total


# --- reading the block of a scheme ------------------------------------------------------------


def read_consequences(data: Any, grades: Collection[str]) -> tuple[Consequences, list[Finding]]:
    """Return the table from the block ``consequences`` of a scheme, and everything that is wrong with it.

    What the block leaves out, its rows too, is as in the default table. ``grades`` are the names of the scheme's grades.
    """
    if not data:
        return DEFAULT, []
    if not isinstance(data, Mapping) or not isinstance(data.get("grades", ()), list | tuple):
        return DEFAULT, [_refusal(N_("“%(field)s”的写法不对，请对照内置方案填写。"), "consequences")]
    findings: list[Finding] = []
    rows = tuple(_row(row, f"consequences.grades.{n}", findings) for n, row in enumerate(data.get("grades", ())))
    named = [row.grade for row in rows]
    for n, grade in enumerate(named):
        at = f"consequences.grades.{n}"
        if grade in named[:n]:
            message = N_("结果应用第 %(row)s 行的等级“%(value)s”与前面的行重复，请修改或删除。")
            findings.append(_refusal(message, at, value=grade, row=n + 1))
        elif grade not in grades:
            message = N_("结果应用第 %(row)s 行的等级“%(value)s”不是本方案的等级，请改为本方案的等级或删除这一行。")
            findings.append(_refusal(message, at, value=grade, row=n + 1))
    other = data.get("not_evaluated")
    not_evaluated = _row({"grade": "-", **other}, "consequences.not_evaluated", findings) if other else None
    days = _whole(data.get("rectify_days", DEFAULT.rectify_days), 1, MOST_DAYS, "consequences.rectify_days", findings)
    late = not_evaluated or DEFAULT.not_evaluated
    return Consequences(rows or DEFAULT.rows, late, days or DEFAULT.rectify_days), findings


def _refusal(message: str, at: str, **params: Any) -> Finding:
    return Finding("SCHEME", message, at, params={"field": at, **params})


def _row(data: Any, at: str, findings: list[Finding]) -> Consequence:
    if not isinstance(data, Mapping):
        findings.append(_refusal(N_("“%(field)s”的写法不对，请对照内置方案填写。"), at))
        data = {"grade": "-", "advice": "-"}
    for name in ("grade", "advice"):
        if not str(data.get(name) or "").strip():
            findings.append(_refusal(N_("“%(field)s”不能为空。"), f"{at}.{name}"))
    renewal_word = str(data.get("renewal", ALLOW))
    if renewal_word not in RENEWALS:
        allowed = " / ".join(RENEWALS)
        message = N_("“%(field)s”只能是 %(allowed)s 之一，现在是“%(value)s”。")
        findings.append(_refusal(message, f"{at}.renewal", allowed=allowed, value=renewal_word[:40]))
    change = data.get("change")
    if change is not None:
        change = _whole(change, -100, 100, f"{at}.change", findings)
    advice = str(data.get("advice") or "").strip()
    advice_en = str(data.get("advice_en") or advice)
    grade = str(data.get("grade") or "").strip()
    return Consequence(grade, advice, advice_en, change, renewal_word, bool(data.get("rectify")))


def _whole(raw: Any, low: int, high: int, at: str, findings: list[Finding]) -> int | None:
    text = str(raw).strip()
    if text.removeprefix("-").removeprefix("+").isdecimal() and text.isascii() and low <= int(text[:6]) <= high:
        return int(text)
    message = N_("“%(field)s”应为 %(low)s 到 %(high)s 之间的整数，现在是“%(value)s”。")
    findings.append(_refusal(message, at, low=low, high=high, value=text[:40]))
    return None
