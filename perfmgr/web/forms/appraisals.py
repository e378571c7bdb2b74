"""Forms: organising an evaluation by experts, and its report."""

from typing import Any

from perfmgr.models.appraisal import Appraisal
from perfmgr.rules.appraisals import Line
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, DayField, FixedRows, LongField, Required
from perfmgr.web.language import lazy_gettext as _l


class OrganiseForm(BaseForm):
    """Kind, rubric and due day; the experts are boxes beside it."""

    kind = ChoiceField(_l("评价类型"), [Required()])
    rubric_id = ChoiceField(_l("评价指标表"), [Required()])
    due_on = DayField(_l("评分截止日"), [Required()])


class NoteForm(BaseForm):
    """What the organiser says about an item where the experts differ."""

    note = LongField(_l("分歧说明"), [AtMost(1000)])


class ReportForm(BaseForm):
    """The organiser's sentences of the report; ``notes`` has a row for each item that wants one."""

    notes = FixedRows(NoteForm, _l("分歧较大的指标"))
    problems = LongField(_l("发现的问题"), [AtMost(4000)])
    suggestions = LongField(_l("改进建议"), [AtMost(4000)])


def report_values(appraisal: Appraisal, differing: list[Line]) -> dict[str, Any]:
    """Return what is stored of the report under the names of the form's fields."""
    notes = [{"note": appraisal.notes.get(line.item.code, "")} for line in differing]
    return {"notes": notes, "problems": appraisal.problems, "suggestions": appraisal.suggestions}
