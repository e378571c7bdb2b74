"""A real mail server on the loopback address that takes, refuses, hangs, drops and forgets as the address says."""

import asyncio
import datetime as dt
import email
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "perfmgr", "Mail-Mima-2026"


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and 127.0.0.1; returns certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


class Box:
    """What the server received, and how it behaves: by the local part of each address."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.closed = False  # True: every sender is refused, as under maintenance

    @property
    def to(self) -> list[str]:
        """The addresses that got something, in order."""
        return [address for address, _message in self.received]

    def ids(self) -> list[str]:
        """The Message-IDs received, in order."""
        return [str(message["Message-ID"]) for _address, message in self.received]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connections."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take the sender, unless closed."""
        if self.closed:
            return "451 4.3.2 Maintenance"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take or refuse the recipient."""
        local = address.partition("@")[0]
        if local.startswith("never"):
            return f"550 5.1.1 <{address}> no such user"
        if local.startswith("later"):
            return "450 4.2.0 greylisted"
        if local.startswith("hang"):
            await asyncio.sleep(600)
        if local.startswith("drop"):
            server.transport.abort()
            return "250 OK"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message."""
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.rcpt_tos[0], message))
        if envelope.rcpt_tos[0].startswith("lost"):
            server.transport.abort()
        return "250 OK"


@contextmanager
def running(tls: tuple[Path, Path] | None = None, starttls: bool = False, auth: bool = False) -> Iterator[Any]:
    """Run a server until the block ends; the controller has ``box`` and ``port``."""
    box = Box()
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*tls)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {}
    if context and starttls:
        options.update(tls_context=context, require_starttls=True)
    elif context:
        options.update(ssl_context=context)
    if auth:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=bool(starttls))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    box.connections = 0
    controller.box = box  # type: ignore[attr-defined]
    try:
        yield controller
    finally:
        controller.stop(no_assert=True)
