"""S10: the Universal Postal Union's item identifier, RB473124829GB: service, serial, check digit, issuing post.

The two letters at the end name the post that issued the number, never where the parcel goes.
Check digit: weights 8 6 4 2 3 5 9 7 on the serial; 11 - (sum mod 11); 10 becomes 0, 11 becomes 5 (UPU S10-12).
"""

import re
from typing import Final

from sortctl.site.countries import COUNTRIES

_SHAPE: Final = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)


def looks_like(text: str) -> bool:
    """Whether the text has the shape of an S10 number, in capitals or not."""
    return _SHAPE.fullmatch(text.upper()) is not None and text.isascii()


def fault(text: str) -> str:
    """What is wrong with an S10 number, "" for nothing."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return "not in capitals" if looks_like(text) else "not two letters, nine digits, two letters"
    _service, serial, check, issuer = match.groups()
    if int(check) != check_digit(serial):
        return f"check digit is {check}, the serial asks for {check_digit(serial)}"
    if issuer not in COUNTRIES:
        return f"no post has the code {issuer}"
    return ""


def check_digit(serial: str) -> int:
    """The check digit of eight digits."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
