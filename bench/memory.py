"""Memory: what the daemon holds at rest and after many parcels, what the journal takes of the disk, and how long a commit
takes.

Comes in: how many parcels. Goes out: one table. The daemon is the one of the scan measurement, on the same lines. Commits are
measured beside it, with the journal's own writer in an idle loop: rows of one read, and the time until they are on disk.
"""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fast_lines import Shape
from bench.logic import demo_stream
from bench.quiet import Noise, rss_mb
from bench.rig import Side, Step, rig, sortctl
from bench.tables import Cell, Table, percentile
from sortctl.journal.row import Row, row_of
from sortctl.journal.schema import FILE_NAME
from sortctl.journal.writer import JournalWriter

SHAPE = Shape(lines=10, per_line=50, cycle_ms=10, scan_ms=2)
RATE = 400
REST_S = 2.0
COMMITS_A_SECOND = 100
ROWS_A_COMMIT = 7
"""A read, what it was tied to, the class, the decision, the order: what an order waits for."""


def measure(noise: Noise, parcels: int, commits: int) -> Table:
    """The table."""
    at_rest, step, journal = _daemon(parcels)
    waits_us = noise.quiet(lambda: asyncio.run(_commits(commits)))
    rows: list[tuple[Cell, ...]] = [
        ("daemon at rest, MB resident", at_rest),
        (f"daemon after {step.sent:,} parcels, MB resident", step.rss_mb),
        ("journal, bytes per parcel", journal / step.sent),
        ("commit of one read, p50 µs", percentile(waits_us, 50)),
        ("commit of one read, p99 µs", percentile(waits_us, 99)),
        ("commit of one read, max µs", max(waits_us)),
    ]
    note = f"{SHAPE.lines} lines, {RATE} parcels/s together. Journal: the file when the daemon has ended. Commit: "
    note += f"{ROWS_A_COMMIT} rows, {COMMITS_A_SECOND} times a second, from `append` to `on_committed` in the loop."
    return Table("Memory and disk", ("what", "value"), rows, note)


def _daemon(parcels: int) -> tuple[float, Step, int]:
    """(MB at rest, the step, bytes of the journal)."""
    with rig(sortctl, Side(SHAPE)) as running:
        time.sleep(REST_S)
        at_rest = rss_mb(running.candidate.pid)
        step = running.step(RATE, parcels / RATE, 0)
        running.candidate.end()  # brings the log into the file
        journal = sum(path.stat().st_size for path in running.state.glob(f"{FILE_NAME}*"))
        return at_rest, step, journal


async def _commits(count: int) -> list[float]:
    """µs from append to the word that the rows are on disk, one after another."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[int] = loop.create_future()

    def on_committed(seq: int) -> None:
        if not done.done():
            done.set_result(seq)

    waits: list[float] = []
    with TemporaryDirectory(prefix="bench-") as folder:
        writer = JournalWriter.open(Path(folder) / FILE_NAME, on_committed, lambda _: None, loop)
        try:
            for rows in _batches(count):
                done = loop.create_future()
                began_ns = time.monotonic_ns()
                writer.append(rows)
                await done
                waits.append((time.monotonic_ns() - began_ns) / 1000)
                await asyncio.sleep(1 / COMMITS_A_SECOND)
        finally:
            writer.close()
    return waits


def _batches(count: int) -> list[list[Row]]:
    """Rows as they are, so many at a time."""
    _, stream = demo_stream(max(count * ROWS_A_COMMIT // 40, 10))
    things = [(fact.at_ns, thing) for fact, said in stream.told for thing in (fact, *said)][: count * ROWS_A_COMMIT]
    rows = [row_of(seq, at_ns, at_ns, thing) for seq, (at_ns, thing) in enumerate(things, start=1)]
    return [rows[at : at + ROWS_A_COMMIT] for at in range(0, len(rows), ROWS_A_COMMIT)]
