"""The timetable of a year, read from its YAML file."""

from functools import lru_cache
from pathlib import Path

import yaml

from perfmgr.rules.years import RelativeWindow, TemplateError, read_template

FILE = Path(__file__).resolve().parent.parent / "data" / "year.yaml"


@lru_cache(maxsize=1)
def timetable() -> dict[str, RelativeWindow]:
    """Return the timetable that new cycles get. Raises TemplateError with the file's name when it cannot be used."""
    try:
        return read_template(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    except (yaml.YAMLError, TemplateError) as error:
        raise TemplateError(f"{FILE.name}：{error}") from error
