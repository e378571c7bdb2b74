"""A scoring scheme is read from plain data, checked as a whole, and answers for weights, tiers and grades."""

import copy
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents import schemes as built_in
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.schemes import Category, Execution, Grade, Scheme, Tier, parse_scheme
from tests.rules.sheets import BANDED, SCHEME, D, hundredths, slowest, steady, told

DATA = {
    "code": "trial",
    "kind": "department",
    "name": "试行方案",
    "name_en": "Trial",
    "basis": "本地规定",
    "execution": {
        "weight": 20,
        "mode": "band",
        "cap": False,
        "when_empty": "zero",
        "bands": [{"from": "0", "share": "0"}, {"from": "1", "share": "1"}, {"from": 0.8, "share": 0.7}],
    },
    "categories": [
        {"code": "output", "name": "产出指标", "name_en": "Outputs", "weight": 50, "children": ["数量指标"]},
        {"code": "benefit", "name": "效益指标", "weight": "20.5"},
        {"code": "satisfaction", "name": "满意度指标", "weight": "9.5", "unused_to": {"output": 4, "benefit": "5.5"}},
    ],
    "reverse": "linear",
    "equal": "exact",
    "over_flag": "1.1",
    "over_explain": "1.5",
    "reason_below": "0.8",
    "tiers": [
        {"code": "done", "name": "达成", "label": "达成年度指标", "low": "0.5", "high": "1", "default": "1"},
        {"name": "未达成", "low": 0, "high": "0.5"},
    ],
    "grades": [{"name": "合格", "low": 60}, {"name": "不合格", "low": 0}],
}


def changed(path, value):
    """The data with one value changed (``...`` removes it)."""
    data = copy.deepcopy(DATA)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at = data
    for part in way:
        at = at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return data


def test_a_scheme_is_read_whole():
    assert parse_scheme(DATA) == Scheme(
        code="trial",
        kind="department",
        name="试行方案",
        name_en="Trial",
        basis="本地规定",
        execution=Execution(D(20), "band", False, "zero", ((D(1), D(1)), (D("0.8"), D("0.7")), (D(0), D(0)))),
        categories=(
            Category("output", "产出指标", D(50), ("数量指标",), (), "Outputs"),
            Category("benefit", "效益指标", D("20.5"), (), (), "效益指标"),
            Category(
                "satisfaction", "满意度指标", D("9.5"), (), (("output", D(4)), ("benefit", D("5.5"))), "满意度指标"
            ),
        ),
        reverse="linear",
        equal="exact",
        over_flag=D("1.1"),
        over_explain=D("1.5"),
        reason_below=D("0.8"),
        tiers=(
            Tier("done", "达成", "达成年度指标", D("0.5"), D(1), D(1)),
            Tier("未达成", "未达成", "未达成", D(0), D("0.5"), None),
        ),
        grades=(Grade("合格", D(60)), Grade("不合格", D(0))),
    )


def test_what_is_left_out_has_its_usual_value():
    short = {key: DATA[key] for key in ("code", "name", "categories", "grades")}
    scheme = parse_scheme({**short, "execution": {"weight": 20}})
    assert scheme == Scheme(
        code="trial",
        kind="project",
        name="试行方案",
        name_en="试行方案",
        basis="",
        execution=Execution(D(20), "linear", True, "not_applicable", ()),
        categories=parse_scheme(DATA).categories,
        reverse="ratio",
        equal="forward",
        over_flag=D("1.2"),
        over_explain=D("1.3"),
        reason_below=D("0.9"),
        tiers=(),
        grades=(Grade("合格", D(60)), Grade("不合格", D(0))),
    )


WEIGHTS = "预算执行与各类指标的分值合计应为 100 分，现在是 {} 分。"
NO_NUMBER = "“{0}”应为不小于 0 的数字，现在是“{1}”。"
EMPTY = "“{}”不能为空。"
GRADES = "等级下限要从高到低排列，最后一级从 0 开始，否则有的得分没有等级。"
HANDED_ON = "“{}”不设指标时转出的分值应等于本类分值，并转给已有的、自己不再转出的类别。"
MOVED = HANDED_ON.format("满意度指标")
BANDS = "按档计分的预算执行至少要有一档从 0 开始。"
FINE = "“{}”最多两位小数，现在是“{}”。"


@pytest.mark.parametrize(
    ("path", "value", "findings"),
    [
        ("code", "", [("code", EMPTY.format("code"))]),
        ("code", ..., [("code", EMPTY.format("code"))]),
        ("name", " ", [("name", EMPTY.format("name"))]),
        ("kind", "unit", [("kind", "“kind”只能是 project / department 之一，现在是“unit”。")]),
        ("reverse", "cubic", [("reverse", "“reverse”只能是 ratio / linear 之一，现在是“cubic”。")]),
        ("equal", None, [("equal", "“equal”只能是 forward / exact 之一，现在是“None”。")]),
        ("execution.mode", "x", [("execution.mode", "“execution.mode”只能是 linear / band 之一，现在是“x”。")]),
        (
            "execution.when_empty",
            "full",
            [("execution.when_empty", "“execution.when_empty”只能是 not_applicable / zero 之一，现在是“full”。")],
        ),
        ("over_flag", "NaN", [("over_flag", NO_NUMBER.format("over_flag", "NaN"))]),
        ("over_flag", "Infinity", [("over_flag", NO_NUMBER.format("over_flag", "Infinity"))]),
        ("over_flag", "1e999999", [("over_flag", NO_NUMBER.format("over_flag", "1e999999"))]),
        ("reason_below", "abc", [("reason_below", NO_NUMBER.format("reason_below", "abc"))]),
        ("reason_below", "1e-999999", [("reason_below", NO_NUMBER.format("reason_below", "1e-999999"))]),
        ("over_explain", None, [("over_explain", NO_NUMBER.format("over_explain", "None"))]),
        (
            "execution.weight",
            -20,
            [
                ("execution.weight", NO_NUMBER.format("execution.weight", "-20")),
                ("categories", WEIGHTS.format("80")),
            ],
        ),
        ("execution.weight", 30, [("categories", WEIGHTS.format("110"))]),
        ("categories.0.weight", "49.99", [("categories", WEIGHTS.format("99.99"))]),
        (
            "execution.bands.1.share",
            "1.01",
            [("execution.bands.1.share", "“execution.bands.1.share”应在 0 到 1 之间，现在是“1.01”。")],
        ),
        ("execution.bands", [], [("execution.bands", BANDS)]),
        ("execution.bands", [{"from": "0.6", "share": "1"}], [("execution.bands", BANDS)]),
        ("categories.0.code", "", [("categories.0.code", EMPTY.format("categories.0.code")), ("categories", MOVED)]),
        ("categories.0.code", "benefit", [("categories", "指标类别的代码不能重复。"), ("categories", MOVED)]),
        ("categories.2.unused_to", {"output": 9}, [("categories", MOVED)]),
        ("categories.2.unused_to", {"somewhere": "9.5"}, [("categories", MOVED)]),
        (
            "categories.1.unused_to",
            {"satisfaction": "20.5"},
            [("categories", HANDED_ON.format("效益指标")), ("categories", MOVED)],
        ),
        (
            "categories.2.unused_to",
            {"output": "abc"},
            [
                ("categories.2.unused_to.output", NO_NUMBER.format("categories.2.unused_to.output", "abc")),
                ("categories", MOVED),
            ],
        ),
        ("execution.bands", [{"from": "0.6", "share": "0"}], [("execution.bands", BANDS)]),
        ("over_flag", "1000000", [("over_flag", NO_NUMBER.format("over_flag", "1000000"))]),
        ("over_flag", "1.0000001", [("over_flag", NO_NUMBER.format("over_flag", "1.0000001"))]),
        ("over_flag", "x" * 100, [("over_flag", NO_NUMBER.format("over_flag", "x" * 40))]),
        ("kind", "x" * 100, [("kind", "“kind”只能是 project / department 之一，现在是“" + "x" * 40 + "”。")]),
        ("tiers.0.low", 1, [("tiers.0", "“达成”的下限要小于上限，且都在 0 到 1 之间。")]),
        ("tiers.0.high", "1.2", [("tiers.0", "“达成”的下限要小于上限，且都在 0 到 1 之间。")]),
        ("tiers.0.default", "0.4", [("tiers.0", "“达成”的默认比例不在本档范围内。")]),
        ("tiers.1.default", "0.5", [("tiers.1", "“未达成”的默认比例不在本档范围内。")]),
        ("grades", [], [("grades", GRADES)]),
        ("grades", ..., [("grades", GRADES)]),
        ("grades.1.low", 10, [("grades", GRADES)]),
        ("grades.0.low", 0, [("grades", GRADES)]),
    ],
    ids=str,
)
def test_each_mistake_in_a_scheme_has_its_sentence(path, value, findings):
    with pytest.raises(Invalid) as refused:
        parse_scheme(changed(path, value))
    assert told(refused.value.findings) == [("SCHEME", *finding) for finding in findings]


def test_weights_have_at_most_two_decimals_like_the_forms():
    data = changed("categories.0.weight", "49.995")
    data["execution"]["weight"] = "20.005"
    with pytest.raises(Invalid) as refused:
        parse_scheme(data)
    assert told(refused.value.findings) == [
        ("SCHEME", "execution.weight", FINE.format("execution.weight", "20.005")),
        ("SCHEME", "categories.0.weight", FINE.format("categories.0.weight", "49.995")),
    ]


def test_other_numbers_may_have_six_decimals():
    assert parse_scheme(changed("over_flag", "999999.999999")).over_flag == D("999999.999999")


def test_all_mistakes_are_told_at_once():
    with pytest.raises(Invalid) as refused:
        parse_scheme({})
    assert told(refused.value.findings) == [
        ("SCHEME", "code", EMPTY.format("code")),
        ("SCHEME", "name", EMPTY.format("name")),
        ("SCHEME", "execution.weight", NO_NUMBER.format("execution.weight", "None")),
        ("SCHEME", "grades", GRADES),
        ("SCHEME", "categories", WEIGHTS.format("0")),
    ]
    assert str(refused.value) == "；".join(finding.sentence() for finding in refused.value.findings)


WRONG = [None, 5, "", "text", True, [], [5], ["text"], [[]], {}, {"a": 5}, dt.date(2025, 1, 1), D("NaN"), D("1e999999")]
PATHS = [
    *DATA,
    "execution.bands",
    "execution.bands.0",
    "execution.bands.0.from",
    "execution.weight",
    "categories.0",
    "categories.0.code",
    "categories.0.weight",
    "categories.0.children",
    "categories.2.unused_to",
    "categories.2.unused_to.output",
    "tiers.0",
    "tiers.0.low",
    "tiers.0.default",
    "grades.0",
    "grades.0.low",
]


@pytest.mark.parametrize(("path", "value"), list(itertools.product(PATHS, WRONG)), ids=str)
def test_data_of_any_other_kind_makes_a_scheme_or_is_refused_with_sentences(path, value):
    try:
        outcome = parse_scheme(changed(path, value))
    except Invalid as refused:
        outcome = {(code, bool(sentence)) for code, _field, sentence in told(refused.findings)}
    assert isinstance(outcome, Scheme) or outcome == {("SCHEME", True)}


@pytest.mark.parametrize("data", [None, 5, "10-50-30-10", [], ["code"], True])
def test_what_is_no_mapping_is_no_scheme(data):
    with pytest.raises(Invalid):
        parse_scheme(data)


def test_every_built_in_scheme_is_usable():
    assert {code: (scheme.kind, scheme.execution.weight) for code, scheme in built_in.parsed().items()} == {
        "10-20-40-20-10": ("project", 10),
        "10-50-30-10": ("project", 10),
        "20-80": ("project", 20),
        "department-six": ("department", 10),
        "five-way": ("project", 10),
    }


@pytest.mark.parametrize(
    ("scheme", "used", "expected"),
    [
        (SCHEME, {"output", "benefit", "satisfaction"}, {"output": 50, "benefit": 30, "satisfaction": 10}),
        (SCHEME, {"output", "benefit"}, {"output": 50, "benefit": 40, "satisfaction": 0}),
        (SCHEME, {"output"}, {"output": 50, "benefit": 40, "satisfaction": 0}),
        (SCHEME, set(), {"output": 50, "benefit": 40, "satisfaction": 0}),
        (
            BANDED,
            {"cost", "output", "benefit", "satisfaction"},
            {"cost": 20, "output": 40, "benefit": 20, "satisfaction": 10},
        ),
        (BANDED, {"output", "benefit", "satisfaction"}, {"cost": 0, "output": 50, "benefit": 30, "satisfaction": 10}),
        (BANDED, {"output", "benefit"}, {"cost": 0, "output": 50, "benefit": 40, "satisfaction": 0}),
        (BANDED, {"cost", "output", "benefit"}, {"cost": 20, "output": 40, "benefit": 30, "satisfaction": 0}),
    ],
)
def test_a_category_without_indicators_hands_its_marks_on(scheme, used, expected):
    assert scheme.expected_weights(used) == expected


@pytest.mark.parametrize("scheme", built_in.parsed().values(), ids=lambda scheme: scheme.code)
def test_the_marks_add_up_to_100_whichever_categories_are_used(scheme):
    codes = [category.code for category in scheme.categories]
    subsets = [set(s) for n in range(len(codes) + 1) for s in itertools.combinations(codes, n)]
    totals = {scheme.execution.weight + sum(scheme.expected_weights(used).values()) for used in subsets}
    assert totals == {D(100)}


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("100", "优"),
        ("90.01", "优"),
        ("90.00", "优"),
        ("89.99", "良"),
        ("89.5", "良"),
        ("80.00", "良"),
        ("79.99", "中"),
        ("60.00", "中"),
        ("59.99", "差"),
        ("0.01", "差"),
        ("0", "差"),
    ],
)
@pytest.mark.parametrize("scheme", built_in.parsed().values(), ids=lambda scheme: scheme.code)
def test_grades_are_half_open_at_90_80_and_60(scheme, total, grade):
    assert scheme.grade(D(total)) == grade


@steady
@given(hundredths(0, 100_00))
def test_every_total_has_the_highest_grade_it_reaches(total):
    grade = "优" if total >= 90 else "良" if total >= 80 else "中" if total >= 60 else "差"
    assert SCHEME.grade(total) == grade


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("achieved", "achieved"),
        ("达成", "achieved"),
        ("达成年度指标", "achieved"),
        ("部分达成", "partly"),
        ("未达成年度指标且效果较差", "missed"),
        ("及时", None),
        ("", None),
    ],
)
def test_a_tier_is_found_by_code_name_or_label(key, code):
    tier = SCHEME.tier(key)
    assert (tier.code if tier else None) == code


@pytest.mark.parametrize(
    ("share", "tiers"),
    [
        ("1", ["达成"]),
        ("0.8", ["达成"]),
        ("0.7999", ["部分达成"]),
        ("0.6", ["部分达成"]),
        ("0.5999", ["未达成"]),
        ("0", ["未达成"]),
        ("1.0001", []),
        ("-0.0001", []),
    ],
)
def test_a_share_lies_in_one_tier_whose_upper_bound_belongs_to_the_next(share, tiers):
    assert [tier.name for tier in SCHEME.tiers if tier.holds(D(share))] == tiers


@steady
@given(st.decimals(0, 1, places=4))
def test_every_share_lies_in_exactly_one_tier_of_every_built_in_scheme(share):
    counts = {scheme.code: sum(tier.holds(share) for tier in scheme.tiers) for scheme in built_in.parsed().values()}
    assert counts == dict.fromkeys(counts, 1)


def test_a_category_is_found_by_its_code():
    assert SCHEME.category("benefit") == SCHEME.categories[1]
    assert SCHEME.category("效益指标") is None


def test_hostile_texts_in_a_scheme_are_refused_in_a_moment():
    def refuse(text):
        with pytest.raises(Invalid) as refused:
            parse_scheme({"code": text, "kind": text, "execution": {"weight": text}, "over_flag": f"x{text}"})
        assert len(str(refused.value)) < 1000

    assert slowest(refuse) < 2
