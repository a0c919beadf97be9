"""Demo faults: faults on the way of a demonstration, each announced when it begins and when it is taken away.

Comes in: running plants. Goes out: mischief at their doors and in their chutes, announcements by `say`. A line has a chute
that nobody empties, a scanner that is unplugged and a link that falls silent; a loop has a link that falls silent.
Never here: how the controller takes it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from sim.doors.scanner_pty import PtyScanner
from sim.rigs.demo_feed import Progress
from sim.rigs.doors import plug
from sim.rigs.plant import RunningPlant
from sim.sheets import Sheet

CHUTE_FULL_MS: Final = 8_000
SCANNER_OUT_MS: Final = 3_000
LINK_FROZEN_MS: Final = 3_000
# When each begins, in per cent of the parcels fed.
CHUTE_FULL_AT, SCANNER_OUT_AT, LINK_FROZEN_AT = 15, 45, 70
LOOP_LINK_FROZEN_AT = 40

Say = Callable[..., None]


class DemoFaults:
    """The default faults of one sorter."""

    def __init__(self, running: RunningPlant, progress: Progress, sheet: Sheet, say: Say) -> None:
        self._running = running
        self._plant = running.plant
        self._progress = progress
        self._sheet = sheet
        self._say = say

    async def run(self) -> None:
        """Each at its time; on a short run they overlap. Returns when the last one is over."""
        is_loop = self._plant.machine.sorter.kind == "loop"
        async with asyncio.TaskGroup() as group:
            group.create_task(self._link_frozen(LOOP_LINK_FROZEN_AT if is_loop else LINK_FROZEN_AT))
            if not is_loop:
                group.create_task(self._chute_full())
                group.create_task(self._scanner_out())

    async def _when_fed(self, per_cent: int) -> None:
        await self._running.until(lambda: self._progress.count * 100 >= len(self._plant.parcels) * per_cent)

    async def _chute_full(self) -> None:
        await self._when_fed(CHUTE_FULL_AT)
        chute = self._busiest_with_an_alternate()
        chutes = self._plant.world.chutes
        chutes.absent.add(chute)
        chutes.fill(chute)
        what = f"chute {chute} full and nobody there"
        name = f"chute {chute} of {self._plant.machine.sorter_id}"
        self._announce("fault_begins", name, what)
        await self._running.for_ms(CHUTE_FULL_MS)
        chutes.absent.discard(chute)
        chutes.empty(chute)
        self._announce("fault_ends", name, what)

    def _busiest_with_an_alternate(self) -> int:
        planned = [self._sheet.chutes(parcel.waybill) for parcel in self._plant.parcels.values()]
        counted = [exits[0] for exits in planned if len(exits) > 1]
        return max(sorted(set(counted)), key=counted.count)

    async def _scanner_out(self) -> None:
        await self._when_fed(SCANNER_OUT_AT)
        doors = self._running.doors.scanners
        name, door = next(item for item in sorted(doors.items()) if isinstance(item[1], PtyScanner))
        what = f"scanner {name} unplugged"
        self._announce("fault_begins", f"scanner {name}", what)
        door.close()
        await self._running.for_ms(SCANNER_OUT_MS)
        await plug(door)
        self._announce("fault_ends", f"scanner {name}", what)

    async def _link_frozen(self, per_cent: int) -> None:
        await self._when_fed(per_cent)
        plc = self._plant.machine.plc_id
        wire = "Modbus TCP" if self._plant.machine.plc.wire == "modbus" else "OPC UA"
        what = f"{wire} link to PLC {plc} frozen half-open"
        self._announce("fault_begins", f"plc {plc}", what)
        self._running.doors.exchange.freeze()
        await self._running.for_ms(LINK_FROZEN_MS)
        self._running.doors.exchange.thaw()
        self._announce("fault_ends", f"plc {plc}", what)

    def _announce(self, kind: str, name: str, what: str) -> None:
        told: dict[str, Any] = {kind: {"name": name, "what": what, "wall_ns": time.time_ns()}}
        self._say(**told)
