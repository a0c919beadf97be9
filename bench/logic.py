"""Logic alone: what one fact costs, by its type; and what the controller adds to it before anything reaches a wire or disk.

Comes in: the demonstration site, a stream of facts made from it. Goes out: two tables. Wall time of one thread; each fact is
stepped through a fresh logic, several passes, the median of the passes counts.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Sequence
from csv import DictReader
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Final

from bench.machine.judge import Judge
from bench.machine.plc import Plc
from bench.stream import Stream
from bench.tables import Cell, Table
from sortctl.app import virtual_controller
from sortctl.journal.row import row_of
from sortctl.journal.schema import chained
from sortctl.logic import HubRules, Logic
from sortctl.plan.load import load_plan
from sortctl.runtime.controller import Start
from sortctl.site.load import LoadedSite, load_site
from sortctl.words import facts
from sortctl.words.parcels import Declaration, ParcelRecord
from sortctl.words.units import NS_PER_MS

DEMO: Final = Path(__file__).parents[1] / "config/demo"
PASSES: Final = 3
CYCLES: Final = 2_000
US: Final = 1000


def parcels_of(loaded: LoadedSite) -> dict[str, ParcelRecord]:
    """Every parcel of the list beside the site."""
    rows = [row for row in loaded.files["parcels.csv"].decode().splitlines() if row and not row.startswith("#")]
    return {
        row["waybill"]: ParcelRecord(
            row["waybill"], country=row["country"], postcode=row["postcode"], declaration=Declaration.DOMESTIC
        )
        for row in DictReader(rows)
    }


def demo_stream(parcels: int) -> tuple[LoadedSite, Stream]:
    """A stream of the demonstration line."""
    loaded = load_site(DEMO)
    stream = Stream(loaded.machines[0], load_plan(loaded.files), loaded.checksum)
    stream.run(parcels_of(loaded), parcels)
    return loaded, stream


def measure(parcels: int) -> list[Table]:
    """Both tables."""
    loaded, stream = demo_stream(parcels)
    told = [fact for fact, _ in stream.told]
    whole_us = median(_pass_us(loaded, told) for _ in range(PASSES))
    return [_by_type(loaded, told, whole_us, parcels), _around(loaded, stream)]


def _fresh(loaded: LoadedSite) -> Logic:
    return Logic(loaded.machines, HubRules(), load_plan(loaded.files))


def _pass_us(loaded: LoadedSite, told: Sequence[facts.Fact]) -> float:
    """One pass without looking at the clock in between."""
    step = _fresh(loaded).step
    gc.collect()
    began = perf_counter_ns()
    for fact in told:
        step(fact)
    return (perf_counter_ns() - began) / US


def _by_type(loaded: LoadedSite, told: Sequence[facts.Fact], whole_us: float, parcels: int) -> Table:
    spent: dict[str, list[int]] = defaultdict(list)
    step = _fresh(loaded).step
    gc.collect()
    for fact in told:
        began = perf_counter_ns()
        step(fact)
        spent[type(fact).__name__].append(perf_counter_ns() - began)
    total = sum(map(sum, spent.values()))
    rows: list[Sequence[Cell]] = [
        (name, len(each) / parcels, median(each) / US, sum(each) / len(each) / US, 100 * sum(each) / total)
        for name, each in sorted(spent.items(), key=lambda item: -sum(item[1]))
        if len(each) >= parcels
    ]
    rows.append(("all", len(told) / parcels, None, whole_us / len(told), 100.0))
    return Table(
        f"Logic alone: {len(told) / whole_us * 1e6:,.0f} facts/s, {whole_us / parcels:.0f} µs per parcel",
        ("fact", "per parcel", "median µs", "mean µs", "% of time"),
        rows,
        f"{parcels} parcels on the demonstration line (24 exits, 4 eyes, 2 scanners), one every 1,250 mm. The last row is "
        "timed as a whole, the others fact by fact, which costs each some 0.1 µs.",
    )


# ------------------------------------------------------------------------------------------- around the logic


def _around(loaded: LoadedSite, stream: Stream) -> Table:
    things = [(fact.at_ns, thing) for fact, said in stream.told for thing in (fact, *said)]
    rows = [row_of(seq, at_ns, at_ns, thing) for seq, (at_ns, thing) in enumerate(things, start=1)]
    quiet, busy = _cycles_us(loaded, news=False), _cycles_us(loaded, news=True)
    cells: list[Sequence[Cell]] = [
        ("a thing becomes a row of the journal", _each_us(lambda: _rows(things), len(things))),
        ("a row is chained to the one before", _each_us(lambda: _chain(rows), len(rows))),
        ("a cycle in which the PLC has not scanned again", quiet),
        ("a cycle in which the belt has moved on", busy),
    ]
    return Table(
        "Around the logic",
        ("step", "µs"),
        cells,
        "A cycle is block out and image in, without wire: `plc_block` and `plc_inputs` of the controller, one PLC.",
    )


def _rows(things: Sequence[tuple[int, object]]) -> None:
    for seq, (at_ns, thing) in enumerate(things, start=1):
        row_of(seq, at_ns, at_ns, thing)  # type: ignore[arg-type]  # facts, orders and outcomes, as they were told


def _chain(rows: Sequence[object]) -> None:
    chain = 0
    for row in rows:
        chain = chained(chain, row)  # type: ignore[arg-type]


def _each_us(work: Callable[[], None], count: int) -> float:
    spent = []
    for _ in range(PASSES):
        began = perf_counter_ns()
        work()
        spent.append((perf_counter_ns() - began) / US / count)
    return median(spent)


def _cycles_us(loaded: LoadedSite, *, news: bool) -> float:
    """The controller against the lean PLC, in one process: only the controller's calls are timed."""
    plc_id = loaded.machines[0].plc_id
    plc = Plc(0, loaded.machines[0].plc.scan_ms, 0, Judge())
    controller = virtual_controller(loaded, Start(0, 0))
    controller.plc_opened(plc_id, 0)
    spent = []
    at_ns = 0
    for turn in range(CYCLES):
        if news or turn < CYCLES // 2:
            at_ns += loaded.machines[0].plc.scan_ms * NS_PER_MS
        began = perf_counter_ns()
        block = controller.plc_block(plc_id, at_ns)
        taken = perf_counter_ns() - began
        if block is not None:
            plc.write(b"".join(word.to_bytes(2, "big") for word in block), at_ns)
        image = plc.read(at_ns)
        words = [int.from_bytes(image[at : at + 2], "big") for at in range(0, len(image), 2)]
        began = perf_counter_ns()
        controller.plc_inputs(plc_id, words, at_ns)
        spent.append((taken + perf_counter_ns() - began) / US)
        if controller.wants_chutes(plc_id):
            controller.plc_chutes(plc_id, [0x8000] * len(loaded.machines[0].chutes), at_ns)
        controller.committed(controller.last_row, at_ns)
        controller.take_rows()
    return median(spent[CYCLES // 2 :])
