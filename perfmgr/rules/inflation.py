"""The watch on inflated self-evaluations (虚高): signals with a light, and a risk by which reviewers rank (Q23–Q31)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.inflation_claims import coverages, shows_ratio, wrong_ratios, wrong_totals
from perfmgr.rules.inflation_limits import Limits
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.quality_case import Undetermined
from perfmgr.rules.texts import N_, half_width

RED, YELLOW, GREEN = "red", "yellow", "green"
LIGHTS = {RED: N_("红灯"), YELLOW: N_("黄灯"), GREEN: N_("无异常")}
MOST_RISK = Decimal(100)
TITLES = {
    "Q23": N_("完成情况未写实"),
    "Q25": N_("所写得分或比率算不对"),
    "Q27": N_("指标得分高于执行"),
    "GAP": N_("预算执行偏低"),
    "Q28": N_("全部满分"),
    "Q29": N_("超预算执行未说明"),
    "Q31": N_("覆盖率没有分子分母"),
    "EXACT": N_("完成值与目标值全部相同"),
    "JUMP": N_("比上年大幅升高"),
    "FORECAST": N_("高于监控预测"),
    "PEERS": N_("明显高于同类项目"),
    "COPIED": N_("说明文字雷同"),
}
_HOLLOW = frozenset(("完成", "已完成", "全部完成", "达标", "已达标"))
_SIGNS = ("≥", "≤", ">", "<")
_PERCENT_UNITS = ("%", "百分比")


@dataclass(frozen=True, slots=True)
class WatchedLine:
    """One line as the watch sees it. ``score`` is None while it cannot be scored or does not apply.

    ``given`` are the marks that stand on the sheet, where they are stored; ``evidenced`` says that files or words show
    what was reached.
    """

    name: str
    full: Decimal
    score: Decimal | None
    target: Decimal | None = None
    actual: Decimal | None = None
    actual_text: str = ""
    target_text: str = ""
    applies: bool = True
    forecast: Decimal | None = None
    sign: str = "ge"
    unit: str = ""
    given: Decimal | None = None
    evidenced: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """A sheet as the watch sees it, with what is known beside it. Amounts share one unit.

    ``peers`` are (total, execution rate) of the department's other submitted sheets of the year, ``copies`` how many
    other sheets hold the same explanation or nearly the same; None means that nobody looked. ``texts`` are what
    the sheet says as a whole, by field.
    """

    lines: Sequence[WatchedLine]
    execution: Decimal | None
    execution_full: Decimal
    budget: Decimal | None
    spent: Decimal | None
    total: Decimal | None
    execution_reason: str = ""
    last_total: Decimal | None = None
    peers: Sequence[tuple[Decimal, Decimal | None]] | None = None
    copies: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What the watch says of one sheet; ``risk`` is between 0 and 100."""

    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    risk: Decimal

    @property
    def light(self) -> str:
        """The gravest light of all signals."""
        levels = {finding.level for finding in self.findings}
        return RED if RED in levels else YELLOW if YELLOW in levels else GREEN


def watch(sheet: Watched, limits: Limits) -> Report:
    """Return every signal of a sheet, what could not be told, and the risk: the weights of the signals added up."""
    rules = (
        *(_texts, _recomputed, _ratio, _unspent, _full, _over_budget, _coverage),
        *(_exact, _jump, _forecast, _peers, _copied),
    )
    outcomes = [outcome for rule in rules for outcome in rule(sheet, limits)]
    findings = tuple(outcome for outcome in outcomes if isinstance(outcome, Finding))
    risk = sum((limits.weights[code] for code in {finding.code for finding in findings}), Decimal(0))
    unknown = tuple(outcome for outcome in outcomes if isinstance(outcome, Undetermined))
    return Report(findings, unknown, min(risk, MOST_RISK))


Outcome = Iterator[Finding | Undetermined]


def _percent(share: Decimal) -> str:
    return plain(half_up(share * 100))


def _texts(sheet: Watched, limits: Limits) -> Outcome:
    for n, line in enumerate(sheet.lines):
        text = line.actual_text.strip("。. ")
        bare = "".join(half_width(text).split())
        # “≥266米” says what was wanted, not what was reached.
        if bare and (bare in _HOLLOW or bare == "".join(half_width(line.target_text).split()) or bare[0] in _SIGNS):
            yield Finding(
                "Q23",
                N_("指标“%(name)s”的完成情况只写了“%(text)s”。"),
                f"lines.{n}.actual_text",
                YELLOW,
                N_("请写明实际数值和依据。"),
                params={"name": line.name, "text": text[:40]},
            )


def _recomputed(sheet: Watched, limits: Limits) -> Outcome:
    """Q25: what is given equals what is computed, on every line and in the texts."""
    for n, line in enumerate(sheet.lines):
        given, score = (line.given, line.score) if line.applies else (None, None)
        if given is not None and score is not None and abs(given - score) > limits.recomputed:
            yield Finding(
                "Q25",
                N_("指标“%(name)s”所给得分 %(given)s 与按公式计算的 %(score)s 不一致。"),
                f"lines.{n}",
                YELLOW,
                N_("请核对目标值、完成值和评分规则后重新送审。"),
                params={"name": line.name, "given": plain(given), "score": plain(score)},
            )
        for claim, share in wrong_ratios(line.actual_text):
            yield _wrong_ratio(f"lines.{n}.actual_text", claim, share)
    names = [line.name for line in sheet.lines]
    for place, text in sheet.texts.items():
        for claim, share in wrong_ratios(text):
            yield _wrong_ratio(place, claim, share)
        if sheet.total is None:
            continue
        for number in wrong_totals(text, sheet.total, names, limits.recomputed):
            yield Finding(
                "Q25",
                N_("文字中写的得分是 %(said)s，按公式计算是 %(total)s。"),
                place,
                YELLOW,
                N_("请改成与计算结果一致，或删去文字中的得分。"),
                params={"said": number, "total": f"{sheet.total:.2f}"},
            )


def _wrong_ratio(place: str, claim: str, share: Decimal) -> Finding:
    return Finding(
        "Q25",
        N_("文字中的算式“%(claim)s”不对，按所写的数应为 %(share)s%%。"),
        place,
        YELLOW,
        N_("请核对分子、分母和结果。"),
        params={"claim": claim[:60], "share": plain(half_up(share))},
    )


def _coverage(sheet: Watched, limits: Limits) -> Outcome:
    """Q31: whoever claims a coverage shows what of what, so that it can be computed again."""
    for n, line in enumerate(sheet.lines):
        percent = line.actual if line.applies and "覆盖" in line.name and line.unit in _PERCENT_UNITS else None
        if percent is not None and not line.evidenced and not shows_ratio(line.actual_text, percent):
            message = N_("指标“%(name)s”的覆盖率 %(percent)s%% 没有写明分子、分母，也没有佐证，不能复算。")
            yield _unproved(f"lines.{n}.actual_text", message, percent, name=line.name)
    for place, text in sheet.texts.items():
        for claim in coverages(text):
            message = (
                N_("文字中的覆盖率 %(percent)s%% 与旁边所写的数对不上，不能复算。")
                if claim.shown
                else N_("文字中的覆盖率 %(percent)s%% 没有写明分子、分母，不能复算。")
            )
            yield _unproved(place, message, claim.percent)


def _unproved(place: str, message: str, percent: Decimal, **more: str) -> Finding:
    remedy = N_("请写明应覆盖多少、已覆盖多少和统计范围，例如：应设目标项目 247 个，已设 247 个，覆盖率 100%%。")
    return Finding("Q31", message, place, YELLOW, remedy, params={**more, "percent": plain(percent)})


def _ratio(sheet: Watched, limits: Limits) -> Outcome:
    scored = [line for line in sheet.lines if line.applies]
    full = sum((line.full for line in scored), Decimal(0))
    if not full or any(line.score is None for line in scored) or sheet.execution is None or not sheet.execution_full:
        yield Undetermined("Q27", N_("指标得分或预算执行得分还不全，不能比较两者。"))
        return
    earned = sum((line.score or Decimal(0) for line in scored), Decimal(0))
    # (S/full - B/execution_full) / (S/full), without dividing before comparing.
    above, base = earned * sheet.execution_full - sheet.execution * full, earned * sheet.execution_full
    if base and above > limits.gap * base:
        yield Finding(
            "Q27",
            N_("指标得分率比预算执行得分率高出 %(gap)s%%，超过 %(limit)s%%，疑似虚高。"),
            "lines",
            RED,
            N_("请核对各项完成值和佐证，或说明少花钱也完成了目标的原因。"),
            params={"gap": _percent(above / base), "limit": _percent(limits.gap)},
        )


def _unspent(sheet: Watched, limits: Limits) -> Outcome:
    if sheet.budget is None or sheet.spent is None:
        yield Undetermined("GAP", N_("没有预算数或执行数，不能判断执行是否偏低。"))
    elif not sheet.budget or sheet.budget - sheet.spent > limits.unspent * sheet.budget:
        yield Finding(
            "GAP",
            N_("全年预算数为 0，或未执行的部分超过预算的 %(limit)s%%。"),
            "execution",
            YELLOW,
            N_("请核对预算与执行数据，并说明原因。"),
            params={"limit": _percent(limits.unspent)},
        )


def _full(sheet: Watched, limits: Limits) -> Outcome:
    scored = [line for line in sheet.lines if line.applies]
    if scored and all(line.score == line.full for line in scored):
        yield Finding("Q28", N_("全部指标都得满分。"), "lines", YELLOW, N_("请核对目标是否偏低，并逐项附上佐证。"))


def _over_budget(sheet: Watched, limits: Limits) -> Outcome:
    if sheet.budget and sheet.spent is not None and sheet.spent > sheet.budget and not sheet.execution_reason:
        yield Finding(
            "Q29",
            N_("执行数超过全年预算数，没有说明原因。"),
            "execution_reason",
            YELLOW,
            N_("请核对数据或说明超出的资金来源。"),
        )


def _exact(sheet: Watched, limits: Limits) -> Outcome:
    known = [line for line in sheet.lines if line.applies and line.target is not None and line.actual is not None]
    if len(known) > 1 and all(line.actual == line.target for line in known):
        yield Finding(
            "EXACT",
            N_("%(count)s 项定量指标的完成值与目标值完全相同。"),
            "lines",
            YELLOW,
            N_("请按实际数据填写，不要照抄目标值。"),
            params={"count": len(known)},
        )


def _jump(sheet: Watched, limits: Limits) -> Outcome:
    if sheet.last_total is None or sheet.total is None:
        yield Undetermined("JUMP", N_("没有上年的得分，不能与上年比较。"))
    elif sheet.total - sheet.last_total > limits.jump:
        yield Finding(
            "JUMP",
            N_("总分比上年高 %(more)s 分，超过 %(limit)s 分。"),
            "lines",
            YELLOW,
            N_("请说明与上年相比改善的依据。"),
            params={"more": plain(sheet.total - sheet.last_total), "limit": plain(limits.jump)},
        )


def _forecast(sheet: Watched, limits: Limits) -> Outcome:
    known = [
        (n, line, line.actual, line.forecast)
        for n, line in enumerate(sheet.lines)
        if line.forecast is not None and line.actual is not None
    ]
    if not known:
        yield Undetermined("FORECAST", N_("没有运行监控的预测值，不能与监控比较。"))
    for n, line, actual, forecast in known:
        fewer = line.sign in ("le", "lt")
        if actual < forecast * (1 - limits.forecast) if fewer else actual > forecast * (1 + limits.forecast):
            yield Finding(
                "FORECAST",
                N_("指标“%(name)s”的完成值 %(actual)s 明显低于监控时预测的 %(forecast)s，比预测的好。")
                if fewer
                else N_("指标“%(name)s”的完成值 %(actual)s 高于监控时预测的 %(forecast)s。"),
                f"lines.{n}.actual",
                YELLOW,
                N_("请说明监控之后的进展并附上佐证。"),
                params={"name": line.name, "actual": plain(actual), "forecast": plain(forecast)},
            )


def _peers(sheet: Watched, limits: Limits) -> Outcome:
    peers = sheet.peers or ()
    if len(peers) < limits.fewest_peers or sheet.total is None or not sheet.budget or sheet.spent is None:
        yield Undetermined("PEERS", N_("本部门已送审的同类自评太少，不能比较。"))
        return
    below = sum(1 for total, _rate in peers if total < sheet.total)
    rates = sorted(rate for _total, rate in peers if rate is not None)
    slow = bool(rates) and sheet.spent / sheet.budget < rates[len(rates) // 2]
    if slow and below >= limits.peers * len(peers):
        yield Finding(
            "PEERS",
            N_("总分高于本部门 %(share)s%% 的同类项目，预算执行率却低于其中位数。"),
            "lines",
            YELLOW,
            N_("请核对完成值，并说明执行偏低而效果更好的原因。"),
            params={"share": _percent(Decimal(below) / len(peers))},
        )


def _copied(sheet: Watched, limits: Limits) -> Outcome:
    if sheet.copies is None:
        yield Undetermined("COPIED", N_("没有与其他自评表比较文字。"))
    elif sheet.copies:
        yield Finding(
            "COPIED",
            N_("偏差原因、改进措施或完成情况与本部门另外 %(count)s 份自评表相同或只改了几个字。"),
            "lines",
            YELLOW,
            N_("请按本项目的实际情况改写。"),
            params={"count": sheet.copies},
        )
