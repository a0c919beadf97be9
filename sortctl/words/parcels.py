"""Parcels: what the hub was told of a parcel before it came, and what may still change while it moves.

A record is what the host, customs and people said, as the newest word of each stands; it decides nothing. Weights in g,
sizes in mm, moments in whole seconds of UTC since 1970 (0: not said). Texts are bounded by whoever takes them in.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class CustomsState(StrEnum):
    """Where a parcel stands with customs. Only RELEASED may go to a domestic chute. Unknown is not released."""

    UNKNOWN = "unknown"
    NOT_LODGED = "not_lodged"
    LODGED = "lodged"
    """Registered, a reference number is there."""
    ASSESSED = "assessed"
    """The assessment before loading is complete: may be loaded for export or transit, is not released for import."""
    INFORMATION_REQUESTED = "information_requested"
    SCREENING_REQUESTED = "screening_requested"
    DO_NOT_LOAD = "do_not_load"
    """Outranks everything: stop, isolate, alarm."""
    UNDER_CONTROL = "under_control"
    """Documents or goods are to be inspected."""
    RELEASED = "released"
    REFUSED = "refused"
    SEIZED = "seized"
    """Customs custody only; no operator may override."""


class Declaration(StrEnum):
    """Kind of customs declaration."""

    NONE = ""
    H7 = "h7"
    """EU low value."""
    H6 = "h6"
    """EU postal."""
    H1 = "h1"
    """EU full declaration."""
    TRANSIT = "transit"
    EXPORT = "export"
    RETURN = "return"
    DOMESTIC = "domestic"
    """Union or home goods: customs has nothing to say."""


class ParcelRecord(Struct, frozen=True, gc=False, omit_defaults=True):
    """Everything known of one parcel."""

    waybill: str
    ids: tuple[str, ...] = ()
    """Other codes that mean this parcel."""
    tenant: str = ""
    """Platform or merchant."""
    country: str = ""
    postcode: str = ""
    """In capitals, without spaces."""
    service: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    declaration: Declaration = Declaration.NONE
    customs: CustomsState = CustomsState.UNKNOWN
    customs_at_s: int = 0
    """Moment of the newest word of customs."""
    customs_by: str = ""
    """Message or person it came from."""
    customs_conflict: bool = False
    """Two sources contradict each other about the same moment, or a change came that no procedure knows."""
    goods: str = ""
    """First digits of the tariff number (HS), for selection."""
    value_cents: int = 0
    hold: str = ""
    """Security or host hold: who and why; empty: none."""
    intercept: str = ""
    """Business intercept: why; empty: none."""
    departure: str = ""
    """The departure that it is booked on; empty: the next that its destination has."""
    due_s: int = 0
    """Promised at the door by then."""
    stop: int = 0
    """Its turn on the route that delivers it, from 1; 0: not said."""


class Zone(StrEnum):
    """Customs zone of what leaves by a chute."""

    OPEN = ""
    """Not under customs' eye: a hub without customs."""
    DOMESTIC = "domestic"
    """Free circulation: only released parcels."""
    BONDED = "bonded"
    """Onward under customs control: transit, export, another bonded place."""
    CUSTODY = "custody"
    """Customs hold, inspection, refused, seized; also reject and overflow chutes inside the controlled area."""


RECORD_CODES_MAX: Final = 8
"""Other codes of one parcel."""
