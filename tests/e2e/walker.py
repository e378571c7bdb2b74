"""What people do in the browser, in their words."""

import re

from playwright.sync_api import Locator, Page, expect


class Walker:
    """One person at one browser window."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def sign_in(self, username: str, password: str) -> None:
        """Sign in and arrive at a page."""
        self.page.goto("/sign-in")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def first_sign_in(self, username: str, given: str, chosen: str) -> None:
        """Sign in with the password that was handed over, and change it as one must."""
        self.sign_in(username, given)
        expect(self.page.get_by_role("status")).to_contain_text("请先修改密码")
        self.page.get_by_label("原密码").fill(given)
        self.page.get_by_label("新密码", exact=False).first.fill(chosen)
        self.page.get_by_label("再次输入新密码").fill(chosen)
        self.click("保存新密码")
        self.sees("密码已修改。")

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)

    def menu(self, name: str) -> None:
        """Choose from the main menu."""
        self.page.get_by_role("navigation", name="主菜单").get_by_role("link", name=name).click()

    def click(self, name: str) -> None:
        """Press the button with this name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        """Follow the link with this name."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        self.labelled(label).fill(value)

    def choose(self, label: str, name: str) -> None:
        """Choose from the list with this label."""
        self.labelled(label).select_option(label=name)

    def hand_in(self) -> None:
        """Submit a declaration by way of the check page, with a sentence for each remark of the rules."""
        self.follow("核对并送审")
        self.page.wait_for_url("**/check")
        for place in self.page.locator('[name^="why-"]').all():
            place.fill("已经集体研究。")
        self.click("送审")
        self.page.wait_for_url("**/receipt")

    def labelled(self, label: str) -> Locator:
        """Return the field with exactly this label, with or without the mark of a compulsory field."""
        return self.page.get_by_label(re.compile(f"^{re.escape(label)}( 必填)?$")).first

    def sees(self, text: str) -> None:
        """Expect a sentence on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def state(self, text: str) -> None:
        """Expect the state of the record in the head of the page."""
        expect(self.page.locator(".page-head .state")).to_have_text(text)
