"""The wire rig: the real daemon as a process of its own, against plants in real time, over loopback and pseudo terminals.

Comes in: a site folder, a story, a seed. Goes out: the referee's verdict. The site is copied with fast belts, with the
addresses of our doors and with certificates where its links are secured; the story is the same as on the virtual rig, its
upsets become real ones. Runs that a story compares are left out: the clock is real, and no two runs are alike.
Whatever happens, no process, no pseudo terminal and no folder is left behind, unless the folder was asked for.
Never here: a call into the controller.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sim.claims import read_claims
from sim.doors.opcua.locks import Locks
from sim.hub.staging import Staging, as_it_is
from sim.plant import Plant
from sim.play import Asked, Runs, Stage, StoryUnfit, opening, seed_of, together
from sim.referee import Referee, Verdict
from sim.rigs.daemon import Daemon, DaemonTrouble
from sim.rigs.doors import doors_of
from sim.rigs.fast_site import write_fast_copy
from sim.rigs.hub.calls import Calls
from sim.rigs.hub.parcel_data import furnish_parcels, furnish_told
from sim.rigs.journal_rows import journal_rows
from sim.rigs.keys import furnish_keys, locks_of
from sim.rigs.plant import RunningPlant
from sim.rigs.upsets import Upsets
from sim.scenario import REST_S, Script, Story
from sim.sheets import Sheets
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.units import NS_PER_S

EMPTY_WITHIN_S: Final = 60.0
"""The belt's length or three laps, a slide and every wait of the controller, several times over."""
SPANS_AT_MOST: Final = 3
"""Inducts stand still now and then; a run that takes longer than this hangs."""
READY_NS: Final = 10 * NS_PER_S
"""Until the list of parcels is imported on a busy computer. A run that begins later than meant is judged by when it began."""
LEAD_S: Final = 2
"""Until the daemon stands."""
RESTS: Final = 3
"""A loop needs some laps where a line needs its length."""


class Places(NamedTuple):
    """The folders of one run."""

    site: Path
    state: Path
    machines: Path
    """Certificates and keys of the simulated machines."""
    log: Path


class Furnished(NamedTuple):
    """What stands ready for a run."""

    places: Places
    loaded: LoadedSite
    """The fast copy."""
    locks: Mapping[str, Locks]

    def daemon(self) -> Daemon:
        """The controller that is to run it."""
        return Daemon(self.places.site, self.places.state, self.places.log)

    def staged(self, staging: Staging, wall_s: int) -> "Furnished":
        """The same with what a story needs beside for this moment on the wall, written over what is there."""
        files = self.loaded.files
        for name, data in staging(files, wall_s).items():
            if files.get(name) != data:
                self.places.site.joinpath(name).write_bytes(data)
        return self._replace(loaded=load_site(self.places.site))

    def running(self, plant: Plant, seed: int) -> RunningPlant:
        """`plant` behind its doors."""
        return RunningPlant(plant, doors_of(plant, seed, self.locks))


def play(site: Path, story: Story, seed: int, parcels: int, sorter: str = "", keep: Path | None = None) -> Verdict:
    """One story, once. With `keep`, its folder stays there. Raises StoryUnfit."""
    with folder(keep) as place:
        return asyncio.run(run(site, story, Asked(seed, parcels, sorter), place))


async def run(site: Path, story: Story, asked: Asked, place: Path) -> Verdict:
    """One story in the folder `place`."""
    if story.virtual:
        raise StoryUnfit(f"{story.name} sets the clock on the wall, which is not ours to set here")
    made = make(site, place)
    begins_ns, staged_s = opening(made.loaded, story, asked, time.time_ns() + READY_NS)
    ready = made.staged(story.site, staged_s)
    stage = Stage(ready.loaded, story, asked._replace(wall_s=begins_ns // NS_PER_S))
    before = {machine.sorter_id: machine.sorter.speed_mm_s for machine in load_site(site).machines}
    scripts = {name: _at_pace(script, before[name], ready) for name, script in stage.scripts(stage.disturbed).items()}
    plants = {
        machine.sorter_id: Plant(machine, seed_of(asked.seed, number), scripts[machine.sorter_id].setup)
        for number, machine in enumerate(ready.loaded.machines)
    }
    running = {name: ready.running(plant, asked.seed) for name, plant in plants.items()}
    furnish_told(ready.loaded.files, tuple(scripts.values()), place / "parcels.csv", ready.places.state)
    if story.minute_at:
        await asyncio.sleep(begins_ns / NS_PER_S - LEAD_S - time.time())
    await _perform(running, ready.daemon(), scripts, _longest_s(scripts, ready.loaded))
    return judge(plants.values(), scripts, ready.loaded, ready.places.state)


def judge(plants: Iterable[Plant], scripts: Runs, loaded: LoadedSite, state: Path) -> Verdict:
    """The truth of the plants against the journal in `state`."""
    claims, sheets = read_claims(journal_rows(state)), Sheets(loaded.files)
    names = ((plant, plant.machine.sorter_id) for plant in plants)
    return together({name: Referee(plant, claims, scripts[name], sheets).judge() for plant, name in names})


def furnish(site: Path, place: Path) -> Furnished:
    """The same as `make`, with the parcels of the site in the state folder."""
    ready = make(site, place).staged(as_it_is, int(time.time()))
    furnish_parcels(ready.places.site, ready.places.state)
    return ready


def make(site: Path, place: Path) -> Furnished:
    """A fast copy of `site` whose doors are ours, a state folder, keys for both sides, a name for the log."""
    places = Places(place / "site", place / "state", place / "machines", place / "sortctl.log")
    places.state.mkdir(parents=True)
    write_fast_copy(site, places.site, load_site(site), place)
    loaded = load_site(places.site)
    places.machines.mkdir()
    furnish_keys(loaded, places.site, places.state, places.machines)
    return Furnished(places, loaded, locks_of(loaded, places.machines))


@contextmanager
def folder(keep: Path | None) -> Iterator[Path]:
    """A folder for one run: a new one that goes at the end, or the one that is to be kept."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise FileExistsError(f"{keep} is not empty: a run is kept in a folder of its own")
        yield keep.resolve()
        return
    place = Path(tempfile.mkdtemp(prefix="sortctl-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _at_pace(script: Script, site_mm_s: int, ready: Furnished) -> Script:
    """What a fault of so many seconds may cost where more parcels pass in a second."""
    ours_mm_s = ready.loaded.machines[0].sorter.speed_mm_s
    missed = (1_000 - script.expect.sorted_least) * ours_mm_s // site_mm_s
    expect = script.expect._replace(sorted_least=max(1_000 - missed, 0))
    return script._replace(expect=expect, in_real_time=True)


def _longest_s(scripts: Runs, loaded: LoadedSite) -> float:
    """No run takes longer than this, unless it hangs."""
    speeds = {machine.sorter_id: machine.sorter.speed_mm_s * 1_000 for machine in loaded.machines}
    ways_um = {
        name: sum(fed.gap_um + fed.parcel.length_um for fed in script.setup.feed) for name, script in scripts.items()
    }
    span_s = max(way_um / speeds[name] for name, way_um in ways_um.items())
    upsets_ns = [upset.at_ns for script in scripts.values() for upset in script.upsets]
    upsets_ns += [call.when.at_ns for script in scripts.values() for call in script.calls]
    return SPANS_AT_MOST * max(span_s, max(upsets_ns, default=0) / NS_PER_S) + RESTS * REST_S + EMPTY_WITHIN_S


async def _perform(running: Mapping[str, RunningPlant], daemon: Daemon, scripts: Runs, within_s: float) -> None:
    # The daemon first: it must live with doors that are not there yet.
    try:
        await daemon.start()
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            others = [group.create_task(plant.run()) for plant in running.values()]
            others.append(group.create_task(daemon.guard()))
            upsets = [
                group.create_task(Upsets(plant, daemon, scripts[name].upsets).run()) for name, plant in running.items()
            ]
            there = asyncio.Lock()
            for name in running:
                calls = Calls(name, running, daemon, there)
                calls.begin()
                upsets.append(group.create_task(calls.run(scripts[name].calls)))
            for plant in running.values():
                await at_rest(plant)
            for upset in upsets:
                await upset
            await daemon.until(is_empty, EMPTY_WITHIN_S, "close every passage")
            await daemon.stop()
            for task in others:
                task.cancel()
    except* DaemonTrouble as troubles:
        raise troubles.exceptions[0] from None
    finally:
        await daemon.kill()


async def at_rest(running: RunningPlant) -> None:
    """Returns when everything was fed and nothing moves any more."""
    plant = running.plant
    await running.until(lambda: plant.feeder.empty and plant.at_rest)


def is_empty(status: dict[str, object]) -> bool:
    """The controller has closed every passage and taken every event."""
    controller = status["controller"]
    assert isinstance(controller, dict)
    linked = all(plc["linked"] and plc["holds_epoch"] for plc in controller["plcs"])
    return linked and all(line["on_sorter"] == 0 for line in controller["lines"])
