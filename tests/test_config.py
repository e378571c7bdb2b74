"""Settings: where values come from, and what refuses to start."""

import stat
from pathlib import Path

import pytest

import config

KEY = "0123456789abcdef0123456789abcdef"
URL = "postgresql+psycopg://app:secret@db/perfmgr"


def production(**changes: str) -> dict[str, str]:
    """Return the environment of a production start, with changes; an empty value removes one."""
    environ = {"PERFMGR_PLACE": "production", "PERFMGR_SECRET_KEY": KEY, "PERFMGR_DATABASE_URL": URL, **changes}
    return {name: value for name, value in environ.items() if value}


def test_production_starts_with_a_long_secret_and_a_database() -> None:
    settings = config.load(environ=production())
    chosen = {name: settings[name] for name in ("SECRET_KEY", "DATABASE_URL", "HTTPS", "PROXIES", "TESTING")}
    assert chosen == {"SECRET_KEY": KEY, "DATABASE_URL": URL, "HTTPS": True, "PROXIES": 1, "TESTING": False}


@pytest.mark.parametrize("key", ["", "short", KEY[:-1], " " * 40, "a" * 40, config.Testing.SECRET_KEY])
def test_production_refuses_a_missing_short_or_known_secret(key: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load(environ=production(PERFMGR_SECRET_KEY=key))
    assert str(refused.value) == "请设置 PERFMGR_SECRET_KEY，至少 32 个随机字符。"


def test_production_refuses_to_start_without_a_database() -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load(environ=production(PERFMGR_DATABASE_URL=""))
    assert str(refused.value) == "请设置 PERFMGR_DATABASE_URL，例如 postgresql+psycopg://用户:密码@主机/perfmgr。"


def test_an_unknown_place_is_refused_by_name() -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load("staging", {})
    assert str(refused.value) == "PERFMGR_PLACE 只能是 local、production、testing 之一，现在是“staging”。"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("PORT", "8o80", "PERFMGR_PORT 应为整数，现在是“8o80”。"),
        ("PORT", "-1", "PERFMGR_PORT 应为整数，现在是“-1”。"),
        ("PORT", "８０００", "PERFMGR_PORT 应为整数，现在是“８０００”。"),
        ("HTTPS", "maybe", "PERFMGR_HTTPS 应为 1 或 0，现在是“maybe”。"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(name: str, text: str, sentence: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load("testing", {f"PERFMGR_{name}": text})
    assert str(refused.value) == sentence


@pytest.mark.parametrize("address", ["", "/run/clamav/clamd.ctl", "127.0.0.1:3310", "localhost:3310", "[::1]:3310"])
def test_a_scanner_of_this_machine_is_asked(address: str) -> None:
    assert config.load("testing", {"PERFMGR_SCANNER": address})["SCANNER"] == address


@pytest.mark.parametrize("address", ["clamd", "10.0.0.5:3310", "127.0.0.1", "127.0.0.1:", "localhost:x", ":3310"])
def test_files_are_not_sent_to_a_scanner_elsewhere(address: str) -> None:
    with pytest.raises(config.ConfigError, match="PERFMGR_SCANNER 应为本机 clamd 的套接字路径"):
        config.load("testing", {"PERFMGR_SCANNER": address})


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("ON", True), ("yes", True), ("0", False), ("", False)]
)
def test_a_switch_takes_the_usual_words(text: str, value: bool) -> None:
    assert config.load("testing", {"PERFMGR_HTTPS": text})["HTTPS"] is value


def test_every_value_can_be_overridden_from_the_environment() -> None:
    settings = config.load("testing", {"PERFMGR_PORT": "9000", "PERFMGR_HOST": "0.0.0.0", "PERFMGR_IDLE_MINUTES": "30"})
    assert (settings["PORT"], settings["HOST"], settings["IDLE_MINUTES"]) == (9000, "0.0.0.0", 30)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_usual_postgresql_address_means_the_driver_that_is_installed(scheme: str) -> None:
    settings = config.load("testing", {"PERFMGR_DATABASE_URL": f"{scheme}://u:p@h/d"})
    assert settings["DATABASE_URL"] == "postgresql+psycopg://u:p@h/d"


def test_a_local_start_makes_its_own_database_and_secret_and_keeps_them(tmp_path: Path) -> None:
    environ = {"PERFMGR_VAR": str(tmp_path / "var")}
    first, second = config.load("local", environ), config.load("local", environ)
    assert first == second
    assert first["DATABASE_URL"] == f"sqlite:///{tmp_path / 'var' / 'perfmgr.sqlite3'}"
    assert len(first["SECRET_KEY"]) == 64
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    other = config.load("local", {"PERFMGR_VAR": str(tmp_path / "other")})
    assert other["SECRET_KEY"] != first["SECRET_KEY"]


MAIL = {"PERFMGR_SMTP_HOST": "smtp.example.gov.cn", "PERFMGR_MAIL_FROM": "jixiao@example.gov.cn"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MAIL_FROM": ""}, "PERFMGR_MAIL_FROM 应为发件邮箱地址"),
        ({"MAIL_FROM": "x@example.cn\r\nBcc: y"}, "PERFMGR_MAIL_FROM 应为发件邮箱地址"),
        ({"SMTP_SECURITY": "ssl"}, "PERFMGR_SMTP_SECURITY 只能是"),
        ({"SMTP_SECURITY": "none"}, "其他机器上的邮件服务器应使用加密连接"),
        ({"SMTP_PORT": "70000"}, "PERFMGR_SMTP_PORT 应在 1 到 65535 之间"),
        ({"SMTP_CA": "/no/such/file.pem"}, "PERFMGR_SMTP_CA 指定的证书文件不存在"),
        ({"PUBLIC_URL": "jx.example.gov.cn"}, "PERFMGR_PUBLIC_URL 应为网站地址"),
        ({"WEBHOOK_HOSTS": "gateway:25"}, "PERFMGR_WEBHOOK_HOSTS 中的“gateway:25”"),
        ({"WEBHOOK_HOSTS": "https://gateway/"}, "PERFMGR_WEBHOOK_HOSTS 中的"),
    ],
)
def test_mail_that_could_not_work_or_would_show_secrets_is_refused(changes: dict[str, str], sentence: str) -> None:
    given = {**MAIL, **{f"PERFMGR_{name}": text for name, text in changes.items()}}
    with pytest.raises(config.ConfigError, match=sentence):
        config.load("testing", given)


def test_mail_in_production_needs_the_site_for_its_links() -> None:
    with pytest.raises(config.ConfigError, match="请设置 PERFMGR_PUBLIC_URL"):
        config.load(environ=production(**MAIL))
    settings = config.load(environ=production(**MAIL, PERFMGR_PUBLIC_URL="https://jx.example.gov.cn"))
    assert settings["PUBLIC_URL"] == "https://jx.example.gov.cn"
    plain = {**MAIL, "PERFMGR_SMTP_SECURITY": "none", "PERFMGR_SMTP_PLAIN": "1"}
    assert config.load("testing", plain)["SMTP_SECURITY"] == "none"
