"""Writing which files show what the lines of a self-evaluation reached."""

from collections.abc import Iterator, Sequence

from perfmgr.models.attachment import Attachment
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.queries import attachments
from perfmgr.rules.findings import Finding
from perfmgr.rules.proofs import PAGES_LENGTH, ProofEntry, ProofFile, check_proofs
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.texts import N_

TOO_MANY_PAGES = N_("第 %(n)s 项指标同一份文件的页码合起来超过 %(most)s 个字，请合并成页码范围。")


def fill_proofs(evaluation: Evaluation, lines: Sequence[Sequence[ProofEntry]]) -> None:
    """Set the proofs of every line; raises Invalid with every file or page that is not there, or has a virus.

    A file that is named twice on a line is kept once, with all its pages.
    """
    if not any(lines) and not any(line.proofs for line in evaluation.lines):
        return
    records = {file.id: file for file in attachments.listed(evaluation)}
    files = {id_: _as_file(file) for id_, file in records.items()}
    # What the scanner found later in a file that a line names already keeps nobody from saving the rest.
    kept = [{proof.attachment_id for proof in line.proofs} for line in evaluation.lines]
    findings = list(check_proofs(lines, files, kept))
    if findings:
        raise Invalid(findings)
    for line, entries in zip(evaluation.lines, lines, strict=True):
        wanted: dict[int, str] = {}
        for entry in entries:
            if entry.file is not None:
                wanted[entry.file] = ",".join(filter(None, (wanted.get(entry.file, ""), entry.pages)))
        if any(len(pages) > PAGES_LENGTH for pages in wanted.values()):
            raise Refused(TOO_MANY_PAGES, n=line.position, most=PAGES_LENGTH)
        if [(proof.attachment_id, proof.pages) for proof in line.proofs] == list(wanted.items()):
            continue
        stored = {proof.attachment_id: proof for proof in line.proofs}
        line.proofs = [
            stored.get(file) or EvaluationProof(attachment_id=file, attachment=records[file]) for file in wanted
        ]
        for proof in line.proofs:
            proof.pages = wanted[proof.attachment_id]


def check_stored(evaluation: Evaluation) -> Iterator[Finding]:
    """Yield what is wrong with the proofs as they are stored: a file has a virus, or not the page any more."""
    lines = [[proof.as_entry() for proof in line.proofs] for line in evaluation.lines]
    files = {proof.attachment_id: proof.attachment for line in evaluation.lines for proof in line.proofs}
    yield from check_proofs(lines, {id_: _as_file(file) for id_, file in files.items()})


def _as_file(file: Attachment) -> ProofFile:
    return ProofFile(file.name, file.pages, file.scan == "infected")
