"""Forms: a project as a whole."""

from perfmgr.actions.projects import ProjectDraft
from perfmgr.models.project import Project
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES
from perfmgr.web.forms.fields import (
    AtMost,
    BaseForm,
    ChoiceField,
    DayField,
    LineField,
    LongField,
    NumberField,
    Required,
    WanField,
    named,
)
from perfmgr.web.language import lazy_gettext as _l


class ProjectForm(BaseForm):
    """Name, code, category and term of a project."""

    name = LineField(_l("项目名称"), [Required(), AtMost(200)])
    unit_id = ChoiceField(_l("申报单位"), [Required()])
    year = NumberField(_l("申报年度"), [Required()], places=0, limit=10000)
    category = ChoiceField(_l("项目类别"), [Required()], choices=named(CATEGORIES))
    attribute = ChoiceField(_l("项目属性"), [Required()], choices=named(ATTRIBUTES))
    function_code = ChoiceField(_l("功能分类"))
    code = LineField(_l("项目代码"), [AtMost(40)])
    start_on = DayField(_l("项目期开始"))
    end_on = DayField(_l("项目期结束"))
    total_amount = WanField(_l("项目总额"))
    goals_total = LongField(_l("项目总目标"), [AtMost(4000)])

    def draft(self) -> ProjectDraft:
        """Return what was typed, for the action."""
        return ProjectDraft(
            code=self.code.data or "",
            name=self.name.data or "",
            category=self.category.data or "",
            attribute=self.attribute.data or "new",
            function_code=self.function_code.data or "",
            start_on=self.start_on.data,
            end_on=self.end_on.data,
            total_amount=self.total_amount.data,
            goals_total=self.goals_total.data or "",
        )

    @staticmethod
    def values_of(project: Project) -> dict[str, object]:
        """Return the stored values of a project under the names of the fields."""
        names = ("name", "category", "attribute", "code", "start_on", "end_on", "total_amount", "goals_total")
        return {
            **{name: getattr(project, name) for name in names},
            "unit_id": str(project.unit_id),
            "function_code": project.function_code or "",
        }
