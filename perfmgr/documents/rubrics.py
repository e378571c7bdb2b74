"""The built-in rubrics of expert evaluation, read from their YAML files."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from perfmgr.rules.rubrics import Rubric, parse_rubric

FOLDER = Path(__file__).resolve().parent.parent / "data" / "rubrics"


def built_in_data() -> list[dict[str, Any]]:
    """Return the data of every built-in rubric, by file name."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]


@lru_cache(maxsize=1)
def built_in() -> dict[str, Rubric]:
    """Return the built-in rubrics by code."""
    return {rubric.code: rubric for rubric in map(parse_rubric, built_in_data())}
