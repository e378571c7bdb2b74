"""A reminder rule in plain words: when it tells whom, what follows when nothing happens, and when it keeps quiet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Flask

from perfmgr.models.reminder import ReminderRule
from perfmgr.rules.reminder_settings import read
from perfmgr.rules.reminders import Settings
from perfmgr.rules.roles import FILLER, ROLES
from perfmgr.rules.texts import N_
from perfmgr.web.language import english, gettext

WEEKDAYS = {
    1: N_("周一"),
    2: N_("周二"),
    3: N_("周三"),
    4: N_("周四"),
    5: N_("周五"),
    6: N_("周六"),
    7: N_("周日"),
}
# Who is told, by the duty.
TOLD = {
    "reviewing": N_("部门或财政审核人"),
    "approving": N_("财政评审人"),
    "accepting": N_("认定整改的审核人"),
}


def listed(parts: Iterable[Any]) -> str:
    """Return things one after the other, as the page's language separates them."""
    return (", " if english() else "、").join(str(part) for part in parts)


def told(duty: str) -> str:
    """Return who is reminded of this kind of duty."""
    return _role(TOLD.get(duty, ROLES[FILLER]))


def _role(name: str) -> str:
    """Return a role inside a sentence."""
    return gettext(name).lower() if name else ""


def words(duty: str, settings: Settings) -> str:
    """Return the whole rule as one sentence."""
    return _sentence([*_clauses(duty, settings), *_manner(settings)])


def main_words(duty: str, settings: Settings) -> str:
    """Return when the rule tells whom, as a sentence."""
    return _sentence(_clauses(duty, settings))


def manner(settings: Settings) -> str:
    """Return how the rule tells, as a sentence: together or one by one, and when it keeps quiet."""
    return _sentence(_manner(settings))


def _sentence(clauses: Iterable[str]) -> str:
    said = ("; " if english() else "；").join(clauses)
    return f"{said[:1].upper()}{said[1:]}" + ("." if english() else "。")


def in_words(duty: str, settings: Mapping[str, Any]) -> str:
    """Return stored settings as one sentence."""
    return words(duty, read(duty, settings)[0])


def name_of(rule: ReminderRule) -> str:
    """Return the name of a rule in the page's language."""
    return title((rule.settings,)) or rule.code


def title(settings: Sequence[Mapping[str, Any]]) -> str:
    """Return what the rule with these settings (the newest last) is called in the page's language."""
    newest = settings[-1] if settings else {}
    return str(newest.get("name_en" if english() else "name") or newest.get("name") or "")


def _clauses(duty: str, s: Settings) -> Iterator[str]:
    if s.wait:
        yield gettext("办理时限 %(n)s 个工作日", n=s.wait)
    own = list(_own_times(s))
    if own:
        yield gettext("%(days)s %(time)s 提醒%(who)s", days=listed(own), time=f"{s.hour:%H:%M}", who=told(duty))
    if s.after:
        yield gettext("逾期第 %(days)s 天再提醒", days=listed(s.after))
    if s.weekdays:
        days = listed(gettext(WEEKDAYS[day]) for day in s.weekdays)
        yield gettext("以后每%(days)s提醒，到逾期第 %(n)s 天为止", days=days, n=s.until)
    yield from _escalation(s)
    if s.grace:
        yield gettext("截止后 %(n)s 天内不称逾期", n=s.grace)


def _manner(s: Settings) -> Iterator[str]:
    yield gettext("同时到期的合并为一条") if s.digest else gettext("逐条发送")
    if s.quiet_from and s.quiet_to:
        text = N_("%(first)s 至次日 %(last)s 不发") if s.quiet_from > s.quiet_to else N_("%(first)s 至 %(last)s 不发")
        yield gettext(text, first=f"{s.quiet_from:%H:%M}", last=f"{s.quiet_to:%H:%M}")
    if s.only_workdays:
        yield gettext("遇休息日顺延到工作日")


def _own_times(s: Settings) -> Iterator[str]:
    if s.at_start:
        yield gettext("事项开始当天")
    if s.before:
        unit = N_("截止前 %(days)s 个工作日") if s.before_workdays else N_("截止前 %(days)s 天")
        yield gettext(unit, days=listed(s.before))
    if s.on_day:
        yield gettext("截止当天").lower()


def _escalation(s: Settings) -> Iterator[str]:
    if not s.escalate_after:
        return
    who = _role(ROLES.get(s.escalate_to, ""))
    yield gettext("逾期 %(n)s 个工作日告知%(who)s", n=s.escalate_after, who=who)
    if s.escalate_every and s.escalate_times > 1:
        yield gettext("以后每 %(n)s 个工作日一次，共 %(times)s 次", n=s.escalate_every, times=s.escalate_times)


def init_app(app: Flask) -> None:
    """Make everything here known to the templates."""
    app.jinja_env.globals.update(
        reminder_rule_name=name_of,
        reminder_rule_words=lambda rule: main_words(rule.duty, read(rule.duty, rule.settings)[0]),
        reminder_rule_manner=lambda rule: manner(read(rule.duty, rule.settings)[0]),
        rule_in_words=in_words,
        rule_title=title,
        REMINDER_DAYS=WEEKDAYS,
    )
