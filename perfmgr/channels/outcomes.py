"""What became of one attempt to send: three kinds of failure that are treated differently."""

import re

from perfmgr.rules.texts import N_

UNSENDABLE = N_("这条消息无法生成或发送，详见服务器日志。")

# What a server says may repeat what we sent it: nothing that looks like a key gets into sentences and logs,
# and no address of a person, which is stored encrypted.
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_\-]{24,}")


class SendingError(Exception):
    """Sending failed; ``reason`` is one sentence without secrets, at most 200 characters."""

    def __init__(self, reason: str) -> None:
        self.reason = reason[:200]
        super().__init__(self.reason)


class Unreachable(SendingError):
    """The server itself failed (no connection, sign-in refused): no message is at fault."""


class Temporary(SendingError):
    """This message was not taken now; later it may be."""


class Permanent(SendingError):
    """This message will never be taken."""


class Dropped(Temporary):
    """The connection broke or nothing came while this message was on its way: whose fault, nobody knows yet."""


class Closed(Dropped):
    """The other side had closed the connection before it answered anything."""


def quoted(text: str | bytes) -> str:
    """Return what a server said as one short line without keys and addresses."""
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = "".join(c if c.isprintable() else " " for c in line)
    return _LONG_WORD.sub("…", _ADDRESS.sub("…", " ".join(line.split())))[:120]
