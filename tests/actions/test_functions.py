"""Functional classification: adding, renaming, retiring entries of the catalogue."""

from collections.abc import Callable

import pytest

from perfmgr.actions import functions
from perfmgr.documents import functions as documents
from perfmgr.extensions import db
from perfmgr.models.function import Function
from perfmgr.queries import functions as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from tests.cast import ADMIN, FILLER

By = Callable[[str], Viewer]


def test_the_built_in_catalogue_is_taken_in_once(context: None) -> None:
    before = db.session.query(Function).count()
    assert (functions.take_in(documents.built_in()), db.session.query(Function).count()) == (0, before)
    assert before == len(documents.built_in())


def test_an_entry_is_added_renamed_retired_and_revived(by: By) -> None:
    functions.save(" ２０１３２８８ ", "试验科目", True, by(ADMIN))
    functions.save("2013288", "试验科目改名", False, by(ADMIN))
    entry = db.session.get_one(Function, "2013288")
    assert (entry.name, entry.active) == ("试验科目改名", False)
    assert "2013288" not in dict(queries.choices())
    functions.save("2013288", "试验科目改名", True, by(ADMIN))
    assert dict(queries.choices())["2013288"].endswith(" - 试验科目改名")


@pytest.mark.parametrize("code", ["", "20", "2013", "201328", "20132881", "20132x8", "²013288"])
def test_a_code_has_three_five_or_seven_digits(by: By, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        functions.save(code, "试验", True, by(ADMIN))
    assert [f.field for f in refused.value.findings] == ["code"]


def test_an_entry_needs_a_name_and_the_entry_above_it(by: By) -> None:
    with pytest.raises(Refused, match="“科目名称”不能为空。"):
        functions.save("2013288", " ", True, by(ADMIN))
    with pytest.raises(Refused, match="请先增加上级科目 99999。"):
        functions.save("9999999", "试验", True, by(ADMIN))


def test_only_administrators_change_the_catalogue(by: By) -> None:
    with pytest.raises(NotAllowed):
        functions.save("2013288", "试验科目", True, by(FILLER))
    assert db.session.get(Function, "2013288") is None
