"""Label: what one code is: kind, issuer, ids by role, what it says of the destination, and what is wrong with it.

Goes out: `Label`, its parts and their vocabulary. Two questions stay apart: `valid` says whether anything is wrong,
`usable` whether the rules let it pass all the same. An S10 number names its issuer, never a destination.
Never here: how a code is read (`labels/read.py`), which of several is the waybill (`labels/choose.py`).
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

UNKNOWN: Final = "unknown"
"""The kind of a code that nothing here recognises. It is no fault: what the hub expects decides, not a pattern."""
WAYBILL: Final = "waybill"
"""The role of the number by which its carrier knows the parcel, where that is not the whole text."""


class Severity(StrEnum):
    """What follows from a wrong check digit or a broken structure."""

    IGNORE = "ignore"
    """It is noted, nothing else."""
    WARN = "warn"
    """It is taken, and said."""
    REFUSE = "refuse"
    """It counts as misread, unless the hub knows exactly this text."""


class Use(StrEnum):
    """What a code can stand for."""

    PARCEL = "parcel"
    ROUTING = "routing"
    """Says only where to: it is no parcel's number."""
    UNIT = "unit"
    """A bag, a container: more than one parcel."""
    PRODUCT = "product"
    """What is in the parcel, seen through its wrapping."""


class Routing(Struct, frozen=True, omit_defaults=True):
    """Where a label says that its parcel goes. "" is not said. Country in two letters, postcode without filling zeros."""

    country: str = ""
    postcode: str = ""
    service: str = ""


NOWHERE: Final = Routing()


class Label(Struct, frozen=True, omit_defaults=True):
    """One code, read. `text` has no spaces and line ends around it, and no identifier in front."""

    kind: str
    text: str
    issuer: str = ""
    """The carrier; of a postal number the country of the issuing post; "" where the number does not say."""
    why: str = ""
    """What is wrong, in words; "" for nothing."""
    severity: Severity = Severity.IGNORE
    """Of what is wrong; means nothing where nothing is."""
    use: Use = Use.PARCEL
    ids: tuple[tuple[str, str], ...] = ()
    """(role, text) in the order of the code: waybill, sscc, shipper, ..."""
    routing: Routing = NOWHERE
    others: tuple[str, ...] = ()
    """Other kinds that the text may be as well. A number of twelve digits has several fathers."""
    sure: bool = True
    """The shape alone tells the kind. Else only a check digit does, which one random number in ten has."""

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.why

    @property
    def usable(self) -> bool:
        """Whether it may name a parcel that the hub does not know."""
        return not self.why or self.severity is not Severity.REFUSE

    @property
    def waybill(self) -> str:
        """The number to look the parcel up by, first of all. No part is cut out of what may be another kind altogether."""
        return (self.id(WAYBILL) if self.sure else "") or self.text

    def id(self, role: str) -> str:
        """What stands in this role, "" for nothing."""
        return next((text for name, text in self.ids if name == role), "")

    def names(self) -> tuple[str, ...]:
        """Every text under which the hub may know the parcel, the likeliest first, each once."""
        found = dict.fromkeys((self.text, self.waybill))
        for role, text in self.ids:
            if role == WAYBILL:
                found[text] = None
            found.update(dict.fromkeys(_spellings(role, text)))
        return tuple(found)


def _spellings(role: str, text: str) -> tuple[str, ...]:
    """Hosts write an SSCC with its application identifier or without, an air waybill with a hyphen or without."""
    if role == "sscc":
        return ("00" + text, text)
    if role == "licence_plate":
        return ("J" + text, text)
    if role == "awb":
        return (f"{text[:3]}-{text[3:]}", text)
    return ()
