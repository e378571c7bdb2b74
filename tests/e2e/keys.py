"""One person with a keyboard and no mouse: every stop of the Tab key is looked at."""

import re
from typing import Any

from playwright.sync_api import Page

# What the page says about the control that has the focus, and about the one that had it before.
_LOOK = """() => {
  const look = (one) => {
    const style = getComputedStyle(one);
    const drawn = style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0;
    return { outline: `${drawn}px ${style.outlineColor}`, shadow: style.boxShadow, drawn };
  };
  const one = document.activeElement;
  if (!one || one === document.body) return { name: "", lost: true };
  const named = one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.name || one.tagName;
  // Where there is room for the ring: inside the window and inside everything that clips.
  let left = 0, top = 0, right = innerWidth, bottom = innerHeight;
  for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (style.overflowX === "visible" && style.overflowY === "visible") continue;
    const edge = up.getBoundingClientRect();
    left = Math.max(left, edge.left); right = Math.min(right, edge.right);
    top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
  }
  const offset = parseFloat(getComputedStyle(one).outlineOffset) || 0;
  const boxes = [...one.getClientRects()].filter((box) => box.width && box.height);
  const sides = boxes.map((box) => [
    box.left - offset - 1 >= left && box.left <= right, box.right + offset + 1 <= right && box.right >= left,
    box.top - offset - 1 >= top && box.top <= bottom, box.bottom + offset + 1 <= bottom && box.bottom >= top,
  ].filter(Boolean).length);
  const seen = boxes.some((box) => {
    const x = (part) => Math.max(left, box.left) + (Math.min(right, box.right) - Math.max(left, box.left)) * part;
    const y = (part) => Math.max(top, box.top) + (Math.min(bottom, box.bottom) - Math.max(top, box.top)) * part;
    return [[0.5, 0.5], [0.05, 0.1], [0.95, 0.1], [0.05, 0.9], [0.95, 0.9]].some(([across, down]) => {
      const hit = document.elementFromPoint(x(across), y(down));
      return hit && (one.contains(hit) || (hit.contains(one) && hit !== document.body && hit !== document.documentElement));
    });
  });
  const before = window.stopBefore;
  const now = look(one);
  // The one before has lost the focus by now: it must look different from how it did with it.
  const same = before && before.one !== one && before.one.isConnected
    && JSON.stringify(look(before.one)) === JSON.stringify(before.now) ? before.name : "";
  const name = named.trim().replace(/\\s+/g, " ");
  window.stopBefore = { one, now, name };
  return {
    name, same, seen, tag: one.tagName, drawn: now.drawn > 0 || now.shadow !== "none", sides: Math.max(0, ...sides),
    where: one.outerHTML.slice(0, 120),
  };
}"""


class Keyboard:
    """Presses keys and nothing else; collects what is wrong with any stop in ``faults``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.stops = 0

    def here(self) -> str:
        """Return the name of the control that has the focus; empty when none has."""
        return str(self._look()["name"])

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into the control that has the focus, replacing what it holds."""
        self.press("Control+a")
        self.page.keyboard.insert_text(text)

    def tab(self, key: str = "Tab") -> dict[str, Any]:
        """Go to the next stop and look at it."""
        self.press(key)
        found = self._look()
        self.stops += 1
        if found.get("lost"):
            return found
        for wrong, sentence in (
            (not found["drawn"], "no ring"),
            (found["same"], f"looks the same without focus: {found['same']}"),
            (not found["seen"], "covered"),
            (found["sides"] < 2, f"ring cut off, {found['sides']} sides left"),
        ):
            if wrong:
                self.faults.append(f"{self.page.url}: {found['where']}: {sentence}")
        return found

    def to(self, name: str, *tags: str, key: str = "Tab") -> None:
        """Press Tab until the control with this name has the focus."""
        passed = []
        for _stop in range(400):
            found = self.tab(key)
            passed.append(found["name"])
            if re.fullmatch(f"{re.escape(name)}( 必填)?", found["name"]) and found["tag"] in (tags or [found["tag"]]):
                return
        raise AssertionError(f"{name} is not reached by the keyboard: {passed[:120]}")

    def enter(self, name: str, *tags: str) -> None:
        """Go to a button or link and press it."""
        self.to(name, *tags)
        self.press("Enter")

    def fill(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.to(name, "INPUT", "TEXTAREA")
        self.type(text)

    def choose(self, name: str, text: str) -> None:
        """Go to a list and step down to a choice."""
        self.to(name)
        self.choose_here(text)

    def choose_here(self, text: str) -> None:
        """Step down to a choice of the list that has the focus."""
        self.press("Home")
        for _choice in range(60):
            if self.page.evaluate("document.activeElement.selectedOptions[0].text") == text:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{text} is not to be chosen")

    def round(self, key: str = "Tab") -> list[str]:
        """Go once round the page, to the first stop again; returns the names of the stops."""
        first = self.tab(key)
        marked = self.page.evaluate_handle("document.activeElement")
        names = [first["name"]]
        for _stop in range(600):
            found = self.tab(key)
            if marked.evaluate("one => one === document.activeElement"):
                return names
            if not found.get("lost"):
                names.append(found["name"])
        raise AssertionError(f"no way back to {first['name']}: {names[-10:]}")

    def _look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(_LOOK)
        return found
