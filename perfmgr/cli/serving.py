"""Commands that stay running: the web server, the clock, and both together."""

import argparse
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from flask import Flask

import config
from perfmgr import logs, migrations
from perfmgr.app import create_app
from perfmgr.assets import VENDOR, AssetsMissingError
from perfmgr.clock import run_clock
from perfmgr.extensions import db
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``serve``, ``web`` and ``clock``."""
    serve = commands.add_parser("serve", help="启动网站和定时任务（Ctrl-C 一并结束）")
    serve.set_defaults(run=_serve)
    web = commands.add_parser("web", help="只启动网站")
    web.set_defaults(run=_web)
    clock = commands.add_parser("clock", help="只启动定时任务")
    clock.set_defaults(run=_clock)


def _require_ready(settings: dict[str, Any], *, web: bool) -> None:
    """Refuse to start, with one sentence, what could not work."""
    app = create_app(settings)
    with app.app_context():
        migrations.require_current(db.engine)
        db.engine.dispose()
    if not web:
        return
    if not (VENDOR / "tabler.min.css").exists():
        raise AssetsMissingError("缺少浏览器资源，请先运行 make setup。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings["HOST"], settings["PORT"]))
        except OSError as error:
            raise Refused(
                N_("地址 %(host)s:%(port)s 已被占用或不可用，请结束占用它的程序，或用 PERFMGR_PORT 换一个端口。"),
                host=settings["HOST"],
                port=settings["PORT"],
            ) from error


def _web(chosen: argparse.Namespace) -> None:
    settings = config.load()
    logs.set_up(settings["LOG_LEVEL"])
    _require_ready(settings, web=True)
    run_web(create_app(settings), settings)


def run_web(app: Flask, settings: dict[str, Any]) -> None:
    """Serve the application with gunicorn until a signal ends it."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            values = {
                "bind": f"{settings['HOST']}:{settings['PORT']}",
                "workers": settings["WORKERS"],
                "threads": settings["THREADS"],
                "worker_class": "gthread",
                "graceful_timeout": 20,
                "timeout": 60,
                "loglevel": "warning",
                "limit_request_line": 8190,
                "forwarded_allow_ips": "*" if settings["PROXIES"] else "127.0.0.1",
            }
            for name, value in values.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Server().run()


def _clock(chosen: argparse.Namespace) -> None:
    settings = config.load()
    logs.set_up(settings["LOG_LEVEL"])
    _require_ready(settings, web=False)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    run_clock(create_app(settings), settings["CLOCK_MINUTES"])


def _serve(chosen: argparse.Namespace) -> int:
    settings = config.load()
    _require_ready(settings, web=True)
    commands = {name: [sys.executable, "-m", "perfmgr", name] for name in ("web", "clock")}
    children = {name: subprocess.Popen(command) for name, command in commands.items()}  # noqa: S603 - our own commands
    print(
        f"\n  预算绩效目标管理已启动： http://{settings['HOST']}:{settings['PORT']}\n  按 Ctrl-C 结束。\n", flush=True
    )
    return _watch(children)


def _watch(children: dict[str, "subprocess.Popen[bytes]"]) -> int:
    """Wait for a signal, or for one of the processes to end; then end them all."""
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    while not stopping and all(child.poll() is None for child in children.values()):
        time.sleep(0.2)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + 25
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    if stopping:
        print("已结束。", flush=True)
        return 0
    ended = next(name for name, child in children.items() if child.returncode is not None)
    print(f"“{ended}”意外结束（代码 {children[ended].returncode}）。", file=sys.stderr)
    return 1
