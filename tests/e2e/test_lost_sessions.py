"""A session that ends while somebody fills in: nothing typed is lost, nobody else sees it (U03, U04)."""

import re

from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.desk import BASE, save, sql, values
from tests.e2e.server import Server


def test_a_page_whose_session_is_gone_goes_on_after_signing_in_elsewhere(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    sql(demonstration, "delete from sign_in")
    page.locator("#goals").fill("登录没了以后写的")
    state = page.locator("[data-save-state]")
    expect(state).to_contain_text("未保存：登录已失效")
    with page.context.expect_page() as opening:
        state.get_by_role("link", name="在新窗口登录").click()
    other = opening.value
    other.get_by_label("用户名").fill("tianbao")
    other.get_by_label("密码").fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    expect(state).to_have_text(re.compile("^已自动保存"), timeout=20_000)
    save(page)
    expect(page.locator(".alert")).to_contain_text("“实施方案”已保存。")


def test_after_a_lost_session_row_saving_leads_back_to_the_same_section(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    while page.locator("[data-rows=steps] tbody tr").count() < 12:
        page.get_by_role("button", name="增加一步").click()
    for n in range(12):
        page.locator(f"#steps-{n}-content").fill(f"步骤 {n} <b>&“”")
    page.locator("#plan").fill("办法\n第二行")
    typed = values(page)
    sql(demonstration, "delete from sign_in")
    save(page)
    page.get_by_label("用户名").fill("tianbao")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/sections/plan"))
    assert values(page) == typed
    assert violations(page) == []
    page.get_by_role("button", name="再次提交").click()
    expect(page.locator(".alert")).to_contain_text("“实施方案”已保存。")


def test_somebody_else_who_signs_in_there_sees_nothing_and_saves_nothing(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    page.locator("#goals").fill("只属于填报人的话")
    sql(demonstration, "delete from sign_in")
    sql(demonstration, "delete from draft")
    save(page)
    page.get_by_label("用户名").fill("shenhe")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sections" not in url)
    page.goto(BASE)
    assert "只属于填报人的话" not in page.content()
    assert sql(demonstration, "select count(*) from draft") == [(0,)]
