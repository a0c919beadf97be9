"""The full-size hub: one daemon with two loops of 500 carriers and 400 chutes on OPC UA, signed and encrypted, and a line on
Modbus TCP; twelve scanners and readers, a fourth PLC that is only observed.

Comes in: how long. Goes out: one table: what it takes at a rate that lasts and at the rate of a burst, how soon orders come, and
what the referee found. The machines are the simulator's, in real time, a process each on the other CPU; the belts run at
5 m/s, so that a hub's rates fit on three sorters. Never here: the machines.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.hub.site import furnish_hub
from bench.quiet import CANDIDATE_CPU, MACHINE_CPU, Watch, cpu_s, rss_mb
from bench.rig import OWNER, Program
from bench.tables import Cell, Table, percentile, tail
from sim.rigs.daemon import Daemon
from sim.rigs.wire import Furnished, is_empty

SUSTAINED, BURST = 50_000, 100_000
"""Parcels an hour, through all sorters together."""
OVER_PERCENT: Final = 4
"""So much more is fed, as a few parcels wait at an induct for a free carrier: the rate that is named is reached."""
LINE_PERCENT: Final = 10
"""What does not fit on a carrier."""
FILLS_S: Final = 20
"""The loops fill up in so long; CPU is counted from then on."""
REST_S: Final = 180.0
OWNED_S: Final = 60.0
EMPTY_S: Final = 20.0


class Effort(NamedTuple):
    """How long to feed."""

    sustained_s: int
    burst_s: int


WHOLE: Final = Effort(180, 60)
QUICK: Final = Effort(30, 25)


class Load(NamedTuple):
    """What one step showed."""

    name: str
    parcels: int
    seconds: float
    cpu_share: float
    rss_mb: float
    heard_us: list[float]
    late: int
    """Parcels that rode past a tunnel without an order."""
    machines: dict[str, Any]
    foreign_share: float


class Hub:
    """The daemon and its machines, running."""

    def __init__(self, ready: Furnished, daemon: Program, machines: dict[str, Program]) -> None:
        self._ready = ready
        self._daemon = daemon
        self._machines = machines
        self._asked = Daemon(ready.places.site, ready.places.state, ready.places.log)

    def step(self, name: str, per_hour: int, seconds: int) -> Load:
        """Feed so many parcels an hour for so long, and wait until everything lies in a chute."""
        parcels = per_hour * seconds * (100 + OVER_PERCENT) // 360_000
        for sorter, machine in self._machines.items():
            machine.tell({"parcels": self._share(sorter, parcels), "seconds": seconds})
        fills_s = min(FILLS_S, seconds // 2)
        time.sleep(fills_s)
        began_s, began, watch = time.monotonic(), cpu_s(self._daemon.pid), Watch()
        fed = {sorter: json.loads(machine.hear(seconds + REST_S)) for sorter, machine in self._machines.items()}
        share = (cpu_s(self._daemon.pid) - began) / (time.monotonic() - began_s)
        rss, foreign = rss_mb(self._daemon.pid), watch.foreign()
        heard = {sorter: json.loads(machine.hear(REST_S)) for sorter, machine in self._machines.items()}
        loops = [one for sorter, one in heard.items() if self._is_loop(sorter)]
        times, late = [each for one in loops for each in one["heard"]], sum(one["late"] for one in loops)
        took_s = max(one["fed"] for one in fed.values())
        return Load(name, parcels, took_s, share, rss, times, late, fed, foreign)

    def left(self) -> dict[str, Any]:
        """What has not gone its way when all is at rest: the status, once every passage is closed or patience ends."""
        until_s = time.monotonic() + EMPTY_S
        while True:
            status = asyncio.run(self._asked.status()) or {}
            if (status and is_empty(status)) or time.monotonic() > until_s:
                return status
            time.sleep(1.0)

    def judge(self) -> dict[str, dict[str, Any]]:
        """The referee's figures of each sorter; the daemon is ended for that."""
        self._daemon.end()
        figures = {}
        for sorter, machine in self._machines.items():
            machine.tell({"judge": str(self._ready.places.state)})
            figures[sorter] = json.loads(machine.hear())["verdict"]
        return figures

    def _is_loop(self, sorter: str) -> bool:
        return self._ready.loaded.site.sorters[sorter].kind == "loop"

    def _share(self, sorter: str, parcels: int) -> int:
        loops = sum(self._is_loop(name) for name in self._machines)
        percent = (100 - LINE_PERCENT) // loops if self._is_loop(sorter) else LINE_PERCENT
        return parcels * percent // 100


@contextmanager
def hub() -> Iterator[Hub]:
    """Everything runs, and the daemon owns every PLC."""
    with tempfile.TemporaryDirectory(prefix="bench-hub-") as name, ExitStack() as ends:
        folder = Path(name)
        ready = furnish_hub(folder, OWNER)
        site, keys, state = (str(path) for path in (ready.places.site, ready.places.machines, ready.places.state))
        machines = {}
        for sorter in ready.loaded.site.sorters:
            (folder / sorter).mkdir()
            machines[sorter] = Program(["bench.hub", site, keys, sorter], MACHINE_CPU, folder / sorter)
            ends.callback(machines[sorter].end)
        for machine in machines.values():
            machine.hear()
        daemon = Program(["sortctl", "run", site, "--state", state], CANDIDATE_CPU, folder)
        ends.callback(daemon.end)
        for machine in machines.values():
            machine.hear(OWNED_S)
        yield Hub(ready, daemon, machines)


def measure(effort: Effort) -> list[Table]:
    """Both tables."""
    with hub() as running:
        loads = [
            running.step("sustained", SUSTAINED, effort.sustained_s),
            running.step("burst", BURST, effort.burst_s),
        ]
        status = running.left()
        figures = running.judge()
    return [_loads(loads), _verdict(status, figures)]


def _loads(loads: Sequence[Load]) -> Table:
    rows = [_row(load) for load in loads]
    columns = (
        "load", "parcels", "parcels/h reached", "daemon CPU %", "MB", "n", "p50 µs", "p99 µs", "p99.9 µs", "max µs",
        "rode on first", "machines' CPU %", "machines stood still ms", "others' CPU %",
    )  # fmt: skip
    note = f"{LINE_PERCENT} % of the parcels on the line, the others on the loops; the belts run at 5 m/s. CPU: of one core, "
    note += f"from {FILLS_S} s after the first parcel until the last is fed. Scan to order: on the loops, of parcels that a "
    note += "scanner told before a reader; from the telegram to the write of the first order at the PLC's socket; rode on first: nobody could read it at its first tunnel, or its chute was full there. A machine that "
    note += "the host holds up stands still for so long; every parcel of it then waits."
    return Table("The full-size hub", columns, rows, note)


def _row(load: Load) -> Sequence[Cell]:
    times = load.heard_us or [0.0]
    return (
        load.name,
        load.parcels,
        load.parcels / load.seconds * 3_600,
        100 * load.cpu_share,
        load.rss_mb,
        len(load.heard_us),
        percentile(times, 50),
        tail(times, 99),
        tail(times, 99.9),
        max(times),
        load.late,
        100 * sum(one["cpu_share"] for one in load.machines.values()),
        max(one["stood_ms"] for one in load.machines.values()),
        100 * load.foreign_share,
    )


def _verdict(status: dict[str, Any], figures: dict[str, dict[str, Any]]) -> Table:
    journal, controller = status["journal"], status["controller"]
    names = ("inducted", "sorted", "rejected", "lost", "missorted", "double_diverted", "unaccounted", "stale_orders")
    rows: list[Sequence[Cell]] = [(sorter, *(told.get(name, 0) for name in names)) for sorter, told in figures.items()]
    orders = sum(plc["orders_waiting"] for plc in controller["plcs"])
    riding = sum(line["on_sorter"] for line in controller["lines"])
    return Table(
        "The full-size hub: what became of the parcels, as the referee saw it",
        ("sorter", *(name.replace("_", " ") for name in names)),
        rows,
        f"At the end: {orders} orders waiting, {journal['waiting']} rows waiting for the disk, {journal['dropped']} dropped, "
        f"{riding} passages open; slowest commit {journal['slowest_commit_us'] / 1_000:.0f} ms.",
    )
