"""The built-in scoring schemes, read from their YAML files."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from perfmgr.rules.refusals import Refused
from perfmgr.rules.schemes import Scheme, parse_scheme
from perfmgr.rules.texts import N_

FOLDER = Path(__file__).resolve().parent.parent / "data" / "schemes"


def built_in() -> list[dict[str, Any]]:
    """Return the data of every built-in scheme, by file name."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]


@lru_cache(maxsize=1)
def parsed() -> dict[str, Scheme]:
    """Return the built-in schemes by code."""
    return {scheme.code: scheme for scheme in map(parse_scheme, built_in())}


def by_code(code: str) -> Scheme:
    """Return the built-in scheme with this code; raises Refused naming those there are."""
    known = parsed()
    if code not in known:
        raise Refused(
            N_("没有名为“%(asked)s”的评分方案；可用的方案有：%(known)s。"),
            code="SCHEME",
            field="scheme",
            asked=code,
            known="、".join(known),
        )
    return known[code]
