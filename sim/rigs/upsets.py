"""Upsets on the wire: what a script wishes upon wires and boxes, done at real doors and to a real process.

Comes in: a script's upsets, a running plant, a daemon. Goes out: mischief, each at its time of the machine.
Never here: what must come of it.
"""

import asyncio
from collections.abc import Iterable

from sim.faults import at_modbus
from sim.rigs.daemon import Daemon
from sim.rigs.plant import RunningPlant, plug
from sim.scenario import BusyPlc, FreezeExchange, Garbage, KillController, RestartPlc, UnplugScanner, Upset
from sortctl.words.units import NS_PER_MS


class Upsets:
    """Everything that goes wrong in one run."""

    def __init__(self, running: RunningPlant, daemon: Daemon, upsets: Iterable[Upset]) -> None:
        self._running = running
        self._daemon = daemon
        self._upsets = sorted(upsets, key=lambda upset: upset.at_ns)

    async def run(self) -> None:
        """Each at its time; they may overlap. Returns when the last one is over."""
        async with asyncio.TaskGroup() as group:
            for upset in self._upsets:
                await self._running.until(lambda at_ns=upset.at_ns: self._running.plant.now_ns >= at_ns)  # type: ignore[misc]
                group.create_task(self._begin(upset), name=type(upset).__name__)

    async def _begin(self, upset: Upset) -> None:
        match upset:
            case RestartPlc():
                self._running.plant.restart_plc(upset.ms, belt_stops=upset.belt_stops)
            case FreezeExchange():
                await self._freeze(upset)
            case BusyPlc():
                await self._treat(at_modbus.refused(), upset.ms)
            case UnplugScanner():
                await self._unplug(upset)
            case Garbage():
                self._running.doors.scanners[upset.scanner].noise(upset.data)
            case KillController():
                await self._kill(upset)

    async def _freeze(self, upset: FreezeExchange) -> None:
        if upset.fate == "late":
            self._running.doors.modbus.freeze(new_as_well=True)
            await self._running.for_ms(upset.ms)
            self._running.doors.modbus.thaw()
        else:
            await self._treat(at_modbus.UNANSWERED if upset.fate == "now" else at_modbus.DROPPED, upset.ms)

    async def _treat(self, treatment: at_modbus.Treatment, ms: int) -> None:
        mischief = self._running.doors.modbus.mischief
        laid = mischief.lay(treatment)
        await self._running.for_ms(ms)
        mischief.lift(laid)

    async def _unplug(self, upset: UnplugScanner) -> None:
        door = self._running.doors.scanners[upset.scanner]
        if door.plugged:  # another upset may have it out already; who took it out puts it back
            door.close()
            await self._running.for_ms(upset.ms)
            await plug(door)

    async def _kill(self, upset: KillController) -> None:
        if self._daemon.running:
            await self._daemon.kill()
            await self._running.for_ms(upset.ms)
            await self._daemon.start()


def last_ns(upsets: Iterable[Upset]) -> int:
    """When the last upset begins."""
    return max((upset.at_ns for upset in upsets), default=0) + NS_PER_MS
