"""E-mail: one connection to the mail server for many messages."""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from perfmgr.channels.outcomes import Dropped, Permanent, Temporary, Unreachable, quoted

SECONDS = 30
BROKEN = (OSError, smtplib.SMTPException)

CLOSING = 421


class MailServer:
    """A connection that is opened with the first message, opened again when it broke, and closed at the end.

    Tells apart whose fault a failure is: the server's (``Unreachable``: nothing was tried), one
    message's (``Temporary``, ``Permanent``), or unknown (``Dropped``).
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._sent_here = 0  # over the present connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._smtp is not None:
            try:
                if self._smtp.sock:
                    self._smtp.sock.settimeout(2)  # a good-bye is not worth waiting for
                self._smtp.quit()
            except BROKEN:
                pass
            self._close()

    def _close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._sent_here = None, 0

    def connect(self) -> smtplib.SMTP:
        """Return the open connection, made and signed in when there is none. Raises Unreachable."""
        if self._smtp is not None:
            return self._smtp
        try:
            self._smtp = _open(self._settings)
        except (*BROKEN, ValueError) as error:  # ValueError: a password that cannot be written in ASCII
            raise Unreachable(connection_sentence(error, self._settings)) from error
        return self._smtp

    def send(self, to: str, data: bytes) -> None:
        """Hand one message over; returns once the server has accepted it.

        Raises Unreachable, Temporary, Permanent or Dropped. The connection may be used on after each.
        """
        smtp = self.connect()
        used = self._sent_here > 0
        try:
            code, text = self._name_sender(smtp)
        except BROKEN:
            code, text = CLOSING, b""
        if code == CLOSING and used:
            # It has had enough of this connection; the message itself was not even named yet.
            self._close()
            smtp = self.connect()
            try:
                code, text = self._name_sender(smtp)
            except BROKEN:
                code, text = CLOSING, b""
        if code != 250:
            self._close()
            raise Unreachable(f"邮件服务器不接受发件人或暂停服务：{code} {quoted(text)}".rstrip())
        try:
            self._hand_over(smtp, to, data)
        except (Temporary, Permanent):
            self._start_anew(smtp)
            raise
        except BROKEN as error:
            self._close()
            raise Dropped(f"邮件服务器中断了连接或 {SECONDS} 秒没有回应：{quoted(str(error))}") from error
        self._sent_here += 1

    def _name_sender(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        return smtp.docmd("MAIL", f"FROM:<{self._settings['MAIL_FROM']}>")

    def _hand_over(self, smtp: smtplib.SMTP, to: str, data: bytes) -> None:
        # Addresses are checked when they are stored; smtp.mail and smtp.rcpt parse them again, for longer than sending takes.
        code, text = smtp.docmd("RCPT", f"TO:<{to}>")
        if code not in (250, 251):
            raise _refusal("收件人", code, text)
        try:
            code, text = smtp.data(data)
        except smtplib.SMTPDataError as error:
            raise _refusal("邮件内容", error.smtp_code, error.smtp_error) from error
        if code != 250:
            raise _refusal("邮件内容", code, text)

    def _start_anew(self, smtp: smtplib.SMTP) -> None:
        """Make the server forget the refused message, so that the next one is not refused with it."""
        try:
            code, _text = smtp.rset()
        except BROKEN:
            code = CLOSING
        if code != 250:
            self._close()


def _refusal(what: str, code: int, text: bytes | str) -> Exception:
    sentence = f"邮件服务器不接受{what}：{code} {quoted(text)}"
    if code == CLOSING:
        return Dropped(sentence)
    return Permanent(sentence) if code >= 500 else Temporary(sentence)


def _open(settings: Mapping[str, Any]) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=settings["SMTP_CA"] or None)
    host, port, name = settings["SMTP_HOST"], settings["SMTP_PORT"], _own_name()
    if settings["SMTP_SECURITY"] == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, port, name, timeout=SECONDS)
    try:
        if settings["SMTP_SECURITY"] == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if settings["SMTP_USER"]:
            smtp.login(settings["SMTP_USER"], settings["SMTP_PASSWORD"])
    except BaseException:
        smtp.close()
        raise
    return smtp


def _own_name() -> str:
    """Return how to introduce ourselves, without asking the network for a longer name."""
    name = socket.gethostname()
    return name if name.isascii() and all(part.isalnum() or part in ".-" for part in name) else "localhost"


def connection_sentence(error: Exception, settings: Mapping[str, Any]) -> str:
    """Return what is wrong with the connection, in one sentence that says what to change."""
    where = f"{settings['SMTP_HOST']}:{settings['SMTP_PORT']}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "邮件服务器不接受用户名或密码，请核对 PERFMGR_SMTP_USER 和 PERFMGR_SMTP_PASSWORD。"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"邮件服务器 {where} 的证书不可信，请核对 PERFMGR_SMTP_HOST，或用 PERFMGR_SMTP_CA 指定内部证书。"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"邮件服务器 {where} 不支持所选的加密或登录方式，请核对 PERFMGR_SMTP_SECURITY。"
    if isinstance(error, ssl.SSLError):
        return f"与邮件服务器 {where} 的加密连接没有建立，请核对 PERFMGR_SMTP_SECURITY 和端口。"
    if isinstance(error, socket.gaierror):
        return f"找不到邮件服务器 {settings['SMTP_HOST']}，请核对 PERFMGR_SMTP_HOST。"
    if isinstance(error, TimeoutError):
        return f"邮件服务器 {where} 在 {SECONDS} 秒内没有回应。"
    if isinstance(error, ConnectionRefusedError):
        return f"邮件服务器 {where} 拒绝连接，请核对主机和端口，或稍后再试。"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"邮件服务器 {where} 暂不可用：{error.smtp_code} {quoted(error.smtp_error)}"
    return f"邮件服务器 {where} 无法连接：{quoted(str(error))}"
