"""Digits: check digits by name, for the built-in kinds and for a site's own table.

Comes in: a number with its check digit at the end. Goes out: what is wrong with it, in words. Every rule is one pass over
the text. Never here: which part of a code is checked (`numbers/shape.py` names it), what follows from a fault.
"""

from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Final, NamedTuple

from sortctl.labels import gs1, s10

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice a digit, and the sum of its digits."""
_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Rule(NamedTuple):
    """`wanted` makes the check digit of what stands before it. `letters`: it knows letters too."""

    wanted: Callable[[str], str]
    letters: bool
    what: str


def fault(name: str, text: str) -> str:
    """What is wrong with `text` by the rule of this name, "" for nothing. The name "" checks nothing."""
    if not name:
        return ""
    rule = RULES[name]
    if len(text) < 2 or not text.isascii() or not (text.isalnum() if rule.letters else text.isdigit()):
        return f"a check digit by {name} is for {'letters and digits' if rule.letters else 'digits'} only"
    wanted = rule.wanted(text[:-1])
    return "" if text[-1] == wanted else f"check digit is {text[-1]}, the number asks for {wanted}"


def _weighted(digits: Iterable[str], weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))


def _s10(body: str) -> str:
    return str(s10.check_digit(body)) if len(body) == 8 else "none, it has not eight digits"


def _ups(body: str) -> str:
    values = (int(sign) if sign.isdigit() else (ord(sign) - 3) % 10 for sign in body)
    return str(-sum(value * (2 if place % 2 else 1) for place, value in enumerate(values)) % 10)


def _luhn(body: str) -> str:
    doubled = sum(_DOUBLED[int(digit)] for digit in body[::-2])
    return str(-(doubled + sum(map(int, body[-2::-2]))) % 10)


def _iso7064(body: str) -> str:
    product = 36
    for sign in body.upper():
        product = ((product + _BASE36.index(sign)) % 36 or 36) * 2 % 37
    return _BASE36[(37 - product) % 36]


RULES: Final[dict[str, Rule]] = {
    "gs1": Rule(
        lambda body: str(gs1.check_digit(body)), False, "modulo 10, weights 3 1 from the right (GS1, USPS, Colissimo)"
    ),
    "s10": Rule(_s10, False, "eight digits, weights 8 6 4 2 3 5 9 7, modulo 11 (UPU S10)"),
    "ups": Rule(_ups, True, "letters count (ASCII - 3) modulo 10, weights 1 2 from the left, modulo 10 (UPS, OnTrac)"),
    "fedex": Rule(
        lambda body: str(_weighted(reversed(body), (1, 3, 7)) % 11 % 10),
        False,
        "weights 1 3 7 from the right, modulo 11, 10 becomes 0 (FedEx Express)",
    ),
    "mod7": Rule(lambda body: str(int(body) % 7), False, "the number before it modulo 7 (DHL Express, air waybills)"),
    "dhl_paket": Rule(
        lambda body: str(-_weighted(body, (4, 9)) % 10),
        False,
        "modulo 10, weights 4 9 from the left (Identcode, Leitcode)",
    ),
    "iso7064": Rule(_iso7064, True, "ISO 7064 MOD 37,36 (DPD)"),
    "gls": Rule(
        lambda body: str((gs1.check_digit(body) - 1) % 10),
        False,
        "modulo 10, weights 3 1 from the right, one added to the sum (GLS)",
    ),
    "luhn": Rule(_luhn, False, "Luhn, modulo 10 (Purolator)"),
}
"""Rules by the names that a table may use."""
