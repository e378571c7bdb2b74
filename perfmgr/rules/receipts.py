"""Receipt numbers: readable, unique, and with check digits that find a wrongly copied one.

``2027-219001-00000123-45``: year, code of the unit, serial number, two check digits. They follow
ISO 7064 MOD 97-10, as bank account numbers do: every single wrong character and every exchange
of two neighbours is found. Letters of a unit's code count as 10 to 35.
"""

from perfmgr.rules.texts import half_width

_SERIAL_DIGITS = 8
_CHECK_DIGITS = 2


def receipt_number(year: int, unit_code: str, serial: int) -> str:
    """Return the number of a receipt; the serial number alone makes it unique."""
    unit = "".join(c for c in half_width(unit_code).upper() if _is_plain(c)) or "0"
    body = f"{year}-{unit}-{serial:0{_SERIAL_DIGITS}d}"
    return f"{body}-{98 - _remainder(f'{body}00'):0{_CHECK_DIGITS}d}"


def is_receipt_number(text: str) -> bool:
    """Tell whether this is a receipt number copied without mistake."""
    text = half_width(text).strip().upper()
    parts = text.split("-")
    whole = len(parts) == 4 and all(part and all(map(_is_plain, part)) for part in parts)
    return whole and len(parts[-1]) == _CHECK_DIGITS and _remainder(text) == 1


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _remainder(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text if c != "-")) % 97
