"""The whole year with the whole cast, in a real browser, on both databases."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perfmgr.times import today
from tests.e2e.conftest import ADMIN_PASSWORD, Server, picture
from tests.e2e.walker import Walker

DEPARTMENT = "中共大连高新技术产业园区工作委员会党群工作部"
UNIT = f"{DEPARTMENT}（本级）"
PROJECT = "社区党组织服务群众经费（区级配套）"
CAST = {
    "tianbao": ("林晓", "填报人", f"　{DEPARTMENT}"),
    "shenhe": ("周正", "部门审核人", f"　{DEPARTMENT}"),
    "caizheng": ("郑明", "财政评审人", "大连高新技术产业园区"),
}
INDICATORS = (
    ("产出指标", "数量指标", "覆盖社区数", "≥", "38", "个", "20"),
    ("产出指标", "质量指标", "服务项目验收合格率", "≥", "95", "%", "15"),
    ("产出指标", "成本指标", "项目总成本", "≤", "570", "万元", "15"),
    ("效益指标", "社会效益指标", "惠及居民人次", "≥", "60,000", "人次", "30"),
    ("满意度指标", "服务对象满意度指标", "居民满意度", "≥", "９０", "%", "10"),
)
YEAR = today().year


@pytest.fixture
def people(server: Server, open_page: Callable[..., Page]) -> Callable[[str], Walker]:
    """A function that returns a signed-out walker."""
    return lambda _name: Walker(open_page(server.address), server.address)


def test_a_year_from_an_empty_installation_to_disclosure(server: Server, people: Callable[[str], Walker]) -> None:
    admin, filler, reviewer, finance = (people(name) for name in ("admin", "filler", "reviewer", "finance"))

    # The administrator sets the house up.
    admin.go("/sign-in")
    picture(admin.page, "sign-in")
    admin.sign_in("guanli", ADMIN_PASSWORD)
    passwords = set_up(admin)
    for walker, username in ((filler, "tianbao"), (reviewer, "shenhe"), (finance, "caizheng")):
        walker.first_sign_in(username, passwords[username], "Xin-Mima-2025-hao")

    # Declare, submit, return, resubmit, approve twice.
    declare(filler)
    address = filler.page.url.split("?")[0].removeprefix(server.address)
    submit_with_gap_then_complete(filler)
    return_it(reviewer)
    resubmit(filler)
    approve(reviewer, "待财政审核")
    approve(finance, "已批复")
    filler.go(address)
    filler.state("已批复")
    picture(filler.page, "declaration")

    # Release the budget, enter execution.
    release(finance)
    execute(filler)

    # Open the window; the clock creates what is owed.
    open_window(admin)
    assert "建立自评 2 份" in server.run("run", "open_evaluations")
    assert "建立自评 0 份" in server.run("run", "open_evaluations")
    server.run("run", "plan_reminders")
    server.run("run", "issue_reminders")

    # Self-evaluate the project and the department, re-check both.
    evaluate_project(filler)
    recheck_project(reviewer)
    evaluate_department(filler)
    recheck_department(finance)

    see_coverage(admin)
    see_disclosure(admin)


# --- setting up -------------------------------------------------------------------------------


def set_up(admin: Walker) -> dict[str, str]:
    """Create department, unit, cycle and people in the browser; returns the first passwords."""
    admin.menu("系统管理")
    picture(admin.page, "cycles-empty")
    add_unit(admin, "大连高新技术产业园区", "部门", "219", DEPARTMENT, "行政单位")
    add_unit(admin, f"　{DEPARTMENT}", "单位", "219001", UNIT, "行政单位")
    picture(admin.page, "units")
    admin.follow("年度周期")
    admin.follow("建立年度周期")
    admin.fill("年度", str(YEAR))
    admin.page.get_by_label("项目评分方案").select_option(label="项目支出自评 10/50/30/10（2020）")
    admin.page.get_by_label("部门整体评分方案").select_option(index=1)
    admin.fill("目标申报开始", f"{YEAR - 1}-8-1")
    admin.fill("目标申报截止", f"{YEAR}年12月31日")
    picture(admin.page, "cycle-new")
    admin.click("建立")
    admin.sees(f"{YEAR} 年度周期已建立。")
    picture(admin.page, "cycles")
    return {username: add_person(admin, username, *facts) for username, facts in CAST.items()}


def add_unit(admin: Walker, parent: str, kind: str, code: str, name: str, nature: str) -> None:
    admin.follow("组织机构")
    admin.follow("增加单位")
    admin.page.get_by_label("上级").select_option(label=parent)
    admin.page.get_by_label("节点类型").select_option(label=kind)
    admin.page.get_by_label("单位性质").select_option(label=nature)
    admin.page.get_by_label("代码").fill(code)
    admin.page.get_by_label("单位名称").fill(name)
    admin.click("增加")
    admin.sees(f"已增加“{name}”。")


def add_person(admin: Walker, username: str, name: str, role: str, unit: str) -> str:
    admin.follow("人员与岗位")
    admin.follow("增加人员")
    admin.page.get_by_label("姓名").fill(name)
    admin.page.get_by_label("用户名").fill(username)
    admin.choose("第 1 行 岗位", role)
    admin.choose("第 1 行 单位", unit)
    picture(admin.page, "person-new")
    admin.click("增加")
    password = admin.page.locator(".secret code").inner_text()
    admin.follow("已记下，返回")
    picture(admin.page, "people")
    return password


# --- declaring --------------------------------------------------------------------------------


def declare(filler: Walker) -> None:
    """Create the project and fill the sections one after the other."""
    picture(filler.page, "home-empty")
    filler.go("/")
    filler.follow("新建项目")
    page = filler.page
    page.get_by_label("项目名称").fill(PROJECT)
    page.get_by_label("功能分类").select_option(value="2013299")
    page.get_by_label("项目总额").fill("２，８５０ 万元")
    page.get_by_label("项目期开始").fill(f"{YEAR}0101")
    page.get_by_label("项目期结束").fill(f"{YEAR + 2}年12月31日")
    picture(page, "project-new")
    filler.click("建立并填写申报")
    page.get_by_label("项目概述").fill("规范社区党群服务阵地，办理居民身边的实事。\n专款专用。")
    picture(page, "section-overview")
    filler.click("保存并填写下一节")
    filler.fill("第 1 行 文件名称", "《大连市（社区）村党组织服务群众专项经费管理使用办法》")
    filler.fill("第 1 行 文号", "大组〔2022〕101号")
    picture(page, "section-bases")
    filler.click("保存并填写下一节")
    page.get_by_label("实施主体").fill("高新区党群工作部")
    filler.click("保存并填写下一节")
    page.get_by_label("实施方案").fill("建好社区党群服务中心，方便居民就近办事。")
    page.get_by_label("主要目标").fill("经费按季拨付，服务项目居民看得见、用得上。")
    filler.fill("第 1 步 内容", "制定工作安排")
    filler.fill("第 1 步 开始日期", f"{YEAR}/1/1")
    filler.fill("第 1 步 结束日期", f"{YEAR}/2/28")
    filler.click("增加一步")
    filler.fill("第 3 步 内容", "组织项目实施")
    picture(page, "section-plan")
    filler.click("保存并填写下一节")
    filler.fill("开始日期", f"{YEAR}年1月1日")
    filler.fill("结束日期", f"{YEAR}年12月31日")
    filler.click("保存并填写下一节")
    amounts_are_read_as_people_type_them(filler)
    fill_indicators(filler)


def amounts_are_read_as_people_type_them(filler: Walker) -> None:
    """A bad amount gets a sentence and stays in the field; a good one in any writing is taken."""
    filler.fill("一般公共预算", "五百七十")
    filler.click("保存并填写下一节")
    expect(filler.page).to_have_title(lambda_title("错误："))
    expect(filler.page.get_by_label("一般公共预算", exact=True)).to_have_value("五百七十")
    filler.sees("“一般公共预算”填的“五百七十”不是数字")
    filler.fill("一般公共预算", "５７０ 万元")
    expect(filler.page.locator("[data-sum-output]")).to_have_text("570.00")
    picture(filler.page, "section-funds")
    filler.click("保存并填写下一节")


def lambda_title(prefix: str) -> "object":
    """Return a pattern for a title that begins so."""
    import re

    return re.compile(f"^{prefix}")


def fill_indicators(filler: Walker) -> None:
    page = filler.page
    for n, row in enumerate(INDICATORS, 1):
        if n > 3:
            filler.click("增加一行")
        for label, value in zip(("二级指标", "三级指标", "目标值", "单位", "分值"), (*row[1:3], *row[4:]), strict=True):
            filler.fill(f"第 {n} 行 {label}", value)
        filler.choose(f"第 {n} 行 指标类别", row[0])
        filler.choose(f"第 {n} 行 符号", row[3])
    expect(page.locator("[data-total]")).to_have_class("fits")
    picture(page, "section-indicators")
    filler.click("保存")
    filler.sees("“绩效目标”已保存。")


def submit_with_gap_then_complete(filler: Walker) -> None:
    """A gap blocks the submission with a link to its section; completed, it goes through."""
    page = filler.page
    filler.follow("项目概述") if page.get_by_role("link", name="项目概述").count() else None
    page.goto(page.url.split("/sections")[0] + "/sections/body")
    page.get_by_label("实施主体").fill("")
    page.get_by_role("button", name="保存", exact=True).last.click()
    filler.follow("核对并送审")
    filler.click("送审")
    filler.sees("还不能送审，请先补齐以下内容")
    picture(page, "declaration-gaps")
    page.locator(".problems a").first.click()
    page.get_by_label("实施主体").fill("高新区党群工作部")
    filler.click("保存并返回核对")
    picture(page, "declaration-check")
    filler.go(page.url.split("/check")[0])
    filler.hand_in()
    filler.go(page.url.split("/versions")[0])
    filler.state("待部门审核")


def return_it(reviewer: Walker) -> None:
    reviewer.go("/")
    picture(reviewer.page, "home-reviewer")
    reviewer.follow(PROJECT)
    reviewer.click("退回修改")
    reviewer.sees("请填写意见")
    reviewer.page.get_by_label("退回意见").fill("“惠及居民人次”请说明统计口径。")
    picture(reviewer.page, "declaration-review")
    reviewer.click("退回修改")
    reviewer.state("已退回")


def resubmit(filler: Walker) -> None:
    filler.go("/notices")
    filler.sees("请说明统计口径")
    picture(filler.page, "notices")
    filler.page.get_by_role("button", name="被 周正 退回").first.click()
    filler.state("已退回")
    filler.page.goto(filler.page.url.split("#")[0] + "/sections/indicators")
    filler.fill("第 4 行 数据来源与佐证", "活动签到表，按人次统计")
    filler.click("保存")
    filler.hand_in()
    filler.go(filler.page.url.split("/versions")[0])
    filler.state("待部门审核")


def approve(walker: Walker, after: str) -> None:
    walker.go("/")
    walker.follow(PROJECT)
    walker.click("通过")
    walker.state(after)


# --- money ------------------------------------------------------------------------------------


def release(finance: Walker) -> None:
    finance.go(f"/budgets?year={YEAR}")
    picture(finance.page, "budgets")
    finance.follow(PROJECT)
    finance.click("批复预算")
    finance.state("已批复")
    picture(finance.page, "budget")


def execute(filler: Walker) -> None:
    filler.go(f"/budgets?year={YEAR}")
    filler.follow(PROJECT)
    filler.page.get_by_label("全年执行数").fill("541.8")
    filler.click("保存执行数")
    filler.sees("执行数已保存。")
    filler.sees("95.05%")


def open_window(admin: Walker) -> None:
    admin.menu("系统管理")
    admin.follow("设置")
    day = today()
    for name in ("绩效自评", "复核评审"):
        admin.fill(f"{name}开始", (day - dt.timedelta(days=1)).isoformat())
        admin.fill(f"{name}截止", (day + dt.timedelta(days=60)).isoformat())
    admin.click("保存")
    admin.sees("周期设置已保存。")


# --- self-evaluation --------------------------------------------------------------------------


def evaluate_project(filler: Walker) -> None:
    """The score follows the typing; a missed target asks for reason and measure."""
    page = filler.page
    filler.go("/")
    filler.sees("年度时间安排")
    picture(page, "home-filler")
    page.get_by_role("row", name="绩效自评").get_by_role("link", name=PROJECT).click()
    filler.follow("填写自评")
    page.get_by_label("实际完成情况", exact=True).first.fill("经费全部按季拨付，服务项目全部验收。")
    for n, actual in enumerate(("38", "92", "541.8", "61,000", "93")):
        page.locator(f"#lines-{n}-actual").fill(actual)
    expect(page.locator("[data-total]")).to_have_text("99.04")
    expect(page.locator("[data-grade]")).to_have_text("优")
    expect(page.locator("[data-line='1'] [data-line-formula]")).to_have_text("15 × 92 ÷ 95 = 14.53")
    picture(page, "evaluation-edit")
    filler.click("保存并送审")
    filler.sees("指标“服务项目验收合格率”未达到目标，请填写偏差原因和改进措施。")
    page.locator(".problems a").first.click()
    expect(page.locator("#lines-1-actual")).to_have_value("92")
    page.locator("#lines-1-reason").fill("两个项目延期验收。")
    page.locator("#lines-1-measure").fill("明年提前一个月组织验收。")
    filler.click("保存并送审")
    filler.state("待复核")
    picture(page, "evaluation")


def recheck_project(reviewer: Walker) -> None:
    """A correction needs a reason; the reviewer's total stands beside the filler's."""
    page = reviewer.page
    reviewer.go("/")
    reviewer.follow(PROJECT)
    reviewer.follow("开始复核")
    page.get_by_label("第 4 项 复核得分").fill("28")
    expect(page.locator("[data-review-total]")).to_have_text("97.04")
    expect(page.locator("[data-review-grade]")).to_have_text("优")
    reviewer.click("确认复核结果")
    reviewer.sees("复核得分与自评不同，请写明理由")
    page.get_by_label("第 4 项 复核意见").fill("签到表缺一次活动。")
    picture(page, "evaluation-recheck")
    reviewer.click("确认复核结果")
    reviewer.state("已复核")
    expect(page.locator(".score-total b")).to_have_text("97.04")
    picture(page, "evaluation-confirmed")


def evaluate_department(filler: Walker) -> None:
    """Indicators in the six dimensions are set in the sheet itself."""
    page = filler.page
    filler.go("/")
    filler.follow("部门整体支出自评")
    filler.follow("填写自评")
    filler.follow("设置指标")
    rows = (
        ("运行成本", "公用经费控制率", "≤", "100", "10"),
        ("管理效率", "项目支出完成率", "≥", "95", "20"),
        ("履职效能", "重点工作办结率", "≥", "95", "30"),
        ("社会效应", "群众知晓率", "≥", "85", "10"),
        ("可持续发展能力", "制度健全率", "≥", "90", "10"),
        ("服务对象满意度", "服务对象满意度", "≥", "90", "10"),
    )
    for n, (category, name, sign, target, weight) in enumerate(rows, 1):
        if n > 3:
            filler.click("增加一行")
        filler.choose(f"第 {n} 行 指标类别", category)
        filler.choose(f"第 {n} 行 符号", sign)
        for label, value in (("三级指标", name), ("目标值", target), ("单位", "%"), ("分值", weight)):
            filler.fill(f"第 {n} 行 {label}", value)
    picture(page, "evaluation-lines")
    filler.click("保存指标")
    page.get_by_label("实际完成情况", exact=True).first.fill("全年重点工作基本完成。")
    for n, actual in enumerate(("100", "95", "95", "85", "90", "90")):
        page.locator(f"#lines-{n}-actual").fill(actual)
    page.get_by_label("存在的主要问题").fill("绩效目标设置难度大，部分目标难以量化。")
    page.get_by_label("下一步改进措施").fill("健全指标体系，逐项明确计量口径。")
    expect(page.locator("[data-total]")).to_have_text("99.51")
    filler.click("保存并送审")
    filler.state("待复核")


def recheck_department(finance: Walker) -> None:
    finance.go("/")
    finance.follow("部门整体支出自评")
    finance.follow("开始复核")
    finance.click("确认复核结果")
    finance.state("已复核")


# --- what comes out ---------------------------------------------------------------------------


def see_coverage(admin: Walker) -> None:
    admin.go(f"/coverage?year={YEAR}")
    picture(admin.page, "coverage")
    shares = admin.page.locator(".share-parts").all_inner_texts()
    assert shares == [
        *("1 / 1 个", "1 / 1 个", "570.00 / 570.00 万元"),
        *("1 / 1 个", "1 / 1 个", "1 / 1 个", "541.80 / 541.80 万元"),
    ]
    admin.page.get_by_role("link", name="全部", exact=True).nth(1).click()
    expect(admin.page.locator("tbody tr")).to_have_count(1)
    picture(admin.page, "coverage-list")


def see_disclosure(admin: Walker) -> None:
    admin.go(f"/disclosures?year={YEAR}")
    admin.sees(f"{YEAR}年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目1项，预算金额570万元")
    admin.sees("《大连市（社区）村党组织服务群众专项经费管理使用办法》（大组〔2022〕101号）")
    picture(admin.page, "disclosure-budget")
    admin.go(f"/disclosures?year={YEAR}&kind=accounts")
    admin.sees("共涉及预算支出项目1个，涉及资金541.8万元，整体自评1个，部门整体自评覆盖率达到100%，自评分99.51分")
    picture(admin.page, "disclosure-accounts")
    with admin.page.expect_download() as download:
        admin.follow("下载 Word")
    assert download.value.suggested_filename == f"{DEPARTMENT}{YEAR}年部门决算绩效信息.docx"
