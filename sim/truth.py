"""Truth: which parcel each INDUCTED event of the PLC stands for, and which parcels each item number.

Comes in: the world and what the PLC has just written. Goes out: marks on the parcels (`inducted`, `items`, `merged`,
`unheard`) and, of a loop, the parcels of each item. Never here: what the controller makes of it.
"""

from typing import Protocol

from sim.plc.image import Event
from sim.plc.loop import LoopProgram
from sim.plc.program import Plc
from sim.world.line import Line
from sim.world.loop import Loop
from sim.world.parcel import Parcel
from sortctl.words.units import signed_difference

SAME_BODY_UM = 60_000
"""An INDUCTED count is so near to the front of its parcel: one or two scans of belt."""


class Truth(Protocol):
    """What the plant asks after each scan of the PLC, and when one starts anew."""

    def attribute(self, plc: Plc, at_ns: int) -> None:
        """Who was inducted in this scan."""
        ...

    def forget(self) -> None:
        """The PLC starts anew: who was on his way into its books is not."""
        ...


class LineTruth:
    """Of a line: the parcel whose front was at the eye at the event's count."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def attribute(self, plc: Plc, at_ns: int) -> None:
        """Who was inducted in this scan."""
        for event in plc.inducted:
            self._attribute(event, plc, at_ns)
        plc.inducted.clear()

    def _attribute(self, event: Event, plc: Plc, at_ns: int) -> None:
        line = self._line
        per_metre = line.machine.sorter.counts_per_metre
        ago = signed_difference(plc.log.encoder, event.edge_count)
        front_um = line.belt.um - ago * 1_000_000 // per_metre
        tail_um = front_um + event.value * 1_000
        found = False
        for parcel in line.at_induct:
            at_um = parcel.front_at_induct_um or 0
            if at_um < front_um - SAME_BODY_UM:
                parcel.unheard = True
            elif at_um <= tail_um:
                parcel.merged = found
                parcel.inducted, parcel.inducted_ns = None if found else (plc.boot_id, event.seq), at_ns
                found = True
        line.at_induct = [p for p in line.at_induct if (p.front_at_induct_um or 0) > tail_um]

    def forget(self) -> None:
        """The PLC starts anew: who was at an induct eye was never told."""
        for parcel in self._line.at_induct:
            parcel.unheard = True
        self._line.at_induct.clear()


class LoopTruth:
    """Of a loop: the load that left the induct in this scan, or what lies on the carrier that was found occupied."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.items: dict[tuple[int, int], tuple[int, ...]] = {}
        """(boot_id, item) to the parcels that this number was given for; several: a double load."""

    def attribute(self, plc: Plc, at_ns: int) -> None:
        """Who was inducted in this scan."""
        program = plc.program
        assert isinstance(program, LoopProgram)
        events = {event.point: event for event in plc.inducted}
        for landed in self._loop.landed:
            event = events.get(landed.induct)
            if event is None:
                for parcel in landed.parcels:
                    parcel.unheard = True
            else:
                self._book(landed.parcels, event, plc.boot_id, at_ns)
        for event, point in program.found:
            self._book(self._on_carrier(event, point, plc), event, plc.boot_id, at_ns)
        self._loop.landed.clear()
        plc.inducted.clear()
        program.found.clear()

    def _on_carrier(self, event: Event, point: int, plc: Plc) -> tuple[Parcel, ...]:
        ago = signed_difference(plc.log.encoder, event.edge_count)
        belt_um = self._loop.belt.um - ago * 1_000_000 // self._loop.machine.sorter.counts_per_metre
        carrier, _ = self._loop.carrier_at(self._loop.check_point_um(point), belt_um)
        return tuple(self._loop.on_carrier(carrier))

    def _book(self, parcels: tuple[Parcel, ...], event: Event, boot_id: int, at_ns: int) -> None:
        self.items[boot_id, event.item] = tuple(parcel.number for parcel in parcels)
        for number, parcel in enumerate(parcels):
            parcel.items.append((boot_id, event.item))
            if number:
                parcel.merged = True
            elif parcel.inducted is None:
                parcel.inducted, parcel.inducted_ns = (boot_id, event.seq), at_ns

    def forget(self) -> None:
        """The PLC starts anew: loads that landed while it was off were never told."""
        for landed in self._loop.landed:
            for parcel in landed.parcels:
                parcel.unheard = True
        self._loop.landed.clear()
