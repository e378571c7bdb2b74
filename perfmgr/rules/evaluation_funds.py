"""The sources of money on the official self-evaluation form, and that they add up to its total."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.money import wan
from perfmgr.rules.texts import N_, Term

SOURCES = {
    "fiscal": N_("当年财政拨款"),
    "carry_over": N_("上年结转资金"),
    "other": N_("其他资金"),
}
COLUMNS = {
    "initial": N_("年初预算数"),
    "adjusted": N_("全年预算数"),
    "executed": N_("全年执行数"),
}
# How the sources of a declaration stand on the form: all appropriations of the year are one row.
_DECLARED = {"carry_over": "carry_over", "other": "other"}


@dataclass(frozen=True, slots=True)
class FundEntry:
    """Budget and spending from one source in yuan; None while nobody has said how much."""

    source: str
    initial: Decimal | None = None
    adjusted: Decimal | None = None
    executed: Decimal | None = None


def prefilled(declared: Iterable[tuple[str, Decimal]], total: Mapping[str, Decimal | None]) -> list[FundEntry]:
    """Return the rows as far as they are known from the declaration's money by source (yuan).

    A column is filled only when what was declared adds up to its total: after an adjustment the
    declared money is that of the adjusted budget. Spending is known when all money has one source.
    """
    sums = dict.fromkeys(SOURCES, Decimal(0))
    for source, amount in declared:
        sums[_DECLARED.get(source, "fiscal")] += amount
    whole = sum(sums.values(), Decimal(0))
    with_money = [source for source, amount in sums.items() if amount]
    rows = []
    for source, amount in sums.items():
        known = {name: amount for name in ("initial", "adjusted") if whole and whole == total[name]}
        if known and len(with_money) == 1 and total["executed"] is not None:
            known["executed"] = total["executed"] if amount else Decimal(0)
        rows.append(FundEntry(source, **known))
    return rows


def check_funds(rows: Sequence[FundEntry], total: Mapping[str, Decimal | None]) -> list[Finding]:
    """Return a finding for every column whose sources do not add up to the total (Q18), naming the difference.

    A column in which nothing is entered is not judged; an empty cell beside others counts as 0.
    """
    findings = []
    for name, title in COLUMNS.items():
        entered = [amount for row in rows if (amount := getattr(row, name)) is not None]
        whole = total[name]
        if not entered or whole is None:
            continue
        parts = sum(entered, Decimal(0))
        if parts != whole:
            params = {
                "column": Term(title),
                "parts": wan(parts),
                "total": wan(whole),
                "difference": wan(parts - whole if parts > whole else whole - parts),
            }
            sentence = (
                N_(
                    "“%(column)s”各资金来源合计 %(parts)s 万元，比年度资金总额 %(total)s 万元多 %(difference)s 万元，请核对。"
                )
                if parts > whole
                else N_(
                    "“%(column)s”各资金来源合计 %(parts)s 万元，比年度资金总额 %(total)s 万元少 %(difference)s 万元，请核对。"
                )
            )
            findings.append(Finding("Q18", sentence, "funds", params=params))
    return findings
