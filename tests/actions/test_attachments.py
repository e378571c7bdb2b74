"""Adding and removing files, what a submission keeps, and how records and bytes stay together."""

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from perfmgr import jobs, storage
from perfmgr.actions import attachments as actions
from perfmgr.actions import cycles
from perfmgr.actions import declarations as declaration_actions
from perfmgr.actions.attachments import FileDraft
from perfmgr.actions.declarations import BasisDraft
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment
from perfmgr.models.declaration import Declaration
from perfmgr.models.unit import Unit
from perfmgr.queries import attachments
from perfmgr.queries import declarations as declaration_queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.attachments import MEGABYTE
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from tests import cast as make
from tests import clamd
from tests.actions.test_races import together
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, NOON, OUTSIDER, REVIEWER, YEAR, Cast
from tests.documents.uploads import EICAR
from tests.records import attach

By = Callable[[str], Viewer]


@pytest.fixture
def declaration(context: None, cast: Cast) -> Declaration:
    """A complete draft of the filler."""
    return load(make.declare(cast), cast)


def load(declaration_id: int, cast: Cast, username: str = FILLER) -> Declaration:
    found = declaration_queries.find(declaration_id, cast.viewer(username))
    assert found is not None
    return found


def record(attachment_id: int, by: Viewer) -> Attachment:
    found = attachments.find(attachment_id, by)
    assert found is not None
    return found


def blobs() -> set[str]:
    """Return the names of all bytes on the disk."""
    return set(storage.settled(age=-1))


def names(declaration: Declaration) -> list[str]:
    return [file.name for file in attachments.listed(declaration)]


@pytest.fixture(autouse=True)
def empty_folder(context: None) -> None:
    """Every test begins with an empty folder."""
    for blob in blobs():
        storage.remove(blob)


def test_files_are_listed_as_they_came(declaration: Declaration, by: By) -> None:
    version = declaration.version
    one = attach(declaration, "绩效目标申报表.docx", by(FILLER), b"one")
    attach(declaration, "自评表.docx", by(FILLER), b"one")
    files = attachments.listed(declaration)
    assert [(f.name, f.size, f.kind, f.uploaded_by.name, f.ready) for f in files] == [
        ("绩效目标申报表.docx", 3, "evidence", "林填报", True),
        ("自评表.docx", 3, "evidence", "林填报", True),
    ]
    assert files[0].sha256 == files[1].sha256
    assert files[0].blob != files[1].blob
    assert attachments.usage(declaration) == (2, 6)
    assert blobs() == {file.blob for file in files}
    assert record(one, by(REVIEWER)).name == "绩效目标申报表.docx"
    # Forms of the sections that are open elsewhere stay good.
    db.session.refresh(declaration)
    assert declaration.version == version


@pytest.mark.parametrize("username", [FILLER_2, OUTSIDER])
def test_foreign_files_are_not_found(declaration: Declaration, by: By, username: str) -> None:
    found = attachments.find(attach(declaration, "a.pdf", by(FILLER)), by(username))
    assert found is None


@pytest.mark.parametrize("username", [FILLER_2, REVIEWER, FINANCE, OUTSIDER])
def test_only_the_filler_of_the_unit_adds_and_removes(declaration: Declaration, by: By, username: str) -> None:
    file = record(attach(declaration, "a.pdf", by(FILLER)), by(FILLER))
    draft = FileDraft("b.pdf", "0" * 32, 1, "", "application/pdf")
    for refused in (
        lambda: actions.add(declaration, draft, "other", "", by(username)),
        lambda: actions.set_none(declaration, True, by(username)),
        lambda: actions.remove(file, by(username)),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert names(declaration) == ["a.pdf"]


def test_what_is_submitted_takes_no_more_files(declaration: Declaration, by: By, cast: Cast) -> None:
    file = attach(declaration, "a.pdf", by(FILLER))
    make.take(declaration.id, cast, (FILLER, "submit"))
    declaration = load(declaration.id, cast)
    with pytest.raises(Conflict, match="“待部门审核”，不能增加或删除附件"):
        attach(declaration, "b.pdf", by(FILLER))
    with pytest.raises(Conflict):
        actions.remove(record(file, by(FILLER)), by(FILLER))
    assert names(declaration) == ["a.pdf"]


def test_a_file_proves_a_row_by_its_name_and_survives_that_the_rows_are_saved_anew(
    declaration: Declaration, by: By
) -> None:
    subjects = attachments.subjects(declaration)
    assert [(s.kind, s.name) for s in subjects][:2] == [("basis", "经费管理办法"), ("indicator", "办理服务项目数")]
    draft = FileDraft("办法.pdf", "0" * 32, 1, "", "application/pdf")
    added = actions.add(declaration, draft, "legal_basis", subjects[0].key, by(FILLER))
    bases = [BasisDraft("另一份文件"), BasisDraft("《经费 管理办法》", "大组〔2022〕101号")]
    declaration_actions.save_bases(declaration, bases, "", by(FILLER))
    keys = {subject.key for subject in attachments.subjects(declaration)}
    assert (added.about_name, added.about_key in keys) == ("经费管理办法", True)
    declaration_actions.save_bases(declaration, bases[:1], "", by(FILLER))
    assert added.about_key not in {subject.key for subject in attachments.subjects(declaration)}
    with pytest.raises(Refused, match="已改名或删除"):
        actions.add(declaration, draft, "legal_basis", added.about_key, by(FILLER))
    with pytest.raises(Refused, match="请选择附件的类别"):
        actions.add(declaration, draft, "anything", "", by(FILLER))


def test_no_more_than_thirty_files_and_two_hundred_megabytes(declaration: Declaration, by: By) -> None:
    def add(n: int, size: int) -> None:
        draft = FileDraft(f"{n}.pdf", f"{n:032x}", size, "", "application/pdf")
        actions.add(declaration, draft, "other", "", by(FILLER))

    for n in range(10):
        add(n, 20 * MEGABYTE)
    with pytest.raises(Refused, match="合计最多 200 MB"):
        add(10, 1)
    for file in attachments.listed(declaration):
        actions.remove(record(file.id, by(FILLER)), by(FILLER))
    for n in range(30):
        add(n, 1)
    with pytest.raises(Refused, match=r"“30\.pdf”没有保存：一份材料最多 30 个附件"):
        add(30, 1)
    assert attachments.usage(declaration) == (30, 30)


def test_a_removed_file_is_gone_from_the_disk(declaration: Declaration, by: By, history: Any) -> None:
    attach(declaration, "a.pdf", by(FILLER))
    second = record(attach(declaration, "b.pdf", by(FILLER)), by(FILLER))
    actions.remove(second, by(FILLER))
    assert names(declaration) == ["a.pdf"]
    assert blobs() == {file.blob for file in attachments.listed(declaration)}
    assert attachments.find(second.id, by(FILLER)) is None
    assert history("declaration", declaration.id)[-1][0] == "detach"


def test_a_removal_that_fails_leaves_the_bytes(
    declaration: Declaration, by: By, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = record(attach(declaration, "a.pdf", by(FILLER)), by(FILLER))
    kept = blobs()

    def broken() -> None:
        raise RuntimeError("the database is gone")

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", broken)
        with pytest.raises(RuntimeError):
            actions.remove(file, by(FILLER))
    attach(load(declaration.id, cast), "b.pdf", by(FILLER))  # a later commit must not catch up on it
    assert kept < blobs()
    assert names(declaration) == ["a.pdf", "b.pdf"]


def test_what_a_submission_refers_to_stays_when_it_is_removed(declaration: Declaration, by: By, cast: Cast) -> None:
    first = attach(declaration, "a.pdf", by(FILLER), b"first")
    make.take(declaration.id, cast, (FILLER, "submit"), (REVIEWER, "return"))
    frozen = attachments.manifest(declaration.id)
    declaration = load(declaration.id, cast)
    later = record(attach(declaration, "b.pdf", by(FILLER), b"later"), by(FILLER))
    assert (record(first, by(FILLER)).frozen, later.frozen) == (True, False)
    for file in (record(first, by(FILLER)), later):
        actions.remove(file, by(FILLER))
    assert names(declaration) == []
    assert [(entry["id"], entry["name"], entry["size"]) for entry in frozen] == [(first, "a.pdf", 5)]
    # The file of the submission is still there for those who may see it, the other one is not.
    removed = record(first, by(REVIEWER))
    assert (removed.removed_by_id, removed.removed_at is None) == (by(FILLER).id, False)
    assert storage.path_of(removed.blob).read_bytes() == b"first"
    assert blobs() == {removed.blob}
    actions.remove(removed, by(FILLER))
    assert removed.removed_at == record(first, by(REVIEWER)).removed_at
    assert attachments.manifest(declaration.id) == []


def test_a_discarded_draft_takes_its_files_along(declaration: Declaration, by: By, cast: Cast) -> None:
    other = load(make.declare(cast, "另一个"), cast)
    attach(declaration, "a.pdf", by(FILLER))
    kept = record(attach(other, "b.pdf", by(FILLER)), by(FILLER))
    declaration_actions.discard(declaration, by(FILLER))
    assert (blobs(), db.session.query(Attachment).count()) == ({kept.blob}, 1)


def test_the_tick_that_there_is_nothing_to_add(declaration: Declaration, by: By) -> None:
    version = declaration.version
    actions.set_none(declaration, True, by(FILLER))
    assert declaration.no_attachments
    attach(declaration, "a.pdf", by(FILLER))
    db.session.refresh(declaration)
    assert (declaration.no_attachments, declaration.version) == (False, version)
    with pytest.raises(Conflict, match="已有附件"):
        actions.set_none(declaration, True, by(FILLER))
    actions.set_none(declaration, False, by(FILLER))
    assert not declaration.no_attachments


def test_next_year_sees_the_files_of_this_one_and_does_not_take_them(
    declaration: Declaration, by: By, cast: Cast
) -> None:
    attach(declaration, "a.pdf", by(FILLER))
    scheme = declaration.cycle.project_scheme_id, declaration.cycle.department_scheme_id
    cycles.create(db.session.get_one(Unit, cast.area), YEAR + 1, *scheme, make.ALWAYS, by(ADMIN))
    following = declaration_actions.start(declaration.project, YEAR + 1, by(FILLER))
    assert names(following) == []
    assert [file.name for file in attachments.of_year_before(following, by(FILLER))] == ["a.pdf"]
    assert attachments.of_year_before(following, by(FILLER_2)) == []
    assert attachments.of_year_before(declaration, by(FILLER)) == []


def test_one_query_lists_any_number_of_files(declaration: Declaration, by: By, count_queries: Any) -> None:
    counted = []
    for n in (1, 3):
        while len(names(declaration)) < n:
            attach(declaration, "a.pdf", by(FILLER))
        db.session.commit()
        with count_queries() as statements:
            assert [file.uploaded_by.name for file in attachments.listed(declaration)] == ["林填报"] * n
        counted.append(len([statement for statement in statements if "SELECT" in statement]))
    assert counted == [1, 1]


# --- at the same moment -----------------------------------------------------------------------


def test_two_files_at_once_find_one_place(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration = load(make.declare(cast), cast)
        for _n in range(29):
            attach(declaration, "a.pdf", cast.viewer(FILLER))
        declaration_id = declaration.id

    def add(name: str) -> Callable[[], int]:
        return lambda: attach(load(declaration_id, cast), name, cast.viewer(FILLER))

    done = together(app, add("b.pdf"), add("c.pdf"))
    with app.app_context():
        assert attachments.usage(load(declaration_id, cast))[0] == 30
    assert done.count("Refused") == 1


@pytest.mark.parametrize("times", range(3))
def test_a_file_is_in_the_submission_or_refused(app: Flask, cast: Cast, times: int) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)

    def submit() -> bool:
        return declaration_actions.take(load(declaration_id, cast), "submit", cast.viewer(FILLER))

    added, moved = together(app, lambda: attach(load(declaration_id, cast), "a.pdf", cast.viewer(FILLER)), submit)
    with app.app_context():
        files = [(file.id, file.frozen) for file in attachments.listed(load(declaration_id, cast))]
    assert (moved, files) == (True, [] if added == "Conflict" else [(added, True)])


# --- the jobs ---------------------------------------------------------------------------------


def test_files_that_waited_for_the_scanner(declaration: Declaration, by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = attach(declaration, "a.pdf", by(FILLER), b"harmless", scan="waiting")
    bad = attach(declaration, "b.txt", by(FILLER), EICAR, scan="waiting")
    assert jobs.scan_attachments(NOON).done == 0  # nobody scans here: they go on waiting
    with clamd.running() as scanner:
        monkeypatch.setitem(current_app.config, "SCANNER", scanner.address)
        scanner.always = b"stream: not now ERROR\0"
        assert jobs.scan_attachments(NOON).done == 0
        scanner.always = b""
        assert jobs.scan_attachments(NOON, dry_run=True).done == 2
        assert [record(n, by(FILLER)).scan for n in (clean, bad)] == ["waiting", "waiting"]
        assert jobs.scan_attachments(NOON).done == 2
        assert jobs.scan_attachments(NOON).done == 0
    db.session.expire_all()
    assert [(record(n, by(FILLER)).scan, record(n, by(FILLER)).ready) for n in (clean, bad)] == [
        ("clean", True),
        ("infected", False),
    ]
    assert blobs() == {record(clean, by(FILLER)).blob}
    assert jobs.sweep_attachments(NOON).text == "清理无主文件 0 个"


def make_old(path: Path) -> None:
    past = time.time() - 2 * storage.DAY
    os.utime(path, (past, past))


def orphan() -> str:
    """Leave bytes without a record, as a process that died would."""
    incoming = storage.receive(io.BytesIO(b"orphan"), 10)
    storage.keep(incoming)
    make_old(storage.path_of(incoming.blob))
    return incoming.blob


def test_bytes_without_a_record_are_swept_after_a_day(declaration: Declaration, by: By) -> None:
    kept = record(attach(declaration, "a.pdf", by(FILLER)), by(FILLER))
    make_old(storage.path_of(kept.blob))
    old = orphan()
    new = orphan()
    os.utime(storage.path_of(new))
    assert jobs.sweep_attachments(NOON, dry_run=True).done == 1
    assert blobs() == {kept.blob, old, new}
    assert [jobs.sweep_attachments(NOON).done for _n in range(2)] == [1, 0]
    assert blobs() == {kept.blob, new}


def test_a_record_without_its_bytes_is_told_and_kept(declaration: Declaration, by: By) -> None:
    lost = record(attach(declaration, "a.pdf", by(FILLER)), by(FILLER))
    storage.remove(lost.blob)
    outcome = jobs.sweep_attachments(NOON)
    assert (outcome.done, outcome.text) == (0, "清理无主文件 0 个，另有 1 个附件的文件不在了，请从备份恢复")
    assert names(declaration) == ["a.pdf"]


def test_a_strange_database_does_not_sweep_the_files_of_another(context: None) -> None:
    left = {orphan() for _n in range(21)}
    assert jobs.sweep_attachments(NOON).done == 0
    assert blobs() == left
