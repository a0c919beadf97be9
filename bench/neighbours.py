"""Neighbours: one daemon with two sorters; scan to order of the healthy one while the PLC of the other is well, dead, silent,
slow, or connects and is thrown out over and over.

Comes in: how long, how many rounds. Goes out: one table for either wire of the healthy sorter. The two machine sides are
processes of their own; the cases take turns, each with a fresh daemon, so that a PLC that is dead was so from the start.
Never here: what the healthy sorter does by itself (`bench/scan.py`).

What is compared is the tail, and a tail moves by itself: the same case is measured twice ("well" and "well, once more"), and
how far these two lie apart says how far a ratio can be believed. The journal lies in memory: a disk is everybody's, and what
it does to a commit is no neighbour's doing.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from bench.fast_lines import Shape, Wire
from bench.machine.manners import Manner
from bench.quiet import Noise
from bench.rig import Side, Step, rig, sortctl
from bench.tables import Cell, Table, percentile, tail

SHAPE: Final = Shape(lines=1, per_line=40, cycle_ms=10, scan_ms=5)
RATE: Final = 40
BESIDE: Final = 10
"""Parcels a second on the neighbour, where it sorts."""
MEMORY: Final = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
WARM_S: Final = 1.5
"""The first attempts to connect, close upon each other, are over."""


class Effort(NamedTuple):
    """How long to measure."""

    rounds: int
    seconds: float


WHOLE: Final = Effort(rounds=3, seconds=8)
QUICK: Final = Effort(rounds=1, seconds=3)


class Case(NamedTuple):
    """What the neighbour is like."""

    name: str
    wire: Wire
    manner: Manner = Manner.WELL
    beside: int = 0


def cases(wire: Wire) -> list[Case]:
    """All that a PLC on this wire can be; the first is the one that the others are compared with."""
    well = [Case("well, sorts", wire, beside=BESIDE), Case("well, sorts, once more", wire, beside=BESIDE)]
    manners = [Manner.DEAD, Manner.SILENT, Manner.SLOW]
    if wire is Wire.SECURED:
        well.append(Case("well, stands empty", wire))
        manners += [Manner.STRANGE, Manner.SHUT, Manner.FLAKY]
    return [*well, *(Case(manner, wire, manner, BESIDE if manner.sorts else 0) for manner in manners)]


def measure(noise: Noise, effort: Effort) -> Table:
    """The table."""
    rows: list[Sequence[Cell]] = []
    for healthy, other in ((Wire.MODBUS, Wire.SECURED), (Wire.SECURED, Wire.MODBUS)):
        steps = _steps(healthy, cases(other), effort, noise)
        base = next(iter(steps.values()))
        rows += [_row(f"{healthy} beside {other}: {name}", each, base) for name, each in steps.items()]
    return Table(
        "Neighbours: scan to order of one sorter beside another",
        (
            "the healthy one beside the other",
            "n",
            "p50 µs",
            "p99 µs",
            "p99 : well",
            "rounds' p99 : well",
            "CPU %",
            "not right",
        ),
        rows,
        f"{effort.rounds} rounds, cases in turn, a fresh daemon each; {RATE} parcels/s on the healthy sorter, {BESIDE} on the "
        "other where it sorts; the journal in memory. Rounds' p99: the median of the rounds' own p99s.",
    )


def _steps(healthy: Wire, known: Sequence[Case], effort: Effort, noise: Noise) -> dict[str, list[Step]]:
    steps: dict[str, list[Step]] = {case.name: [] for case in known}
    for _ in range(effort.rounds):
        for case in known:
            steps[case.name].append(noise.quiet(lambda case=case: _one(healthy, case, effort.seconds)))  # type: ignore[misc]
    return steps


def _one(healthy: Wire, case: Case, seconds: float) -> Step:
    sides = Side(SHAPE._replace(wire=healthy)), Side(SHAPE._replace(wire=case.wire), case.manner)
    with rig(sortctl, *sides, place=MEMORY if MEMORY.is_dir() else None) as running:
        return running.step(RATE, seconds, WARM_S, case.beside)


def _row(name: str, steps: Sequence[Step], base: Sequence[Step]) -> Sequence[Cell]:
    times = _all(steps)
    last = tail(times, 99)
    first = tail(_all(base), 99)
    return (
        name,
        len(times),
        percentile(times, 50),
        last,
        f"{last / first:.2f}" if last and first else None,
        f"{_typical(steps) / _typical(base):.2f}",
        100 * sum(step.cpu_share for step in steps) / len(steps),
        sum(step.missing + step.wrong + step.orders_failed for step in steps),
    )


def _all(steps: Sequence[Step]) -> list[float]:
    return [latency for step in steps for latency in step.latencies_us]


def _typical(steps: Sequence[Step]) -> float:
    return median(percentile(step.latencies_us, 99) for step in steps)
