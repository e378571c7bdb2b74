"""User names and passwords: how they are compared, and what is strong enough."""

import re

from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_, clean_line, half_width

SHORTEST = 12
LONGEST = 128
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# The commonest passwords that would otherwise satisfy the rules of length and variety.
_COMMON = ("password", "qwerty", "admin", "123456", "abc123", "111111", "iloveyou", "welcome")


def fold_username(text: str) -> str:
    """Return the stored form of a user name: half-width, lower case, without blanks around."""
    return half_width(clean_line(text)).lower()


def check_username(username: str) -> Finding | None:
    """Return what is wrong with a folded user name, or None."""
    if _USERNAME.fullmatch(username):
        return None
    return Finding("USERNAME", N_("“用户名”应为 2–64 位小写字母、数字或 . _ -，并以字母或数字开头。"), "username")


def check_password(password: str, username: str) -> list[Finding]:
    """Return everything that is wrong with a new password (length, variety, common words, own name)."""
    findings = []
    if len(password) < SHORTEST or len(password) > LONGEST:
        findings.append(
            Finding(
                "PASSWORD",
                N_("“新密码”应为 %(low)s–%(high)s 位，现在是 %(count)s 位。"),
                "new",
                params={"low": SHORTEST, "high": LONGEST, "count": len(password)},
            )
        )
    classes = [r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]"]
    if sum(bool(re.search(kind, password)) for kind in classes) < 3:
        findings.append(Finding("PASSWORD", N_("“新密码”应至少包含大写字母、小写字母、数字、符号中的三种。"), "new"))
    lowered = password.lower()
    if any(word in lowered for word in _COMMON) or (len(username) >= 3 and username in lowered):
        findings.append(Finding("PASSWORD", N_("“新密码”不能包含用户名或常见密码，请换一个。"), "new"))
    return findings
