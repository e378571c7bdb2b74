"""A small sheet for the tests of score files, and its result as it would be read from a file."""

import json
from decimal import Decimal
from typing import Any

from perfmgr.documents.score_entries import score_entry


def sheet(**changes: Any) -> dict[str, Any]:
    """A small sheet of 100 marks that has 98.62."""
    data = {
        "id": "甲",
        "scheme": "10-50-30-10",
        "A": 250000,
        "E": 215457.6,
        "wE": 10,
        "exec": 8.62,
        "rows": [[">=", 100, 100, 60, 60], ["qual", "达成", None, 30, 30]],
        "total": 98.62,
    }
    return {**data, **changes}


def scored(entry: Any) -> dict[str, Any]:
    """The result of an entry as it would be read from a file."""
    return score_entry(json.loads(json.dumps(entry), parse_float=Decimal, parse_int=Decimal))
