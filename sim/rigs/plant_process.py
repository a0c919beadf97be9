"""Plant process: the simulated line of a site as a program of its own, joined to the controller by its doors only.

    python -m sim plant SITE --parcels 600 --seed 1 --faults default

Comes in: a site folder; on standard input the word `judge` with the state folder of the controller, or the end.
Goes out: on standard output one JSON object a line: {"ready"}, {"fed", "on_belt"} ten times a second, {"fault_begins"},
{"fault_ends"}, {"empty"} when everything has come to rest, {"verdict"} when asked. Ends with its standard input.
Never here: what a person sees.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from sim.plant import Plant, Setup
from sim.rigs.demo_faults import DemoFaults
from sim.rigs.demo_feed import Progress, feed
from sim.rigs.plant import RunningPlant, doors_of
from sim.rigs.wire import at_rest, judge
from sim.scenario import Expectation, Script
from sim.sheets import Sheets
from sim.world.feeder import Fed, Feeder
from sim.world.scanners import Habits
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.units import NS_PER_MS

TICK_MS: Final = 100
READY_MS: Final = 500
"""After the line has an owner: time for the owner to read the chutes."""
HABITS: Final = Habits(no_read=30, dirty=8)
"""Now and then a scanner misses a label, and eight labels in a thousand nobody can read."""
OPERATORS_S: Final = (3, 10)
"""The line is faster than any real one, so its operators are too."""
SORTED_LEAST: Final = 500
"""A short run may have all its faults at once."""


def say(**told: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


@click.command("plant", short_help="The simulated line alone, behind its doors.")
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--parcels", type=click.IntRange(1, 1_000_000), default=600, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--faults", type=click.Choice(["default", "none"]), default="default", show_default=True)
def command(site: Path, parcels: int, seed: int, faults: str) -> None:
    """Run the plant of SITE at the addresses in its site file until standard input ends; feed once it has an owner."""
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(_run(load_site(site), parcels, seed, mischief=faults == "default"))


async def _run(loaded: LoadedSite, parcels: int, seed: int, *, mischief: bool) -> None:
    machine = loaded.machines[0]
    script = Script(
        Setup(habits=HABITS, operators_s=OPERATORS_S), expect=Expectation(sorted_least=SORTED_LEAST, lost_most=0)
    )
    plant = Plant(machine, seed, script.setup)
    running = RunningPlant(plant, doors_of(plant, seed))
    fed = feed((parcel.waybill for parcel in Sheets(loaded.files).parcels), machine, parcels, seed)
    plant.parcels.update((one.parcel.number, one.parcel) for one in fed)
    progress = Progress(fed)
    faults = DemoFaults(running, progress, loaded.files, say)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(running.run(), name="plant"),
            group.create_task(_perform(running, fed, faults if mischief else None), name="feed and faults"),
            group.create_task(_tick(running, progress), name="ticks"),
        ]
        say(ready=True)
        await _obey(lambda state: judge(plant, script, loaded, state).figures)
        for task in tasks:
            task.cancel()


async def _perform(running: RunningPlant, fed: list[Fed], faults: DemoFaults | None) -> None:
    """Everything that is to be fed, once the line has an owner; done when faults are over and all has come to rest."""
    async with asyncio.TaskGroup() as group:
        if faults is not None:
            group.create_task(faults.run(), name="faults")
        group.create_task(_feed(running, fed), name="feed")
    say(empty=True)


async def _feed(running: RunningPlant, fed: list[Fed]) -> None:
    plant = running.plant
    await running.until(lambda: running.owned)
    await running.for_ms(READY_MS)
    plant.feeder = Feeder(plant.line, fed, plant.line.belt.um)
    await at_rest(running)


async def _tick(running: RunningPlant, progress: Progress) -> None:
    plant = running.plant
    while True:
        belt_um = plant.line.belt.um
        lying = [parcel.front(belt_um) // 1_000 for parcel in plant.line.on_belt.values()]
        say(fed=progress.count, on_belt=lying, stood_still_ms=running.stood_still_ns // NS_PER_MS)
        await running.for_ms(TICK_MS)


async def _obey(judgement: Callable[[Path], dict[str, Any]]) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while words := (await reader.readline()).decode().split(maxsplit=1):
        if words[0] == "judge":
            say(verdict=judgement(Path(words[1].strip())))
