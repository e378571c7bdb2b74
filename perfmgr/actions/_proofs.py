"""Writing which files show what the lines of a self-evaluation reached."""

from collections.abc import Sequence

from perfmgr.models.evaluation import Evaluation
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.queries import attachments
from perfmgr.rules.proofs import PAGES_LENGTH, ProofEntry, ProofFile, check_proofs
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.texts import N_

TOO_MANY_PAGES = N_("第 %(n)s 项指标同一份文件的页码合起来超过 %(most)s 个字，请合并成页码范围。")


def fill_proofs(evaluation: Evaluation, lines: Sequence[Sequence[ProofEntry]]) -> None:
    """Set the proofs of every line; raises Invalid with every file or page that is not there.

    A file that is named twice on a line is kept once, with all its pages.
    """
    if not any(lines) and not any(line.proofs for line in evaluation.lines):
        return
    files = {file.id: ProofFile(file.name, file.pages) for file in attachments.listed(evaluation)}
    findings = list(check_proofs(lines, files))
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
        line.proofs = [stored.get(file) or EvaluationProof(attachment_id=file) for file in wanted]
        for proof in line.proofs:
            proof.pages = wanted[proof.attachment_id]
