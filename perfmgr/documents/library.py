"""The built-in indicator library, read from its YAML files: one file for each field."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from perfmgr.rules.library import EntryDraft, entry_of

FOLDER = Path(__file__).resolve().parent.parent / "data" / "library"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One entry of the files; a higher ``edition`` replaces what was taken in before."""

    code: str
    edition: int
    draft: EntryDraft


def built_in() -> list[BuiltIn]:
    """Return every built-in entry, by file and in the order of the file; raises Invalid for a faulty one."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(BuiltIn(str(row["code"]), int(row.get("edition", 1)), entry_of(row, path.stem)))
    return found
