"""Forms: a monitoring sheet as the filler sees it."""

from typing import Any

from wtforms import BooleanField

from perfmgr.models.monitoring import Monitoring
from perfmgr.rules.monitoring_entries import LineEntry, SheetEntry
from perfmgr.rules.monitorings import LIKELIHOODS, TIERS, Entry
from perfmgr.web.forms.fields import (
    AtMost,
    BaseForm,
    ChoiceField,
    DayField,
    FixedRows,
    LineField,
    LongField,
    NumberField,
    WanField,
    named,
)
from perfmgr.web.language import lazy_gettext as _l


class EntryForm(BaseForm):
    """What is written beside a light: causes, explanation, and the problem to be put right."""

    cause_funds = BooleanField(_l("经费保障"))
    cause_rules = BooleanField(_l("制度保障"))
    cause_staff = BooleanField(_l("人员保障"))
    cause_hardware = BooleanField(_l("硬件条件保障"))
    cause_other = BooleanField(_l("其他"))
    explanation = LongField(_l("原因说明"), [AtMost(2000)])
    measure = LongField(_l("整改措施"), [AtMost(2000)])
    owner = LineField(_l("责任人"), [AtMost(50)])
    due_on = DayField(_l("完成时限"))

    @property
    def causes(self) -> list[BooleanField]:
        """The boxes of the causes, in the order of the official form."""
        return [field for field in self if field.short_name.startswith("cause_")]

    def entry(self) -> Entry:
        """Return what was typed, for the rules and the action."""
        return Entry(
            causes=[field.short_name.removeprefix("cause_") for field in self.causes if field.data],
            explanation=self.explanation.data or "",
            measure=self.measure.data or "",
            owner=self.owner.data or "",
            due_on=self.due_on.data,
        )


class LineForm(EntryForm):
    """What the filler enters for one indicator."""

    actual = NumberField(_l("完成情况"))
    actual_text = LineField(_l("完成情况说明"), [AtMost(200)])
    tier = ChoiceField(_l("完成情况"), choices=named(TIERS))
    forecast = NumberField(_l("全年预计完成情况"))
    forecast_text = LineField(_l("全年预计完成情况说明"), [AtMost(200)])
    likelihood = ChoiceField(_l("完成目标可能性"), choices=named(LIKELIHOODS))
    remark = LineField(_l("备注"), [AtMost(200)])

    def line(self) -> LineEntry:
        """Return what was typed, for the rules and the action."""
        return LineEntry(
            actual=self.actual.data,
            actual_text=self.actual_text.data or "",
            tier=self.tier.data or "",
            forecast=self.forecast.data,
            forecast_text=self.forecast_text.data or "",
            likelihood=self.likelihood.data or "",
            remark=self.remark.data or "",
            entry=self.entry(),
        )


class MonitoringForm(BaseForm):
    """The whole sheet; ``budget`` holds one row, what is written beside the light of the money."""

    executed = WanField(_l("执行数（万元）"))
    forecast = WanField(_l("全年预计执行数（万元）"))
    general_executed = WanField(_l("其中：一般公共预算拨款 执行数（万元）"))
    general_forecast = WanField(_l("其中：一般公共预算拨款 全年预计执行数（万元）"))
    budget = FixedRows(EntryForm, _l("预算执行"))
    goal_progress = LongField(_l("年度总体目标进展"), [AtMost(10000)])
    lines = FixedRows(LineForm, _l("绩效指标"))

    def sheet(self) -> SheetEntry:
        """Return what was typed, for the rules and the action."""
        return SheetEntry(
            lines=[row.form.line() for row in self.lines],
            executed=self.executed.data,
            forecast=self.forecast.data,
            general_executed=self.general_executed.data,
            general_forecast=self.general_forecast.data,
            goal_progress=self.goal_progress.data or "",
            entry=self.budget[0].form.entry(),
        )


def _entry_values(entry: Entry) -> dict[str, Any]:
    return {
        **{f"cause_{cause}": True for cause in entry.causes},
        **{name: getattr(entry, name) for name in ("explanation", "measure", "owner", "due_on")},
    }


def monitoring_values(monitoring: Monitoring) -> dict[str, Any]:
    """Return the stored values of a sheet under the names of the form's fields."""
    names = ("executed", "forecast", "general_executed", "general_forecast", "goal_progress")
    lines = [
        {
            "actual": line.actual_value,
            "forecast": line.forecast_value,
            **{name: getattr(line, name) for name in ("actual_text", "tier", "forecast_text", "likelihood", "remark")},
            **_entry_values(monitoring.entry_at(line.position, line.causes, line.explanation)),
        }
        for line in monitoring.lines
    ]
    budget = monitoring.entry_at(0, monitoring.budget_causes, monitoring.budget_explanation)
    return {
        **{name: getattr(monitoring, name) for name in names},
        "budget": [_entry_values(budget)],
        "lines": lines,
    }
