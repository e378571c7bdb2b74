"""Files that show what the demonstration's self-evaluations say: small reports, made here."""

import hashlib
import io
from collections.abc import Sequence

from perfmgr import storage
from perfmgr.actions import attachments
from perfmgr.actions.attachments import FileDraft
from perfmgr.models.attachment import Attachment
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries.people import Viewer
from perfmgr.rules.attachments import MEGABYTE

_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font "
    b"/Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) "
    b"/Supplement 4 >> >>] >>"
)


def attach(evaluation: Evaluation, name: str, pages: Sequence[str], by: Viewer) -> Attachment:
    """Add a PDF with one line of text on each page to a self-evaluation."""
    content = report(pages)
    incoming = storage.receive(io.BytesIO(content), MEGABYTE)
    storage.keep(incoming)
    digest = hashlib.sha256(content).hexdigest()
    file = FileDraft(name, incoming.blob, len(content), digest, "application/pdf", len(pages))
    return attachments.add(evaluation, file, "evidence", "", by)


def report(pages: Sequence[str]) -> bytes:
    """Return a PDF; the viewer's own Chinese font is used, so that none has to be embedded."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids = []
    for text in pages:
        shown = text.encode("utf-16-be").hex().encode()
        drawn = b"BT /F1 13 Tf 72 740 Td <%b> Tj ET" % shown
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
            % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids))
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end
