"""Holidays: what is read from the State Council's notice and from a plain list, and what is refused."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.holidays import OFF, WORK, Special, assemble, read_days, write_days
from tests.rules.sheets import HOSTILE

D = dt.date.fromisoformat
# 国办发明电〔2025〕7号
NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
国务院办公厅
2025年11月4日"""


def span(first: str, last: str) -> set[dt.date]:
    """Return the days from first to last."""
    return {D(first) + dt.timedelta(days=n) for n in range((D(last) - D(first)).days + 1)}


def test_the_notice_of_2026_is_read_as_it_was_published() -> None:
    days, findings = read_days(NOTICE, 2026)
    off = {special.day for special in days if special.kind == OFF}
    assert findings == []
    assert off == (
        span("2026-01-01", "2026-01-03")
        | span("2026-02-15", "2026-02-23")
        | span("2026-04-04", "2026-04-06")
        | span("2026-05-01", "2026-05-05")
        | span("2026-06-19", "2026-06-21")
        | span("2026-09-25", "2026-09-27")
        | span("2026-10-01", "2026-10-07")
    )
    assert [(special.day.isoformat()[5:], special.name) for special in days if special.kind == WORK] == [
        ("01-04", "元旦"),
        ("02-14", "春节"),
        ("02-28", "春节"),
        ("05-09", "劳动节"),
        ("09-20", "国庆节"),
        ("10-10", "国庆节"),
    ]


@pytest.mark.parametrize(
    ("text", "year", "days"),
    [
        # A notice may reach back into December.
        (
            "元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
            2019,
            ["2018-12-29 work", "2018-12-30 off", "2018-12-31 off", "2019-01-01 off"],
        ),
        ("元旦：12月30日至1月1日放假，共3天。", 2024, ["2023-12-30 off", "2023-12-31 off", "2024-01-01 off"]),
        ("一、元旦：1月1日放假，与周末连休。", 2018, ["2018-01-01 off"]),
        ("2027/10/1 休 国庆节\n2027-10-09,班", 2027, ["2027-10-01 off", "2027-10-09 work"]),
        ("２０２７－１０－１ 放假", 2027, ["2027-10-01 off"]),
        ("2028年2月29日 休", 2028, ["2028-02-29 off"]),
    ],
)
def test_other_ways_of_writing_are_read_too(text: str, year: int, days: list[str]) -> None:
    found, findings = read_days(text, year)
    assert ([f"{special.day} {special.kind}" for special in found], findings) == (days, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("春节：2月15日（周二）放假", "第 1 行：2027年2月15日 是周一，写的却是周二，请核对。"),
        ("国庆节：10月1日至8日放假，共7天", "第 1 行：写着共 7 天，日期却有 8 天，请核对。"),
        ("2月30日 休", "第 1 行：“2月30日”不是真实存在的日期，请核对。"),
        ("2027-01-04 班", "第 1 行：2027年1月4日 是周一，本来就上班，请核对。"),
        ("2028-01-01 休", "第 1 行：2028年1月1日 不在 2027 年，请核对年份。"),
        ("1月9日", "第 1 行：没有写明放假还是上班（或两样都写了），请补上“休”或“班”。"),
        ("1月9日 休\n1月9日 班", "第 2 行：2027年1月9日 既写了放假又写了上班，请核对。"),
        ("1月1日至12月31日放假", "第 1 行：从 2027年1月1日 到 2027年12月31日 不像一个假期，请核对。"),
        ("2月29日至1月1日放假", "第 1 行：“2月29日”不是真实存在的日期，请核对。"),
        ("元旦快乐", "没有找到放假或上班的日期，请粘贴通知正文，或每行写一天，例如“2027-01-01 休 元旦”。"),
    ],
)
def test_what_does_not_fit_the_calendar_is_told_with_its_line(text: str, sentence: str) -> None:
    _days, findings = read_days(text, 2027)
    assert [finding.sentence() for finding in findings] == [sentence]


@given(st.sampled_from(HOSTILE) | st.text("0123456789年月日至-/.、（）周六日放假上班休班。：共天 \n", max_size=120))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    days, findings = read_days(text, 2027)
    assert bool(days) or bool(findings)
    assert all(special.day.year == 2027 or (special.day.year, special.day.month) == (2026, 12) for special in days)


@given(
    st.dictionaries(
        st.dates(dt.date(2026, 12, 1), dt.date(2027, 12, 31)), st.sampled_from(("春节", "", "国庆节、中秋节"))
    )
)
def test_a_written_list_is_read_back(chosen: dict[dt.date, str]) -> None:
    days = [Special(day, WORK if day.weekday() > 4 else OFF, name) for day, name in sorted(chosen.items())]
    found, findings = read_days(write_days(days), 2027)
    assert (found, len(findings)) == (days, 0 if days else 1)


def test_a_later_year_s_table_wins_for_the_december_it_names() -> None:
    old = [Special(D("2026-12-31"), OFF, "旧")]
    new = [Special(D("2026-12-31"), OFF, "元旦"), Special(D("2026-12-27"), WORK, "元旦")]
    workdays, days = assemble({2027: new, 2026: old})
    assert (days[D("2026-12-31")].name, workdays.is_workday(D("2026-12-27")), workdays.years) == (
        "元旦",
        True,
        {2026, 2027},
    )
