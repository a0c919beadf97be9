"""The Modbus driver against a PLC that behaves: which requests, in which order, with which words."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from sortctl.drivers import ExchangeWire, LinkError, ReplyRefused
from sortctl.drivers.modbus import ModbusWire
from sortctl.words.exchange import MAGIC, VERSION
from tests.drivers.plc import (
    CHUTES_AT,
    INPUTS_AT,
    INPUTS_WORDS,
    ORDERS,
    ORDERS_AT,
    ORDERS_WORDS,
    FakePlc,
    refuse,
    settings,
    wire_to,
)

INPUTS = list(range(INPUTS_AT, INPUTS_AT + INPUTS_WORDS))


def as_wire(wire: ExchangeWire) -> ExchangeWire:
    """The type checker sees that the driver has the shape of the port."""
    return wire


async def test_one_transaction_writes_the_orders_and_reads_the_inputs(plc: FakePlc) -> None:
    async with wire_to(plc) as wire:
        assert await as_wire(wire).exchange(ORDERS) == INPUTS
    (request,) = plc.requests
    assert request.function == 23
    assert request.write == (ORDERS_AT, ORDERS_WORDS)
    assert request.read == (INPUTS_AT, INPUTS_WORDS)
    assert list(request.values) == ORDERS


async def test_the_largest_exchange_fits_one_transaction(plc: FakePlc) -> None:
    orders = [0xFFFF, MAGIC, VERSION, *[0xFFFF] * 113]
    async with wire_to(plc, order_slots=13, event_slots=10) as wire:
        assert await wire.exchange(orders) == list(range(200, 324))
    assert plc.requests[0].values == tuple(orders)


async def test_the_first_request_may_be_a_plain_read(plc: FakePlc) -> None:
    async with wire_to(plc, unit=7, inputs_at=1000) as wire:
        assert await wire.read_inputs() == list(range(1000, 1000 + INPUTS_WORDS))
    assert [(each.function, each.unit, each.read) for each in plc.requests] == [(3, 7, (1000, INPUTS_WORDS))]


async def test_a_plc_without_fc_23_gets_a_write_then_a_read_from_then_on(plc: FakePlc) -> None:
    plc.lacks = {23}
    async with wire_to(plc) as wire:
        assert await wire.exchange(ORDERS) == INPUTS
        assert await wire.exchange(ORDERS) == INPUTS
    assert [each.function for each in plc.requests] == [23, 16, 3, 16, 3]


async def test_the_next_connection_asks_for_fc_23_again(plc: FakePlc) -> None:
    """The PLC may have been changed for another."""
    plc.lacks = {23}
    async with wire_to(plc) as wire:
        await wire.exchange(ORDERS)
    plc.lacks = set()
    async with wire_to(plc) as wire:
        await wire.exchange(ORDERS)
    assert [each.function for each in plc.requests] == [23, 16, 3, 23]


async def test_input_registers_are_written_by_fc_16_and_read_by_fc_4(plc: FakePlc) -> None:
    async with wire_to(plc, read="input") as wire:
        assert await wire.exchange(ORDERS) == INPUTS
        await wire.read_inputs()
        await wire.read_chutes(3)
    assert [each.function for each in plc.requests] == [16, 4, 4, 4]


@pytest.mark.parametrize("code", [2, 3, 4, 5, 6, 10, 11])
async def test_another_exception_to_fc_23_is_no_reason_to_do_without_it(plc: FakePlc, code: int) -> None:
    plc.misbehave = lambda request, _: refuse(request, code)
    async with wire_to(plc) as wire:
        with pytest.raises(ReplyRefused):
            await wire.exchange(ORDERS)
        with pytest.raises(ReplyRefused):
            await wire.exchange(ORDERS)
    assert [each.function for each in plc.requests] == [23, 23]


@pytest.mark.parametrize(
    ("count", "pieces"),
    [(1, [1]), (120, [120]), (121, [120, 1]), (300, [120, 120, 60]), (0, [])],
)
async def test_chutes_are_read_in_pieces_of_at_most_120(plc: FakePlc, count: int, pieces: list[int]) -> None:
    async with wire_to(plc) as wire:
        assert await wire.read_chutes(count) == list(range(CHUTES_AT, CHUTES_AT + count))
    assert [each.read[1] for each in plc.requests if each.read] == pieces


@pytest.mark.parametrize("orders", [[], ORDERS[:-1], [*ORDERS, 0], [-1, *ORDERS[1:]], [65_536, *ORDERS[1:]]])
async def test_only_the_whole_orders_area_can_be_written(plc: FakePlc, orders: list[int]) -> None:
    """The driver could only ever write where the site says the orders are."""
    async with wire_to(plc) as wire:
        with pytest.raises(ValueError, match="orders are 20 words"):
            await wire.exchange(orders)
        assert await wire.read_inputs() == INPUTS
    assert [each.function for each in plc.requests] == [3]


async def test_nothing_else_passes_the_write_guard(plc: FakePlc) -> None:
    """Even a request made past our own methods does not reach the wire."""
    async with wire_to(plc) as wire:
        client: Any = wire._client
        requests: list[Callable[[], Any]] = [
            lambda: client.write_register(ORDERS_AT, 1),
            lambda: client.write_coil(1, True),
            lambda: client.write_coils(1, [True]),
            lambda: client.write_registers(ORDERS_AT + 1, ORDERS),
            lambda: client.write_registers(ORDERS_AT, ORDERS[:-1]),
            lambda: client.mask_write_register(address=ORDERS_AT),
            lambda: client.readwrite_registers(
                read_address=INPUTS_AT, read_count=1, write_address=INPUTS_AT, values=ORDERS
            ),
        ]
        for forbidden in requests:
            with pytest.raises(RuntimeError, match="may not leave like this"):
                await forbidden()
        assert await wire.read_inputs() == INPUTS
    assert [each.function for each in plc.requests] == [3]


async def test_the_kernel_watches_the_connection(plc: FakePlc) -> None:
    """No delay for small segments, and a silent peer noticed in seconds."""
    async with wire_to(plc) as wire:
        assert wire._line
        assert wire._line._transport
        sock: socket.socket = wire._line._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 5_000
        idle, pause, count = (
            sock.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        assert idle + pause * count <= 5


async def test_connect_refused_says_what_to_do() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        wire = ModbusWire(settings(unused.getsockname()[1]), None)
        with pytest.raises(LinkError, match=r"PLC at 127.0.0.1:\d+: nothing listens there"):
            await wire.open()
        await wire.close()


async def test_connect_has_its_own_deadline() -> None:
    """A listener whose queue is full answers nothing, like a PLC behind a dead switch."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        wire = ModbusWire(settings(full.getsockname()[1], connect_timeout_ms=100), None)
        async with asyncio.timeout(2):
            with pytest.raises(LinkError, match="no answer within 100 ms"):
                await wire.open()


@pytest.mark.parametrize("call", ["read_inputs", "exchange", "read_chutes"])
async def test_a_wire_that_is_not_open_says_so(plc: FakePlc, call: str) -> None:
    wire = ModbusWire(settings(plc.port), None)
    arguments = {"read_inputs": (), "exchange": (ORDERS,), "read_chutes": (3,)}[call]
    with pytest.raises(LinkError, match="not connected"):
        await getattr(wire, call)(*arguments)
    await wire.close()
    await wire.open()
    await wire.close()
    with pytest.raises(LinkError, match="closed here"):
        await getattr(wire, call)(*arguments)


async def test_a_second_request_at_the_same_time_is_a_mistake_of_ours(plc: FakePlc) -> None:
    plc.misbehave = lambda request, answer: None
    async with wire_to(plc, request_timeout_ms=200) as wire:
        first = asyncio.create_task(wire.read_inputs())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="one owner"):
            await wire.read_inputs()
        with pytest.raises(LinkError):
            await first


@pytest.mark.wire
async def test_it_talks_to_the_server_of_pymodbus() -> None:
    """Interoperability with a server that is not of this house."""
    words = SimData(0, values=[0] * 600, datatype=DataType.REGISTERS)
    server: Any = ModbusTcpServer(SimDevice(1, simdata=[words]), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        wire = ModbusWire(settings(server.transport.sockets[0].getsockname()[1], inputs_at=0), None)
        await wire.open()
        assert (await wire.exchange(ORDERS))[:ORDERS_WORDS] == ORDERS
        assert (await wire.read_inputs())[:ORDERS_WORDS] == ORDERS
        assert await wire.read_chutes(130) == [0] * 130
        await wire.close()
    finally:
        await server.shutdown()
