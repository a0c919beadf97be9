"""Plant in real time: a simulated sorter behind its doors, one PLC scan after another, by the clock on the wall.

Comes in: a `Plant`, the addresses in its site file. Goes out: open doors, telegrams, the truth in `plant`.
The machine's clock never runs to catch up: when this process was held up, the belt stood still as well, and everything
that a controller can measure still fits together. How long it stood is counted.
Never here: what the plant does, which fault begins when.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sim.plant import Plant
from sim.rigs.doors import Doors
from sortctl.words.units import NS_PER_MS, NS_PER_S

HELD_UP_SCANS: Final = 2
"""A scan that comes later than this many scans is not caught up."""
OWNER_WORD: Final = 13


class RunningPlant:
    """A plant whose time is ours."""

    def __init__(self, plant: Plant, doors: Doors) -> None:
        self.plant = plant
        self.doors = doors
        self.stood_still_ns = 0
        self._was_up = True
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def run(self) -> None:
        """Until cancelled; the doors are closed then."""
        loop = asyncio.get_running_loop()
        scan_s = self.plant.machine.plc.scan_ms / 1000
        await self.doors.open()
        try:
            due = loop.time()
            while True:
                due += scan_s
                late = loop.time() - due
                if late > HELD_UP_SCANS * scan_s:
                    self.stood_still_ns += int(late * NS_PER_S)
                    due += late
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._scan()
        finally:
            await self.doors.end()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns after the first scan at which this holds."""
        if not holds():
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((holds, future))
            await future

    async def for_ms(self, ms: int) -> None:
        """So much time of the machine."""
        until_ns = self.plant.now_ns + ms * NS_PER_MS
        await self.until(lambda: self.plant.now_ns >= until_ns)

    @property
    def owned(self) -> bool:
        """A controller holds the line."""
        return self.plant.plc_up and self.plant.plc.read_inputs()[OWNER_WORD] != 0

    async def _scan(self) -> None:
        plant = self.plant
        plant.advance(plant.now_ns + plant.machine.plc.scan_ms * NS_PER_MS)
        for telegram in plant.take_telegrams():
            self.doors.scanners[telegram.scanner].send(telegram.data)
        for scan in plant.take_reader_scans():
            await self.doors.readers[scan.reader].nodes.send_codes(scan.codes)
        if plant.plc_up != self._was_up:
            self._was_up = plant.plc_up
            if plant.plc_up:
                await self.doors.exchange.open()
            else:
                self.doors.exchange.close()
        for holds, future in list(self._waiting):
            if holds():
                self._waiting.remove((holds, future))
                if not future.done():
                    future.set_result(None)
