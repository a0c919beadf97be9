"""Postcodes: their shapes, country by country, and the beginnings by which plans are written.

Comes in: a chance, the beginning of a postcode. Goes out: a whole one as people write it. Never here: which postcodes exist to the last one.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from config.make.numbers import digits, letters

Shape = Callable[[Random, str], str]


def filled(length: int, at: int = 0, between: str = " ") -> Shape:
    """Digits of this length that begin with the beginning, parted behind the first `at`."""

    def postcode(chance: Random, beginning: str) -> str:
        whole = (beginning or chance.choice("123456789")) + digits(chance, length)
        return whole[:at] + between + whole[at:length] if at else whole[:length]

    return postcode


def none(_chance: Random, _beginning: str) -> str:
    """A country without postcodes."""
    return ""


def nl(chance: Random, beginning: str) -> str:
    """7229 XZ"""
    return f"{(beginning + digits(chance, 4))[:4]} {letters(chance, 2)}"


def ie(chance: Random, _beginning: str) -> str:
    """K84 JV40"""
    area = chance.choice(("D", "T", "V", "H", "K"))
    return f"{area}{chance.randint(10, 99)} {letters(chance, 2)}{digits(chance, 2)}"


def gb(chance: Random, beginning: str) -> str:
    """SW7 2AZ"""
    town = beginning or chance.choice(("SW", "NE", "LS", "BS", "CB", "EH", "CF", "PE", "NW", "TN"))
    return f"{town}{chance.randint(1, 20)} {chance.randint(1, 9)}{letters(chance, 2)}"


def ca(chance: Random, beginning: str) -> str:
    """M5V 2T6"""
    first = beginning or "M"
    return f"{first}{digits(chance, 1)}{letters(chance, 1)} {digits(chance, 1)}{letters(chance, 1)}{digits(chance, 1)}"


def bn(chance: Random, _beginning: str) -> str:
    """BA1311"""
    return chance.choice(("BA", "BE", "BG", "BS", "KA", "PA", "TA")) + digits(chance, 4)


def marked(mark: str, length: int) -> Shape:
    """LV-1010"""
    return lambda chance, _beginning: mark + digits(chance, length)


def numbers(first: int, last: int, width: int) -> tuple[str, ...]:
    """Beginnings, with their zeros in front."""
    return tuple(f"{number:0{width}}" for number in range(first, last + 1))


WHOLE: Final = ("",)
"""A country with one rule."""
GB_AREAS: Final = tuple(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL "  # noqa: SIM905
    "GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH "
    "PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
    .split()
)  # fmt: skip
