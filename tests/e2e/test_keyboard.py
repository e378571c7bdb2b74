"""From signing in to approval without a mouse: every stop is seen, nothing traps, nothing is out of reach."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.keys import Keyboard
from tests.e2e.server import Server

Open = Callable[..., Page]
NAME = "楼宇党群服务站运行经费"
BLOCK = (
    ("output", "数量指标", "运行服务站数量", "≥", "12", "个", "签到表"),
    ("output", "数量指标", "组织主题活动场次", "≥", "48", "场次", "活动台账"),
    ("output", "数量指标", "开放阅览席位", "≥", "360", "席", "实地清点"),
    ("output", "质量指标", "设施设备完好率", "≥", "95", "%", "巡检记录"),
    ("output", "质量指标", "活动资料归档率", "＝", "100", "%", "归档目录"),
    ("output", "时效指标", "经费按季拨付及时率", "＝", "100", "%", "拨款凭证"),
    ("output", "成本指标", "单站年均运行成本", "≤", "10", "万元", "支出明细账"),
    ("benefit", "社会效益指标", "服务楼宇职工人次", "≥", "18000", "人次", "来访登记"),
    ("benefit", "社会效益指标", "职工诉求办结率", "≥", "92", "%", "诉求台账"),
    ("benefit", "可持续影响指标", "建立志愿服务队", "≥", "12", "支", "队伍名册"),
    ("benefit", "可持续影响指标", "新增共建单位", "≥", "6", "家", "共建协议"),
    ("satisfaction", "服务对象满意度指标", "楼宇职工满意度", "≥", "90", "%", "每站 30 份问卷"),
)


@pytest.fixture
def at_keys(demonstration: Server, open_page: Open) -> Callable[[str], Keyboard]:
    """A function that lets somebody of the demonstration sign in by keys."""

    def arrive(username: str) -> Keyboard:
        keys = Keyboard(open_page(demonstration.address, reduced_motion="reduce"))
        keys.page.goto("/sign-in")
        keys.fill("用户名", username)
        keys.fill("密码", PASSWORD)
        keys.press("Enter")
        keys.page.wait_for_url(lambda url: "/sign-in" not in url)
        return keys

    return arrive


def test_from_a_new_project_to_its_approval_without_a_mouse(at_keys: Callable[[str], Keyboard]) -> None:
    filler = at_keys("tianbao")
    page = filler.page
    year = create(filler)
    fill_sections(filler, year)
    type_indicators(filler)
    attach(filler)
    submit(filler)

    reviewer = at_keys("shenhe")
    open_from_the_list(reviewer)
    return_it(reviewer)

    open_from_the_list(filler)
    expect(page.locator(".page-head .state")).to_have_text("已退回")
    skip(filler)
    filler.enter("绩效目标", "A")
    page.wait_for_url("**/sections/indicators*")
    filler.fill("第 1 行 目标值", "14")
    filler.enter("保存", "BUTTON")
    page.wait_for_url(re.compile(r"/declarations/\d+$"))
    submit(filler)

    open_from_the_list(reviewer)
    expect(reviewer.page.get_by_text("本次与上次送审相比有 1 处修改。")).to_be_visible()
    skip(reviewer)
    reviewer.enter("通过", "BUTTON")
    expect(reviewer.page.locator(".page-head .state")).to_have_text("待财政审核")
    assert filler.faults + reviewer.faults == []
    assert filler.stops > 200


def skip(keys: Keyboard) -> None:
    """Jump over the head of the page, as its first stop offers."""
    keys.page.wait_for_load_state()
    keys.to("跳到正文")
    keys.press("Enter")
    # It is a navigation too, and must not be taken for the one that the next key begins.
    keys.page.wait_for_url(lambda url: url.endswith("#main"))


def create(keys: Keyboard) -> int:
    """Create the project; returns its year."""
    keys.enter("新建项目", "A")
    keys.page.wait_for_url("**/projects/new")
    skip(keys)
    keys.fill("项目名称", NAME)
    keys.choose("申报单位", "中共大连高新技术产业园区工作委员会党群工作部（本级）")
    keys.to("申报年度")
    year = int(keys.page.evaluate("document.activeElement.value"))
    keys.choose("功能分类", "一般公共服务支出 - 人大事务 - 一般行政管理事务")
    keys.enter("建立并填写申报")
    keys.page.wait_for_url("**/sections/overview*")
    return year


def fill_sections(keys: Keyboard, year: int) -> None:
    """Fill the sections before the indicators, each leading to the next."""
    days = (dt.date(year, 1, 1).isoformat(), dt.date(year, 12, 31).isoformat())
    overview = "在 12 座商务楼宇运行党群服务站，为楼宇职工提供办事、阅览和活动服务。"
    plan = "服务站由街道统一运行，按季拨付经费，按月巡检设施，每站每季组织一次主题活动。"
    goals = "运行 12 个服务站，组织主题活动 48 场，服务职工 1.8 万人次。"
    for name, texts in (
        ("overview", {"项目概述": overview}),
        ("bases", {"第 1 行 文件名称": "关于加强楼宇党建工作的通知", "第 1 行 文号": "大组〔2025〕18号"}),
        ("body", {"实施主体": "党群工作部负责，各街道实施。"}),
        (
            "plan",
            {
                "实施方案": plan,
                "主要目标": goals,
                "第 1 步 内容": "签订服务协议",
                "第 1 步 开始日期": days[0],
                "第 1 步 结束日期": f"{year}年3月31日",
                "第 2 步 内容": "运行服务站",
                "第 2 步 开始日期": f"{year}-4-1",
                "第 2 步 结束日期": days[1],
            },
        ),
        ("period", {"开始日期": days[0], "结束日期": days[1]}),
        ("funds", {"一般公共预算": "120 万元"}),
    ):
        keys.page.wait_for_url(f"**/sections/{name}*")
        skip(keys)
        for label, text in texts.items():
            keys.fill(label, text)
        keys.enter("保存并填写下一节")


def type_indicators(keys: Keyboard) -> None:
    """Type twelve rows with the table's own keys, share out the marks, and delete a row too many."""
    page = keys.page
    page.wait_for_url("**/sections/indicators*")
    skip(keys)
    choices = {"output": "产出指标", "benefit": "效益指标", "satisfaction": "满意度指标"}
    for n, (category, subcategory, name, sign, target, unit, evidence) in enumerate(BLOCK, 1):
        if n == 1:
            keys.choose("第 1 行 指标类别", choices[category])
        else:
            keys.press("Control+Enter")
            assert keys.here() == f"第 {n} 行 二级指标"
            if category != BLOCK[n - 2][0]:
                keys.to(f"第 {n} 行 指标类别", key="Shift+Tab")
                keys.choose_here(choices[category])
        if n == 1 or category != BLOCK[n - 2][0]:
            keys.tab()
        keys.type(subcategory)
        keys.fill(f"第 {n} 行 三级指标", name)
        keys.choose(f"第 {n} 行 符号", sign)
        keys.fill(f"第 {n} 行 目标值", target)
        keys.fill(f"第 {n} 行 单位", unit)
        keys.fill(f"第 {n} 行 数据来源与佐证", evidence)
    keys.to("上移一行")
    keys.press("Enter")
    assert keys.here() == "上移一行"
    keys.press("Alt+ArrowDown")
    keys.to("分配全部余分")
    keys.press("Enter")
    assert re.fullmatch(r"第 \d+ 行 分值", keys.here())
    expect(page.locator("[data-total]")).to_have_class("fits")
    # After a deletion the focus is in the next row, and undoing brings it back.
    keys.to("删除本行")
    keys.press("Space")
    assert keys.here() == "删除本行"
    keys.press("Control+z")
    expect(page.locator("[data-total]")).to_have_class("fits")
    assert keys.here() == "删除本行"
    keys.enter("保存", "BUTTON")
    page.wait_for_url(re.compile(r"/declarations/\d+$"))


def attach(keys: Keyboard) -> None:
    """Attach one file; only to choose it needs the system's own dialog."""
    page = keys.page
    keys.enter("附件材料", "A")
    page.wait_for_url("**/attachments")
    skip(keys)
    keys.to("选择文件")
    file: FilePayload = {"name": "测算说明.txt", "mimeType": "text/plain", "buffer": "12 站 × 10 万元".encode()}
    page.locator(":focus").set_input_files([file])
    keys.enter("上传")
    expect(page.locator("#files-now .file-name a")).to_have_text(["测算说明.txt"])
    assert keys.here() == "上传"
    keys.enter("返回申报")
    page.wait_for_url(re.compile(r"/declarations/\d+$"))


def submit(keys: Keyboard) -> None:
    """Go to the check page, give a reason for every warning, submit, and read the receipt."""
    page = keys.page
    keys.enter("核对并送审")
    page.wait_for_url("**/check")
    skip(keys)
    for _warning in page.locator(".warning input").all():
        keys.fill("理由", "已经部门集体研究确定。")
    keys.enter("送审", "BUTTON")
    page.wait_for_load_state()
    page.wait_for_url("**/receipt")
    skip(keys)
    keys.to("回到待办")
    keys.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/"))


def open_from_the_list(keys: Keyboard) -> None:
    """Open the declaration from what is waiting, by the menu."""
    keys.to("跳到正文")
    with keys.page.expect_navigation():
        keys.enter("待办", "A")
    skip(keys)
    with keys.page.expect_navigation():
        keys.enter(NAME, "A")


def return_it(keys: Keyboard) -> None:
    """Write a remark at the indicators and an opinion, and return the declaration."""
    page = keys.page
    skip(keys)
    keys.to("写批注 绩效目标")
    keys.press("Enter")
    keys.fill("第 1 项“运行服务站数量”", "去年已有 12 个，今年应当增加。")
    keys.fill("退回意见", "请提高第一项指标。")
    keys.enter("退回修改", "BUTTON")
    expect(page.locator(".page-head .state")).to_have_text("已退回")


def test_no_page_traps_the_focus_and_a_menu_closes_behind_it(at_keys: Callable[[str], Keyboard]) -> None:
    keys = at_keys("tianbao")
    page = keys.page
    for address in ("sections/indicators", "sections/plan", "check", "attachments"):
        page.goto(f"/declarations/12/{address}")
        onwards = keys.round()
        assert onwards[0] == "跳到正文"
        assert set(onwards) == set(keys.round("Shift+Tab")) - {""}, address
    # A menu that was left covers nothing any more.
    page.goto("/declarations/12/check")
    keys.to("林晓")
    keys.press("Enter")
    keys.to("退出登录")
    keys.tab()
    expect(page.locator("details.menu")).not_to_have_attribute("open", "")
    keys.to("林晓", key="Shift+Tab")
    keys.press("Enter")
    keys.to("修改密码")
    keys.press("Escape")
    assert keys.here() == "林晓"
    assert keys.faults == []


def test_the_preview_of_a_pasted_block_keeps_the_focus_until_it_is_closed(at_keys: Callable[[str], Keyboard]) -> None:
    keys = at_keys("tianbao")
    page = keys.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/declarations/12/sections/indicators")
    page.evaluate("navigator.clipboard.writeText('投入指标\\t\\t覆盖社区\\n产出指标\\t\\t参加人数\\n')")
    keys.to("第 1 行 指标类别")
    keys.press("Control+v")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    stops = keys.round()
    assert {"写入表格", "取消", "将要写入的行"} <= set(stops)
    inside = page.evaluate_handle("document.querySelector('dialog[open]')")
    for _stop in range(len(stops) + 2):
        found = keys.tab()
        assert found.get("lost") or inside.evaluate("one => one.contains(document.activeElement)"), found
    keys.to("取消")
    keys.press("Enter")
    expect(dialog).to_be_hidden()
    assert keys.here() == "第 1 行 指标类别"
    assert keys.faults == []
