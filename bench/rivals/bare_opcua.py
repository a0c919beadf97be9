"""Bare OPC UA: the floor of that wire. asyncua's client as it comes; one array of UInt16, as large as the orders area, is
written for each code.

    python -m bench.rivals.bare_opcua ROUTES DOORS FOLDER

FOLDER: of the rig, with our keys and the PLCs' certificate. No journal, no belt, no epoch, nothing
read back; one write at a time per line, which waits for its answer.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import serial_asyncio_fast
from asyncua import Client, Node, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from bench.fast_lines import NAMESPACE, ORDER_SLOTS, Wire, chute_of
from sortctl.words.exchange import orders_words


async def _connected(port: int, wire: str, keys: Path) -> Node:
    client = Client(f"opc.tcp://127.0.0.1:{port}")
    if wire == Wire.SECURED:
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            certificate=str(keys / "state/pki/own/cert.der"),
            private_key=str(keys / "state/pki/own/key.pem"),
            server_certificate=str(keys / "plc.der"),
            mode=ua.MessageSecurityMode.SignAndEncrypt,
        )
    await client.connect()
    index = await client.get_namespace_index(NAMESPACE)
    return client.get_node(f"ns={index};s=Exchange.Orders")


async def line(routes: dict[str, int], door: tuple[int, str, str], keys: Path, ready: asyncio.Semaphore) -> None:
    """One scanner, one PLC."""
    port, tty, wire = door
    orders = await _connected(port, wire, keys)
    reader, _ = await serial_asyncio_fast.open_serial_connection(url=tty, baudrate=115200)
    ready.release()
    words = [0] * orders_words(ORDER_SLOTS)
    while True:
        code = (await reader.readuntil(b"\r")).decode().strip()
        waybill = int(code[2:])
        words[14:17] = routes[code], waybill >> 16, waybill & 0xFFFF
        # Without a status and times: many a PLC refuses a write that carries them.
        await orders.write_attribute(
            ua.AttributeIds.Value, ua.DataValue(ua.Variant(words, ua.VariantType.UInt16), StatusCode=None)
        )


async def run(routes: dict[str, int], doors: list[tuple[int, str, str]], keys: Path) -> None:
    """Until killed."""
    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        for door in doors:
            group.create_task(line(routes, door, keys, ready))
        for _ in doors:
            await ready.acquire()
        print("ready", flush=True)


def main() -> None:
    """From the command line: the parcels of the plan, where the lines are, the keys."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    rows = Path(sys.argv[1]).read_text(encoding="ascii").splitlines()[1:]
    routes = {row.partition(",")[0]: chute_of(int(row[2:10])) for row in rows}
    asyncio.run(run(routes, json.loads(sys.argv[2]), Path(sys.argv[3])))


main()
