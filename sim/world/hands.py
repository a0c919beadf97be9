"""Hands: what people and breakdowns do to a line, when the moment has come.

Comes in: a list of deeds, each bound to a moment or to a parcel that reaches a place. Goes out: the world and the PLC,
changed. Never here: mischief on the wires (that is data of the story, carried out by the rig or at a door).
"""

from functools import partial

from sim.world.deeds import (
    Add,
    BeltFault,
    Deed,
    Desert,
    DirtyWindow,
    DoubleLoad,
    Lay,
    LineDeed,
    MissInduct,
    Remove,
    Slip,
    Stick,
    Swap,
)
from sim.world.line import Line
from sim.world.parcel import Parcel, Place
from sim.world.scanners import Scanners
from sim.world.timetable import Timetable
from sortctl.words.units import NS_PER_MS

__all__ = [
    "Add",
    "BeltFault",
    "Deed",
    "Desert",
    "DirtyWindow",
    "DoubleLoad",
    "Hands",
    "Lay",
    "MissInduct",
    "Remove",
    "Slip",
    "Stick",
    "Swap",
]


class Hands:
    """Waits for each deed's moment."""

    def __init__(self, line: Line, scanners: Scanners, parcels: dict[int, Parcel], deeds: tuple[Deed, ...]) -> None:
        self._line = line
        self._scanners = scanners
        self._parcels = parcels
        self._timetable = Timetable()
        self._placed: list[Remove | Add | Swap] = []
        self.done: list[Deed] = []
        for deed in deeds:
            if not isinstance(deed, LineDeed):
                raise TypeError(f"{deed} cannot be done to a line")
            if isinstance(deed, Stick | Desert | DirtyWindow):
                self._timetable.add(deed.at_ns, partial(self._break, deed))
            else:
                self._placed.append(deed)

    def act(self, now_ns: int) -> None:
        """Do what is due; once a scan."""
        self._timetable.keep(now_ns)
        if self._placed:
            ripe = [deed for deed in self._placed if self._reached(deed)]
            for deed in ripe:
                self._placed.remove(deed)
                self._do(deed)

    def _break(self, deed: Stick | Desert | DirtyWindow) -> None:
        self.done.append(deed)
        if isinstance(deed, Stick):
            self._line.stuck.add(deed.chute)
            self._timetable.add(deed.at_ns + deed.ms * NS_PER_MS, partial(self._line.stuck.discard, deed.chute))
        elif isinstance(deed, DirtyWindow):
            self._scanners.cover_window(deed.scanner)
            wiped_ns = deed.at_ns + deed.ms * NS_PER_MS
            self._timetable.add(wiped_ns, partial(self._scanners.wipe_window, deed.scanner))
        else:
            self._line.chutes.desert(deed.chute)

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
