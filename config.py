"""Settings: one class per place the program runs; every value can be overridden by a PERFMGR_* variable."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class ConfigError(Exception):
    """A setting is missing or unusable; the message says which and what to do."""


class Local:
    """One machine, started by ``make run``: embedded database, plain HTTP on the loopback address."""

    VAR = str(ROOT / "var")
    DATABASE_URL = ""  # empty: perfmgr.sqlite3 in VAR
    SECRET_KEY = ""  # empty: made once and kept in VAR
    HOST = "127.0.0.1"
    PORT = 8000
    WORKERS = 2
    THREADS = 4
    HTTPS = False  # True behind TLS: secure cookies and HSTS
    HOSTS = ""  # names the site may be called by, separated by commas; empty: any
    PROXIES = 0  # how many reverse proxies stand in front and set X-Forwarded-For
    IDLE_MINUTES = 60  # a session ends after so long without a request …
    SESSION_HOURS = 12  # … and after so long in any case
    LOCK_FAILURES = 5
    LOCK_MINUTES = 30
    MAX_BODY_MB = 16  # of a form; a page of attachments takes several files of MAX_FILE_MB at once
    MAX_FILE_MB = 20
    SCANNER = ""  # clamd's socket on this machine: a path, or 127.0.0.1:3310; empty: files are not scanned
    CLOCK_MINUTES = 10  # how often the clock looks for windows that have opened
    SMTP_HOST = ""  # the mail server; empty: no e-mail leaves
    SMTP_PORT = 587
    SMTP_SECURITY = "starttls"  # none, starttls or tls
    SMTP_USER = ""
    SMTP_PASSWORD = ""
    SMTP_CA = ""  # a file with the certificate authority of the house; empty: those of the system
    SMTP_PLAIN = False  # True allows a mail server on another machine without TLS
    MAIL_FROM = ""  # the sender's address
    PUBLIC_URL = ""  # where people reach this site, for links in messages; empty: http://HOST:PORT
    MESSAGE_DAYS = 400  # how long messages that were sent are kept; 0: for ever
    WEBHOOK_HOSTS = ""  # gateways of the house that webhooks may call, with port: msg.gov.cn:8443,10.1.2.3:80
    LOG_LEVEL = "INFO"
    TESTING = False


class Production(Local):
    """A server behind a TLS-terminating proxy; needs PERFMGR_DATABASE_URL and PERFMGR_SECRET_KEY."""

    HTTPS = True
    PROXIES = 1


class Testing(Local):
    """The test suite: everything in memory of the test run, no waiting."""

    SECRET_KEY = "only-for-tests-0123456789abcdefghijklmnop"  # noqa: S105 - the suite's own key
    TESTING = True


PLACES: dict[str, type[Local]] = {"local": Local, "production": Production, "testing": Testing}


def _convert(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off", ""):
            return False
        raise ConfigError(f"PERFMGR_{name} 应为 1 或 0，现在是“{text}”。")
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise ConfigError(f"PERFMGR_{name} 应为整数，现在是“{text}”。")
        return int(text)
    return text


def _own_secret(var: Path) -> str:
    """Return the installation's secret key, made on first use and readable by its owner only."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _random_enough(key: str) -> bool:
    """Tell whether a key can be secret: long, not one letter over and over, not the one everybody can read here."""
    return len(key) >= 32 and len(set(key)) >= 10 and key != Testing.SECRET_KEY


def load(place: str | None = None, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the settings for a place (PERFMGR_PLACE when None) with overrides from the environment.

    Raises ConfigError with one sentence for an unknown place, a value of the wrong type, or a
    production start without a usable secret key or database.
    """
    place = place or environ.get("PERFMGR_PLACE", "local")
    if place not in PLACES:
        raise ConfigError(f"PERFMGR_PLACE 只能是 {'、'.join(PLACES)} 之一，现在是“{place}”。")
    chosen = PLACES[place]
    settings = {name: getattr(chosen, name) for name in dir(chosen) if name.isupper()}
    for name, default in settings.items():
        if f"PERFMGR_{name}" in environ:
            settings[name] = _convert(name, environ[f"PERFMGR_{name}"], default)
    if not 1 <= settings["PORT"] <= 65535:
        raise ConfigError(f"PERFMGR_PORT 应在 1 到 65535 之间，现在是“{settings['PORT']}”。")
    if not _is_scanner(settings["SCANNER"]):
        raise ConfigError(
            "PERFMGR_SCANNER 应为本机 clamd 的套接字路径或 127.0.0.1:端口，"
            f"不扫描则留空，现在是“{settings['SCANNER']}”。"
        )
    _check_channels(settings, place)
    _complete(settings, place)
    return settings


def _check_channels(settings: dict[str, Any], place: str) -> None:
    """Refuse settings of e-mail and webhooks that could not work or would show secrets on the wire."""
    if settings["SMTP_SECURITY"] not in ("none", "starttls", "tls"):
        raise ConfigError(
            f"PERFMGR_SMTP_SECURITY 只能是 none、starttls、tls 之一，现在是“{settings['SMTP_SECURITY']}”。"
        )
    if not re.fullmatch(r"(https?://[A-Za-z0-9.:\[\]-]+)?", settings["PUBLIC_URL"]):
        raise ConfigError(
            f"PERFMGR_PUBLIC_URL 应为网站地址，如 https://jx.example.gov.cn，现在是“{settings['PUBLIC_URL']}”。"
        )
    for entry in filter(None, (part.strip() for part in settings["WEBHOOK_HOSTS"].split(","))):
        host, colon, port = entry.rpartition(":")
        if not re.fullmatch(r"[A-Za-z0-9.-]+", host if colon else entry) or (
            colon and not (port.isdecimal() and (port in ("80", "443") or 1024 <= int(port) <= 65535))
        ):
            raise ConfigError(
                f"PERFMGR_WEBHOOK_HOSTS 中的“{entry}”应为 主机名 或 主机名:端口（80、443 或 1024 以上）。"
            )
    if not settings["SMTP_HOST"]:
        return
    if not 1 <= settings["SMTP_PORT"] <= 65535:
        raise ConfigError(f"PERFMGR_SMTP_PORT 应在 1 到 65535 之间，现在是“{settings['SMTP_PORT']}”。")
    if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", settings["MAIL_FROM"]):
        raise ConfigError(f"PERFMGR_MAIL_FROM 应为发件邮箱地址，现在是“{settings['MAIL_FROM']}”。")
    here = settings["SMTP_HOST"] in ("127.0.0.1", "localhost", "::1")
    if settings["SMTP_SECURITY"] == "none" and not here and not settings["SMTP_PLAIN"]:
        raise ConfigError(
            "其他机器上的邮件服务器应使用加密连接，请把 PERFMGR_SMTP_SECURITY 设为 starttls 或 tls；"
            "确需明文传输请设 PERFMGR_SMTP_PLAIN=1。"
        )
    if settings["SMTP_CA"] and not Path(settings["SMTP_CA"]).is_file():
        raise ConfigError(f"PERFMGR_SMTP_CA 指定的证书文件不存在：“{settings['SMTP_CA']}”。")
    if place == "production" and not settings["PUBLIC_URL"]:
        raise ConfigError("请设置 PERFMGR_PUBLIC_URL，邮件里的链接指向它，例如 https://jx.example.gov.cn。")


def _is_scanner(text: str) -> bool:
    """Tell whether this names a scanner of this machine (files are sent to it in the clear), or none."""
    host, _colon, port = text.rpartition(":")
    return not text or text.startswith("/") or (host in ("127.0.0.1", "localhost", "[::1]") and port.isdecimal())


def _complete(settings: dict[str, Any], place: str) -> None:
    if place == "production" and not settings["DATABASE_URL"]:
        raise ConfigError("请设置 PERFMGR_DATABASE_URL，例如 postgresql+psycopg://用户:密码@主机/perfmgr。")
    if place == "production" and not _random_enough(settings["SECRET_KEY"]):
        raise ConfigError("请设置 PERFMGR_SECRET_KEY，至少 32 个随机字符。")
    var = Path(settings["VAR"])
    if not settings["DATABASE_URL"]:
        var.mkdir(parents=True, exist_ok=True)
        settings["DATABASE_URL"] = f"sqlite:///{var / 'perfmgr.sqlite3'}"
    # postgres:// and postgresql:// mean the driver that is installed.
    scheme, _, rest = settings["DATABASE_URL"].partition("://")
    if scheme in ("postgres", "postgresql"):
        settings["DATABASE_URL"] = f"postgresql+psycopg://{rest}"
    if not settings["SECRET_KEY"]:
        settings["SECRET_KEY"] = _own_secret(var)
    settings["PUBLIC_URL"] = settings["PUBLIC_URL"] or f"http://{settings['HOST']}:{settings['PORT']}"
