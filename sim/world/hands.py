"""Hands: what people and breakdowns do to a line, when the moment has come.

Comes in: a list of deeds, each bound to a moment or to a parcel that reaches a place. Goes out: the world and the PLC,
changed. Never here: mischief on the wires (that is data of the story, carried out by the rig or at a door).
"""

from typing import NamedTuple

from sim.world.line import Line
from sim.world.parcel import Parcel, Place


class Remove(NamedTuple):
    """Parcel `number` is taken away when its front has come to `at_mm`."""

    number: int
    at_mm: int


class Add(NamedTuple):
    """`parcel` is put into the middle of the gap behind parcel `behind` when the front of the next has come to `at_mm`."""

    parcel: Parcel
    behind: int
    at_mm: int


class Swap(NamedTuple):
    """Parcels `number` and `number` + 1 change places when the front of the second has come to `at_mm`."""

    number: int
    at_mm: int


class Stick(NamedTuple):
    """The pusher of `chute` does not move from `at_ns` for `ms`."""

    at_ns: int
    chute: int
    ms: int


class Desert(NamedTuple):
    """At `at_ns` the chute is full to the brim, and nobody comes."""

    at_ns: int
    chute: int


Deed = Remove | Add | Swap | Stick | Desert
NS_PER_MS = 1_000_000


class Hands:
    """Waits for each deed's moment."""

    def __init__(self, line: Line, parcels: dict[int, Parcel], deeds: tuple[Deed, ...]) -> None:
        self._line = line
        self._parcels = parcels
        self._timed = sorted((deed for deed in deeds if isinstance(deed, Stick | Desert)), key=lambda deed: deed.at_ns)
        self._placed = [deed for deed in deeds if not isinstance(deed, Stick | Desert)]
        self._freed: list[tuple[int, int]] = []
        self.done: list[Deed] = []

    def act(self, now_ns: int) -> None:
        """Do what is due; once a scan."""
        while self._timed and self._timed[0].at_ns <= now_ns:
            self._break(self._timed.pop(0))
        if self._freed and self._freed[0][0] <= now_ns:
            _, chute = self._freed.pop(0)
            self._line.stuck.discard(chute)
        if self._placed:
            ripe = [deed for deed in self._placed if self._reached(deed)]
            for deed in ripe:
                self._placed.remove(deed)
                self._do(deed)

    def _break(self, deed: Stick | Desert) -> None:
        self.done.append(deed)
        if isinstance(deed, Stick):
            self._line.stuck.add(deed.chute)
            self._freed.append((deed.at_ns + deed.ms * NS_PER_MS, deed.chute))
            self._freed.sort()
        else:
            self._line.chutes.absent.add(deed.chute)
            self._line.chutes.fill(deed.chute)

    def _reached(self, deed: Remove | Add | Swap) -> bool:
        if isinstance(deed, Remove):
            key = deed.number
        else:
            key = (deed.behind if isinstance(deed, Add) else deed.number) + 1
        parcel = self._parcels[key]
        return parcel.place is Place.BELT and parcel.front(self._line.belt.um) >= deed.at_mm * 1_000

    def _do(self, deed: Remove | Add | Swap) -> None:
        if isinstance(deed, Remove):
            self._line.take_off(self._parcels[deed.number])
        elif isinstance(deed, Swap):
            first, second = self._parcels[deed.number], self._parcels[deed.number + 1]
            if first.place is not Place.BELT:
                return
            self._line.swap(first, second)
        elif not self._add(deed):
            return
        self.done.append(deed)

    def _add(self, deed: Add) -> bool:
        belt_um = self._line.belt.um
        ahead, after = self._parcels[deed.behind], self._parcels.get(deed.behind + 1)
        if after is None or ahead.place is not Place.BELT:
            return False
        from_um, to_um = after.front(belt_um), ahead.front(belt_um) - ahead.length_um
        deed.parcel.touched = True
        self._parcels[deed.parcel.number] = deed.parcel
        self._line.put(deed.parcel, (from_um + to_um + deed.parcel.length_um) // 2)
        return True
