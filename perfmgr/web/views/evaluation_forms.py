"""The official self-evaluation form as files: Excel and Word."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.documents.evaluation_files import form_document, form_workbook
from perfmgr.documents.evaluation_forms import OfficialForm, official_form
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import evaluations, reviews, schemes
from perfmgr.web.asked import found
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer

views = Blueprint("evaluation_forms", __name__, url_prefix="/evaluations")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def form_of(evaluation: Evaluation) -> OfficialForm:
    """Return the sheet on the official form, as it stands."""
    scheme, funds = schemes.by_id(evaluation.scheme_id), evaluations.funds(evaluation)
    tiers = reviews.submitted(evaluation.id) if evaluation.state == "confirmed" else ()
    return official_form(evaluation, scheme, evaluations.score(evaluation), funds, tiers)


def _answer(evaluation: Evaluation, form: OfficialForm, data: bytes, end: str, media: str) -> Response:
    name = f"{evaluation.title}{evaluation.year}年度{form.title}.{end}"
    return Response(
        data, mimetype=media, headers=attachment(name, f"evaluation-{evaluation.year}-{evaluation.id}.{end}")
    )


@views.get("/<id:evaluation_id>/form.xlsx")
def workbook(evaluation_id: int) -> ResponseReturnValue:
    """Send the official form as an Excel file."""
    evaluation = found(evaluations.find(evaluation_id, viewer()))
    form = form_of(evaluation)
    return _answer(evaluation, form, form_workbook(form, times.now()), "xlsx", XLSX)


@views.get("/<id:evaluation_id>/form.docx")
def document(evaluation_id: int) -> ResponseReturnValue:
    """Send the official form as a Word file."""
    evaluation = found(evaluations.find(evaluation_id, viewer()))
    form = form_of(evaluation)
    return _answer(evaluation, form, form_document(form, times.now()), "docx", DOCX)
