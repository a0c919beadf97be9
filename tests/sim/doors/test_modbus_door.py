"""The Modbus door on loopback: connections and their mischief, first with bare sockets, then with the real driver."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest

from sim.doors.mbap import envelope
from sim.doors.modbus_door import ModbusDoor
from sim.doors.registers import ALL_FUNCTIONS, WRITE_AND_READ, Registers
from sim.faults import at_modbus
from sim.faults.at_modbus import Mischief
from sortctl.drivers import LinkError, ReplyRefused, exchange_wire
from sortctl.drivers.ports import ExchangeWire
from sortctl.words.exchange import MAGIC, VERSION, inputs_words, orders_words
from tests.sim.doors.conftest import Words, machine_at

pytestmark = pytest.mark.wire

READ = b"\x03" + struct.pack(">HH", 400, 2)
ANSWER = b"\x03\x04\x80\x00\x80\x01"
ORDERS = [1, MAGIC, VERSION, *range(4, orders_words(2)), 1]


class Client:
    """A bare socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, transaction: int, pdu: bytes = READ, unit: int = 1) -> None:
        self.writer.write(envelope(transaction, unit, pdu))

    async def hear(self) -> tuple[int, bytes]:
        async with asyncio.timeout(5):
            head = await self.reader.readexactly(7)
            transaction, _, length, _ = struct.unpack(">HHHB", head)
            return transaction, await self.reader.readexactly(length - 1)

    async def end(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(5):
            return await self.reader.read()

    async def silence(self) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await self.reader.readexactly(1)


@pytest.fixture
async def door(words: Words, port: int) -> AsyncIterator[ModbusDoor]:
    door = ModbusDoor(Registers(machine_at(port), lambda: words), 1, Mischief(1), port)
    await door.open()
    yield door
    door.close()
    await asyncio.sleep(0)


@pytest.fixture
async def clients(door: ModbusDoor) -> AsyncIterator[list[Client]]:
    opened: list[Client] = []
    yield opened
    for client in opened:
        client.writer.close()
    await asyncio.sleep(0)


async def come(door: ModbusDoor, clients: list[Client]) -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", door.port))
    clients.append(client)
    return client


async def test_several_requests_in_one_segment_are_each_answered(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    client.writer.write(envelope(1, 1, READ) + envelope(2, 1, READ) + envelope(3, 1, READ)[:5])
    assert [await client.hear(), await client.hear()] == [(1, ANSWER), (2, ANSWER)]
    client.writer.write(envelope(3, 1, READ)[5:])
    assert await client.hear() == (3, ANSWER)


async def test_another_unit_is_not_here(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    client.ask(1, unit=9)
    assert await client.hear() == (1, bytes((0x83, 11)))


async def test_the_connection_silent_longest_makes_room(door: ModbusDoor, clients: list[Client]) -> None:
    """Three connections; the first has spoken last, so the second goes when a fourth comes."""
    first, second, third = [await come(door, clients) for _ in range(3)]
    for client in (second, third, first):
        client.ask(1)
        await client.hear()
    fourth = await come(door, clients)
    assert await second.end() == b""
    for client in (first, third, fourth):
        client.ask(2)
        assert await client.hear() == (2, ANSWER)
    assert len(door.connections) == 3


async def test_refused_while_the_others_go_on(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.refuse()
    with pytest.raises(ConnectionRefusedError):
        await come(door, clients)
    client.ask(1)
    assert await client.hear() == (1, ANSWER)
    await door.open()
    again = await come(door, clients)
    again.ask(1)
    assert await again.hear() == (1, ANSWER)


async def test_a_reset_is_a_reset(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    client.ask(1)
    await client.hear()
    door.reset()
    with pytest.raises(ConnectionResetError):
        await client.end()


async def test_half_open_the_old_is_silent_and_the_new_works(
    door: ModbusDoor, clients: list[Client], words: Words
) -> None:
    """What was written into the freeze is carried out late, as after a network that came back."""
    old = await come(door, clients)
    old.ask(1)
    await old.hear()
    door.freeze()
    old.ask(2, struct.pack(">BHH", 6, 0, 77))
    await old.silence()
    new = await come(door, clients)
    new.ask(1)
    assert await new.hear() == (1, ANSWER)
    assert words.orders[0] == 0
    door.thaw()
    assert (await old.hear())[0] == 2
    assert words.orders[0] == 77


async def test_half_open_for_new_ones_as_well(door: ModbusDoor, clients: list[Client]) -> None:
    door.freeze(new_as_well=True)
    client = await come(door, clients)
    client.ask(1)
    await client.silence()
    door.thaw()
    assert await client.hear() == (1, ANSWER)


async def test_answers_keep_their_order_behind_a_late_one(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.mischief.lay(at_modbus.delayed(50), times=1)
    client.ask(1)
    client.ask(2)
    assert [await client.hear(), await client.hear()] == [(1, ANSWER), (2, ANSWER)]


async def test_answers_in_crumbs_are_whole_in_the_end(door: ModbusDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.mischief.lay(at_modbus.CRUMBLED)
    client.ask(1)
    client.ask(2)
    assert [await client.hear(), await client.hear()] == [(1, ANSWER), (2, ANSWER)]


async def test_wrong_number_busy_dropped_and_unanswered(door: ModbusDoor, clients: list[Client], words: Words) -> None:
    """Each as laid, as often as laid; only the unanswered write has an effect."""
    client = await come(door, clients)
    write = struct.pack(">BHH", 6, 0, 5)
    door.mischief.lay(at_modbus.MISNUMBERED, times=1)
    client.ask(10)
    assert await client.hear() == (11, ANSWER)
    door.mischief.lay(at_modbus.refused(), times=1)
    client.ask(12, write)
    assert await client.hear() == (12, bytes((0x86, 6)))
    door.mischief.lay(at_modbus.DROPPED, times=1)
    client.ask(13, write)
    client.ask(14)
    assert (await client.hear())[0] == 14
    assert words.orders[0] == 0
    door.mischief.lay(at_modbus.UNANSWERED, times=1)
    client.ask(15, write)
    client.ask(16)
    assert (await client.hear())[0] == 16
    assert words.orders[0] == 5


# ------------------------------------------------------------------------------------- with the real driver


@pytest.fixture
async def wire(door: ModbusDoor) -> AsyncIterator[ExchangeWire]:
    wire = exchange_wire(machine_at(door.port))
    await wire.open()
    yield wire
    await wire.close()


async def test_the_driver_agrees_with_the_door(wire: ExchangeWire, words: Words) -> None:
    assert len(await wire.read_inputs()) == inputs_words(1)
    answer = await wire.exchange(ORDERS)
    assert words.orders == ORDERS
    assert answer[-2] == ORDERS[0]
    assert await wire.read_chutes(4) == words.read_chutes()


@pytest.mark.parametrize("read", ["holding", "input"])
async def test_the_driver_does_without_the_double_function(words: Words, port: int, read: str) -> None:
    functions = ALL_FUNCTIONS - {WRITE_AND_READ}
    door = ModbusDoor(Registers(machine_at(port, read), lambda: words, functions), 1, Mischief(1), port)
    await door.open()
    wire = exchange_wire(machine_at(port, read))
    await wire.open()
    assert (await wire.exchange(ORDERS))[-2] == ORDERS[0]
    await wire.close()
    door.close()
    await asyncio.sleep(0)


async def test_busy_is_an_answer_and_the_connection_stands(door: ModbusDoor, wire: ExchangeWire) -> None:
    door.mischief.lay(at_modbus.refused(), times=1)
    with pytest.raises(ReplyRefused):
        await wire.exchange(ORDERS)
    assert await wire.read_inputs()


@pytest.mark.parametrize("treatment", [at_modbus.DROPPED, at_modbus.UNANSWERED, at_modbus.MISNUMBERED])
async def test_no_right_answer_ends_the_connection(
    door: ModbusDoor, wire: ExchangeWire, treatment: at_modbus.Treatment
) -> None:
    door.mischief.lay(treatment, times=1)
    with pytest.raises(LinkError):
        await wire.exchange(ORDERS)


async def test_half_open_is_noticed_within_the_request_time(door: ModbusDoor, wire: ExchangeWire) -> None:
    await wire.read_inputs()
    door.freeze()
    with pytest.raises(LinkError):
        await wire.exchange(ORDERS)
