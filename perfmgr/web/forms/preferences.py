"""Forms: one's own e-mail address, its code, and what to be told of."""

from wtforms import BooleanField

from perfmgr.rules.messages import DIGEST_HOURS, TOPICS
from perfmgr.web.forms.fields import AtMost, BaseForm, ChoiceField, LineField, Required
from perfmgr.web.language import lazy_gettext as _l


class AddressForm(BaseForm):
    """An e-mail address to be confirmed."""

    email = LineField(_l("邮箱"), [Required(), AtMost(200)])


class CodeForm(BaseForm):
    """The code that was mailed."""

    code = LineField(_l("确认码"), [Required(), AtMost(12)])


class PreferencesForm(BaseForm):
    """What to be told of by e-mail, and from which hour of the day on."""

    reminders = BooleanField(_l("其他提醒"))
    hour = ChoiceField(_l("发送时间"), choices=[(str(hour), f"{hour}:00") for hour in DIGEST_HOURS])

    def topics(self) -> list[BooleanField]:
        """Return the check boxes of the notices."""
        return [self[f"topic_{topic}"] for topic in TOPICS]

    def chosen(self) -> list[str]:
        """Return the notices that are ticked."""
        return [topic for topic in TOPICS if self[f"topic_{topic}"].data]


for _topic, _name in TOPICS.items():
    setattr(PreferencesForm, f"topic_{_topic}", BooleanField(_l(_name)))
