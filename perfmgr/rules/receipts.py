"""Receipt numbers: readable, unique, and with a check digit that finds a wrongly copied one.

``2027-219001-00000123-K``: year, code of the unit, serial number, check character. The check
character follows ISO 7064 MOD 37,36: it finds every single wrong character and nearly every
exchange of two neighbours.
"""

from perfmgr.rules.texts import half_width

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SERIAL_DIGITS = 8


def receipt_number(year: int, unit_code: str, serial: int) -> str:
    """Return the number of a receipt; the serial number alone makes it unique."""
    unit = "".join(_known(unit_code)) or "0"
    body = f"{year}-{unit}-{serial:0{_SERIAL_DIGITS}d}"
    return f"{body}-{_check_character(body)}"


def is_receipt_number(text: str) -> bool:
    """Tell whether this is a receipt number copied without mistake."""
    parts = half_width(text).strip().upper().split("-")
    body, check = "-".join(parts[:-1]), parts[-1]
    whole = len(parts) == 4 and all(parts) and all(set(part) <= set(_CHARACTERS) for part in parts)
    return whole and _check_character(body) == check


def _known(text: str) -> list[str]:
    return [character for character in half_width(text).upper() if character in _CHARACTERS]


def _check_character(body: str) -> str:
    size = len(_CHARACTERS)
    carry = size
    for character in _known(body):
        carry = (carry + _CHARACTERS.index(character)) % size or size
        carry = carry * 2 % (size + 1)
    return _CHARACTERS[(size + 1 - carry) % size]
