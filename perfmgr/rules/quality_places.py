"""Rules about what an indicator really asks for, and where it stands (Q08, Q09, Q11, Q12, Q38)."""

from perfmgr.rules.findings import Finding
from perfmgr.rules.quality_case import OUTPUT_KINDS, Case, Outcome, Read, Undetermined
from perfmgr.rules.texts import N_

_ANY = 4  # a place that holds this many kinds says nothing about the kind
_SHARES = ("率", "比例", "占比", "比重", "增幅", "增速")
_MEASURED = (*_SHARES, "度", "性", "等级", "水平", "等次", "评分", "得分")
_MEANINGS = ("satisfaction", "timeliness", "quality", "cost", "benefit")
_INSTEAD = {
    "quantity": N_("写做成多少，例如“完成……数 ≥ 120 件”。"),
    "quality": N_("写做得怎样，例如“验收合格率 ≥ 95%%”。"),
    "timeliness": N_("写什么时候做完，例如“按期完成率 ≥ 95%%”。"),
    "benefit": N_("写带来什么变化，例如“隐患处置率 ≥ 90%%”。"),
}


def check_places(case: Case) -> Outcome:
    """Q08, Q09, Q11, Q12: each indicator stands where its meaning belongs."""
    for read in case.lines:
        if not read.name:
            continue
        found = (
            _payment(case, read)
            or _execution(case, read)
            or (_activity_as_quality(case, read) if read.place == {"quality"} else None)
            or _input(case, read)
            or _satisfaction(case, read)
            or _misplaced(case, read)
        )
        if found:
            yield found
        if found is None or found.code != "Q11":
            yield from _contradiction(case, read)
    if any(not read.place for read in case.lines):
        yield Undetermined("Q11", N_("有的指标类别不是通行的名称，看不出放哪一种指标。"))


def _execution(case: Case, read: Read) -> Finding | None:
    word = case.words("execution").find(read.name)
    if not word or "input" in read.place or (read.place == {"cost"} and read.line.unit in case.book.units["money"]):
        return None
    return case.say(
        "Q08",
        N_("指标“%(name)s”考核的是预算执行（“%(word)s”），它在自评中已经单独计分。"),
        read.at("name"),
        N_("删去这一项，换成资金办成的事，例如“按期完工率 ≥ 95%%”。"),
        name=read.line.name,
        word=word,
    )


def _payment(case: Case, read: Read) -> Finding | None:
    """Q09: paying is a formality. An activity listed as quality is told as such, even when it ends in paying."""
    word = case.words("payment").find(read.name)
    if not word or not _yields(read) or read.name.endswith(_MEASURED):
        return None
    if read.place == {"quality"} and case.words("activity_start").find(read.name):
        return None
    return _no_output(case, read, N_("指标“%(name)s”写的是付款（“%(word)s”），付款是手续，不是产出。"), word)


def _input(case: Case, read: Read) -> Finding | None:
    """Q09: money, people and things put in are the price, not the output."""
    if not _yields(read) or read.name.endswith(_MEASURED) or case.words("timeliness").find(read.name):
        return None
    word = case.words("input").find(read.name)
    if not word and read.line.unit in case.book.units["money"] and read.place == {"quantity"}:
        word = case.words("money_name").find(read.name)
    if not word:
        return None
    return _no_output(case, read, N_("指标“%(name)s”写的是投入（“%(word)s”），不是花钱换来的产出。"), word)


def _yields(read: Read) -> bool:
    """Tell whether the place is one for outputs and benefits; where nothing is known it counts as one."""
    return not read.place or not {"cost", "input"} & read.place or "quantity" in read.place


def _no_output(case: Case, read: Read, message: str, word: str) -> Finding:
    kind = next((kind for kind in ("quantity", "quality", "timeliness", "benefit") if kind in read.place), "quantity")
    return case.say("Q09", message, read.at("name"), _INSTEAD[kind], name=read.line.name, word=word)


def _satisfaction(case: Case, read: Read) -> Finding | None:
    word = case.words("satisfaction").find(read.name)
    if not word and read.qualitative:
        word = (
            case.words("satisfaction").find(read.line.text) if read.line.text.startswith(("满意", "群众满意")) else ""
        )
    if "benefit" not in read.place or "satisfaction" in read.place or not word:
        return None
    return case.say(
        "Q12",
        N_("指标“%(name)s”是满意度，放在“%(place)s”里代替了效益。"),
        read.at("category"),
        N_("移到“%(home)s”；这里改写项目带来的变化，例如“隐患处置率 ≥ 90%%”。"),
        name=read.line.name,
        place=case.place_name(read.line),
        home=case.home("satisfaction"),
    )


def meanings(case: Case, read: Read) -> dict[str, str]:
    """Return the kinds an indicator's name speaks of, each with the word that says so."""
    found = {kind: word for kind in _MEANINGS if (word := case.words(kind).find(read.name))}
    ending = case.words("quantity").find(read.name)
    if not found and ending and not read.qualitative and not case.words("not_quantity").find(read.name):
        found["quantity"] = ending
    return found


def _misplaced(case: Case, read: Read) -> Finding | None:
    if not read.place or len(read.place) >= _ANY:
        return None
    if read.place == {"benefit"}:
        found = _foreign_in_benefit(case, read)
    else:
        found = meanings(case, read)
        if "benefit" in read.place or ("quantity" in found and not _quantity_is_foreign(case, read)):
            found.pop("quantity", None)
    if found and not set(found) & read.place:
        kind, word = next(iter(found.items()))
        return case.say(
            "Q11",
            N_("指标“%(name)s”放在“%(place)s”里，按“%(word)s”应属“%(home)s”。"),
            read.at("category"),
            N_("把类别改为“%(home)s”，分值一并调整。"),
            name=read.line.name,
            place=case.place_name(read.line),
            word=word,
            home=case.home(kind),
        )
    return None


def _foreign_in_benefit(case: Case, read: Read) -> dict[str, str]:
    if case.words("benefit_own").find(read.name):
        return {}
    return {
        kind: word
        for kind in ("quality", "timeliness", "cost")
        if (word := case.words(f"{kind}_in_benefit").find(read.name))
    }


def _quantity_is_foreign(case: Case, read: Read) -> bool:
    if "quantity" in read.place:
        return False
    line = read.line
    if "cost" in read.place and (line.unit.split("/")[0] in case.book.units["money"] or not line.unit):
        return False
    if "timeliness" in read.place and line.unit in case.book.units["time"]:
        return False
    return line.unit in case.book.units["count"]


def _activity_as_quality(case: Case, read: Read) -> Finding | None:
    word = case.words("activity_start").find(read.name)
    if not word or meanings(case, read) or read.name.endswith(_MEASURED):
        return None
    return case.say(
        "Q11",
        N_("质量指标“%(name)s”写的是做了什么（“%(word)s……”），没有写做得怎样。"),
        read.at("category"),
        N_("做了多少放到“%(home)s”，这里改为做得怎样，例如“验收合格率 ≥ 95%%”。"),
        name=read.line.name,
        word=word,
        home=case.home("quantity"),
    )


def _contradiction(case: Case, read: Read) -> Outcome:
    """Q11: the second level does not belong under the first."""
    if not read.placed or not read.line.category:
        return
    above = case.category_kinds(read.line.category)
    # Cost stands under the outputs in one scheme and beside them in another.
    if above & OUTPUT_KINDS:
        above |= {"cost"}
    if above and not above & read.place:
        category = case.scheme.category(read.line.category) if case.scheme else None
        kind = min(read.place)
        yield case.say(
            "Q11",
            N_("“%(below)s”不属于“%(category)s”，指标“%(name)s”的两级类别互相矛盾。"),
            read.at("category"),
            N_("一级类别改为“%(home)s”所在的类别，或改选二级类别。"),
            below=read.line.subcategory,
            category=category.name if category else read.line.category,
            name=read.line.name,
            home=case.home(kind),
        )


def check_satisfaction(case: Case) -> Outcome:
    """Q12, Q38: where people are served there is satisfaction, and it will be asked for in a survey."""
    asked = [
        read for read in case.lines if read.place == {"satisfaction"} or case.words("satisfaction").find(read.name)
    ]
    for read in asked:
        yield from _survey(case, read)
    if asked or not case.lines:
        return
    sheet = case.sheet
    if sheet.name is None and "goals" in sheet.unknown:
        yield Undetermined("Q12", N_("没有项目名称和目标，看不出是否面向群众。"))
        return
    word = case.words("people").find(" ".join((sheet.name or "", sheet.goals, sheet.overview)))
    if word:
        yield case.say(
            "Q12",
            N_("项目面向服务对象（“%(word)s”），但没有满意度指标。"),
            "indicators",
            N_("在“%(home)s”增加一项，例如“服务对象满意度 ≥ 90%%”，并写明问卷份数。"),
            word=word,
            home=case.home("satisfaction"),
        )


def _survey(case: Case, read: Read) -> Outcome:
    evidence, definition = read.line.evidence, read.line.definition
    if evidence is None and definition is None:
        yield Undetermined("Q38", N_("表中没有佐证资料一栏。"))
    elif not case.words("survey").find(f"{evidence or ''} {definition or ''}"):
        yield case.say(
            "Q38",
            N_("满意度指标“%(name)s”没有写明怎样调查（佐证写的是“%(evidence)s”）。")
            if evidence
            else N_("满意度指标“%(name)s”没有写明怎样调查。"),
            read.at("evidence"),
            N_("写明方式、时间和样本量，例如“12 月抽样问卷 200 份”。"),
            name=read.line.name,
            evidence=(evidence or "")[:30],
        )
