"""Demo: a simulated hub with mischief, sorted by the real controller, before your eyes. `python -m sim demo`.

Three processes: this one shows and supervises; the plant and the controller are its children, joined by Modbus TCP, OPC
UA, a pseudo terminal and TCP streams only. Comes in: how many parcels, a seed, which faults. Goes out: a live screen or plain
lines, the referee's table, the story of one parcel. Exit 0 only if nothing was missorted or unaccounted for.
Never here: the plant, the controller.
"""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.live import Live

from sim.rigs.daemon import DaemonTrouble
from sim.rigs.plant_child import PlantChild, PlantGone
from sim.rigs.wire import EMPTY_WITHIN_S, Places, folder, furnish, is_empty
from sim.show.results import faults_table, last_word, passes, referee_table
from sim.show.screen import picture, plain_line, plain_news, view_of
from sim.show.tally import Tally

SITE: Final = Path(__file__).resolve().parents[1] / "config" / "demo"
DRAW_S: Final = 0.25
PLAIN_LINE_S: Final = 5.0
STALLED_S, SECONDS_A_PARCEL_AT_MOST = 60.0, 0.5
"""A run that takes longer hangs: four times the time it should take, and a minute."""
EXIT_FAILED: Final = 1
EXIT_TROUBLE: Final = 70


@click.command("demo", short_help="The whole hub with mischief, before your eyes.")
@click.option("--parcels", type=click.IntRange(1, 100_000), default=600, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--faults", type=click.Choice(["default", "none"]), default="default", show_default=True)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep site, journal and logs here.")
@click.option(
    "--site", type=click.Path(exists=True, file_okay=False, path_type=Path), default=SITE, help="Another hub."
)
def command(parcels: int, seed: int, faults: str, keep: Path | None, site: Path) -> None:
    """A simulated line and loop and the real controller; four faults on the way; the truth at the end."""
    console = Console(highlight=False)
    try:
        with folder(keep) as place:
            demo = Demo(site, place, parcels, console)
            holds = asyncio.run(_interruptible(demo.run(("--seed", str(seed), "--faults", faults))))
            if keep is not None:
                console.print(f"Site, journal and logs are kept in {place}", soft_wrap=True)
    except (DaemonTrouble, PlantGone, FileExistsError, TimeoutError) as trouble:
        console.print(str(trouble), markup=False, style="red", soft_wrap=True)
        sys.exit(EXIT_TROUBLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped.")
        sys.exit(128 + signal.SIGINT)
    sys.exit(0 if holds else EXIT_FAILED)


async def _interruptible(running: Any) -> bool:
    task = asyncio.ensure_future(running)
    # SIGTERM too must not leave children behind.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    holds: bool = await task
    return holds


class Demo:
    """One demonstration."""

    def __init__(self, site: Path, place: Path, parcels: int, console: Console) -> None:
        self._console = console
        ready = furnish(site, place)
        self._places: Places = ready.places
        self._view = view_of(ready.loaded)
        self._tally = Tally(parcels, time.time_ns())
        self._daemon = ready.daemon()
        self._plant_log = place / "plant.log"
        self._parcels = parcels

    async def run(self, arguments: tuple[str, ...]) -> bool:
        """The whole of it; True if it holds."""
        plant = PlantChild(
            self._places.site,
            self._plant_log,
            ("--parcels", str(self._parcels), "--keys", str(self._places.machines), *arguments),
        )
        try:
            await plant.start()
            await self._daemon.start()
            await self._watch(plant)
            await self._daemon.stop()
            figures = await plant.judge(self._places.state)
        finally:
            await self._daemon.kill()
            await plant.close()
        self._tell(figures)
        return passes(figures)

    async def _watch(self, plant: PlantChild) -> None:
        within_s = STALLED_S + SECONDS_A_PARCEL_AT_MOST * self._parcels
        try:
            async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
                others = [group.create_task(run) for run in (self._follow(), self._show(), self._daemon.guard())]
                await plant.listen_until("empty", self._tally.hear_plant)
                # The plant goes on ticking while the controller closes its last passages.
                others.append(group.create_task(plant.listen_until("never", self._tally.hear_plant)))
                await self._daemon.until(is_empty, EMPTY_WITHIN_S, "close every passage")
                for task in others:
                    task.cancel()
        except* (DaemonTrouble, PlantGone) as troubles:
            raise troubles.exceptions[0] from None

    async def _follow(self) -> None:
        while True:
            async for told in self._daemon.feed(self._tally.last_row):
                self._tally.hear_controller(told)
            await asyncio.sleep(DRAW_S)

    async def _show(self) -> None:
        if self._console.is_terminal:
            await self._show_live()
        else:
            await self._show_plain()

    async def _show_live(self) -> None:
        with Live(console=self._console, auto_refresh=False, transient=False) as live:
            with suppress(asyncio.CancelledError):
                while True:
                    self._draw(live)
                    await asyncio.sleep(DRAW_S)
            self._draw(live)

    def _draw(self, live: Live) -> None:
        self._tally.now_ns = time.time_ns()
        live.update(picture(self._tally, self._view, *self._console.size), refresh=True)

    async def _show_plain(self) -> None:
        told, next_s = 0, 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._tally.now_ns = time.time_ns()
            for news in list(self._tally.news)[told:]:
                self._console.print(plain_news(self._tally, news.wall_ns, news.text), markup=False, soft_wrap=True)
            told = len(self._tally.news)
            if loop.time() >= next_s:
                next_s = loop.time() + PLAIN_LINE_S
                self._console.print(plain_line(self._tally), markup=False, soft_wrap=True)
            await asyncio.sleep(DRAW_S)

    def _tell(self, figures: dict[str, Any]) -> None:
        self._tally.now_ns = time.time_ns()
        print_ = self._console.print
        if not self._console.is_terminal:
            print_(plain_line(self._tally), markup=False, soft_wrap=True)
        if self._tally.troubles:
            print_(faults_table(self._tally))
        print_(referee_table(figures))
        if self._tally.told_of:
            print_(f"One parcel, told by sortctl trace {self._tally.told_of}:", markup=False)
            self._trace(self._tally.told_of)
        print_(last_word(figures, self._tally), soft_wrap=True)

    def _trace(self, waybill: str) -> None:
        sys.stdout.flush()
        arguments = [sys.executable, "-m", "sortctl", "trace", waybill, "--state", str(self._places.state)]
        subprocess.run(arguments, check=False)
