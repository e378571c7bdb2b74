"""Addresses of people, addresses and secrets of endpoints: encrypted where they are stored."""

import base64
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from perfmgr.channels.outcomes import Unreachable
from perfmgr.rules.texts import N_

KEY_CHANGED = N_("PERFMGR_SECRET_KEY 更换过，原来加密保存的内容无法读取，请重新填写地址和密钥。")


@lru_cache(maxsize=4)
def _fernet(secret_key: str) -> Fernet:
    """Return the cipher of an installation; its key says nothing about the key that signs cookies."""
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), b"perfmgr channels 1", "sha256")))


def seal(text: str) -> str:
    """Return the text encrypted; an empty one stays empty."""
    return _fernet(current_app.config["SECRET_KEY"]).encrypt(text.encode()).decode("ascii") if text else ""


def unseal(sealed: str) -> str:
    """Return the text of what was sealed. Raises Unreachable when the installation's key is another one now."""
    try:
        return _fernet(current_app.config["SECRET_KEY"]).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise Unreachable(KEY_CHANGED) from error


def address_of(sealed: str) -> str:
    """Return a person's e-mail address; empty when there is none, or none that this installation's key opens."""
    if "@" in sealed:  # never in what is sealed: somebody stored it as it is
        return sealed
    try:
        return unseal(sealed)
    except Unreachable:
        return ""
