"""The scheme a sheet was made for, by the names of its categories."""

import pytest

from perfmgr.documents import schemes
from perfmgr.rules.scheme_fit import fitting, placed
from perfmgr.rules.targets import TargetLine
from tests.rules.sheets import D

ALL = schemes.parsed().values()


def lines(*places, weights=()):
    return [
        TargetLine(
            *place.partition("/")[::2][:1],
            f"指标{n}",
            "ge",
            D(1),
            "",
            "个",
            D(weights[n]) if weights else None,
            place.partition("/")[2],
        )
        for n, place in enumerate(places)
    ]


@pytest.mark.parametrize(
    ("places", "code"),
    [
        (("产出指标/数量指标", "效益指标/社会效益指标", "满意度指标/服务对象满意度指标"), "10-50-30-10"),
        (("产出/数量", "效益/社会效益", "满意度/"), "10-50-30-10"),
        (("output/", "benefit/", "satisfaction/"), "10-50-30-10"),
        (("成本指标/经济成本指标", "产出指标/数量指标", "效益指标/社会效益指标"), "10-20-40-20-10"),
        (("产出指标/成本指标", "产出指标/数量指标", "效益指标/可持续影响指标"), "10-50-30-10"),
        (
            ("投入指标/成本指标", "产出指标/数量指标", "效率指标/时效指标", "效果指标/社会效益指标", "成果指标/"),
            "five-way",
        ),
        (("年度绩效目标/数量指标", "年度绩效目标/质量指标"), "20-80"),
        (("运行成本/", "管理效率/预算编制管理", "履职效能/", "社会效应/"), "department-six"),
        (("其他/", "甲/"), None),
        (("/",), None),
        ((), None),
    ],
)
def test_names_choose_the_scheme(places, code):
    found = fitting(ALL, lines(*places))
    assert (found.code if found else None) == code


def test_lines_get_the_codes_of_the_scheme_and_unknown_names_stay():
    scheme = schemes.by_code("10-50-30-10")
    rows = placed(lines("产出指标/数量指标", "成本指标/", "没有的/"), scheme)
    assert [(row.category, row.subcategory) for row in rows] == [
        ("output", "数量指标"),
        ("output", "成本指标"),
        ("没有的", ""),
    ]
