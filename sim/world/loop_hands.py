"""Loop hands: what people and breakdowns do to a loop, when the moment has come.

Comes in: a list of deeds, each bound to a moment, to a parcel at its induct, or to a parcel that reaches a place. Goes out:
the loop, its carriers and its scanners, changed. Never here: mischief on the wires.
"""

from functools import partial

from sim.world.deeds import (
    BeltFault,
    Deed,
    Desert,
    DirtyWindow,
    DoubleLoad,
    Lay,
    LoopDeed,
    MissInduct,
    Remove,
    Slip,
    Swap,
)
from sim.world.loop import Loop, Mishap
from sim.world.parcel import Parcel, Place
from sim.world.scanners import Scanners
from sim.world.timetable import Timetable
from sortctl.words.units import NS_PER_MS


class LoopHands:
    """Waits for each deed's moment."""

    def __init__(self, loop: Loop, scanners: Scanners, parcels: dict[int, Parcel], deeds: tuple[Deed, ...]) -> None:
        self._loop = loop
        self._scanners = scanners
        self._parcels = parcels
        self._timetable = Timetable()
        self._placed: list[Remove | Slip | Swap] = []
        self._at_induct: list[MissInduct | DoubleLoad] = []
        self.done: list[Deed] = []
        for deed in deeds:
            if not isinstance(deed, LoopDeed):
                raise TypeError(f"{deed} cannot be done to a loop")
            self._await(deed)

    def _await(self, deed: LoopDeed) -> None:
        if isinstance(deed, Remove | Slip | Swap):
            self._placed.append(deed)
        elif isinstance(deed, MissInduct):
            self._loop.mishaps[deed.number] = Mishap(deed.lands)
            self._at_induct.append(deed)
        elif isinstance(deed, DoubleLoad):
            self._loop.mishaps[deed.number] = Mishap("double", deed.parcel)
            self._parcels[deed.parcel.number] = deed.parcel
            self._at_induct.append(deed)
        else:
            self._timetable.add(deed.at_ns, partial(self._break, deed))

    def act(self, now_ns: int) -> None:
        """Do what is due; once a scan."""
        self._timetable.keep(now_ns)
        for deed in [deed for deed in self._at_induct if deed.number not in self._loop.mishaps]:
            self._at_induct.remove(deed)
            self.done.append(deed)
        for placed in [deed for deed in self._placed if self._reached(deed)]:
            self._placed.remove(placed)
            self._do(placed)

    def _break(self, deed: Desert | DirtyWindow | BeltFault | Lay) -> None:
        self.done.append(deed)
        loop = self._loop
        if isinstance(deed, Desert):
            loop.chutes.desert(deed.chute)
        elif isinstance(deed, DirtyWindow):
            self._scanners.cover_window(deed.scanner)
            wiped_ns = deed.at_ns + deed.ms * NS_PER_MS
            self._timetable.add(wiped_ns, partial(self._scanners.wipe_window, deed.scanner))
        elif isinstance(deed, BeltFault):
            loop.faulty[deed.carrier] = deed.says
            if deed.ms:
                self._timetable.add(deed.at_ns + deed.ms * NS_PER_MS, partial(loop.faulty.pop, deed.carrier, None))
        else:
            deed.parcel.touched = True
            self._parcels[deed.parcel.number] = deed.parcel
            loop.put(deed.parcel, loop.free_carrier(deed.at_mm * 1_000))

    def _reached(self, deed: Remove | Slip | Swap) -> bool:
        """The middle has come to the place, and so many laps more, since the parcel was put on its carrier."""
        parcel = self._parcels[deed.number + 1 if isinstance(deed, Swap) else deed.number]
        if parcel.place is not Place.BELT:
            return False
        way_um = self._loop.belt.um - parcel.base_belt_um
        length_um = self._loop.length_um
        return way_um >= (deed.at_mm * 1_000 - parcel.base_um) % length_um + deed.after_laps * length_um

    def _do(self, deed: Remove | Slip | Swap) -> None:
        parcel = self._parcels[deed.number]
        if parcel.place is not Place.BELT:
            return
        if isinstance(deed, Remove):
            self._loop.take_off(parcel, known=deed.known)
        elif isinstance(deed, Slip):
            self._loop.slip(parcel)
        else:
            self._loop.swap(parcel, self._parcels[deed.number + 1])
        self.done.append(deed)
