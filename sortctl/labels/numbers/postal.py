"""Postal: numbers of posts that are more than a pattern: UPU S10 items, UPU S9 receptacles, Royal Mail's Mailmark 2D.

Comes in: a text. Goes out: a `Label`, or nothing if it has another shape. In S10 the two letters at the end are the post
that issued the number: they never become a destination. In S9 the destination is an office of exchange, where the bag
goes; Mailmark holds the postcode of the address. Never here: a destination drawn from S10 letters.
"""

import re
from typing import Final

from sortctl.labels import s10
from sortctl.labels.label import WAYBILL, Label, Routing, Severity, Use
from sortctl.site.countries import COUNTRIES

S10: Final = "s10"
RECEPTACLE: Final = "s9"
MAILMARK: Final = "mailmark"

# Offices of exchange are six characters: country, place, office. Category and subclass: UPU code lists 115 and 117.
_S9: Final = re.compile(
    r"(?P<origin>[A-Z]{5}[A-Z0-9])(?P<destination>[A-Z]{5}[A-Z0-9])(?P<category>[A-Z])(?P<subclass>[A-Z][A-Z0-9])"
    r"(?P<year>[0-9])(?P<despatch>[0-9]{4})(?P<receptacle>[0-9]{3})(?P<last>[0-9])(?P<insured>[0-9])(?P<weight>[0-9]{4})"
)
# 45 characters of fixed fields, then what the customer likes; fields that are not used are spaces.
_MAILMARK: Final = re.compile(
    r"JGB (?P<type>[0-9A-Z])(?P<version>[0-9A-Z])(?P<class>[0-9A-Z])(?P<chain>[0-9]{7})(?P<item>[0-9]{8})"
    r"(?P<postcode>[0-9A-Z ]{9})(?P<service>[0-9A-Z])(?P<back>[0-9A-Z ]{7}).{0,51}",
    re.DOTALL,
)
_POINT: Final = 2
"""Characters of the delivery point behind a British postcode."""


def read_s10(text: str, severity: Severity) -> Label | None:
    """An item number, RB473124829GB."""
    if len(text) != 13 or not s10.looks_like(text):
        return None
    capitals = text.upper()
    ids = (("service_indicator", capitals[:2]), ("serial", capitals[2:10]), ("issuing_post", capitals[11:]))
    return Label(S10, text, capitals[11:], s10.fault(text), severity, ids=ids)


def read_receptacle(text: str, severity: Severity) -> Label | None:
    """A bag between two offices of exchange. Weight in units of 100 g."""
    found = _S9.fullmatch(text) if len(text) == 29 else None
    if found is None:
        return None
    origin, destination = found["origin"][:2], found["destination"][:2]
    wrong = [code for code in (origin, destination) if code not in COUNTRIES]
    why = f"no country has the code {wrong[0]}" if wrong else ""
    routing = Routing("" if wrong else destination)
    return Label(RECEPTACLE, text, origin, why, severity, Use.UNIT, tuple(found.groupdict().items()), routing)


def read_mailmark(text: str) -> Label | None:
    """A Royal Mail Mailmark 2D."""
    # Spaces at the end may have been taken off.
    found = _MAILMARK.fullmatch(text.ljust(45)) if text.startswith("JGB ") and len(text) <= 96 else None
    if found is None:
        return None
    where = found["postcode"].replace(" ", "")
    known = len(where) > _POINT + 4
    routing = Routing("GB", where[:-_POINT], found["service"]) if known else Routing("", "", found["service"])
    point = (("delivery_point", where[-_POINT:]),) if known else ()
    chain, item = found["chain"], found["item"]
    ids = ((WAYBILL, chain + item), ("supply_chain", chain), ("item", item), *point)
    return Label(MAILMARK, text, "Royal Mail", ids=ids, routing=routing)
