"""The few ways in which the system says no; each carries sentences for the person who asked."""

from collections.abc import Sequence
from typing import Any

from perfmgr.rules.findings import Finding


class Refused(Exception):
    """A request that is understood and not carried out. Nothing was changed."""

    status = 422

    def __init__(self, message: str, *, code: str = "", field: str = "", **params: Any) -> None:
        self.findings: list[Finding] = [Finding(code, message, field, params=params)]
        super().__init__(self.findings[0].sentence())


class Invalid(Refused):
    """The content breaks rules; ``findings`` lists every one of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        Exception.__init__(self, "；".join(finding.sentence() for finding in self.findings))


class NotAllowed(Refused):
    """This person may not do this here."""

    status = 403


class NotFound(Refused):
    """There is no such record among those this person may see."""

    status = 404


class Conflict(Refused):
    """The record is no longer in the state or version that the request was made for."""

    status = 409
