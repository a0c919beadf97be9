"""Rig: the processes of one measurement: machine side on one CPU, candidate on the other.

Comes in: the shape of the site, which candidate. Goes out: verdicts of steps, and what the candidate took. Every process is
started here, ended here, by its id. Never here: what is done with the numbers.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.fast_lines import Door, Shape, Wire, write_site
from bench.keys import give_keys
from bench.machine.manners import Manner
from bench.quiet import CANDIDATE_CPU, MACHINE_CPU, cpu_s, ours, pin, rss_mb
from sim.rigs.hub.parcel_data import furnish_parcels

PATIENCE_S: Final = 60.0
"""Longer than any step: a process that says nothing for so long is ended."""
END_S: Final = 10.0
OWNER: Final = 20_000 + os.getpid() % 40_000
"""Another one for each run of the bench, so that two of them do not stand in each other's way."""


class Broken(Exception):
    """A process of the rig ended or fell silent; the text is what it said last."""


class Program:
    """A child process that talks in lines. Its standard error goes to a file."""

    def __init__(self, argv: list[str], cpu: int, folder: Path) -> None:
        self._errors = folder / f"{Path(argv[0]).name}.err"
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).parents[1],
            )
        self.pid = self._process.pid
        ours.add(self.pid)
        pin(cpu, self.pid)

    def tell(self, told: dict[str, Any]) -> None:
        """One JSON object."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()

    def hear(self, patience_s: float = PATIENCE_S) -> str:
        """The next line."""
        assert self._process.stdout is not None
        clock = threading.Timer(patience_s, self._process.kill)
        clock.start()
        try:
            line = self._process.stdout.readline()
        finally:
            clock.cancel()
        if not line:
            raise Broken(f"{self._process.args!r} ended: {self.errors()}")
        return line

    def errors(self) -> str:
        """The last of what it said on standard error."""
        return self._errors.read_text(encoding="utf-8")[-2000:]

    def end(self) -> None:
        """Ask it to end; then make it. What has ended already is left alone."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        ours.discard(self.pid)


class Step(NamedTuple):
    """What one step showed. `cpu_share` and `rss_mb` are the candidate's."""

    rate: int
    seconds: float
    sent: int
    missing: int
    wrong: int
    orders_failed: int
    spoiled: int
    latencies_us: list[float]
    cpu_share: float
    machine_share: float
    rss_mb: float

    @property
    def is_right(self) -> bool:
        """Every parcel has got its one right order."""
        return not (self.missing or self.wrong or self.orders_failed)


class Side(NamedTuple):
    """One machine side: what stands there, and how it behaves."""

    shape: Shape
    manner: Manner = Manner.WELL


class Rig:
    """Machine sides with a candidate at them. `state` is the daemon's folder."""

    def __init__(self, machines: list[Program], candidate: Program, state: Path) -> None:
        self._machines = machines
        self.candidate = candidate
        self.state = state

    def step(self, rate: int, seconds: float, warm_s: float, beside: int = 0) -> Step:
        """Feed the first machine side at this rate, and judge it; meanwhile the others at the rate `beside`."""
        began_s = cpu_s(self.candidate.pid)
        first, *others = self._machines
        fed = others if beside else []
        for machine in fed:
            machine.tell({"rate": beside, "seconds": seconds, "warm_s": warm_s})
        first.tell({"rate": rate, "seconds": seconds, "warm_s": warm_s})
        told = json.loads(first.hear(PATIENCE_S + seconds + warm_s))
        for machine in fed:
            machine.hear(PATIENCE_S)
        wall_s = seconds + warm_s
        return Step(
            rate=rate,
            seconds=seconds,
            cpu_share=(cpu_s(self.candidate.pid) - began_s) / wall_s,
            machine_share=told.pop("machine_cpu_s") / wall_s,
            rss_mb=rss_mb(self.candidate.pid),
            **told,
        )


Start = Callable[[Path, list[Door]], Program]


def sortctl(folder: Path, doors: list[Door]) -> Program:
    """The daemon as it is run in a hub, journal and all."""
    del doors
    furnish_parcels(folder / "site", folder / "state")
    return Program(["sortctl", "run", str(folder / "site"), "--state", str(folder / "state")], CANDIDATE_CPU, folder)


def rival(name: str) -> Start:
    """One of the programs in `bench/rivals`."""

    def start(folder: Path, doors: list[Door]) -> Program:
        argv = [f"bench.rivals.{name}", str(folder / "site/parcels.csv"), json.dumps(doors), str(folder)]
        program = Program(argv, CANDIDATE_CPU, folder)
        program.hear()
        return program

    return start


@contextlib.contextmanager
def rig(start: Start, *sides: Side, place: Path | None = None) -> Iterator[Rig]:
    """Both sides, ready to be fed; ended in order. All sides are of one shape, but for their wires. `place`: for the folders."""
    by_label = start is not sortctl
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as name, contextlib.ExitStack() as ends:
        folder = Path(name)
        machines = [_machine(side, by_label, folder) for side in sides]
        for machine in machines:
            ends.callback(machine.end)
        doors = [Door(*door) for machine in machines for door in json.loads(machine.hear())["doors"]]
        write_site(folder / "site", sides[0].shape, doors, OWNER)
        secured = any(door.wire == Wire.SECURED for door in doors)
        keys = give_keys(folder) if secured else folder
        for machine in machines:
            machine.tell({"site": str(folder / "site"), "keys": str(keys)})
            machine.hear()
        candidate = start(folder, doors)
        ends.callback(candidate.end)
        try:
            for side, machine in zip(sides, machines, strict=True):
                if side.manner.sorts and not by_label:
                    machine.hear()
        except Broken as broken:
            raise Broken(f"{broken}\nthe candidate: {candidate.errors()}") from broken
        yield Rig(machines, candidate, folder / "state")


def _machine(side: Side, by_label: bool, folder: Path) -> Program:
    given = {**side.shape._asdict(), "by_label": by_label, "manner": side.manner}
    return Program(["bench.machine", json.dumps(given)], MACHINE_CPU, folder)
