"""System parts the tests need: a browser, PostgreSQL, a Chinese font. ``--install`` adds what is missing."""

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

# What to install on Debian for each part, and how to say that it is missing.
PARTS = {
    "browser": (["chromium"], "没有找到 Chromium 浏览器（Debian：apt-get install chromium）"),
    "postgresql": (["postgresql"], "没有找到 PostgreSQL 服务器程序（Debian：apt-get install postgresql）"),
    "font": (["fonts-noto-cjk"], "没有找到中文字体（Debian：apt-get install fonts-noto-cjk）"),
}


def find_browser() -> str | None:
    """Return the path of the system's Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("PERFMGR_CHROMIUM") or next((p for name in names if (p := shutil.which(name))), None)


def find_postgresql() -> Path | None:
    """Return the folder with ``initdb`` and ``pg_ctl``, or None."""
    folders = [Path(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@lru_cache(maxsize=1)
def find_font() -> str | None:
    """Return the name of a Chinese font that the system knows, or None."""
    if not shutil.which("fc-list"):
        return None
    done = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[0] or None


FINDERS = {"browser": find_browser, "postgresql": find_postgresql, "font": find_font}


def missing() -> list[str]:
    """Return the names of the parts that are not there."""
    return [name for name, find in FINDERS.items() if not find()]


def install() -> None:
    """As root on Debian, install what is missing; elsewhere say what will be skipped."""
    wanted = missing()
    if wanted and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for name in wanted for package in PARTS[name][0]]
        print(f"安装系统组件：{' '.join(packages)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        find_font.cache_clear()
    for name in missing():
        print(f"提示：{PARTS[name][1]}，相关测试将跳过。")


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
