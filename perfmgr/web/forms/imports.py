"""Forms: uploading a workbook of target forms."""

from perfmgr.web.forms.fields import BaseForm, ChoiceField, Required
from perfmgr.web.language import lazy_gettext as _l


class ImportForm(BaseForm):
    """Year and unit of the projects; the file itself is no field."""

    year = ChoiceField(_l("申报年度"), [Required()])
    unit_id = ChoiceField(_l("申报单位"))
