"""Showing a form again after a refusal, with every sentence at its field and nothing typed lost."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from perfmgr.extensions import db
from perfmgr.rules.refusals import Refused
from perfmgr.web.forms.fields import BaseForm
from perfmgr.web.language import gettext as _


def show_refusal(template: str, refusal: Refused, form: BaseForm, **context: Any) -> ResponseReturnValue:
    """Render the form's page with the refusal's findings; status as the refusal says.

    A finding whose field the form has is shown there, the others above the form.
    """
    db.session.rollback()
    loose: list[str] = []
    for finding in refusal.findings:
        sentence = finding.sentence(_)
        field = form.field_by_id(finding.field.replace(".", "-")) if finding.field else None
        if field is not None:
            field.errors = [*field.errors, sentence]
        else:
            loose.append(sentence)
    return render_template(template, form=form, loose=loose, **context), refusal.status
