"""Feed: parcels as they come, evenly over the lines, a little early or late each.

Comes in: a rate, for how long. Goes out: parcels with the moment at which the scanner writes their code; then, at these
moments, the codes. The belt does not wait: a code that is written late is read at another place, as in a real hall.
"""

import asyncio
import contextlib
import os
from random import Random
from time import monotonic_ns

from bench.fast_lines import DELAY_MS, SCAN_MM, WAYBILLS, Shape, code
from bench.machine.judge import Parcel
from bench.machine.plc import Plc
from sortctl.words.units import NS_PER_MS, NS_PER_S

LEAD_IN_NS = 400 * NS_PER_MS
"""Between the order to feed and the first code: the first parcel has to pass the induct eye before."""
JITTER = 0.1
"""Of the distance between two parcels of a line: so no parcel keeps step with a cycle."""


class Feeder:
    """Feeds all lines; waybills go on over the steps."""

    def __init__(self, shape: Shape, plcs: list[Plc], seed: int) -> None:
        self._shape, self._plcs = shape, plcs
        self._chance = Random(seed)
        self._next = 0

    def plan(self, rate: int, seconds: float, warm_s: float) -> list[Parcel]:
        """Parcels of one step, in the order in which they are read; the first ones only warm up."""
        start_ns = monotonic_ns() + LEAD_IN_NS
        lines = len(self._plcs)
        spread_ns = int(JITTER * lines * NS_PER_S / rate)
        parcels = []
        for index in range(int(rate * (seconds + warm_s))):
            due_ns = start_ns + index * NS_PER_S // rate + self._chance.randint(-spread_ns, spread_ns)
            parcels.append(self._parcel(index % lines, due_ns, index >= rate * warm_s))
        return sorted(parcels, key=lambda parcel: parcel.due_ns)

    def _parcel(self, line: int, due_ns: int, counts: bool) -> Parcel:
        waybill, self._next = self._next, (self._next + 1) % WAYBILLS
        plc, length = self._plcs[line], self._shape.length_mm
        front = plc.belt_at(due_ns - DELAY_MS * NS_PER_MS) - SCAN_MM - length // 2
        return Parcel(line, waybill, front, length, due_ns, counts)


async def scan(parcels: list[Parcel], scanners: list[int]) -> None:
    """Write each code when it is due. `scanners` are the masters of the pseudo terminals."""
    for parcel in parcels:
        telegram = (code(parcel.waybill) + "\r").encode()
        ahead_ns = parcel.due_ns - monotonic_ns()
        if ahead_ns > 0:
            await asyncio.sleep(ahead_ns / NS_PER_S)
        parcel.sent_ns = monotonic_ns()
        with contextlib.suppress(BlockingIOError):  # nobody reads that line: its parcels are missing, no others
            os.write(scanners[parcel.line], telegram)
