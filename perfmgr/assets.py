"""Browser assets: copied at set-up from the npm packages into ``static/vendor``; nothing of them is committed."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "perfmgr" / "static" / "vendor"
PACKAGES = ROOT / "node_modules"

FILES = {"@tabler/core/dist/css/tabler.min.css": "tabler.min.css"}
# The icons used in templates; each becomes a symbol of one sprite.
ICONS = (
    *("alert-triangle", "arrow-back-up", "arrow-down", "arrow-left", "arrow-right", "arrow-up", "bell", "book"),
    *("building", "calendar", "check", "chevron-down", "circle-check", "clipboard-check", "clock", "coin"),
    *("copy", "download", "edit", "external-link", "file-text", "file-search", "filter", "help", "history", "home"),
    *("info-circle", "language", "list-check", "list-details", "logout", "lock", "plus", "printer", "refresh"),
    *("report-analytics", "scale", "search", "send", "settings", "target", "trash", "upload", "user", "users", "x"),
    *("chart-pie", "sitemap", "key", "inbox", "player-play", "ban", "minus"),
)


class AssetsMissingError(Exception):
    """A package was not installed; the message says what to run."""


def _symbol(name: str) -> str:
    source = PACKAGES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    body = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
    if body is None:
        raise AssetsMissingError(f"{source} is no SVG file")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(body[1].split())}</symbol>'


def build() -> int:
    """Copy style sheets and build the icon sprite; returns the number of files written."""
    if not PACKAGES.is_dir():
        raise AssetsMissingError("node_modules 不存在，请先运行 make setup。")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in FILES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        # The source map is not served.
        (VENDOR / target).write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text), encoding="utf-8")
    symbols = "\n".join(_symbol(name) for name in ICONS)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (VENDOR / "icons.svg").write_text(sprite, encoding="utf-8")
    shutil.copyfile(PACKAGES / "@tabler" / "icons" / "LICENSE", VENDOR / "tabler-LICENSE.txt")
    return len(FILES) + 2


if __name__ == "__main__":
    build()
