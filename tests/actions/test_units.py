"""Units: the tree and its codes, and importing a table as a whole or not at all."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from perfmgr.actions import units
from perfmgr.extensions import db
from perfmgr.models.unit import Unit
from perfmgr.queries import units as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.units import UnitRow
from tests.cast import ADMIN, FILLER, FINANCE, Cast

By = Callable[[str], Viewer]


def names() -> list[str]:
    """Return the names of all units in the order of the tree."""
    db.session.expire_all()
    return list(db.session.scalars(select(Unit.name).order_by(Unit.path)))


def unit(unit_id: int) -> Unit:
    """Return a unit as stored."""
    return db.session.get_one(Unit, unit_id)


def draft(kind: str, code: str, name: str, nature: str = "other") -> units.UnitDraft:
    """Return typed data of a unit, tidied."""
    return units.tidied(kind, nature, code, name)


def test_a_unit_knows_its_place_its_department_and_its_area(cast: Cast, by: By) -> None:
    made = units.create(unit(cast.unit), draft("unit", "219001003", "科室"), by(ADMIN))
    assert (made.path, made.department_id, made.area_id) == (
        f"/{cast.area}/{cast.department}/{cast.unit}/{made.id}/",
        cast.department,
        cast.area,
    )
    area = units.create(unit(cast.area), draft("area", "210292", "分区"), by(ADMIN))
    assert (area.path, area.department_id, area.area_id) == (f"/{cast.area}/{area.id}/", None, area.id)
    department = units.create(area, draft("department", "219", "分区部门"), by(ADMIN))
    assert (department.department_id, department.area_id) == (department.id, area.id)


@pytest.mark.parametrize(
    ("parent", "kind", "sentence"),
    [
        ("area", "unit", "这一类型的节点不能放在所选上级之下，请重新选择上级。"),
        ("unit", "department", "这一类型的节点不能放在所选上级之下，请重新选择上级。"),
        ("department", "area", "这一类型的节点不能放在所选上级之下，请重新选择上级。"),
    ],
)
def test_not_everything_stands_under_everything(cast: Cast, by: By, parent: str, kind: str, sentence: str) -> None:
    code = "210299" if kind == "area" else "999"
    with pytest.raises(Refused) as refused:
        units.create(unit(getattr(cast, parent)), draft(kind, code, "新"), by(ADMIN))
    assert [f.sentence() for f in refused.value.findings] == [sentence]


def test_a_bureau_may_stand_under_a_department(cast: Cast, by: By) -> None:
    made = units.create(unit(cast.department), draft("department", "220", "甲部门二级局"), by(ADMIN))
    assert made.department_id == made.id


@pytest.mark.parametrize(
    ("kind", "code", "name", "fields"),
    [
        ("unit", "", "新", ["code"]),
        ("unit", "21", "新", ["code"]),
        ("unit", "2190011", "新", ["code"]),
        ("unit", "219A01", "新", ["code"]),
        ("unit", "219003", "", ["name"]),
        ("unit", "219003", " \u200b", ["name"]),
        ("area", "2102", "新", ["code"]),
        ("area", "２１０２９９x", "新", ["code"]),
        ("city", "219003", "新", ["kind"]),
        ("unit", "x", "", ["name", "code"]),
    ],
)
def test_everything_wrong_with_a_unit_is_said_at_once(
    cast: Cast, by: By, kind: str, code: str, name: str, fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        units.create(unit(cast.department), draft(kind, code, name), by(ADMIN))
    assert [f.field for f in refused.value.findings] == fields


def test_codes_are_stored_half_width_without_blanks(cast: Cast, by: By) -> None:
    made = units.create(unit(cast.department), draft("unit", " ２１９ ００３ ", " 新\u3000单位 "), by(ADMIN))
    assert (made.code, made.name) == ("219003", "新 单位")


def test_a_code_is_free_once_in_an_area_and_a_name_once_under_a_parent(cast: Cast, by: By) -> None:
    with pytest.raises(Conflict, match="代码“219001”已被使用，请核对。"):
        units.create(unit(cast.other_department), draft("unit", "219001", "别的"), by(ADMIN))
    with pytest.raises(Conflict, match="同一上级下已有名为“甲部门服务中心”的单位，请核对。"):
        units.create(unit(cast.department), draft("unit", "219009", "甲部门服务中心"), by(ADMIN))
    area = units.create(unit(cast.area), draft("area", "210292", "分区"), by(ADMIN))
    department = units.create(area, draft("department", "219", "甲部门"), by(ADMIN))
    units.create(department, draft("unit", "219001", "甲部门（本级）"), by(ADMIN))
    assert names().count("甲部门（本级）") == 2


@pytest.mark.parametrize("person", [FILLER, FINANCE])
def test_only_administrators_change_the_tree(cast: Cast, by: By, person: str) -> None:
    attempts = (
        lambda: units.create(unit(cast.department), draft("unit", "219003", "新"), by(person)),
        lambda: units.update(unit(cast.unit), draft("unit", "219001", "改"), by(person), active=False),
        lambda: units.import_rows(unit(cast.department), [UnitRow(draft("unit", "219003", "新"), "", 2)], by(person)),
    )
    before = names()
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert names() == before


def test_changing_a_unit_keeps_its_place_and_type(cast: Cast, by: By) -> None:
    path = unit(cast.unit).path
    units.update(unit(cast.unit), draft("unit", "219011", "新名称", "public_institution"), by(ADMIN), active=False)
    found = unit(cast.unit)
    assert (found.code, found.name, found.nature, found.active, found.kind, found.path) == (
        "219011",
        "新名称",
        "public_institution",
        False,
        "unit",
        path,
    )


def test_a_unit_may_keep_its_own_code_and_name(cast: Cast, by: By) -> None:
    units.update(unit(cast.unit), draft("unit", "219001", "甲部门（本级）", "other"), by(ADMIN), active=True)
    assert unit(cast.unit).nature == "other"
    with pytest.raises(Conflict):
        units.update(unit(cast.unit), draft("unit", "219002", "甲部门（本级）"), by(ADMIN), active=True)


def test_a_form_made_from_an_older_version_is_refused(cast: Cast, by: By) -> None:
    version = unit(cast.unit).version
    units.update(unit(cast.unit), draft("unit", "219001", "改一次"), by(ADMIN), active=True, version=version)
    with pytest.raises(Conflict, match="已被他人修改"):
        units.update(unit(cast.unit), draft("unit", "219001", "改两次"), by(ADMIN), active=True, version=version)
    assert unit(cast.unit).name == "改一次"


# --- importing a table ------------------------------------------------------------------------


def rows(*cells: tuple[str, str, str, str]) -> list[UnitRow]:
    """Return rows of a table given as (parent code, kind, code, name), numbered as in the sheet."""
    return [UnitRow(draft(kind, code, name), parent, n) for n, (parent, kind, code, name) in enumerate(cells, 2)]


def test_a_table_adds_parents_and_children_in_its_order(cast: Cast, by: By) -> None:
    table = rows(
        ("", "department", "401", "丙部门"),
        ("401", "unit", "401001", "丙本级"),
        ("401001", "unit", "401001001", "丙科"),
    )
    assert units.import_rows(unit(cast.area), table, by(ADMIN)) == 3
    db.session.expire_all()
    found = {u.name: u for u in db.session.scalars(select(Unit).where(Unit.code.startswith("401")))}
    assert found["丙科"].path == f"{found['丙本级'].path}{found['丙科'].id}/"
    assert found["丙科"].department_id == found["丙部门"].id


def test_every_bad_row_is_named_but_not_the_rows_below_it(cast: Cast, by: By) -> None:
    wrong = Finding("UNIT", "第 3 行类型不对。", "rows.3")
    table = rows(
        ("", "department", "401", "丙部门"), ("401", "科室", "401001", "丙本级"), ("401001", "unit", "4", "丙科")
    )
    table.append(UnitRow(draft("unit", "402", "丁"), "999", 5))
    table[1] = replace(table[1], findings=(wrong,))
    before = names()
    with pytest.raises(Invalid) as refused:
        units.import_rows(unit(cast.area), table, by(ADMIN))
    db.session.rollback()
    told = [finding.sentence() for finding in refused.value.findings]
    assert told == ["第 3 行类型不对。", "第 5 行：找不到上级代码“999”，上级应已存在或排在本行之前。"]
    assert names() == before


def test_rows_may_stand_under_units_that_are_there_already(cast: Cast, by: By) -> None:
    assert units.import_rows(unit(cast.area), rows(("219", "unit", "219005", "甲新单位")), by(ADMIN)) == 1
    assert db.session.scalars(select(Unit.parent_id).where(Unit.code == "219005")).one() == cast.department


def test_one_bad_row_and_nothing_is_written(cast: Cast, by: By) -> None:
    before = names()
    table = rows(
        ("", "department", "401", "丙部门"),
        ("999", "unit", "401001", "没有上级"),
        ("401", "unit", "40100", "代码不对"),
        ("401", "unit", "401002", "好的"),
        ("401", "unit", "401002", "重复"),
        ("", "unit", "402001", "类型不对"),
    )
    with pytest.raises(Invalid) as refused:
        units.import_rows(unit(cast.area), table, by(ADMIN))
    assert [(f.field, f.sentence()) for f in refused.value.findings] == [
        ("rows.3", "第 3 行：找不到上级代码“999”，上级应已存在或排在本行之前。"),
        ("rows.4", "第 4 行：“预算单位编码”每级 3 位数字，例如部门 219、单位 219001；现在是“40100”。"),
        ("rows.6", "第 6 行：代码“401002”已被使用，请核对。"),
        ("rows.7", "第 7 行：这一类型的节点不能放在所选上级之下，请重新选择上级。"),
    ]
    db.session.rollback()
    assert names() == before


def test_the_same_table_twice_adds_nothing_the_second_time(cast: Cast, by: By) -> None:
    table = rows(("", "department", "401", "丙部门"))
    units.import_rows(unit(cast.area), table, by(ADMIN))
    before = names()
    with pytest.raises(Invalid):
        units.import_rows(unit(cast.area), table, by(ADMIN))
    db.session.rollback()
    assert names() == before


# --- reading the tree -------------------------------------------------------------------------


def test_the_tree_is_printed_with_siblings_by_code(cast: Cast, by: By) -> None:
    units.create(unit(cast.area), draft("department", "101", "最前的部门"), by(ADMIN))
    tree = queries.tree_order(queries.listed(by(ADMIN), roles={"administrator"}))
    assert [(depth, u.name) for depth, u in tree] == [
        (0, "试验区"),
        (1, "最前的部门"),
        (1, "甲部门"),
        (2, "甲部门（本级）"),
        (2, "甲部门服务中心"),
        (1, "乙部门"),
        (2, "乙部门（本级）"),
    ]


def test_a_subtree_ends_before_the_next_number(cast: Cast, by: By) -> None:
    for n in range(12):  # ids of one, two and three digits side by side
        units.create(unit(cast.department), draft("unit", f"219{100 + n}", f"单位 {n}"), by(ADMIN))
    inside = {u.id for u in queries.listed(by("outsider"))}
    assert inside == {cast.other_department, cast.other_unit}
