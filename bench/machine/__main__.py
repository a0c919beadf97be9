"""Machine: the machine side of a measurement as a process of its own: PLCs, scanners, judge.

    python -m bench.machine '{"lines": 10, "per_line": 20, "cycle_ms": 10, "scan_ms": 5, "by_label": false}'

Comes in: on standard input one JSON object a line, a step each: {"rate", "seconds", "warm_s"}. Goes out: on standard output
one JSON object a line: {"doors"}, {"owned"} when a controller holds every PLC, then a verdict for each step.
Ends with its standard input.
"""

import asyncio
import gc
import json
import os
import sys
import tty
from dataclasses import asdict
from time import monotonic_ns, process_time
from typing import Any, Final

from bench.fast_lines import Shape
from bench.machine.feed import Feeder, scan
from bench.machine.judge import Judge
from bench.machine.plc import Plc
from bench.machine.server import Server

REST_S: Final = 1.2
"""After the last code: every order and every chute eye has come by then, or never."""
POLL_S: Final = 0.05
SETTLE_S: Final = 0.5
SEED: Final = 7


def say(**told: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def run(shape: Shape, by_label: bool) -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    judge = Judge()
    plcs = [Plc(line, shape.scan_ms, monotonic_ns(), judge) for line in range(shape.lines)]
    terminals = [os.openpty() for _ in plcs]
    doors = []
    for line, (plc, (_, slave)) in enumerate(zip(plcs, terminals, strict=True)):
        # Kept open here as well: what is written before a candidate listens is lost to nobody.
        tty.setraw(slave)
        server = await loop.create_server(
            lambda line=line, plc=plc: Server(line, plc, judge, by_label), "127.0.0.1", 0  # type: ignore[misc]
        )
        doors.append((server.sockets[0].getsockname()[1], os.ttyname(slave)))
    say(doors=doors)
    steps = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(steps), sys.stdin)
    if not by_label:
        while not all(plc.owner for plc in plcs):
            await asyncio.sleep(POLL_S)
        await asyncio.sleep(SETTLE_S)
        say(owned=True)
    feeder = Feeder(shape, plcs, SEED)
    gc.collect()
    gc.freeze()
    while order := await steps.readline():
        cpu_s = process_time()
        parcels = feeder.plan(**json.loads(order))
        judge.expect(parcels)
        for parcel in parcels:
            plcs[parcel.line].feed(parcel)
        await scan(parcels, [master for master, _ in terminals])
        await asyncio.sleep(REST_S)
        failed = sum(plc.orders_failed for plc in plcs)
        say(**asdict(judge.verdict()), orders_failed=failed, machine_cpu_s=process_time() - cpu_s)


def main() -> None:
    """From the command line."""
    given = json.loads(sys.argv[1])
    by_label = given.pop("by_label")
    asyncio.run(run(Shape(**given), by_label))


main()
