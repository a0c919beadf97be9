"""Feed: parcels for one sorter of the hub, evenly over a time; each comes to the half of its loop in which its chute is.

Comes in: a machine, what the plan says of its parcels, how many in how long. Goes out: parcels with gaps. A hub at its limit
feeds that way: what would ride past the other inducts takes their carriers away. Never here: time.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from sim.sheets import Expected, Sheet
from sim.world.feeder import Fed
from sim.world.parcel import Parcel
from sortctl.site.model import Machine

LENGTH_MOST_MM: Final = 400
JITTER_PERCENT: Final = 40
LINE_GAP_MM: Final = 300


class HubFeed:
    """Goes on over the steps: no label is fed twice before the list of parcels is through."""

    def __init__(self, machine: Machine, sheet: Sheet, supply: list[Expected], seed: int) -> None:
        self._machine, self._sheet = machine, sheet
        self._supply = supply
        self._chance = Random(f"{seed} hub {machine.sorter_id}")
        self._number = 0
        self._chutes = {chute.number: chute.position_mm for chute in machine.chutes}

    def plan(self, parcels: int, seconds: float) -> list[Fed]:
        """So many in so long."""
        way_um = int(self._machine.sorter.speed_mm_s * 1_000 * seconds) // max(parcels, 1)
        # One early, one late: the row as a whole is neither.
        spread_um = way_um * JITTER_PERCENT // 100
        drawn = [self._chance.randint(-spread_um, spread_um) for _ in range((parcels + 1) // 2)]
        early_late = [sign * each for each in drawn for sign in (-1, 1)]
        return list(self._fed([way_um + each for each in early_late[:parcels]]))

    def _fed(self, ways_um: list[int]) -> Iterator[Fed]:
        sorter = self._machine.sorter
        for way_um in ways_um:
            self._number += 1
            waybill = self._supply[self._number % len(self._supply)].waybill
            length_um = self._chance.randint(sorter.length_min_mm, LENGTH_MOST_MM) * 1_000
            is_line = sorter.kind == "line"
            gap_um = max(way_um - length_um, LINE_GAP_MM * 1_000) if is_line else way_um
            yield Fed(Parcel(self._number, waybill, (waybill,), length_um), gap_um, self._induct(waybill))

    def _induct(self, waybill: str) -> int:
        inducts = sorted(self._machine.sorter.inducts, key=lambda induct: induct.position_mm)
        if self._machine.sorter.kind == "line":
            return inducts[0].number
        half_mm = self._machine.loop.length_mm // 2
        planned = self._sheet.chutes(waybill)
        second = bool(planned) and self._chutes[planned[0]] >= half_mm
        group = [induct.number for induct in inducts if (induct.position_mm >= half_mm) == second]
        return group[self._number % len(group)]
