"""Webhooks: one POST after another to a checked address of an endpoint, nothing followed, little read."""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from perfmgr.channels.outcomes import Closed, Dropped, Unreachable, quoted
from perfmgr.rules.endpoints import NOT_PUBLIC, Target, all_allowed, may_connect
from perfmgr.rules.texts import N_

CONNECT_SECONDS = 10
SECONDS = 30
MOST_ANSWER = 64 * 1024

UNKNOWN_NAME = N_("找不到这个主机名，请核对地址。")


def look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses a host name stands for now. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for _family, _type, _protocol, _name, sockaddr in found))


def checked_addresses(target: Target) -> list[str]:
    """Return the addresses of the target's host; raises Unreachable unless every one of them is allowed.

    Whoever connects takes one of these: between a look-up that is checked and another one for the
    connection the name could change its meaning.
    """
    try:
        addresses = look_up(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise Unreachable(UNKNOWN_NAME) from error
    if not all_allowed(addresses, target.house):
        raise Unreachable(NOT_PUBLIC)
    return addresses


class Line:
    """A connection to one endpoint, opened with the first request and used for those after it.

    Settings of proxies in the environment are not looked at, redirections are not followed.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._http: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._http is not None:
            self._http.close()
        self._http = None

    def post(self, body: bytes, headers: dict[str, str], query: str = "") -> tuple[int, bytes]:
        """Send one request and return status and the beginning of the answer.

        Raises Unreachable when no connection comes about, Dropped when it breaks, or the answer is
        not there 30 seconds after the request began.
        """
        used = self._http is not None
        try:
            return self._post(body, headers, query)
        except Closed:
            if not used:
                raise
            # The other side may close a connection that was idle. What was on its way when time ran out is
            # not sent at once again: a group would read it twice.
            return self._post(body, headers, query)

    def _post(self, body: bytes, headers: dict[str, str], query: str) -> tuple[int, bytes]:
        connection = self._http = self._http or self._connect()
        try:
            with _limited(connection.sock):
                connection.request("POST", self._path(query), body, {"User-Agent": "perfmgr", **headers})
                answer = connection.getresponse()
                text = answer.read(MOST_ANSWER + 1)
                whole = len(text) <= MOST_ANSWER and answer.isclosed()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.close()
            closed = isinstance(error, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError)
            raise (Closed if closed else Dropped)(N_("对方中断了连接，或 30 秒内没有回应。")) from error
        if not whole or answer.will_close:
            self.close()
        return answer.status, text[:MOST_ANSWER]

    def _path(self, query: str) -> str:
        path = self._target.path
        return f"{path}{'&' if '?' in path else '?'}{query}" if query else path

    def _connect(self) -> http.client.HTTPConnection:
        plain = self._plain_socket()
        if self._target.scheme == "https":
            try:
                plain = ssl.create_default_context().wrap_socket(
                    plain, server_hostname=self._target.host, do_handshake_on_connect=False
                )
                with _limited(plain):
                    plain.do_handshake()
            except (OSError, ValueError) as error:
                plain.close()
                raise Unreachable(_tls_sentence(error)) from error
        connection = http.client.HTTPConnection(self._target.host, self._target.port, timeout=SECONDS)
        if self._target.port == (443 if self._target.scheme == "https" else 80):
            connection.port = 80  # the usual port is not repeated in the Host header
        connection.sock = plain
        connection.auto_open = 0  # it must never look the name up and connect by itself
        return connection

    def _plain_socket(self) -> socket.socket:
        last: OSError | None = None
        for address in checked_addresses(self._target)[:4]:
            try:
                plain = socket.create_connection((address, self._target.port), CONNECT_SECONDS)
            except OSError as error:
                last = error
                continue
            peer = plain.getpeername()[0]
            if ipaddress.ip_address(peer) != ipaddress.ip_address(address) or not may_connect(peer, self._target.house):
                plain.close()
                raise Unreachable(NOT_PUBLIC)
            plain.settimeout(SECONDS)
            return plain
        raise Unreachable(N_("对方拒绝连接或没有回应，请稍后再试。")) from last


@contextmanager
def _limited(connection: socket.socket) -> Iterator[None]:
    """End what takes longer than 30 seconds in all, also an answer that comes letter by letter."""
    stop = threading.Timer(SECONDS, _break, [connection])
    stop.daemon = True
    stop.start()
    try:
        yield
    finally:
        stop.cancel()


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        # Below any encryption: its own way of ending waits for the other side.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _tls_sentence(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return N_("对方的证书不可信，没有发送。")
    return f"加密连接没有建立：{quoted(str(error))}"
