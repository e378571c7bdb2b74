"""Quality: the rule book of the target checker, read once."""

from functools import lru_cache
from pathlib import Path

import yaml

from perfmgr.rules.quality_book import RuleBook, parse_book

FILE = Path(__file__).resolve().parent.parent / "data" / "quality.yaml"


@lru_cache(maxsize=1)
def rule_book() -> RuleBook:
    """Return the built-in rule book. Raises Invalid when the file is no usable one."""
    return parse_book(yaml.safe_load(FILE.read_text(encoding="utf-8")))
