"""A PLC in thirty lines for the tests of the Modbus driver: holds words, answers right, or as wrongly as it is told.

Not the simulator's door: it must be able to break the protocol itself, byte by byte.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from sortctl.drivers.modbus import ModbusWire
from sortctl.site.wires import ModbusPlc
from sortctl.words.exchange import MAGIC, VERSION

ORDERS_AT, INPUTS_AT, CHUTES_AT = 0, 200, 400
ORDERS_WORDS, INPUTS_WORDS = 20, 34
ORDERS = [100, MAGIC, VERSION, *range(103, 100 + ORDERS_WORDS)]


class Request(NamedTuple):
    """One request as it came in: `read` and `write` are (address, count)."""

    transaction: int
    unit: int
    function: int
    read: tuple[int, int] | None
    write: tuple[int, int] | None
    values: tuple[int, ...]


class FakePlc:
    """`misbehave(request, right answer) -> bytes to send`; None sends nothing. Words at an address are the address."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Request] = []
        self.lacks: set[int] = set()
        self.misbehave: Callable[[Request, bytes], bytes | None] = lambda _, answer: answer
        self.pieces = 0
        """Answers are sent byte by byte if not 0."""
        self.connections: list[asyncio.StreamWriter] = []
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        self.open += 1
        try:
            while True:
                head = await reader.readexactly(7)
                body = await reader.readexactly(struct.unpack_from(">H", head, 4)[0] - 1)
                await self.answer(_request(head, body), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        answer = refuse(request, 1) if request.function in self.lacks else right(request)
        wire = self.misbehave(request, answer)
        if wire and self.pieces:
            for byte in wire:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
        elif wire:
            writer.write(wire)

    def reset(self) -> None:
        for writer in self.connections:
            writer.transport.abort()


def right(request: Request) -> bytes:
    """The answer a good PLC gives."""
    if request.read is None:
        assert request.write is not None
        return reply(request, struct.pack(">BHH", request.function, *request.write))
    address, count = request.read
    words = struct.pack(f">{count}H", *range(address, address + count))
    return reply(request, struct.pack(">BB", request.function, 2 * count) + words)


def refuse(request: Request, code: int) -> bytes:
    """An exception answer."""
    return reply(request, bytes([request.function | 0x80, code]))


def reply(request: Request, pdu: bytes, transaction: int | None = None) -> bytes:
    """`pdu` with the header that belongs to `request`."""
    number = request.transaction if transaction is None else transaction
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, request.unit) + pdu


def _request(head: bytes, body: bytes) -> Request:
    transaction, _, _, unit = struct.unpack(">HHHB", head)
    function = body[0]
    if function in {3, 4}:
        return Request(transaction, unit, function, struct.unpack(">HH", body[1:5]), None, ())
    if function == 16:
        values = struct.unpack(f">{body[5] // 2}H", body[6:])
        return Request(transaction, unit, function, None, struct.unpack(">HH", body[1:5]), values)
    assert function == 23, f"unexpected function {function}"
    values = struct.unpack(f">{body[9] // 2}H", body[10:])
    return Request(
        transaction, unit, function, struct.unpack(">HH", body[1:5]), struct.unpack(">HH", body[5:9]), values
    )


def settings(port: int, **changes: Any) -> ModbusPlc:
    """A PLC with one order slot and one event slot."""
    given: dict[str, Any] = {
        "wire": "modbus",
        "address": f"127.0.0.1:{port}",
        "unit": 1,
        "scan_ms": 10,
        "order_slots": 1,
        "event_slots": 1,
        "request_timeout_ms": 5_000,
    }
    return ModbusPlc(**(given | changes))


async def until(condition: Callable[[], object], limit_s: float = 5) -> None:
    """Wait until something that has no event of its own has happened."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@asynccontextmanager
async def running_plc() -> AsyncIterator[FakePlc]:
    plc = FakePlc()
    server = await asyncio.start_server(plc.serve, "127.0.0.1", 0)
    plc.port = server.sockets[0].getsockname()[1]
    try:
        yield plc
    finally:
        server.close()
        plc.reset()
        await until(lambda: not plc.open)
        await server.wait_closed()


@asynccontextmanager
async def wire_to(plc: FakePlc, **changes: Any) -> AsyncIterator[ModbusWire]:
    wire = ModbusWire(settings(plc.port, **changes), None)
    await wire.open()
    try:
        yield wire
    finally:
        await wire.close()
