"""Postcodes: what is particular to a country's postcodes: outward codes of GB, zeros that spreadsheets drop.

Comes in: normalised postcodes and beginnings of them. Goes out: a form in which beginnings and ranges mean what planners mean.

Theory. In GB the letters in front are an area (B is Birmingham, BS is Bristol), the number behind it a district (SW1 is not a part
of SW10). Compared as plain text both would be mixed up. So the area is filled up to two characters and the number to two
digits: B1 becomes B001, SW1A 1AA becomes SW01A1AA, SW10 stays SW10. Everywhere else the postcode is compared as it is.
Never here: which postcodes exist.
"""

import re
from typing import Final

DIGITS: Final = {
    "AU": 4, "BR": 8, "CN": 6, "DE": 5, "ES": 5, "FI": 5, "FR": 5, "IT": 5, "JP": 7, "KR": 5, "LT": 5, "MX": 5, "MY": 5,
    "NO": 4, "NZ": 4, "PL": 5, "RO": 6, "SG": 6, "SK": 5, "TR": 5, "UA": 5, "US": 5, "ZA": 4,
}  # fmt: skip
"""Digits of a postcode in countries where some begin with 0 (Universal Postal Union, addressing data by country)."""

_OUTWARD: Final = re.compile(r"([A-Z]{1,2})(\d{0,2})([A-Z]?)(\d[A-Z]{2})?")
_INWARD_LENGTH: Final = 3
_FULL_LENGTH_MIN: Final = 5


def canonical(country: str, postcode: str) -> str:
    """The form that is compared, of a whole postcode or of its beginning."""
    return _outward_filled(postcode) if country == "GB" else postcode


def lost_zero(country: str, postcode: str) -> bool:
    """Whether these look like the digits of a whole postcode of which a spreadsheet has dropped the zero in front."""
    return len(postcode) == DIGITS.get(country, 0) - 1 and postcode.isdigit()


def _outward_filled(postcode: str) -> str:
    inward = ""
    if len(postcode) >= _FULL_LENGTH_MIN and postcode[-1].isalpha() and postcode[-2].isalpha():
        postcode, inward = postcode[:-_INWARD_LENGTH], postcode[-_INWARD_LENGTH:]
    found = _OUTWARD.fullmatch(postcode)
    if found is None or found[4]:
        return postcode + inward
    area, number, part = found[1], found[2], found[3]
    return area.ljust(2, "0") + (number.rjust(2, "0") if number else "") + part + inward
