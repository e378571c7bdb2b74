"""What a rule has to say about a record: one finding, with code, level, field, sentence and remedy."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from perfmgr.rules.texts import N_, Term

ERROR = "error"
WARNING = "warning"
INFO = "info"
DAY = ("year", "month", "day")


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One remark of one rule.

    ``message`` and ``suggestion`` are templates in the source language with ``%(name)s``
    places that ``params`` fills; ``field`` is a dotted path such as ``indicators.2.weight``;
    ``reason`` is one sentence on why the rule exists.
    """

    code: str
    message: str
    field: str = ""
    level: str = ERROR
    suggestion: str = ""
    reason: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the message with its places filled; ``translate`` maps the template first."""
        return translate(self.message) % self._words(translate)

    def remedy(self, translate: Callable[[str], str] = str) -> str:
        """Return the suggestion with its places filled, or an empty string."""
        return translate(self.suggestion) % self._words(translate) if self.suggestion else ""

    def why(self, translate: Callable[[str], str] = str) -> str:
        """Return why the rule exists, or an empty string."""
        return translate(self.reason) % () if self.reason else ""

    def _words(self, translate: Callable[[str], str]) -> dict[str, Any]:
        """Return the params with reasons (findings) written out and terms of ours translated."""
        return {name: _written(value, translate) for name, value in self.params.items()}

    def as_dict(self) -> dict[str, str]:
        """Return the finding as plain strings, for JSON output."""
        return {
            "code": self.code,
            "level": self.level,
            "field": self.field,
            "message": self.sentence(),
            "suggestion": self.remedy(),
        }


def _written(value: Any, translate: Callable[[str], str]) -> Any:
    if isinstance(value, Finding):
        return value.sentence(translate)
    if isinstance(value, dt.date):
        return translate(N_("%(year)s年%(month)s月%(day)s日")) % {name: getattr(value, name) for name in DAY}
    return translate(value) if isinstance(value, Term) else value


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return only the findings that block a submission."""
    return [finding for finding in findings if finding.level == ERROR]
