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
from functools import partial
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
    judge = Judge()
    plcs = [Plc(line, shape.scan_ms, monotonic_ns(), judge) for line in range(shape.lines)]
    terminals = [os.openpty() for _ in plcs]
    for _, slave in terminals:
        tty.setraw(slave)
    ports = [await _listen(line, plc, judge, by_label) for line, plc in enumerate(plcs)]
    say(doors=[(port, os.ttyname(slave)) for port, (_, slave) in zip(ports, terminals, strict=True)])
    if not by_label:
        await _owned(plcs)
        say(owned=True)
    await _serve(Feeder(shape, plcs, SEED), plcs, judge, [master for master, _ in terminals])


async def _listen(line: int, plc: Plc, judge: Judge, by_label: bool) -> int:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Server, line, plc, judge, by_label), "127.0.0.1", 0)
    return int(server.sockets[0].getsockname()[1])


async def _owned(plcs: list[Plc]) -> None:
    while not all(plc.owner for plc in plcs):  # noqa: ASYNC110 - the PLC is passive: only a request moves it on
        await asyncio.sleep(POLL_S)
    await asyncio.sleep(SETTLE_S)


async def _serve(feeder: Feeder, plcs: list[Plc], judge: Judge, scanners: list[int]) -> None:
    steps = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(steps), sys.stdin)
    gc.collect()
    gc.freeze()
    while order := await steps.readline():
        cpu_s, failed = process_time(), sum(plc.orders_failed for plc in plcs)
        parcels = feeder.plan(**json.loads(order))
        judge.expect(parcels)
        for parcel in parcels:
            plcs[parcel.line].feed(parcel)
        await scan(parcels, scanners)
        await asyncio.sleep(REST_S)
        failed = sum(plc.orders_failed for plc in plcs) - failed
        say(**asdict(judge.verdict()), orders_failed=failed, machine_cpu_s=process_time() - cpu_s)


def main() -> None:
    """From the command line."""
    given = json.loads(sys.argv[1])
    by_label = given.pop("by_label")
    asyncio.run(run(Shape(**given), by_label))


main()
