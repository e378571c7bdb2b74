"""The leaves of the block ``monitoring`` of a scheme, as the editor shows them."""

from decimal import Decimal

from perfmgr.rules.monitoring_scheme import OF_ELAPSED, OF_YEAR
from perfmgr.rules.parameters import Parameter
from perfmgr.rules.texts import N_

_MOST = Decimal(10)
_PERCENT = "%"

PARAMETERS = (
    Parameter("monitoring.red_below", N_("红灯：低于应达进度的"), "percent", _PERCENT, "0.6", most=_MOST),
    Parameter("monitoring.green_from", N_("绿灯：不低于应达进度的"), "percent", _PERCENT, "0.8", most=_MOST),
    Parameter("monitoring.blue_from", N_("蓝灯：不低于目标的"), "percent", _PERCENT, "1.2", most=_MOST),
    Parameter(
        "monitoring.blue_of",
        N_("蓝灯的目标"),
        "choice",
        "",
        OF_YEAR,
        choices=((OF_YEAR, N_("全年指标值")), (OF_ELAPSED, N_("按时间应达到的值"))),
    ),
    Parameter(
        "monitoring.percent_of",
        N_("以百分比计的指标"),
        "choice",
        "",
        OF_ELAPSED,
        choices=((OF_ELAPSED, N_("随月份增长")), (OF_YEAR, N_("随时按全年指标值"))),
    ),
)
