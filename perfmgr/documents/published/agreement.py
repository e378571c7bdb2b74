"""Says where a published document's totals contradict each other: income and expenditure, or one stated twice."""

from collections.abc import Iterator
from decimal import Decimal

from perfmgr.documents.published.figures import Reading
from perfmgr.documents.published.totals import EXPENDITURE, INCOME, statements, total
from perfmgr.rules.findings import WARNING, Finding
from perfmgr.rules.numbers import grouped
from perfmgr.rules.texts import N_


def contradictions(reading: Reading) -> list[Finding]:
    """Return a finding where income and expenditure differ, and where one of them is stated differently again."""
    return [*_income_and_expenditure(reading), *_restated(reading)]


def _income_and_expenditure(reading: Reading) -> Iterator[Finding]:
    income, expenditure = total(reading, INCOME), total(reading, EXPENDITURE)
    if income and expenditure and Decimal(income["value"]) != Decimal(expenditure["value"]):
        yield _finding(
            N_(
                "收入总数%(income)s万元（第%(line)s行）与支出总数%(spent)s万元（第%(other)s行）不相等，相差%(gap)s万元。"
            ),
            income=_shown(income["value"]),
            line=income["line"],
            spent=_shown(expenditure["value"]),
            other=expenditure["line"],
            gap=_shown(abs(Decimal(income["value"]) - Decimal(expenditure["value"]))),
        )


def _restated(reading: Reading) -> Iterator[Finding]:
    for name, patterns in ((N_("收入总数"), INCOME), (N_("支出总数"), EXPENDITURE)):
        facts = statements(reading, patterns)
        other = next((fact for fact in facts if Decimal(fact["value"]) != Decimal(facts[0]["value"])), None)
        if other:
            yield _finding(
                N_("%(name)s前后不一：第%(line)s行为%(value)s万元，第%(other)s行为%(again)s万元。"),
                name=name,
                line=facts[0]["line"],
                value=_shown(facts[0]["value"]),
                other=other["line"],
                again=_shown(other["value"]),
            )


def _finding(message: str, **params: object) -> Finding:
    return Finding("SUM", message, level=WARNING, params=params)


def _shown(value: str | Decimal) -> str:
    return grouped(Decimal(value))
