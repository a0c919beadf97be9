"""Naive: what users write first. Read a line, look it up, write two registers with pymodbus, next.

    python -m bench.rivals.naive ROUTES DOORS

Libraries as they come, no settings. No journal, no belt, no epoch; an order that fails is forgotten.
"""

import asyncio
import json
import sys
from pathlib import Path

import serial_asyncio_fast
from pymodbus.client import AsyncModbusTcpClient

from bench.fast_lines import chute_of

ROUTES_AT = 600


async def line(routes: dict[str, int], port: int, tty: str, ready: asyncio.Semaphore) -> None:
    """One scanner, one PLC."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    reader, _ = await serial_asyncio_fast.open_serial_connection(url=tty, baudrate=115200)
    ready.release()
    while True:
        code = (await reader.readuntil(b"\r")).decode().strip()
        await client.write_registers(ROUTES_AT, [int(code[2:]), routes[code]])


async def run(routes: dict[str, int], doors: list[tuple[int, str, str]]) -> None:
    """Until killed."""
    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        for port, tty, _ in doors:
            group.create_task(line(routes, port, tty, ready))
        for _ in doors:
            await ready.acquire()
        print("ready", flush=True)


def main() -> None:
    """From the command line: the parcels of the plan, and where the lines are."""
    rows = Path(sys.argv[1]).read_text(encoding="ascii").splitlines()[1:]
    routes = {row.partition(",")[0]: chute_of(int(row[2:10])) for row in rows}
    asyncio.run(run(routes, json.loads(sys.argv[2])))


main()
