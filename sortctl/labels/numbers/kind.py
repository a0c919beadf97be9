"""Kind: one way a number can look, and what it then is. The built-in table and a site's own table are both made of these.

Comes in: a text that has the shape. Goes out: a `Finding`: its parts and what is wrong. Never here: which kinds there are
(`numbers/carriers.py`), which of several findings is believed (`numbers/judging.py`).
"""

from typing import Final

from msgspec import Struct

from sortctl.labels.countries import country, postcode
from sortctl.labels.label import NOWHERE, Routing, Severity, Use
from sortctl.labels.numbers import digits
from sortctl.labels.numbers.shape import Shape


class Kind(Struct, frozen=True):
    """One row of the table. One name may have several rows."""

    name: str
    issuer: str
    shape: Shape
    check: str = ""
    severity: Severity = Severity.WARN
    sure: bool = True
    """The shape alone is evidence. Else only a right check digit is, and a wrong one says that it is another kind."""
    aims: str = ""
    """Code characters of the symbologies it is printed in, as far as that tells it from others; "" for any."""
    use: Use = Use.PARCEL
    home: str = ""
    """The destination country where the number is for one country only."""
    role: str = ""
    """The role that the number itself has beside being the waybill: sscc, awb."""

    own: bool = False
    """From the site's table."""

    def fits(self, aim: str) -> bool:
        """Whether a scanner that named this symbology may have read this kind."""
        return not self.aims or not aim or aim[1:2] in self.aims


class Finding(Struct, frozen=True):
    """What a kind makes of a text."""

    kind: Kind
    why: str
    ids: tuple[tuple[str, str], ...]
    routing: Routing


_ROUTING_ROLES: Final = ("country", "postcode", "service", "checked")


def find(kind: Kind, text: str) -> Finding | None:
    """What `kind` makes of `text`; nothing if it has another shape."""
    parts = kind.shape.match(text)
    if parts is None:
        return None
    why = digits.fault(kind.check, parts.get("checked") or parts.get("waybill") or text)
    ids = tuple((role, part) for role, part in parts.items() if part and role not in _ROUTING_ROLES)
    if kind.role:
        ids = (*ids, (kind.role, parts.get("waybill") or parts.get("checked") or text))
    routing = NOWHERE
    if kind.home or "country" in parts or "postcode" in parts or "service" in parts:
        where = country(parts.get("country", "")) if "country" in parts else kind.home
        if not where and "country" in parts:
            why = why or f"no country has the code {parts['country']}"
        routing = Routing(where, postcode(where, parts.get("postcode", "")), parts.get("service", ""))
    return Finding(kind, why, ids, routing)
