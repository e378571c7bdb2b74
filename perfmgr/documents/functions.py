"""The built-in functional classification, read from its YAML file."""

from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "functions.yaml"


def built_in() -> list[tuple[str, str]]:
    """Return code and name of every built-in entry."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [(str(code), str(name)) for code, name in data["functions"].items()]
