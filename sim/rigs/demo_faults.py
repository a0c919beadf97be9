"""Demo faults: three faults on the way of a demonstration, each announced when it begins and when it is taken away.

Comes in: a running plant. Goes out: mischief at its doors and in its chutes, announcements by `say`.
Never here: how the controller takes it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from sim.doors.scanner_pty import PtyScanner
from sim.rigs.demo_feed import Progress
from sim.rigs.plant import RunningPlant, plug
from sim.sheets import Sheets

CHUTE_FULL_MS: Final = 8_000
SCANNER_OUT_MS: Final = 3_000
LINK_FROZEN_MS: Final = 3_000
# When each begins, in per cent of the parcels fed.
CHUTE_FULL_AT, SCANNER_OUT_AT, LINK_FROZEN_AT = 15, 45, 70

Say = Callable[..., None]


class DemoFaults:
    """The default faults of a run."""

    def __init__(self, running: RunningPlant, progress: Progress, files: dict[str, bytes], say: Say) -> None:
        self._running = running
        self._plant = running.plant
        self._progress = progress
        self._sheets = Sheets(files)
        self._say = say

    async def run(self) -> None:
        """Each at its time; on a short run they overlap. Returns when the last one is over."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._chute_full())
            group.create_task(self._scanner_out())
            group.create_task(self._link_frozen())

    async def _when_fed(self, per_cent: int) -> None:
        await self._running.until(lambda: self._progress.count * 100 >= len(self._plant.parcels) * per_cent)

    async def _chute_full(self) -> None:
        await self._when_fed(CHUTE_FULL_AT)
        chute = self._busiest_with_an_alternate()
        chutes = self._plant.line.chutes
        chutes.absent.add(chute)
        chutes.fill(chute)
        what = f"chute {chute} full and nobody there"
        self._announce("fault_begins", f"chute {chute}", what)
        await self._running.for_ms(CHUTE_FULL_MS)
        chutes.absent.discard(chute)
        chutes.empty(chute)
        self._announce("fault_ends", f"chute {chute}", what)

    def _busiest_with_an_alternate(self) -> int:
        planned = [self._sheets.chutes(parcel.waybill) for parcel in self._plant.parcels.values()]
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

    async def _link_frozen(self) -> None:
        await self._when_fed(LINK_FROZEN_AT)
        plc = self._plant.machine.plc_id
        what = f"link to PLC {plc} frozen half-open"
        self._announce("fault_begins", f"plc {plc}", what)
        self._running.doors.modbus.freeze()
        await self._running.for_ms(LINK_FROZEN_MS)
        self._running.doors.modbus.thaw()
        self._announce("fault_ends", f"plc {plc}", what)

    def _announce(self, kind: str, name: str, what: str) -> None:
        told: dict[str, Any] = {kind: {"name": name, "what": what, "wall_ns": time.time_ns()}}
        self._say(**told)
