"""Addresses of endpoints: which may be called, and the tricks that must not work."""

import pytest

from perfmgr.rules.endpoints import Target, all_allowed, check_address, house_hosts, may_connect, shown
from perfmgr.rules.refusals import Refused

HOUSE = house_hosts("gateway.gov.cn:8080, 10.1.2.3:8443 ,msg.local")

REFUSED = [
    "",
    "jx.example.cn/hook",
    "ftp://example.cn/",
    "file:///etc/passwd",
    "gopher://example.cn/",
    "http://example.cn/hook",
    "https://example.cn:25/",
    "https://example.cn:80/",
    "https://example.cn:22/",
    "https://example.cn:/",
    "https://example.cn:99999/",
    "https://example.cn/#x",
    "https://example.cn/ x",
    "https://example.cn\\@10.0.0.1/",
    "https://example.cn/\r\nHost: x",
    "https://user@10.0.0.1/",
    "https://user:pass@example.cn/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[fc00::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://172.16.3.4/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://１２７．０．０．１/",
    "https://127。0。0。1/",
    "https://例子.中国/",
    "https://exa_mple.cn/",
    "https://-example.cn/",
    "https://example..cn/",
    "https://gateway.gov.cn:9090/",
    "https://10.1.2.3:443/",
    "https://" + "a" * 1000 + ".cn/",
]


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        check_address("webhook", address, HOUSE)
    assert caught.value.findings[0].field == "address"


@pytest.mark.parametrize(
    ("kind", "address", "target"),
    [
        ("webhook", "https://msg.example.cn/hook?a=1", Target("https", "msg.example.cn", 443, "/hook?a=1", False)),
        ("webhook", "https://MSG.example.cn:8443", Target("https", "msg.example.cn", 8443, "/", False)),
        ("webhook", "https://1.1.1.1/", Target("https", "1.1.1.1", 443, "/", False)),
        ("webhook", "http://gateway.gov.cn:8080/x", Target("http", "gateway.gov.cn", 8080, "/x", True)),
        ("webhook", "https://10.1.2.3:8443/x", Target("https", "10.1.2.3", 8443, "/x", True)),
        ("wecom", "http://msg.local/x", Target("http", "msg.local", 80, "/x", True)),
        (
            "wecom",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1-2",
            Target("https", "qyapi.weixin.qq.com", 443, "/cgi-bin/webhook/send?key=1-2", False),
        ),
    ],
)
def test_taken_apart(kind: str, address: str, target: Target) -> None:
    assert check_address(kind, address, HOUSE) == target


def test_a_robot_lives_at_its_maker() -> None:
    with pytest.raises(Refused, match=r"oapi\.dingtalk\.com"):
        check_address("dingtalk", "https://dingtalk.example.cn/robot/send", HOUSE)


@pytest.mark.parametrize(
    ("address", "public", "house"),
    [
        ("1.1.1.1", True, True),
        ("2606:4700::1111", True, True),
        ("10.0.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("0.0.0.0", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("224.0.0.1", False, False),
        ("nonsense", False, False),
    ],
)
def test_what_may_be_connected_to(address: str, public: bool, house: bool) -> None:
    assert (may_connect(address, False), may_connect(address, True)) == (public, house)


def test_one_bad_address_of_a_name_is_enough() -> None:
    assert all_allowed(["1.1.1.1", "2606:4700::1111"], False)
    assert not all_allowed(["1.1.1.1", "127.0.0.1"], False)
    assert not all_allowed([], False)


def test_only_the_host_is_shown() -> None:
    assert shown("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim") == "https://qyapi.weixin.qq.com/…"
