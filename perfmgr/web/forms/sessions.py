"""Forms: signing in and changing the password."""

from wtforms import PasswordField, StringField

from perfmgr.web.forms.fields import BaseForm, Required
from perfmgr.web.language import lazy_gettext as _l


class SignInForm(BaseForm):
    """User name and password."""

    username = StringField(_l("用户名"), [Required()])
    password = PasswordField(_l("密码"), [Required()])


class PasswordForm(BaseForm):
    """Old and new password."""

    old = PasswordField(_l("原密码"), [Required()])
    new = PasswordField(_l("新密码"), [Required()])
    again = PasswordField(_l("再次输入新密码"), [Required()])
