"""The leaves of the block ``inflation`` of a scheme, as the editor shows them."""

from decimal import Decimal

from perfmgr.rules.inflation_limits import Limits
from perfmgr.rules.parameters import Parameter
from perfmgr.rules.texts import N_

_USUAL = Limits()
_ONE = Decimal(1)
_PERCENT = "%"

PARAMETERS = (
    Parameter(
        "inflation.gap", N_("指标得分率高于执行得分率多少算虚高"), "percent", _PERCENT, str(_USUAL.gap), most=_ONE
    ),
    Parameter("inflation.unspent", N_("未执行部分超过预算的"), "percent", _PERCENT, str(_USUAL.unspent), most=_ONE),
    Parameter("inflation.jump", N_("总分比上年高出"), "number", N_("分"), str(_USUAL.jump), most=Decimal(100)),
    Parameter(
        "inflation.forecast", N_("完成值高于监控预计的"), "percent", _PERCENT, str(_USUAL.forecast), most=Decimal(10)
    ),
    Parameter(
        "inflation.recomputed",
        N_("所写得分与计算得分相差"),
        "number",
        N_("分"),
        str(_USUAL.recomputed),
        most=Decimal(100),
    ),
    Parameter("inflation.peers", N_("总分高于同类项目的比例"), "percent", _PERCENT, str(_USUAL.peers), most=_ONE),
    Parameter(
        "inflation.fewest_peers", N_("同类项目至少"), "count", N_("个"), str(_USUAL.fewest_peers), most=Decimal(1000)
    ),
)
