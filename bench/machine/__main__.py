"""Machine: the machine side of a measurement as a process of its own: PLCs, scanners, judge.

    python -m bench.machine '{"lines": 10, "per_line": 20, "cycle_ms": 10, "scan_ms": 5, "wire": "Modbus TCP",
        "by_label": false, "manner": "well"}'

Comes in: on standard input one JSON object a line: first {"site", "keys"}, folders; then a step each: {"rate", "seconds",
"warm_s"}. Goes out: on standard output one JSON object a line: {"doors"}, {"open"} when somebody may connect, {"owned"} when
a controller holds every PLC, then a verdict for each step. Ends with its standard input.
"""

import asyncio
import gc
import json
import os
import sys
import tty
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import monotonic_ns, process_time
from typing import Any, Final

from bench.fast_lines import Shape, Wire
from bench.keys import locks, strange
from bench.machine.feed import Feeder, scan
from bench.machine.judge import Judge
from bench.machine.manners import Conduct, Manner, keep_cutting, slow_down, stand_in
from bench.machine.opcua import Areas, opcua_door
from bench.machine.plc import Plc
from bench.machine.server import Server
from sim.doors.opcua.locks import Locks
from sim.doors.opcua_door import OpcUaDoor
from sim.doors.ports import LOOPBACK, free_ports
from sortctl.site.load import load_site

REST_S: Final = 1.2
"""After the last code: every order and every chute eye has come by then, or never."""
POLL_S: Final = 0.05
SETTLE_S: Final = 0.5
SEED: Final = 7


def say(**told: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Side:
    """The whole machine side."""

    def __init__(self, shape: Shape, manner: Manner, by_label: bool) -> None:
        self._shape, self._manner, self._by_label = shape, manner, by_label
        self._judge, self._conduct = Judge(), Conduct()
        self._plcs = [Plc(line, shape.scan_ms, monotonic_ns(), self._judge) for line in range(shape.lines)]
        self._terminals = [os.openpty() for _ in self._plcs]
        for master, slave in self._terminals:
            os.set_blocking(master, False)
            tty.setraw(slave)
        self._ports = free_ports(shape.lines)
        self._kept: list[object] = []
        self._doors: list[OpcUaDoor] = []

    async def run(self) -> None:
        """Until standard input ends."""
        ttys = [os.ttyname(slave) for _, slave in self._terminals]
        say(doors=[(port, tty, self._shape.wire) for port, tty in zip(self._ports, ttys, strict=True)])
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        folders = json.loads(await orders.readline())
        await self._open(Path(folders["site"]), Path(folders["keys"]))
        say(open=True)
        if self._manner is Manner.FLAKY:
            self._kept.append(asyncio.create_task(keep_cutting(self._doors)))
        elif self._manner.sorts and not self._by_label:
            await self._owned()
            if self._manner is Manner.SLOW:
                slow_down(self._conduct, self._doors)
            say(owned=True)
        await self._serve(orders)

    # ------------------------------------------------------------------------------------------- the doors

    async def _open(self, site: Path, keys: Path) -> None:
        if not self._manner.is_there:
            self._kept += [await stand_in(port, self._manner) for port in self._ports]
        elif self._shape.wire is Wire.MODBUS:
            self._kept += [await self._modbus(line, plc) for line, plc in enumerate(self._plcs)]
        else:
            await self._opcua(site, keys)

    async def _modbus(self, line: int, plc: Plc) -> asyncio.Server:
        server = partial(Server, line, plc, self._judge, self._by_label, self._conduct)
        return await asyncio.get_running_loop().create_server(server, LOOPBACK, self._ports[line])

    async def _opcua(self, site: Path, keys: Path) -> None:
        machines = {machine.plc.address: machine for machine in load_site(site).machines}
        locked = self._locks(site, keys)
        for line, plc in enumerate(self._plcs):
            areas = Areas(line, plc, self._judge, self._by_label)
            machine = machines[f"{LOOPBACK}:{self._ports[line]}"]
            self._doors.append(opcua_door(machine, locked, areas))
            await self._doors[-1].open()

    def _locks(self, site: Path, keys: Path) -> Locks:
        locked = locks(self._shape.wire, keys)
        if self._manner is Manner.SHUT:
            return Locks(locked.policies, locked.application_uri, locked.certificate, locked.key, frozenset())
        if self._manner is Manner.STRANGE:
            return Locks(locked.policies, locked.application_uri, *strange(site.parent), locked.trusted)
        return locked

    # ------------------------------------------------------------------------------------------- the work

    async def _owned(self) -> None:
        while not all(plc.owner for plc in self._plcs):  # noqa: ASYNC110 - the PLC is passive: only a request moves it on
            await asyncio.sleep(POLL_S)
        await asyncio.sleep(SETTLE_S)

    async def _serve(self, orders: asyncio.StreamReader) -> None:
        judge, plcs = self._judge, self._plcs
        feeder, scanners = Feeder(self._shape, plcs, SEED), [master for master, _ in self._terminals]
        gc.collect()
        gc.freeze()
        while order := await orders.readline():
            cpu_s, failed = process_time(), _failed(plcs)
            parcels = feeder.plan(**json.loads(order))
            judge.expect(parcels)
            for parcel in parcels:
                plcs[parcel.line].feed(parcel)
            await scan(parcels, scanners)
            await asyncio.sleep(REST_S)
            cpu_s = process_time() - cpu_s
            say(**asdict(judge.verdict()), orders_failed=_failed(plcs) - failed, machine_cpu_s=cpu_s)


def _failed(plcs: Sequence[Plc]) -> int:
    return sum(plc.orders_failed for plc in plcs)


def main() -> None:
    """From the command line."""
    given = json.loads(sys.argv[1])
    by_label, manner, wire = given.pop("by_label"), Manner(given.pop("manner")), Wire(given.pop("wire"))
    asyncio.run(Side(Shape(**given, wire=wire), manner, by_label).run())


main()
