"""Asking a virus scanner: clamd's INSTREAM command over a socket of this machine."""

import socket
import struct
from pathlib import Path

import structlog
from flask import current_app

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
CHUNK = 256 * 1024
MOST_ANSWER = 4096

log = structlog.get_logger()


def _connect(address: str) -> socket.socket:
    """Connect to a Unix socket (a path) or to host:port."""
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
    else:
        host, _colon, port = address.rpartition(":")
        connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _ask(address: str, path: Path) -> str:
    with _connect(address) as connection, path.open("rb") as file:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < MOST_ANSWER:
            part = connection.recv(1024)
            if not part:
                break
            answer += part
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()


def scan(path: Path) -> str:
    """Return ``off``, ``clean``, ``infected``, or ``waiting`` when the scanner gave no clear answer.

    Without the setting SCANNER nobody scans here. Whatever is not a clear OK fails closed.
    """
    address = current_app.config["SCANNER"]
    if not address:
        return "off"
    try:
        answer = _ask(address, path)
    except OSError as error:
        log.warning("scanner", error=str(error))
        return "waiting"
    if answer == "stream: OK":
        return "clean"
    if answer.endswith(" FOUND"):
        log.warning("scanner", found=answer)
        return "infected"
    log.warning("scanner", answer=answer)
    return "waiting"
