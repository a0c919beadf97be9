"""Scan to order: from the scanner's last byte to the whole request at the PLC that carries this parcel's order.

Comes in: how long, how many rounds. Goes out: tables: times at steady rates beside rivals, over Modbus TCP and over OPC UA, and
the highest rate that is carried without backlog. Over a real pseudo terminal and real wires on loopback; sortctl as
`python -m sortctl run`, its journal on. The candidates take turns, so that what the machine does to one it does to all.

A rate is carried when every parcel of the step got its one right order and 99 of 100 got it within 50 ms: a backlog breaks the
second before long, and the first soon after.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bench.fast_lines import Shape, Wire
from bench.quiet import Noise
from bench.rig import Rig, Side, Start, Step, rig, rival, sortctl
from bench.tables import Cell, Table, percentile, tail

ONE_LINE: Final = Shape(lines=1, per_line=20, cycle_ms=10, scan_ms=5)
TEN_LINES: Final = Shape(lines=10, per_line=20, cycle_ms=10, scan_ms=5)
DENSE_LINES: Final = Shape(lines=25, per_line=40, cycle_ms=20, scan_ms=2)
"""For the ceiling."""
FIVE_LINES: Final = Shape(lines=5, per_line=40, cycle_ms=20, scan_ms=5)
"""Over OPC UA, where a cycle costs the server of the bench more than anybody else."""


class Candidate(NamedTuple):
    """Who is measured, over which wire, and beside which floor."""

    start: Start
    floor: str
    wire: Wire = Wire.MODBUS


MODBUS: Final[dict[str, Candidate]] = {
    "raw asyncio": Candidate(rival("raw"), "raw asyncio"),
    "naive pymodbus": Candidate(rival("naive"), "raw asyncio"),
    "sortctl": Candidate(sortctl, "raw asyncio"),
}
BARE, SECURED = "bare asyncua", "bare asyncua, secured"
OPCUA: Final[dict[str, Candidate]] = {
    BARE: Candidate(rival("bare_opcua"), BARE, Wire.BARE),
    SECURED: Candidate(rival("bare_opcua"), SECURED, Wire.SECURED),
    "sortctl": Candidate(sortctl, BARE, Wire.BARE),
    "sortctl, secured": Candidate(sortctl, SECURED, Wire.SECURED),
    "sortctl on Modbus TCP": Candidate(sortctl, BARE),
}
CLIMB: Final = 1.2
CARRIED_US: Final = 50_000
"""A quarter of the time there is between the read and the point of no return of the first chute."""
TRIES: Final = 2


class Effort(NamedTuple):
    """How long to measure."""

    rounds: int
    slow_s: float
    fast_s: float
    climb_s: float
    climb_from: int


WHOLE: Final = Effort(rounds=3, slow_s=7, fast_s=4, climb_s=3, climb_from=250)
QUICK: Final = Effort(rounds=1, slow_s=3, fast_s=2, climb_s=1, climb_from=250)


COLUMNS: Final = (
    "candidate, parcels/s",
    "n",
    "p50 µs",
    "p99 µs",
    "p99.9 µs",
    "max µs",
    "p50 : floor",
    "CPU %",
    "MB",
    "not right",
    "spoiled",
)
NOTE: Final = (
    "Candidates in turn. CPU: of one core, over the step. Not right: no order, or a wrong one. Spoiled: codes that the bench "
    "wrote over 5 ms late, left out. A percentile stands only where a measured value lies beyond it."
)


def measure(noise: Noise, effort: Effort) -> Iterator[Table]:
    """Over Modbus TCP: both tables."""
    loads = ((20, ONE_LINE, effort.slow_s), (200, TEN_LINES, effort.fast_s))
    rows = [row for rate, shape, seconds in loads for row in _at(MODBUS, rate, shape, seconds, effort.rounds, noise)]
    note = f"One line carries 20 parcels/s, ten carry 200; {effort.rounds} rounds. Floor: raw asyncio. {NOTE}"
    yield Table("Scan to order", COLUMNS, rows, note)
    yield _ceiling(noise, effort)


def measure_opcua(noise: Noise, effort: Effort) -> list[Table]:
    """Over OPC UA, with and without security."""
    loads = ((20, ONE_LINE, effort.slow_s), (200, FIVE_LINES, effort.fast_s))
    rows = [row for rate, shape, seconds in loads for row in _at(OPCUA, rate, shape, seconds, effort.rounds, noise)]
    note = f"One line carries 20 parcels/s, five carry 200 (a cycle every {FIVE_LINES.cycle_ms} ms); {effort.rounds} rounds. "
    note += "Secured: Basic256Sha256, signed and encrypted. Floor: asyncua's client writes one array of the same size for each "
    note += f"code, to the same server, secured or not as the candidate; it reads nothing. {NOTE}"
    return [Table("Scan to order over OPC UA", COLUMNS, rows, note)]


def _at(
    candidates: dict[str, Candidate], rate: int, shape: Shape, seconds: float, rounds: int, noise: Noise
) -> list[Sequence[Cell]]:
    steps: dict[str, list[Step]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, who in candidates.items():
            side = Side(shape._replace(wire=who.wire))
            steps[name].append(noise.quiet(lambda who=who, side=side: _one(side, who.start, rate, seconds)))  # type: ignore[misc]
    floors = {name: percentile(_all(steps[name]) or [0.0], 50) for name in {who.floor for who in candidates.values()}}
    return [_row(f"{name}, {rate}", each, floors[candidates[name].floor]) for name, each in steps.items()]


def _one(side: Side, start: Start, rate: int, seconds: float) -> Step:
    with rig(start, side) as running:
        return running.step(rate, seconds, 1.0)


def _all(steps: Sequence[Step]) -> list[float]:
    return [latency for step in steps for latency in step.latencies_us]


def _row(name: str, steps: Sequence[Step], floor: float) -> Sequence[Cell]:
    times = _all(steps)
    middle = percentile(times, 50) if times else None
    return (
        name,
        len(times),
        middle,
        tail(times, 99),
        tail(times, 99.9),
        max(times, default=None),
        f"{middle / floor:.1f}" if middle and floor else None,
        100 * sum(step.cpu_share for step in steps) / len(steps),
        max(step.rss_mb for step in steps),
        sum(step.missing + step.wrong + step.orders_failed for step in steps),
        sum(step.spoiled for step in steps),
    )


# ------------------------------------------------------------------------------------------- the ceiling


def _ceiling(noise: Noise, effort: Effort) -> Table:
    steps: list[Step] = []
    with rig(sortctl, Side(DENSE_LINES)) as running:
        rate = effort.climb_from
        while not steps or _is_carried(steps[-1]):
            steps.append(_tried(running, rate, effort.climb_s, noise))
            rate = int(rate * CLIMB)
    carried = [step.rate for step in steps if _is_carried(step)]
    rows = [_step_row(step) for step in steps[-4:]]
    return Table(
        f"Ceiling: {max(carried, default=0):,} parcels/s on one core",
        ("parcels/s", "", "p50 µs", "p99 µs", "max µs", "CPU %", "machine side CPU %", "not right", "spoiled"),
        rows,
        f"{DENSE_LINES.lines} lines on one daemon, a cycle every {DENSE_LINES.cycle_ms} ms. Steps of {effort.climb_s:g} s, each "
        f"{CLIMB:.2f} times the one before, {TRIES} tries. Carried: every order right, p99 within {CARRIED_US // 1000} ms.",
    )


def _tried(running: Rig, rate: int, seconds: float, noise: Noise) -> Step:
    """The first step at this rate that is carried, or the last of the tries."""
    step = noise.quiet(lambda: running.step(rate, seconds, 0.5))
    for _ in range(TRIES - 1):
        if not _is_carried(step):
            step = noise.quiet(lambda: running.step(rate, seconds, 0.5))
    return step


def _is_carried(step: Step) -> bool:
    return step.is_right and bool(step.latencies_us) and percentile(step.latencies_us, 99) <= CARRIED_US


def _step_row(step: Step) -> Sequence[Cell]:
    times = step.latencies_us or [0.0]
    return (
        f"{step.rate:,}",
        "carried" if _is_carried(step) else "not carried",
        percentile(times, 50),
        percentile(times, 99),
        max(times),
        100 * step.cpu_share,
        100 * step.machine_share,
        step.missing + step.wrong + step.orders_failed,
        step.spoiled,
    )
