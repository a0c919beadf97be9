"""Upsets on the wire: what a script wishes upon wires and boxes, done at real doors and to a real process.

Comes in: a script's upsets, a running plant, a daemon. Goes out: mischief, each at its time of the machine.
Never here: what must come of it.
"""

import asyncio
from collections.abc import Iterable

from sim.doors.opcua_door import OpcUaDoor
from sim.rigs.daemon import Daemon
from sim.rigs.doors import plug
from sim.rigs.plant import RunningPlant
from sim.scenario import (
    BusyPlc,
    FreezeExchange,
    FullSessions,
    Garbage,
    KillController,
    RestartPlc,
    UnplugScanner,
    Upset,
)
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
                await self._treat("busy", upset.ms)
            case FullSessions():
                await self._fill_sessions(upset)
            case UnplugScanner():
                await self._unplug(upset)
            case Garbage():
                self._running.doors.scanners[upset.scanner].noise(upset.data)
            case KillController():
                await self._kill(upset)

    async def _freeze(self, upset: FreezeExchange) -> None:
        if upset.fate == "late":
            self._running.doors.exchange.freeze(new_as_well=True)
            await self._running.for_ms(upset.ms)
            self._running.doors.exchange.thaw()
        else:
            await self._treat("unanswered" if upset.fate == "now" else "dropped", upset.ms)

    async def _treat(self, what: str, ms: int) -> None:
        lift = self._running.doors.lay(what)
        await self._running.for_ms(ms)
        lift()

    async def _fill_sessions(self, upset: FullSessions) -> None:
        door = self._running.doors.exchange
        if isinstance(door, OpcUaDoor):
            most, door.manners.sessions_max = door.manners.sessions_max, 0
            await self._running.for_ms(upset.ms)
            door.manners.sessions_max = most

    async def _unplug(self, upset: UnplugScanner) -> None:
        door = self._running.doors.heads[upset.scanner]
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
