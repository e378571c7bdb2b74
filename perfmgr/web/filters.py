"""How values are printed on pages: amounts, percentages, days, states, names of codes."""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from perfmgr import times
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import NATURES
from perfmgr.queries import monitorings as monitoring_queries
from perfmgr.queries import schemes
from perfmgr.rules import (
    appraisals,
    attachments,
    consequences,
    coverage,
    cycles,
    declarations,
    evaluation_funds,
    formulas,
    holidays,
    library,
    money,
    monitorings,
    notices,
    numbers,
    projects,
    rectifications,
    roles,
    scoring,
    workflow,
)
from perfmgr.rules.dates import chinese
from perfmgr.rules.indicators import SYMBOLS, target_text
from perfmgr.rules.library_fields import FIELDS
from perfmgr.rules.reviews import CONCLUSIONS, TIER_NAMES
from perfmgr.rules.texts import N_
from perfmgr.rules.versions import OCCASIONS, SECTION_TITLES, STATUS_NAMES, TWICE
from perfmgr.web import appraisal_texts, charts, doors, duty_texts, kept, language
from perfmgr.web.language import english, gettext
from perfmgr.web.rule_texts import write_rule
from perfmgr.web.version_texts import version_value

NATURE_NAMES = dict(zip(NATURES, (N_("行政单位"), N_("事业单位"), N_("其他")), strict=True))
KIND_NAMES = {"area": N_("行政区划"), "department": N_("部门"), "unit": N_("单位")}

# The colour class of a state; words always stand beside the colour.
TONES = {
    "draft": "plain",
    "dropped": "plain",
    "open": "plain",
    "proposed": "plain",
    "submitted": "waiting",
    "department_approved": "waiting",
    "returned": "bad",
    "approved": "good",
    "confirmed": "good",
    "answered": "waiting",
    "accepted": "good",
    **appraisal_texts.TONES,
}


def percent(value: Decimal | None) -> str:
    """Return a percentage with two decimals, or a dash."""
    return "—" if value is None else f"{numbers.half_up(value):.2f}%"


def score(value: Decimal | None) -> str:
    """Return marks with two decimals, or a dash."""
    return "—" if value is None else f"{value:.2f}"


def number(value: Decimal | None) -> str:
    """Return a quantity with thousands commas and without trailing zeros, or nothing."""
    return "" if value is None else numbers.quantity(value)


def date(value: dt.date | None) -> str:
    """Return a day as people of the page's language write it, or a dash."""
    if value is None:
        return "—"
    return value.isoformat() if english() else chinese(value)


def moment(value: dt.datetime | None) -> str:
    """Return an instant on Beijing's clock to the minute, or a dash."""
    return "—" if value is None else times.local(value).strftime("%Y-%m-%d %H:%M")


def days_left(day: dt.date | None) -> int | None:
    """Return how many days remain until a day; negative when it is past."""
    return None if day is None else (day - times.today()).days


def state(subject: str, value: str | None) -> str:
    """Return the name of a state."""
    return gettext(workflow.STATES[subject][value]) if value else gettext("未开始")


def badges(subject: str) -> dict[str | None, Markup]:
    """Return the badge of every state of a subject: colour class and word; None is "not started"."""
    shape = Markup('<span class="state state-{}">{}</span>')
    found: dict[str | None, Markup] = {
        key: shape.format(TONES[key], gettext(name)) for key, name in workflow.STATES[subject].items()
    }
    found[None] = shape.format("plain", gettext("未开始"))
    return found


def category_name(scheme_id: int, code: str) -> str:
    """Return the name of an indicator category in the page's language."""
    category = schemes.by_id(scheme_id).category(code)
    if category is None:
        return code
    return category.name_en if english() else category.name


def scheme_name(version: SchemeVersion) -> str:
    """Return the name of a scheme version in the page's language."""
    return str(version.data.get("name_en") or version.name) if english() else version.name


def formula(text: str) -> str:
    """Return a formula with its few words in the page's language."""
    if english():
        for word in formulas.WORDS:
            text = text.replace(word, gettext(word))
    return text


def paragraphs(text: str) -> Markup:
    """Return long text as escaped paragraphs."""
    blocks = [line for line in (text or "").split("\n") if line.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in blocks)


@lru_cache(maxsize=256)
def _stamp(folder: str, name: str) -> str:
    path = Path(folder) / name
    return str(int(path.stat().st_mtime)) if path.exists() else "0"


def asset(name: str) -> str:
    """Return the address of a static file, stamped so that browsers may keep it for ever."""
    return f"/static/{name}?v={_stamp(str(current_app.static_folder), name)}"


def page_address(**changes: Any) -> str:
    """Return this page's address with some query fields changed (None removes one)."""
    values = {**request.args.to_dict(), **changes}
    kept = {k: v for k, v in values.items() if v not in (None, "")}
    return url_for(str(request.endpoint), **(request.view_args or {}), **kept)


# What the fields of a recorded correction are called.
FIELD_NAMES = {
    "initial": N_("年初预算数（万元）"),
    "adjusted": N_("全年预算数（万元）"),
    "executed": N_("全年执行数（万元）"),
    "code": N_("项目代码"),
    "name": N_("项目名称"),
    "category": N_("项目类别"),
    "total_amount": N_("项目总额（元）"),
    "start_on": N_("项目期开始"),
    "end_on": N_("项目期结束"),
    "file": N_("文件"),
    "lines": N_("用于指标"),
    "entry_name": N_("指标名称"),
    "unit": N_("计量单位"),
    "sign": N_("符号"),
    "meaning": N_("考核内容"),
    "field": N_("领域"),
    "attribute": N_("项目属性"),
    "adjust_basis": N_("调整依据"),
    "annual_amount": N_("年度预算（万元）"),
    "renewal_year": N_("申报年度"),
    "total": N_("总分"),
}

# What somebody has to do with a record in this state.
DUTY_NAMES = {
    ("project", "continuing"): N_("按上年编报"),
    ("declaration", "draft"): N_("填写并送审"),
    ("declaration", "returned"): N_("修改后重新送审"),
    ("declaration", "submitted"): N_("部门审核"),
    ("declaration", "department_approved"): N_("财政审核"),
    ("monitoring", "open"): N_("填写并送审"),
    ("monitoring", "returned"): N_("修改后重新送审"),
    ("monitoring", "submitted"): N_("审核"),
    ("budget", "proposed"): N_("批复预算"),
    ("evaluation", "open"): N_("填写并送审"),
    ("evaluation", "returned"): N_("修改后重新送审"),
    ("evaluation", "submitted"): N_("复核"),
    ("sample", "confirmed"): N_("抽查"),
    **appraisal_texts.DUTY_NAMES,
    ("rectification", "open"): N_("落实整改并报送结果"),
    ("rectification", "returned"): N_("补充后重新报送"),
    ("rectification", "answered"): N_("认定整改结果"),
}

RULE_NAMES = {"direct": N_("直接赋分"), "steps": N_("按差距扣分"), "bands": N_("分档计分")}

# The manual page that belongs to a page of the application.
MANUAL_PAGES = {
    "rectifications": "scoring",
    "samples": "reviewer",
    "figures": "scoring",
    "evaluations": "scoring",
    "schemes": "scoring",
    **dict.fromkeys(("appraisals", "appraisal_marks", "appraisal_questions", "rubrics"), "scoring"),
    "trials": "administrator",
    **dict.fromkeys(
        (
            "consequences",
            "coverage",
            "disclosures",
            "published",
            "people",
            "units",
            "cycles",
            "functions",
            "reminders",
            "reminder_rules",
            "workdays",
            "window_exceptions",
            "endpoints",
            "messages",
        ),
        "administrator",
    ),
    **dict.fromkeys(
        ("projects", "declarations", "attachments", "versions", "adjustments", "budgets", "library", "monitorings"),
        "filler",
    ),
}


def field_name(name: str) -> str:
    """Return what a field of a recorded correction is called."""
    return gettext(FIELD_NAMES[name]) if name in FIELD_NAMES else name


def remark_place(field: str, name: str) -> str:
    """Return where a remark was made: the section, or the indicator by its number and name."""
    section, _dot, number = field.partition(".")
    title = gettext(SECTION_TITLES.get(section, section))
    return gettext("%(section)s 第 %(n)s 项“%(name)s”", section=title, n=number, name=name) if number else title


def step_name(step: str) -> str:
    """Return what a step of the workflow is called."""
    return gettext(workflow.STEPS.get(step, step))


def duty_name(subject: str, value: str) -> str:
    """Return what is to be done with a record in this state."""
    return gettext(DUTY_NAMES[(subject, value)])


def notice_text(notice: Any) -> str:
    """Return a notice as a sentence."""
    return notices.sentence(notice.kind, notice.params, gettext)


def rule_name(data: dict[str, Any]) -> str:
    """Return the name and numbers of a line's own scoring rule."""
    kind, text = write_rule(data)
    return f"{gettext(RULE_NAMES[kind])} {text}".strip()


def here() -> str:
    """Return the blueprint of this page, which the menu marks; files belong to the menu of what they belong to."""
    if request.blueprint == "attachments":
        return request.path.split("/")[1]
    return request.blueprint or ""


def manual_page() -> str:
    """Return the manual page for this page: by noun, and for the first page by role."""
    if here() in MANUAL_PAGES:
        page = MANUAL_PAGES[here()]
        reviewing = g.viewer and not g.viewer.roles & {roles.FILLER} and page == "filler"
        return "reviewer" if reviewing else page
    return "start"


def init_app(app: Flask) -> None:
    """Make everything here known to the templates."""
    app.jinja_env.filters.update(
        wan=money.wan,
        wan_exact=money.wan_exact,
        percent=percent,
        score=score,
        number=number,
        date=date,
        file_size=attachments.size_text,
        formula=formula,
        moment=moment,
        paragraphs=paragraphs,
        # Not by the templates' own _, which has done with percent signs before the places are filled.
        sentence=lambda finding: finding.sentence(gettext),
        remedy=lambda finding: finding.remedy(gettext),
    )
    app.jinja_env.globals.update(charts.NAMES)
    app.jinja_env.globals.update(
        _=language.page_text,
        advice=lambda consequence: gettext(consequence.label),
        asset=asset,
        badges=badges,
        category_names=lambda: {key: gettext(name) for key, name in projects.CATEGORIES.items()},
        duty_name=duty_name,
        duty_address=duty_texts.duty_address,
        subject_name=duty_texts.subject_name,
        holiday_name=duty_texts.holiday_name,
        DAY_KINDS=holidays.KINDS,
        WEEKDAYS=holidays.WEEKDAYS,
        field_name=field_name,
        here=here,
        here_exactly=lambda address: request.path == address,
        manual_page=manual_page,
        notice_text=notice_text,
        rate=lambda part, whole: None if part is None or whole is None else numbers.percent(part, whole),
        request_language=language.current,
        rule_name=rule_name,
        remark_place=remark_place,
        version_value=version_value,
        OCCASIONS=OCCASIONS,
        STATUS_NAMES=STATUS_NAMES,
        TWICE=TWICE,
        scheme_name=scheme_name,
        step_name=step_name,
        category_name=category_name,
        csrf_token=generate_csrf,
        owner_mark=kept.owner_mark,
        days_left=days_left,
        door=lambda endpoint: bool(g.viewer) and doors.may_enter(endpoint, g.viewer.roles),
        flashes=lambda: get_flashed_messages(with_categories=True),
        page_address=page_address,
        state_name=state,
        target_text=target_text,
        viewer=lambda: g.get("viewer"),
        APPRAISAL_KINDS=appraisals.KINDS,
        CATEGORIES=projects.CATEGORIES,
        ATTACHMENT_KINDS=attachments.KINDS,
        ATTACHMENT_SCANS=attachments.SCANS,
        ATTRIBUTES=projects.ATTRIBUTES,
        FUND_SOURCES=projects.FUND_SOURCES,
        EVALUATION_SOURCES=evaluation_funds.SOURCES,
        FLAGS=scoring.FLAGS,
        KIND_NAMES=KIND_NAMES,
        LIBRARY=library,
        MONITORING=monitorings,
        monitoring_of=monitoring_queries.of_project,
        LIBRARY_FIELDS=FIELDS,
        TIER_NAMES=TIER_NAMES,
        CONCLUSIONS=CONCLUSIONS,
        NATURE_NAMES=NATURE_NAMES,
        NOTHING_OWED=coverage.NOTHING_OWED,
        RECTIFICATION_TYPES=rectifications.TYPES,
        RENEWALS=consequences.RENEWALS,
        ROLES=roles.ROLES,
        STATES=workflow.STATES,
        STATUSES=declarations.STATUSES,
        STEPS=workflow.STEPS,
        SYMBOLS=SYMBOLS,
        WINDOWS=cycles.WINDOWS,
        today=times.today,
    )
