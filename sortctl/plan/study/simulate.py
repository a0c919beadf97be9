"""Simulate: a day of parcels through a plan before it is in force: load of each chute by the hour, further laps, missed cut-offs.

Comes in: a plan, the exits of each sorter, parcels in the order of their coming. Goes out: an `Outlook`.

Theory. A chute is a vessel: it holds so many parcels and is emptied at so many an hour, evenly. A parcel goes to the first chute of
its group (in the order of its balance) that has room for it, then to the alternates, then the overflow of the plan. If none has room it
rides another lap on a loop while it has laps left; after that, and on a line at once, it is turned away to where the site sends what
no chute takes. Belts, gaps, reads and hands are not played: that is what the simulator of the plant is for.
Never here: a clock, chance. Moments are in s of UTC, levels in thousandths of a parcel.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Final

from msgspec import Struct

from sortctl.plan.asked import Asked
from sortctl.plan.model import Group, Plan
from sortctl.words.causes import Balance

HOUR_S: Final = 3_600
WHOLE: Final = 1_000
"""One parcel."""
IN_TURN: Final = frozenset({Balance.ROUND_ROBIN, Balance.SEQUENCE})
"""Stops are as many as parcels here. Chutes of a pool are taken as the group of each destination, filled one after the other."""


class ChuteRoom(Struct, frozen=True):
    """What a chute holds, and how many parcels an hour are taken out of it."""

    capacity: int
    cleared_per_h: int


class Belt(Struct, frozen=True):
    """A sorter. `lap_s` 0: a line, nothing comes round again."""

    exits: dict[int, ChuteRoom]
    lap_s: int = 0
    laps_max: int = 0


class Coming(Struct, frozen=True, gc=False):
    """One parcel: when it is decided, on which sorter ("": dealt out in turn), what the plan is asked, its departure if it has one."""

    at_s: int
    asked: Asked
    sorter: str = ""
    departure: str = ""


class ChuteLoad(Struct):
    """What came to one chute. `by_hour`: hour since 1970 -> parcels."""

    sorter: str
    chute: int
    parcels: int = 0
    busiest: int = 0
    busiest_hour: int = 0
    turned_away: int = 0
    """Times that it was full for a parcel that wanted it."""
    by_hour: dict[int, int] = {}


class Outlook(Struct):
    """What would happen. `judged`: parcels that have a departure; those of them that reach their chute after its cut-off."""

    parcels: int = 0
    sorted: int = 0
    not_planned: int = 0
    """Of the sorted: into another chute than the first of the group, because that was full."""
    no_rule: int = 0
    nowhere: int = 0
    """Their destination has no chute on their sorter."""
    turned_away: int = 0
    rode_on: int = 0
    """Parcels with one further lap or more."""
    laps: int = 0
    riding_max: int = 0
    """At most so many at once on a further lap."""
    judged: int = 0
    missed: int = 0
    missed_by: dict[str, int] = {}
    """Departure -> parcels."""
    chutes: list[ChuteLoad] = []

    @property
    def recirculating(self) -> float:
        """Share of parcels that ride a further lap because their chutes are full."""
        return self.rode_on / self.parcels if self.parcels else 0.0


CutOff = Callable[[Coming, str], tuple[str, int] | None]
"""Of a parcel and its destination: the departure and the moment by which it must be in its chute; None: there is none."""


class _Vessel:
    """One chute while parcels come and go."""

    __slots__ = ("at_s", "full", "level", "load", "rate")

    def __init__(self, room: ChuteRoom, load: ChuteLoad) -> None:
        self.full = room.capacity * WHOLE
        self.rate = room.cleared_per_h * WHOLE
        self.load = load
        self.level = 0
        self.at_s = 0

    def level_at(self, at_s: int) -> int:
        """What is still in it; asked with moments that never go back."""
        if at_s > self.at_s:
            self.level = max(0, self.level - (at_s - self.at_s) * self.rate // HOUR_S)
            self.at_s = at_s
        return self.level

    def take(self, at_s: int) -> bool:
        """Whether it has room; then the parcel is in it."""
        if self.level_at(at_s) + WHOLE > self.full:
            self.load.turned_away += 1
            return False
        self.level += WHOLE
        load, hour = self.load, at_s // HOUR_S
        load.parcels += 1
        load.by_hour[hour] = load.by_hour.get(hour, 0) + 1
        return True


class Simulation:
    """One plan, some sorters. Fed once with all parcels."""

    def __init__(self, plan: Plan, belts: Mapping[str, Belt], cut_off: CutOff) -> None:
        self._plan, self._belts, self._cut_off = plan, belts, cut_off
        self._vessels = {
            (sorter, number): _Vessel(room, ChuteLoad(sorter, number))
            for sorter, belt in belts.items()
            for number, room in belt.exits.items()
        }
        self._turns: dict[tuple[str, str], int] = {}
        self._dealt: dict[str, int] = {}
        self._sorters_of: dict[str, tuple[str, ...]] = {}
        self._riding: list[tuple[int, int, int, Coming, str, str, tuple[str, int] | None]] = []
        self._outlook = Outlook(chutes=[vessel.load for vessel in self._vessels.values()])

    def run(self, parcels: Iterable[Coming]) -> Outlook:
        """All of them, in the order of their moments."""
        for coming in parcels:
            while self._riding and self._riding[0][0] <= coming.at_s:
                self._again()
            self._arrive(coming)
        while self._riding:
            self._again()
        for load in self._outlook.chutes:
            if load.by_hour:
                load.busiest_hour, load.busiest = max(load.by_hour.items(), key=lambda each: (each[1], -each[0]))
        return self._outlook

    def _arrive(self, coming: Coming) -> None:
        out = self._outlook
        out.parcels += 1
        match = self._plan.match(coming.asked)
        if match is None:
            out.no_rule += 1
            return
        destination = match.destination
        sorter = coming.sorter or self._deal(destination)
        if sorter not in self._belts or not self._plan.chutes(sorter, destination):
            out.nowhere += 1
            return
        limit = self._cut_off(coming, destination)
        out.judged += limit is not None
        self._place(coming.at_s, 0, coming, sorter, destination, limit)

    def _again(self) -> None:
        at_s, _, laps, coming, sorter, destination, limit = heappop(self._riding)
        self._place(at_s, laps, coming, sorter, destination, limit)

    def _place(
        self, at_s: int, laps: int, coming: Coming, sorter: str, destination: str, limit: tuple[str, int] | None
    ) -> None:
        out, belt = self._outlook, self._belts[sorter]
        group = self._plan.group(sorter, destination)
        for turn, number in enumerate(self._in_order(sorter, destination, group, at_s)):
            vessel = self._vessels.get((sorter, number))
            if vessel is not None and vessel.take(at_s):
                out.sorted += 1
                out.not_planned += turn > 0
                self._turns[sorter, destination] = number
                if limit is not None and at_s >= limit[1]:
                    self._miss(limit[0])
                return
        if laps < belt.laps_max and belt.lap_s:
            out.rode_on += laps == 0
            out.laps += 1
            heappush(self._riding, (at_s + belt.lap_s, out.laps, laps + 1, coming, sorter, destination, limit))
            out.riding_max = max(out.riding_max, len(self._riding))
            return
        out.turned_away += 1
        if limit is not None:
            self._miss(limit[0])

    def _miss(self, departure: str) -> None:
        self._outlook.missed += 1
        missed = self._outlook.missed_by
        missed[departure] = missed.get(departure, 0) + 1

    def _in_order(self, sorter: str, destination: str, group: Group, at_s: int) -> Iterator[int]:
        """The chutes in the order in which they are asked, as `logic` asks them."""
        chutes = group.chutes
        if group.balance is Balance.LEAST_LOADED:
            chutes = tuple(sorted(chutes, key=lambda number: self._vessels[sorter, number].level_at(at_s)))
        elif group.balance is not Balance.FIXED and len(chutes) > 1:
            last = self._turns.get((sorter, destination))
            first = chutes.index(last) + (group.balance in IN_TURN) if last in chutes else 0
            chutes = chutes[first:] + chutes[:first]
        yield from chutes
        yield from group.alternates
        yield from group.overflow

    def _deal(self, destination: str) -> str:
        """In turn to the sorters where the destination has chutes."""
        sorters = self._sorters_of.get(destination)
        if sorters is None:
            sorters = tuple(sorter for sorter in self._belts if self._plan.chutes(sorter, destination))
            self._sorters_of[destination] = sorters
        if not sorters:
            return ""
        turn = self._dealt[destination] = self._dealt.get(destination, -1) + 1
        return sorters[turn % len(sorters)]
