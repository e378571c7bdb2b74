"""The built-in rubrics of expert evaluation, read from their YAML files."""

from functools import lru_cache
from pathlib import Path

import yaml

from perfmgr.rules.rubrics import Rubric, parse_rubric

FOLDER = Path(__file__).resolve().parent.parent / "data" / "rubrics"


@lru_cache(maxsize=1)
def built_in() -> dict[str, Rubric]:
    """Return the built-in rubrics by code."""
    read = (parse_rubric(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml")))
    return {rubric.code: rubric for rubric in read}
