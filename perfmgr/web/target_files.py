"""Workbooks of target forms as answers: one declaration, or the whole of a list."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from flask import Response
from werkzeug.wsgi import FileWrapper

from perfmgr.documents.target_forms import books
from perfmgr.documents.target_forms.writing import Form
from perfmgr.models.declaration import Declaration
from perfmgr.queries import imports, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.web.downloads import attachment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 200
_ROOM = threading.BoundedSemaphore(2)  # large exports at a time in one process
PATIENCE = 20
SENT_AT_ONCE = 2_000_000  # bytes; larger files are sent piece by piece


class TooBusy(Refused):
    """Others are exporting as much as the machine can do at a time."""

    status = 429


def form_of(declaration: Declaration) -> Form:
    """Return a declaration as it is written into a form."""
    return Form(
        year=declaration.year,
        scheme=schemes.by_id(declaration.scheme_id),
        values=imports.values_of(declaration),
        unit=declaration.unit.name,
        department=declaration.department.name,
        department_code=declaration.department.code,
    )


def answer(data: bytes | IO[bytes], name: str, fallback: str) -> Response:
    """Return a workbook to download; a file is sent piece by piece and closed in any case."""
    headers = attachment(name, fallback)
    if isinstance(data, bytes):
        return Response(data, mimetype=XLSX, headers=headers)
    response = Response(FileWrapper(data, 1 << 16), mimetype=XLSX, headers=headers)
    response.call_on_close(data.close)
    return response


def workbook(ids: Sequence[int], layout: str, by: Viewer) -> bytes | IO[bytes]:
    """Return these declarations as forms (a sheet each) or lists, as far as this person may see them.

    Many are always written as lists. Raises TooBusy when too many such exports run already.
    """
    if not _ROOM.acquire(timeout=PATIENCE):
        raise TooBusy(N_("正在导出的人较多，请稍后再试。"))
    try:
        if layout == "list" or not 0 < len(ids) <= books.MOST_FORMS:
            return _lists(ids, by)
        return books.forms(list(_forms(ids, by)), layout)
    finally:
        _ROOM.release()


def _forms(ids: Sequence[int], by: Viewer) -> Iterator[Form]:
    for at in range(0, len(ids), AT_ONCE):
        for declaration in imports.visible(ids[at : at + AT_ONCE], by):
            yield form_of(declaration)


def _lists(ids: Sequence[int], by: Viewer) -> bytes | IO[bytes]:
    first = imports.visible(ids[:1], by)
    scheme = schemes.by_id(first[0].scheme_id) if first else schemes.parsed(schemes.published("project")[0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lists.xlsx"
        books.lists(path, _forms(ids, by), scheme)
        if path.stat().st_size < SENT_AT_ONCE:
            return path.read_bytes()
        return path.open("rb")  # the name goes with the folder, the content when it is closed
