"""The second half of the year: money, self-evaluation and re-check, what comes out."""

import datetime as dt

from playwright.sync_api import expect

from perfmgr.times import today
from tests.e2e.conftest import picture
from tests.e2e.walker import Walker
from tests.e2e.year_declaration import DEPARTMENT, PROJECT, YEAR

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
