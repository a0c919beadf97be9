"""MaxiCode: the structured carrier message on UPS labels: destination, service and tracking number in one symbol.

Comes in: the text of a symbol; its primary part (postcode, country, class of service) stands behind the header, or without
separators in front of it, as readers differ. Goes out: a `Carried`. The tracking number is shortened on the
label: `1Z`, the shipper, the last two digits of the class and the rest make it whole. That is inferred and not from
a document, so it is given only where its check digit is right. Never here: the envelope (`forms/envelopes.py`).
"""

import re
from typing import Final

from msgspec import Struct

from sortctl.labels.countries import country
from sortctl.labels.forms.envelopes import EOT, GS, HEADER, RS
from sortctl.labels.label import NOWHERE, WAYBILL, Routing
from sortctl.labels.numbers import digits

_FIELDS: Final = (
    "tracking", "scac", "shipper", "julian_day", "shipment", "piece", "weight", "validated", "street", "city", "state",
)  # fmt: skip
"""Behind postcode, country and class. An empty field keeps its separator."""
_HEADER: Final = re.compile(re.escape(f"{HEADER}{RS}01{GS}") + "[0-9]{2}")
_PRIMARY: Final = re.compile(rf"([0-9]{{9}}|[0-9]{{5}}|[0-9A-Z ]{{6}}){GS}?([0-9]{{3}}){GS}?([0-9]{{3}}){GS}?")
"""Mode 2 has digits, mode 3 six signs; some readers part the three with separators."""
_PLACES: Final = tuple(length + parted for length in (11, 12, 15) for parted in (0, 3))
"""Where the header stands behind a primary part, without separators and with three."""


class Carried(Struct, frozen=True):
    """What a message says, or why it says nothing."""

    ids: tuple[tuple[str, str], ...] = ()
    routing: Routing = NOWHERE
    carrier: str = ""
    why: str = ""


def is_message(text: str) -> bool:
    """Whether the header of a transportation message stands at the front, or behind a primary part."""
    return text.startswith(f"{HEADER}{RS}01{GS}") or any(text.startswith(HEADER, at) for at in _PLACES)


def is_headless(text: str) -> bool:
    """Whether a symbol that a scanner calls MaxiCode begins with a primary part, without any header."""
    return HEADER not in text and _PRIMARY.match(text) is not None


def read_message(text: str) -> Carried:
    """Take a message apart. Never raises."""
    header = _HEADER.search(text, 0, 40) or (_PRIMARY.match(text) if is_headless(text) else None)
    if header is None:
        return Carried(why="its header is not that of a transportation message")
    if header.re is _PRIMARY:
        front, body = header[0], text[header.end() :]
    else:
        front, body = text[: header.start()], text[header.end() :]
    body, _, ended = body.partition(RS)
    fields = body.removesuffix(EOT).split(GS)[: len(_FIELDS) + 3]
    primary = _PRIMARY.fullmatch(front)
    if front and primary is None:
        return Carried(why="the primary part in front is no postcode, country and class")
    first = list(primary.groups()) if primary else fields[:3]
    rest = fields if primary else fields[3:]
    if len(first) < 3 or not rest:
        return Carried(why="it has not even postcode, country, class and tracking number")
    postcode, number, service = (field.strip() for field in first)
    where = country(number)
    if not where or not postcode:
        return Carried(why="it names no postcode" if where else f"no country has the code {number[:8]!a}")
    ids = _ids(dict(zip(_FIELDS, rest, strict=False)), service)
    scac = next((text for role, text in ids if role == "scac"), "")
    why = "" if ended else "the end is missing"
    return Carried(ids, Routing(where, postcode, service), "UPS" if scac == "UPSN" else scac, why)


def _ids(fields: dict[str, str], service: str) -> tuple[tuple[str, str], ...]:
    ids = tuple((role, text.strip()) for role, text in fields.items() if text.strip())
    whole = _whole_number(fields.get("tracking", "").strip(), fields.get("shipper", "").strip(), service)
    return ((WAYBILL, whole), *ids) if whole else ids


def _whole_number(tracking: str, shipper: str, service: str) -> str:
    if len(tracking) == 18 and tracking.startswith("1Z"):
        number = tracking
    elif tracking.startswith("1Z") and len(shipper) == 6 and len(service) == 3:
        number = f"1Z{shipper}{service[1:]}{tracking[2:]}"
    else:
        return ""
    return number if len(number) == 18 and not digits.fault("ups", number[2:]) else ""
