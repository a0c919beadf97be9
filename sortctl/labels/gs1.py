"""GS1: the serial shipping container code with its application identifier, 00 and eighteen digits.

Check digit: from the right, weights 3, 1, 3, 1 on the digits before it; what is missing to the next ten
(GS1 General Specifications). Never here: other application identifiers.
"""

import re
from typing import Final

_SSCC: Final = re.compile(r"00[0-9]{18}")


def looks_like_sscc(text: str) -> bool:
    """Whether the text is 00 and eighteen digits."""
    return _SSCC.fullmatch(text) is not None


def check_digit(digits: str) -> int:
    """The check digit that belongs behind `digits`."""
    return -(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10


def sscc_fault(text: str) -> str:
    """What is wrong with an SSCC, "" for nothing."""
    if not looks_like_sscc(text):
        return "not 00 and eighteen digits"
    wanted = check_digit(text[2:-1])
    return "" if int(text[-1]) == wanted else f"check digit is {text[-1]}, the code asks for {wanted}"
