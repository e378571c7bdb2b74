"""Endpoints: which addresses of robots and webhooks may be called, and which never (SSRF)."""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

LONGEST = 1000
PORTS = (443, 8443)
# Where the makers of the group robots answer; a copy inside the house is named in WEBHOOK_HOSTS.
HOMES = {
    "wecom": ("qyapi.weixin.qq.com",),
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
}
# Addresses inside which another address is hidden, or which stand for one's own network.
_HIDDEN = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10", "::/96", "192.88.99.0/24")
)
# Even a host of the house is never one of these: metadata of clouds, groups of machines, nothing at all.
_NEVER = tuple(ipaddress.ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "::/128"))
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

BAD_FORM = N_("“地址”不是完整的网址，请填写 https:// 开头的地址，例如机器人设置页上的 Webhook 地址。")
BAD_SCHEME = N_("“地址”应以 https:// 开头。")
BAD_USER = N_("“地址”中不能带用户名或密码，请去掉 @ 前面的内容。")
BAD_PORT = N_("“地址”的端口 %(port)s 不允许使用，请用 443 或 8443；内部网关请系统维护人员加入 PERFMGR_WEBHOOK_HOSTS。")
BAD_HOST = N_("“地址”中的主机名不能识别，请填写域名；中文域名请换成 xn-- 开头的写法。")
NOT_HOME = N_("“地址”不是所选类型的机器人地址，其主机名应为 %(hosts)s。")
NOT_PUBLIC = N_("“地址”指向内部网络，不允许使用；内部网关请系统维护人员加入 PERFMGR_WEBHOOK_HOSTS。")


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. ``house``: listed by the operator, so it may be private and plain HTTP."""

    scheme: str
    host: str
    port: int
    path: str
    house: bool


def house_hosts(setting: str) -> dict[str, tuple[int, ...]]:
    """Return the hosts of the setting WEBHOOK_HOSTS with the ports they may be called on.

    ``gateway.local`` stands for ports 80 and 443, ``10.1.2.3:8080`` for that port alone.
    """
    hosts: dict[str, tuple[int, ...]] = {}
    for entry in (part.strip().lower() for part in setting.split(",")):
        host, colon, port = entry.rpartition(":")
        if colon and port.isascii() and port.isdigit():
            hosts[host] = (*hosts.get(host, ()), int(port))
        elif entry:
            hosts[entry] = (*hosts.get(entry, ()), 80, 443)
    return hosts


def check_address(kind: str, text: str, house: dict[str, tuple[int, ...]]) -> Target:
    """Return the address of an endpoint taken apart; raises Refused with one sentence.

    What only looking the name up can show is not checked here: :func:`may_connect` does.
    """
    if (
        not text
        or len(text) > LONGEST
        or not text.isascii()
        or not text.isprintable()
        or set(text) & set(' "<>\\^`{|}')
    ):
        raise Refused(BAD_FORM, field="address")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(BAD_FORM, field="address") from error
    if parts.scheme not in ("http", "https"):
        raise Refused(BAD_SCHEME, field="address")
    if "@" in parts.netloc:
        raise Refused(BAD_USER, field="address")
    host = (parts.hostname or "").lower()
    if "#" in text or parts.netloc.endswith(":"):
        raise Refused(BAD_FORM, field="address")
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    own = host in house
    _check_host(host, own)
    if own and port not in house[host]:
        raise Refused(BAD_PORT, field="address", port=port)
    if not own:
        if parts.scheme != "https":
            raise Refused(BAD_SCHEME, field="address")
        if port not in PORTS:
            raise Refused(BAD_PORT, field="address", port=port)
        if kind in HOMES and host not in HOMES[kind]:
            raise Refused(NOT_HOME, field="address", hosts="、".join(HOMES[kind]))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, own)


def _check_host(host: str, own: bool) -> None:
    """Refuse what is neither a plain name nor a plain address: 2130706433, 0x7f.1, zone ids."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError as error:
        # The last label of a name is never a number: some resolvers read such a name as an address.
        if "%" in host or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
            raise Refused(BAD_HOST, field="address") from error
        return
    if not may_connect(str(number), own) or "%" in host:
        raise Refused(NOT_PUBLIC, field="address")


def may_connect(address: str, house: bool) -> bool:
    """Tell whether a connection to this IP address is allowed: public ones, and private ones of the house."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        if number.scope_id:
            return False
        if number.ipv4_mapped:
            number = number.ipv4_mapped
    if number.is_multicast or any(number in network for network in _NEVER if network.version == number.version):
        return False
    if house:
        return True
    return number.is_global and not any(number in network for network in _HIDDEN if network.version == number.version)


def all_allowed(addresses: Collection[str], house: bool) -> bool:
    """Tell whether every address a name stands for may be connected to; a name without any may not."""
    return bool(addresses) and all(may_connect(address, house) for address in addresses)


def shown(address: str) -> str:
    """Return as much of an address as may be shown: its host. The rest is as good as a password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}/…"
