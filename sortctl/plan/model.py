"""Plan, compiled: parcel -> rule -> destination -> the group of chutes on each sorter.

Dictionaries and one bisection, nothing that can raise.
Comes in: what `plan/load.py` has checked. Goes out: answers. Never here: files, problems.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from sortctl.plan.asked import Asked, Match
from sortctl.plan.ranges import Ranges
from sortctl.site.model import Machine
from sortctl.site.problem import Problem
from sortctl.words.causes import Balance
from sortctl.words.parcels import ParcelRecord


class Group(Struct, frozen=True, gc=False):
    """The chutes of one destination on one sorter, the planned one first, and how parcels are spread over them."""

    chutes: tuple[int, ...] = ()
    balance: Balance = Balance.FIXED


NOWHERE: Final = Group()
EVERY_SORTER: Final = ""
"""In the place of a sorter: the group of every sorter for which none is named."""


def chutes_of(machines: Iterable[Machine]) -> dict[str, frozenset[int]]:
    """Sorter -> the numbers of its chutes."""
    return {machine.sorter_id: frozenset(chute.number for chute in machine.chutes) for machine in machines}


def settle(
    groups: Mapping[tuple[str, str], Group], known: Mapping[str, frozenset[int]]
) -> dict[tuple[str, str], Group]:
    """Groups of these sorters only: one for every sorter becomes one for each that has all of its chutes, and none of its own."""
    settled: dict[tuple[str, str], Group] = {}
    for (sorter, destination), group in groups.items():
        if sorter in known:
            settled[sorter, destination] = group
        elif sorter == EVERY_SORTER:
            for name, chutes in known.items():
                if (name, destination) not in groups and chutes.issuperset(group.chutes):
                    settled[name, destination] = group
    return settled


class Plan:
    """One sort plan in force."""

    __slots__ = ("_countries", "_destinations", "_groups", "_parcels", "warnings")

    def __init__(
        self,
        parcels: Mapping[str, ParcelRecord],
        countries: Mapping[str, Ranges[Match]],
        groups: Mapping[tuple[str, str], Group],
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self._parcels = dict(parcels)
        self._countries = dict(countries)
        self._groups = dict(groups)
        self._destinations = tuple(dict.fromkeys(destination for _, destination in groups))
        self.warnings = warnings

    def on(self, machines: Iterable[Machine]) -> "Plan":
        """The same plan for these machines: no group has a chute that its sorter lacks because none was named for it."""
        return Plan(self._parcels, self._countries, settle(self._groups, chutes_of(machines)), self.warnings)

    def parcel(self, waybill: str) -> ParcelRecord | None:
        """The expected parcel with this waybill."""
        return self._parcels.get(waybill)

    def match(self, asked: Asked) -> Match | None:
        """The most specific rule that fits."""
        ranges = self._countries.get(asked.country)
        return ranges.find(asked.postcode) if ranges is not None else None

    def group(self, sorter: str, destination: str) -> Group:
        """Where the destination is on this sorter; an empty group if it is nowhere there."""
        found = self._groups.get((sorter, destination))
        return found if found is not None else self._groups.get((EVERY_SORTER, destination), NOWHERE)

    def chutes(self, sorter: str, destination: str) -> tuple[int, ...]:
        """The planned chute on this sorter, then the alternates in their order; () if the destination is nowhere there."""
        return self.group(sorter, destination).chutes

    @property
    def waybills(self) -> tuple[str, ...]:
        """Every expected parcel, in the order of the file."""
        return tuple(self._parcels)

    @property
    def destinations(self) -> tuple[str, ...]:
        """Every destination, in the order of the file."""
        return self._destinations
