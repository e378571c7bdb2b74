"""The reminder rules that come with the program, read from their YAML file."""

from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "reminders.yaml"


def built_in() -> list[tuple[str, str, dict[str, Any]]]:
    """Return code, kind of duty and settings of every built-in rule."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        (str(code), str(rule["duty"]), {key: value for key, value in rule.items() if key != "duty"})
        for code, rule in data["rules"].items()
    ]
