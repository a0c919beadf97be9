"""One machine of the full-size hub as a process of its own: the simulated sorter in real time, behind its doors.

    python -m bench.hub SITE KEYS SORTER

Comes in: on standard input one JSON object a line: {"parcels", "seconds"}, a step each, or {"judge"}, the state folder of the
daemon. Goes out: on standard output one JSON object a line: {"ready"} when the doors are open, {"owned"}, for each step
{"fed"} and {"heard"} when all has come to rest, the verdict. Ends with its standard input.
"""

import asyncio
import gc
import json
import sys
from pathlib import Path
from time import process_time
from typing import Any, Final

from bench.hub.ear import HeardPlant
from bench.hub.feed import HubFeed
from bench.hub.site import hub_locks
from sim.plant import Setup
from sim.rigs.doors import bystanders, doors_of
from sim.rigs.plant import RunningPlant
from sim.rigs.wire import at_rest, judge
from sim.scenario import Expectation, Script
from sim.sheets import Sheets
from sim.world.scanners import Habits
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.units import NS_PER_MS, NS_PER_S

SEED: Final = 7
SETTLE_MS: Final = 1_000
HABITS: Final = Habits(no_read=15)
OPERATORS_S: Final = (3, 10)
"""Belts at twice their speed want quick hands."""
SCRIPT: Final = Script(Setup(habits=HABITS, operators_s=OPERATORS_S), expect=Expectation(900, 0), in_real_time=True)


def say(**told: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Stand:
    """One machine."""

    def __init__(self, loaded: LoadedSite, keys: Path, sorter: str) -> None:
        number = next(at for at, machine in enumerate(loaded.machines) if machine.sorter_id == sorter)
        machine, locks = loaded.machines[number], hub_locks(loaded, keys)
        sheet = Sheets(loaded.files).of(machine)
        self._loaded = loaded
        self._plant = HeardPlant(machine, SEED + number, SCRIPT.setup)
        self._doors = doors_of(self._plant, SEED, locks)
        self._running = RunningPlant(self._plant, self._doors)
        self._feed = HubFeed(machine, sheet, sheet.supply(number, len(loaded.machines)), SEED)
        self._others = bystanders(loaded, SEED, locks) if number == 0 else []

    async def run(self) -> None:
        """Until standard input ends."""
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        self._plant.listen(self._came_ns)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._running.run())
            for door in self._others:
                await door.open()
            await self._running.for_ms(1)
            say(ready=True)
            await self._running.until(lambda: self._running.owned)
            await self._running.for_ms(SETTLE_MS)
            say(owned=True)
            gc.collect()
            gc.freeze()
            while order := await orders.readline():
                await self._obey(json.loads(order))
            task.cancel()
        for door in self._others:
            await door.end()

    async def _obey(self, order: dict[str, Any]) -> None:
        if "judge" in order:
            sorter = self._plant.machine.sorter_id
            say(verdict=judge([self._plant], {sorter: SCRIPT}, self._loaded, Path(order["judge"])).figures)
            return
        plant = self._plant
        began_s, began_ns, stood_ns = process_time(), plant.now_ns, self._running.stood_still_ns
        plant.forget()
        plant.feed(self._feed.plan(order["parcels"], order["seconds"]), plant.world.belt.um)
        await self._running.until(lambda: plant.feeder.empty)
        took_s = (plant.now_ns - began_ns) / NS_PER_S
        stood_ms = (self._running.stood_still_ns - stood_ns) // NS_PER_MS
        say(fed=took_s, stood_ms=stood_ms, cpu_share=(process_time() - began_s) / took_s)
        await at_rest(self._running)
        heard, late = plant.forget()
        say(heard=heard, late=late)

    def _came_ns(self) -> int:
        return int(max(connection.heard_at for connection in self._doors.exchange.connections) * NS_PER_S)


def main() -> None:
    """From the command line."""
    site, keys, sorter = sys.argv[1:]
    asyncio.run(Stand(load_site(Path(site)), Path(keys), sorter).run())


main()
