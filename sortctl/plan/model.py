"""Plan, compiled: parcel -> rule -> destination -> chutes. Dictionaries and one bisection, nothing that can raise.

Comes in: what `plan/load.py` has checked. Goes out: answers. Never here: files, problems.
"""

from collections.abc import Mapping

from msgspec import Struct

from sortctl.plan.ranges import Ranges
from sortctl.site.problem import Problem


class Parcel(Struct, frozen=True, gc=False):
    """What is known of a parcel beforehand. The postcode is in capitals, without spaces."""

    waybill: str
    country: str
    postcode: str


class Match(Struct, frozen=True, gc=False):
    """The rule that won, and its destination."""

    rule: str
    destination: str


class Plan:
    """One sort plan in force."""

    __slots__ = ("_chutes", "_countries", "_parcels", "warnings")

    def __init__(
        self,
        parcels: Mapping[str, Parcel],
        countries: Mapping[str, Ranges[Match]],
        chutes: Mapping[str, tuple[int, ...]],
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self._parcels = dict(parcels)
        self._countries = dict(countries)
        self._chutes = dict(chutes)
        self.warnings = warnings

    def parcel(self, waybill: str) -> Parcel | None:
        """The expected parcel with this waybill."""
        return self._parcels.get(waybill)

    def match(self, parcel: Parcel) -> Match | None:
        """The most specific rule for the parcel's country and postcode."""
        ranges = self._countries.get(parcel.country)
        return ranges.find(parcel.postcode) if ranges is not None else None

    def chutes(self, destination: str) -> tuple[int, ...]:
        """The planned chute, then the alternates in their order; () for a destination nobody knows."""
        return self._chutes.get(destination, ())

    @property
    def waybills(self) -> tuple[str, ...]:
        """Every expected parcel, in the order of the file."""
        return tuple(self._parcels)

    @property
    def destinations(self) -> tuple[str, ...]:
        """Every destination, in the order of the file."""
        return tuple(self._chutes)
