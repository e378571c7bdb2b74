"""Holidays of a year: days off and worked days (调休) as the State Council's notice or a plain list gives them."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_, Term, half_width
from perfmgr.rules.workdays import Workdays

OFF, WORK = "off", "work"
KINDS = {OFF: N_("休"), WORK: N_("班")}
# The statutory holidays (全国年节及纪念日放假办法), as pages name them.
NAMES = (N_("元旦"), N_("春节"), N_("清明节"), N_("劳动节"), N_("端午节"), N_("中秋节"), N_("国庆节"))
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
MOST_DAYS = 31  # of one holiday: more is a slip of the pen

_DATE = re.compile(
    r"(?:(?P<year>\d{4})[年/.-])?(?:(?P<month>\d{1,2})[月/.-])?(?P<day>\d{1,2})(?:[日号]|(?![\d年月]))(?P<note>\([^)]*\))?"
)
_SERIAL = re.compile(r"^\s*(?:[一二三四五六七八九十]+\s*[、.]|\(?\d{1,2}\)|\d{1,2}、)\s*")
_COUNT = re.compile(r"(?:共|放假)\s*(\d{1,3})\s*天")
_ONLY_DATE = re.compile(r"\s*\d{4}年\d{1,2}月\d{1,2}日\s*")
_HAS_DATE = re.compile(r"\d{1,2}月\d{1,2}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_UNTIL = re.compile(r"(?:至|到|[-—–~]+)")


@dataclass(frozen=True, slots=True)
class Special:
    """One day that is not what its weekday says; ``name`` is the holiday it belongs to."""

    day: dt.date
    kind: str
    name: str = ""


class _Slip(Exception):
    """One sentence of a notice that cannot be taken, and why."""

    def __init__(self, message: str, **params: object) -> None:
        self.finding = Finding("HOLIDAY", message, "days", params=params)
        super().__init__(message)


def assemble(tables: Mapping[int, Iterable[Special]]) -> tuple[Workdays, dict[dt.date, Special]]:
    """Return how to count and what to call the days of these years; a later year's table wins for its days."""
    days = {special.day: special for year in sorted(tables) for special in tables[year]}
    off = frozenset(day for day, special in days.items() if special.kind == OFF)
    worked = frozenset(day for day, special in days.items() if special.kind == WORK)
    return Workdays(off, worked, frozenset(tables)), days


def write_days(days: Iterable[Special]) -> str:
    """Return the days as the plain list that ``read_days`` reads."""
    return "\n".join(f"{d.day.isoformat()} {KINDS[d.kind]} {d.name}".rstrip() for d in days)


def read_days(text: str, year: int) -> tuple[list[Special], list[Finding]]:
    """Return the special days in a pasted notice or list of days, by day, and what could not be taken.

    Takes lines such as “二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）上班。” and
    “2026-02-14 班 春节”. Weekdays and counts in the text are compared with the calendar. Lines
    without a day of the month (title, addressee, final remarks) are passed over.
    """
    found: dict[dt.date, Special] = {}
    findings: list[Finding] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = "".join(half_width(line).replace("星期", "周").replace("周天", "周日").split("\u3000")).strip()
        if not _HAS_DATE.search(plain) or _ONLY_DATE.fullmatch(plain):
            continue
        try:
            for special in _line(plain, year):
                if found.setdefault(special.day, special).kind != special.kind:
                    raise _Slip(N_("%(day)s 既写了放假又写了上班，请核对。"), day=special.day)
        except _Slip as slip:
            whole = N_("第 %(line)s 行：%(reason)s")
            findings.append(Finding("HOLIDAY", whole, "days", params={"line": number, "reason": slip.finding}))
    if not found and not findings:
        nothing = N_("没有找到放假或上班的日期，请粘贴通知正文，或每行写一天，例如“2027-01-01 休 元旦”。")
        findings.append(Finding("HOLIDAY", nothing, "days"))
    return sorted(found.values(), key=lambda special: special.day), findings


def _line(line: str, year: int) -> Iterator[Special]:
    """Yield the days of one line: of one holiday in a notice, or of one row of a list."""
    line = _SERIAL.sub("", line)
    head, colon, rest = line.partition(":")
    named = bool(colon) and not any(c.isdigit() for c in head)
    sentences = re.split("[。;]", rest if named else line)
    for sentence in filter(_HAS_DATE.search, sentences):
        kind = _kind(sentence)
        days = list(_days(sentence, year))
        _compare_count(sentence, kind, len(days))
        name = head.strip() if named else _last_word(sentence)
        for day in days:
            if kind == WORK and day.weekday() < 5:
                raise _Slip(N_("%(day)s 是%(weekday)s，本来就上班，请核对。"), day=day, weekday=_weekday(day))
            yield Special(day, kind, name[:40])


def _kind(sentence: str) -> str:
    works = "上班" in sentence or re.search(r"[\s,]班(?:\s|,|$)", sentence) is not None
    off = "放假" in sentence or re.search(r"[\s,]休(?:\s|,|$)", sentence) is not None
    if works == off:
        raise _Slip(N_("没有写明放假还是上班（或两样都写了），请补上“休”或“班”。"))
    return WORK if works else OFF


def _last_word(sentence: str) -> str:
    """Return the name at the end of a row such as “2027-01-01 休 元旦”, or nothing."""
    words = re.split(r"[\s,]+", sentence.strip())
    return "" if len(words) < 3 or any(c.isdigit() for c in words[-1]) else words[-1]


def _days(sentence: str, year: int) -> Iterator[dt.date]:
    """Yield the days of a sentence, ranges written out. The year of a day without one is the notice's."""
    text = _COUNT.sub("", sentence)
    matches = list(_DATE.finditer(text))
    before: dt.date | None = None
    while matches:
        match = matches.pop(0)
        first = last = _day(match, before, year)
        if matches and _UNTIL.fullmatch(text[match.end() : matches[0].start()].strip()):
            last = _day(matches.pop(0), first, year)
            if last < first and first.month == 12 and match["year"] is None:  # 12月30日至1月1日
                first = dt.date(first.year - 1, 12, first.day)
            if not 0 <= (last - first).days < MOST_DAYS:
                raise _Slip(N_("从 %(first)s 到 %(last)s 不像一个假期，请核对。"), first=first, last=last)
        for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
            if day.year != year and (day.year, day.month) != (year - 1, 12):
                raise _Slip(N_("%(day)s 不在 %(year)s 年，请核对年份。"), day=day, year=year)
            yield day
        before = last


def _day(match: re.Match[str], before: dt.date | None, year: int) -> dt.date:
    """Return the day of one date; what it leaves out is as in the date before it."""
    month = int(match["month"]) if match["month"] else before.month if before else 0
    in_year = int(match["year"]) if match["year"] else before.year if before and not match["month"] else year
    try:
        day = dt.date(in_year, month, int(match["day"]))
    except ValueError:
        raise _Slip(N_("“%(text)s”不是真实存在的日期，请核对。"), text=match[0]) from None
    told = re.search("周[一二三四五六日]", match["note"] or "")
    if told and told[0] != _weekday(day):
        raise _Slip(
            N_("%(day)s 是%(weekday)s，写的却是%(told)s，请核对。"), day=day, weekday=_weekday(day), told=Term(told[0])
        )
    return day


def _weekday(day: dt.date) -> Term:
    return Term(WEEKDAYS[day.weekday()])


def _compare_count(sentence: str, kind: str, count: int) -> None:
    told = _COUNT.search(sentence)
    if told and kind == OFF and int(told[1]) != count:
        raise _Slip(N_("写着共 %(told)s 天，日期却有 %(count)s 天，请核对。"), told=told[1], count=count)
