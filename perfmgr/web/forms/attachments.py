"""Forms: what the files of one upload are, and what they prove."""

from perfmgr.queries.attachments import Subject
from perfmgr.rules.attachments import ABOUT, KINDS
from perfmgr.web.forms.fields import BaseForm, ChoiceField, Required, named
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l


class AttachmentForm(BaseForm):
    """Kind of the files, and the legal basis or indicator they prove (none: the project as a whole)."""

    kind = ChoiceField(_l("类别"), [Required()], choices=named(KINDS))
    about = ChoiceField(_l("证明什么"))

    def prepare(self, subjects: list[Subject]) -> "AttachmentForm":
        """Offer the declaration's legal bases and indicators."""
        self.about.choices = [
            (s.key, _("%(kind)s：%(name)s", kind=_(ABOUT[s.kind]), name=s.name[:60])) for s in subjects
        ]
        return self
