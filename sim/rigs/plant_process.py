"""Plant process: the simulated machines of a site as a program of its own, joined to the controller by their doors only.

    python -m sim plant SITE --parcels 600 --seed 1 --faults default

Comes in: a site folder, a folder of keys for its doors; on standard input the word `judge` with the state folder of the
controller, or the end.
Goes out: on standard output one JSON object a line: {"ready"}, {"sorters"} ten times a second, {"fault_begins"},
{"fault_ends"}, {"empty"} when everything has come to rest, {"verdict"} when asked. Ends with its standard input.
Never here: what a person sees.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from sim.doors.opcua_door import OpcUaDoor
from sim.plant import Plant, Setup
from sim.play import seed_of
from sim.rigs.demo_faults import DemoFaults
from sim.rigs.demo_feed import Progress, feed, shares
from sim.rigs.doors import bystanders, doors_of
from sim.rigs.keys import locks_of
from sim.rigs.plant import RunningPlant
from sim.rigs.wire import at_rest, judge
from sim.scenario import Expectation, Script
from sim.sheets import Sheets
from sim.world.feeder import Fed
from sim.world.scanners import Habits
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.units import NS_PER_MS

TICK_MS: Final = 100
READY_MS: Final = 500
"""After a sorter has an owner: time for the owner to read the chutes."""
HABITS: Final = Habits(no_read=30, dirty=8)
"""Now and then a scanner misses a label, and eight labels in a thousand nobody can read."""
OPERATORS_S: Final = (3, 10)
"""The hub is faster than any real one, so its operators are too."""
SORTED_LEAST: Final = 500
"""A short run may have all its faults at once."""
SCRIPT: Final = Script(
    Setup(habits=HABITS, operators_s=OPERATORS_S),
    expect=Expectation(sorted_least=SORTED_LEAST, lost_most=0),
    clean=False,
)
"""Not clean: labels as on any night, and faults that are no upsets of a script."""


def say(**told: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


@click.command("plant", short_help="The simulated machines alone, behind their doors.")
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--parcels", type=click.IntRange(1, 1_000_000), default=600, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--faults", type=click.Choice(["default", "none"]), default="default", show_default=True)
@click.option(
    "--keys",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Certificates and keys of doors on OPC UA, and in client.der the client that they trust.",
)
def command(site: Path, parcels: int, seed: int, faults: str, keys: Path | None) -> None:
    """Run the machines of SITE at the addresses in its site file until standard input ends; feed each once it has an owner."""
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(_run(load_site(site), parcels, seed, keys, mischief=faults == "default"))


@dataclass(frozen=True)
class Cast:
    """One sorter, what it is to be fed, and what befalls it."""

    running: RunningPlant
    fed: list[Fed]
    progress: Progress
    faults: DemoFaults | None

    @property
    def name(self) -> str:
        """Of the sorter."""
        return self.running.plant.machine.sorter_id

    async def perform(self) -> None:
        """Feed everything once there is an owner; done when faults are over and all has come to rest."""
        async with asyncio.TaskGroup() as group:
            if self.faults is not None:
                group.create_task(self.faults.run(), name=f"faults of {self.name}")
            group.create_task(self._feed(), name=f"feed of {self.name}")

    async def _feed(self) -> None:
        running = self.running
        await running.until(lambda: running.owned)
        await running.for_ms(READY_MS)
        running.plant.feed(self.fed, running.plant.world.belt.um)
        await at_rest(running)

    def shown(self) -> dict[str, Any]:
        """How far it has come, and where what lies on it lies."""
        return {"fed": self.progress.count, "lying_mm": _lying_mm(self.running.plant)}


def _lying_mm(plant: Plant) -> list[int]:
    world, sorter = plant.world, plant.machine.sorter
    places = (parcel.front(world.belt.um) // 1_000 for parcel in world.on_belt.values())
    return [place % plant.machine.loop.length_mm if sorter.kind == "loop" else place for place in places]


async def _run(loaded: LoadedSite, parcels: int, seed: int, keys: Path | None, *, mischief: bool) -> None:
    cast = _cast(loaded, parcels, seed, keys, mischief=mischief)
    scripts = {one.name: SCRIPT for one in cast}
    plants = [one.running.plant for one in cast]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.running.run(), name=f"plant of {one.name}") for one in cast]
        for door in bystanders(loaded, seed, locks_of(loaded, keys)):
            tasks.append(group.create_task(_stand(door), name="a PLC that is only looked at"))
        for one in cast:
            await one.running.for_ms(1)  # its doors are open when its time goes on
        tasks.append(group.create_task(_perform(cast), name="feed and faults"))
        tasks.append(group.create_task(_tick(cast), name="ticks"))
        say(ready=True)
        await _obey(lambda state: judge(plants, scripts, loaded, state).figures)
        for task in tasks:
            task.cancel()


def _cast(loaded: LoadedSite, parcels: int, seed: int, keys: Path | None, *, mischief: bool) -> list[Cast]:
    cast: list[Cast] = []
    sheets, locks = Sheets(loaded.files), locks_of(loaded, keys)
    for number, machine in enumerate(loaded.machines):
        own_seed, sheet = seed_of(seed, number), sheets.of(machine)
        plant = Plant(machine, own_seed, SCRIPT.setup)
        known = (parcel.waybill for parcel in sheet.supply(number, len(loaded.machines)))
        fed = feed(known, machine, shares(loaded, parcels)[machine.sorter_id], seed)
        plant.parcels.update((one.parcel.number, one.parcel) for one in fed)
        running, progress = RunningPlant(plant, doors_of(plant, own_seed, locks)), Progress(fed)
        cast.append(Cast(running, fed, progress, DemoFaults(running, progress, sheet, say) if mischief else None))
    return cast


async def _perform(cast: list[Cast]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in cast:
            group.create_task(one.perform())
    say(empty=True)


async def _stand(door: OpcUaDoor) -> None:
    await door.open()
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await door.end()


async def _tick(cast: list[Cast]) -> None:
    while True:
        stood_ms = sum(one.running.stood_still_ns for one in cast) // NS_PER_MS
        say(sorters={one.name: one.shown() for one in cast}, stood_still_ms=stood_ms)
        await cast[0].running.for_ms(TICK_MS)


async def _obey(judgement: Callable[[Path], dict[str, Any]]) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while words := (await reader.readline()).decode().split(maxsplit=1):
        if words[0] == "judge":
            say(verdict=judgement(Path(words[1].strip())))
