"""The wire rig: the real daemon as a process of its own, against a plant in real time, over loopback and pseudo terminals.

Comes in: a site folder, a story, a seed. Goes out: the referee's verdict. The site is copied with a fast belt and with the
addresses of our doors; the story is the same as on the virtual rig, its upsets become real ones.
Whatever happens, no process, no pseudo terminal and no folder is left behind, unless the folder was asked for.
Never here: a call into the controller.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sim.claims import read_claims
from sim.doors.ports import free_ports
from sim.plant import Plant
from sim.referee import Referee, Verdict
from sim.rigs.daemon import Daemon, DaemonTrouble
from sim.rigs.fast_line import addresses, ports_wanted, write_fast_copy
from sim.rigs.journal_rows import journal_rows
from sim.rigs.plant import RunningPlant, doors_of
from sim.rigs.upsets import Upsets
from sim.scenario import REST_S, Draft, Script, Story
from sim.sheets import Sheets
from sim.world.parcel import Place
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.units import NS_PER_S

RESTING: Final = frozenset({Place.CHUTE, Place.HAND})
EMPTY_WITHIN_S: Final = 30.0
"""The belt's length, a slide and every wait of the controller, several times over."""
SPANS_AT_MOST: Final = 3
"""Inducts stand still now and then; a run that takes longer than this hangs."""


class Places(NamedTuple):
    """The folders of one run."""

    site: Path
    state: Path
    log: Path


def play(site: Path, story: Story, seed: int, parcels: int, keep: Path | None = None) -> Verdict:
    """One story, once. With `keep`, its folder stays there."""
    with folder(keep) as place:
        return asyncio.run(run(site, story, seed, parcels, place))


async def run(site: Path, story: Story, seed: int, parcels: int, place: Path) -> Verdict:
    """One story in the folder `place`."""
    places = furnish(site, place)
    loaded = load_site(places.site)
    machine, sheets = loaded.machines[0], Sheets(loaded.files)
    draft = Draft(machine, sheets, seed, parcels)
    script = _at_pace(story.write(draft), load_site(site).machines[0].sorter.speed_mm_s, machine.sorter.speed_mm_s)
    plant = Plant(machine, seed, script.setup)
    running = RunningPlant(plant, doors_of(plant, seed))
    within_s = SPANS_AT_MOST * draft.span_ns / NS_PER_S + REST_S + EMPTY_WITHIN_S
    await _perform(running, Daemon(*places), script, within_s)
    return judge(plant, script, loaded, places.state)


def judge(plant: Plant, script: Script, loaded: LoadedSite, state: Path) -> Verdict:
    """The truth of `plant` against the journal in `state`."""
    return Referee(plant, read_claims(journal_rows(state)), script, Sheets(loaded.files)).judge()


def furnish(site: Path, place: Path) -> Places:
    """A fast copy of `site` whose doors are ours, an empty state folder, a name for the log."""
    machine = load_site(site).machines[0]
    places = Places(place / "site", place / "state", place / "sortctl.log")
    places.state.mkdir(parents=True)
    write_fast_copy(site, places.site, machine, addresses(machine, free_ports(ports_wanted(machine)), place))
    return places


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


def _at_pace(script: Script, site_mm_s: int, ours_mm_s: int) -> Script:
    """What a fault of so many seconds may cost where more parcels pass in a second."""
    missed = (1_000 - script.expect.sorted_least) * ours_mm_s // site_mm_s
    return script._replace(expect=script.expect._replace(sorted_least=max(1_000 - missed, 0)))


async def _perform(running: RunningPlant, daemon: Daemon, script: Script, within_s: float) -> None:
    # The daemon first: it must live with doors that are not there yet.
    try:
        await daemon.start()
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            others = [group.create_task(running.run()), group.create_task(daemon.guard())]
            upsets = group.create_task(Upsets(running, daemon, script.upsets).run())
            await at_rest(running)
            await upsets
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
    await running.until(lambda: plant.feeder.empty)
    await running.until(lambda: all(parcel.place in RESTING for parcel in plant.parcels.values()))


def is_empty(status: dict[str, object]) -> bool:
    """The controller has closed every passage and taken every event."""
    controller = status["controller"]
    assert isinstance(controller, dict)
    linked = all(plc["linked"] and plc["holds_epoch"] for plc in controller["plcs"])
    return linked and all(line["on_sorter"] == 0 for line in controller["lines"])
