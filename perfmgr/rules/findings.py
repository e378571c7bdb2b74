"""What a rule has to say about a record: one finding, with code, level, field, sentence and remedy."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

ERROR = "error"
WARNING = "warning"
INFO = "info"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One remark of one rule.

    ``message`` and ``suggestion`` are templates in the source language with ``%(name)s``
    places that ``params`` fills; ``field`` is a dotted path such as ``indicators.2.weight``.
    """

    code: str
    message: str
    field: str = ""
    level: str = ERROR
    suggestion: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the message with its places filled; ``translate`` maps the template first."""
        return translate(self.message) % self._words(translate)

    def remedy(self, translate: Callable[[str], str] = str) -> str:
        """Return the suggestion with its places filled, or an empty string."""
        return translate(self.suggestion) % self._words(translate) if self.suggestion else ""

    def _words(self, translate: Callable[[str], str]) -> dict[str, Any]:
        """Return the params with findings among them (a reason inside a sentence) written out."""
        return {
            name: value.sentence(translate) if isinstance(value, Finding) else value
            for name, value in self.params.items()
        }

    def as_dict(self) -> dict[str, str]:
        """Return the finding as plain strings, for JSON output."""
        return {
            "code": self.code,
            "level": self.level,
            "field": self.field,
            "message": self.sentence(),
            "suggestion": self.remedy(),
        }


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return only the findings that block a submission."""
    return [finding for finding in findings if finding.level == ERROR]
