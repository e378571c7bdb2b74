"""The block ``trial`` of a scheme: what counts as a notable change when the scheme is tried."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from perfmgr.rules.parameters import Parameter, value_of
from perfmgr.rules.texts import N_

NOTABLE = Parameter("trial.notable", N_("试算：变动不小于多少算较大"), "number", N_("分"), "5", most=Decimal(100))
PARAMETERS = (NOTABLE,)


def notable(data: Mapping[str, Any]) -> Decimal:
    """Return from how many marks on a change is notable; 5 when the scheme says nothing."""
    return Decimal(value_of(data, NOTABLE))
