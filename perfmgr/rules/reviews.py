"""Re-checks in tiers: marks that differ need a coded reason, and what is written must agree with what is computed."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import plain
from perfmgr.rules.texts import N_

FIRST, SPOT_CHECK = 1, 2
TIERS = (FIRST, SPOT_CHECK)
STATES = ("draft", "submitted")
PASS, RECTIFY, REJECT = "pass", "rectify", "reject"
CONCLUSIONS = {PASS: N_("通过"), RECTIFY: N_("限期整改"), REJECT: N_("不予认可")}
TIER_NAMES = {
    ("project", FIRST): N_("部门复核"),
    ("project", SPOT_CHECK): N_("财政抽查"),
    ("department", FIRST): N_("财政复核"),
}

SELF = N_("自评")


def whose(kind: str, tier: int) -> str:
    """Return whose marks stand after this tier of a sheet's re-check; before any (0) they are the filler's."""
    return TIER_NAMES.get((kind, tier), SELF)


_CODES = {
    "evidence": "佐证不足",
    "scope": "口径不符",
    "arithmetic": "计算错误",
    "low_target": "目标过低",
    "other": "其他",
}
# How a reason is stored in every re-check that gives it.
CODE = re.compile(r"[a-z][a-z0-9_]{0,23}")
_TOTAL = re.compile(r"(?:总得分|总分|得分|评分)\s*(?:为|是|:|：)?\s*(\d{1,3}(?:\.\d+)?)(?![\d%％])")
_CLAUSE = re.compile(r"[。；;！!？?\n，,]")
# Clauses that speak of something else than the total of this tier.
_OTHER = re.compile(r"指标|执行|上年|去年|往年|20\d\d\s*年|每|扣")


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """The block ``review`` of a scheme.

    ``codes`` name the reasons for a difference. A difference above ``marks`` marks or above ``share`` of what the
    line can earn needs both a code and a text. ``sample`` is the share of confirmed sheets drawn for a spot check,
    ``red_factor`` how many times likelier a sheet with a red light is drawn.
    """

    codes: tuple[tuple[str, str], ...] = tuple(_CODES.items())
    marks: Decimal = Decimal(3)
    share: Decimal = Decimal("0.2")
    sample: Decimal = Decimal("0.15")
    red_factor: Decimal = Decimal(2)

    def code_name(self, code: str) -> str:
        """Return how a code is called, the code itself when the scheme no longer knows it."""
        return dict(self.codes).get(code, code)


class Reader(Protocol):
    """What is needed of the reader of schemes: parts of plain data, and a place for what is wrong."""

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        """Return a group of fields."""

    def number(self, data: Mapping[str, Any], key: str, path: str, default: str | None = None) -> Decimal:
        """Return a number that is not negative."""


def read_review(reader: Reader, data: Mapping[str, Any]) -> ReviewRules:
    """Return the block ``review`` of a scheme; what is left out is as in the built-in one."""
    usual = ReviewRules()
    block = reader.mapping(data.get("review"), "review")
    codes = reader.mapping(block.get("codes"), "review.codes")

    def number(key: str) -> Decimal:
        return reader.number(block, key, f"review.{key}", str(getattr(usual, key)))

    return ReviewRules(
        codes=tuple((str(code), str(name)) for code, name in codes.items()) or usual.codes,
        marks=number("marks"),
        share=number("share"),
        sample=number("sample"),
        red_factor=number("red_factor"),
    )


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One tier's marks for one line (None confirms the filler's), and the reason when they differ."""

    score: Decimal | None
    reason: str = ""
    code: str = ""


def check_line(
    n: int, name: str, draft: LineDraft, given: Decimal, full: Decimal, rules: ReviewRules
) -> Iterator[Finding]:
    """Yield what is wrong with the marks for line ``n``: ``given`` by the filler, ``full`` at most."""
    at: dict[str, Any] = {"name": name, "full": full, "number": n + 1}
    score = draft.score
    if draft.code and draft.code not in dict(rules.codes):
        yield Finding("REVIEW", N_("请从列表中选择指标“%(name)s”的差异原因。"), f"lines.{n}.code", params=at)
    if score is None or score == given:
        return
    if not 0 <= score <= full:
        yield Finding(
            "Q24", N_("指标“%(name)s”的复核得分应在 0 到 %(full)s 之间，请修改。"), f"lines.{n}.score", params=at
        )
        return
    if not draft.reason:
        yield Finding("REVIEW", N_("指标“%(name)s”的复核得分与自评不同，请写明理由。"), f"lines.{n}.reason", params=at)
    gap = abs(score - given)
    if not draft.code and (gap > rules.marks or gap > rules.share * full):
        yield Finding(
            "REVIEW",
            N_("指标“%(name)s”的复核得分与自评相差 %(gap)s 分，请从列表中选择差异原因。"),
            f"lines.{n}.code",
            params={**at, "gap": plain(gap)},
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What a tier says in words, and what was computed of it."""

    opinion: str
    conclusion: str
    despite_grade: bool
    total: Decimal
    grade: str
    lowest: str
    self_total: Decimal | None
    names: Collection[str] = ()
    grades: Collection[str] = ()


def _clauses(text: str, names: Collection[str]) -> Iterator[str]:
    """Yield the clauses that speak of the sheet as a whole: of no indicator, no execution and no other year."""
    for clause in _CLAUSE.split(text):
        if not _OTHER.search(clause) and not any(name in clause for name in names):
            yield clause


def stated_totals(text: str, names: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield clause and number wherever a text says what the whole sheet scored; ``names`` are its indicators."""
    for clause in _clauses(text, names):
        for number in _TOTAL.findall(clause):
            yield clause, number


def check_written(said: Written) -> Iterator[Finding]:
    """Yield where an opinion or conclusion contradicts the computed total and grade."""
    for clause in _clauses(said.opinion, said.names):
        own = "自评" not in clause
        meant = said.total if own else said.self_total
        for number in _TOTAL.findall(clause):
            if meant is not None and Decimal(number) != meant:
                yield Finding(
                    "REVIEW",
                    N_("意见中写的得分是 %(said)s，计算得分是 %(total)s，请改成一致后再提交。"),
                    "opinion",
                    params={"said": number, "total": f"{meant:.2f}"},
                )
        if own and (grade := _other_grade(clause, said)):
            yield Finding(
                "REVIEW",
                N_("意见中写的等级是“%(said)s”，按得分应为“%(grade)s”，请改成一致后再提交。"),
                "opinion",
                params={"said": grade, "grade": said.grade},
            )
    if said.conclusion == PASS and said.grade == said.lowest and not (said.despite_grade and said.opinion):
        yield Finding(
            "REVIEW",
            N_("得分等级为“%(grade)s”，结论却是“通过”；如确需通过，请勾选“等级最低仍予通过”并在总体意见中说明。"),
            "conclusion",
            params={"grade": said.grade},
        )


def _other_grade(clause: str, said: Written) -> str:
    """Return the grade a clause names when it is not the computed one."""
    found = re.search(r"等级\s*(?:为|是|:|：)?\s*[“\"]?([^\s”\"，。]{1,4})", clause)
    names = [name for name in said.grades if found and found[1].startswith(name)]
    return names[0] if names and names[0] != said.grade else ""
