"""The leaves of the block ``review`` of a scheme, as the editor shows them."""

from decimal import Decimal

from perfmgr.rules.parameters import Parameter
from perfmgr.rules.reviews import ReviewRules
from perfmgr.rules.samples import MOST_FACTOR
from perfmgr.rules.texts import N_

_USUAL = ReviewRules()

PARAMETERS = (
    Parameter(
        "review.marks", N_("得分相差超过多少须选差异原因"), "number", N_("分"), str(_USUAL.marks), most=Decimal(100)
    ),
    Parameter("review.share", N_("或超过该项分值的"), "percent", "%", str(_USUAL.share), most=Decimal(1)),
    Parameter("review.sample", N_("抽查比例"), "percent", "%", str(_USUAL.sample), Decimal("0.0001"), Decimal(1)),
    Parameter(
        "review.red_factor",
        N_("抽查时红灯自评的权重"),
        "number",
        "",
        str(_USUAL.red_factor),
        Decimal(1),
        MOST_FACTOR,
        places=2,
    ),
)
